/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The XML writer: an object and its field tables in, elements out.  The rows
 * are the reader's own. */
#ifndef XLDM_WRITE_H
#define XLDM_WRITE_H

#include "config/xml.h"

struct xldm__writer {
    struct xldm_ctx *ctx;
    const struct xldm_domain *dom;
    struct xldm__tree *tree; /* its arena has what getters make, too */
    struct xldm_loc loc; /* of what is being written, for messages */
    bool ok; /* whether the tree's arena has failed is asked at the end */
};

/* An element below node, or node itself if path is "": made if it is not
 * there.  Of several of the last name, the i-th. */
struct xldm__node *xldm__write_element(struct xldm__writer *w,
                                       struct xldm__node *node,
                                       const char *path, size_t i);
void xldm__write_attribute(struct xldm__writer *w, struct xldm__node *node,
                           const char *name, const char *value);

/* What of object differs from blank (a new one), and what is required.
 * wanted: of which rows; NULL: of all. */
void xldm__write_rows(struct xldm__writer *w, struct xldm__node *node,
                      const struct xldm__field *rows, const void *object,
                      const void *blank,
                      bool (*wanted)(const struct xldm__field *f));

/* A device by its class's rows, with its affinity. */
void xldm__write_device(struct xldm__writer *w, struct xldm__node *devices,
                        const struct xldm__device *dev);

/* exact.c: <xldm:config>, for what plain, the description as read from the
 * tree so far, has otherwise than the writer's. */
void xldm__exact_write(struct xldm__writer *w, struct xldm__node *root,
                       const struct xldm_domain *plain);

/* domain_write.c: false once it has been reported why not. */
bool xldm__domain_to_tree(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                          struct xldm__tree *tree_out);

#endif

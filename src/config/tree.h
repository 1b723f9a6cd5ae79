/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A document as elements, attributes and text: what the field tables are read
 * from and written to.  libxml2 parses it. */
#ifndef XLDM_TREE_H
#define XLDM_TREE_H

#include "base/base.h"

struct xldm__attribute {
    struct xldm__attribute *next;
    const char *name; /* "xen:dev" if it has a prefix: no table knows such */
    const char *value;
};

struct xldm__node {
    struct xldm__node *parent, *next, *children, *last;
    struct xldm__attribute *attributes;
    const char *name;    /* as tables have it: "disk", "xldm:pci"; "": of a
                            namespace that they do not know */
    const char *written; /* the same as the document has it */
    struct xldm__text text; /* what stands right below it, in one */
    int line;               /* 0: it was not read */
};

struct xldm__tree {           /* zeroed, it is empty */
    struct xldm__arena arena; /* holds all of it */
    struct xldm__node *root;
    struct xldm__attribute *spaces; /* of the names added, as they came */
};

/* False once the error has been reported. */
bool xldm__tree_parse(struct xldm_ctx *ctx, const char *text, size_t size,
                      const char *file, struct xldm__tree *tree_out);
/* As a document, in the tree's arena; its v is NULL once that has failed. */
struct xldm__text xldm__tree_text(struct xldm__tree *tree);
void xldm__tree_dispose(struct xldm__tree *tree);

/* The first of this name, or NULL. */
struct xldm__node *xldm__node_child(const struct xldm__node *node,
                                    const char *name);
const char *xldm__node_attribute(const struct xldm__node *node,
                                 const char *name);
bool xldm__node_attribute_is(const struct xldm__node *node, const char *name,
                             const char *value);

/* The prefix that tables have for a namespace; NULL: none. */
#define XLDM__SPACE_XLDM "https://xldm.org/schemas/domain/1.0"
#define XLDM__SPACE_XEN "http://libvirt.org/schemas/domain/xen/1.0"
const char *xldm__space_prefix(const char *href);

/* These return NULL once the arena has failed; it is where name and text are
 * copied to. */
/* The last child of parent; of NULL: the root. */
struct xldm__node *xldm__node_add(struct xldm__tree *tree,
                                  struct xldm__node *parent, const char *name,
                                  size_t size);
/* An attribute that is there has the new value. */
struct xldm__attribute *xldm__node_set(struct xldm__tree *tree,
                                       struct xldm__node *node,
                                       const char *name, const char *value,
                                       size_t size);

#endif

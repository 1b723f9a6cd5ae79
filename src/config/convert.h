/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole conversion: what was read, what is written, and what that is read
 * as. */
#ifndef XLDM_CONVERT_H
#define XLDM_CONVERT_H

#include "config/xml.h"

struct xldm__conversion {
    struct xldm_ctx *ctx; /* of the reader */
    bool to_cfg;
    char *file, *cfg; /* what was read; to_cfg: it may be XML */
    size_t cfg_size;
    struct xldm_domain *before, *after;
    char *text; /* what is written */
    size_t size;
    struct xldm__said { /* what was warned about */
        int line;
        char *text;
    } *said;
    int nsaid;
};

/* Reads, writes and reads that again; the two are the same, or it has been
 * reported what is not.  c is to be disposed of in any case. */
bool xldm__convert(struct xldm_ctx *ctx, const char *path,
                   struct xldm__conversion *c);
/* The same into xl.cfg, of XML as well. */
bool xldm__convert_to_cfg(struct xldm_ctx *ctx, const char *path,
                          struct xldm__conversion *c);
void xldm__conversion_dispose(struct xldm__conversion *c);

/* Same config of libxl's and same groups?  If not, what: malloc'ed. */
bool xldm__same_domain(struct xldm_domain *a, struct xldm_domain *b,
                       char **difference);

/* A line a key or element: where it went, or why it did not. */
bool xldm__convert_report(struct xldm_ctx *ctx,
                          const struct xldm__conversion *c, FILE *out);
/* QEMU's arguments before and after, as a diff; nothing if they are equal. */
bool xldm__convert_diff(struct xldm_ctx *ctx,
                        const struct xldm__conversion *c, FILE *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was read can be written as xl.cfg, and that be read again. */
#ifndef FUZZ_BACK_H
#define FUZZ_BACK_H

#include <stdlib.h>

#include "config/xml.h"

#define MAX_CFG (128u << 10) /* of the reader */

static inline void check_back(xldm_diag_fn *check,
                              const struct xldm_domain *dom)
{
    struct xldm_ctx *ctx = xldm_ctx_new(check, NULL);
    struct xldm_domain *again = NULL;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool written = xldm_domain_write_cfg(ctx, dom, out);

    fclose(out);
    if (written == (ctx->errors > 0))
        abort();
    if (written && size <= MAX_CFG) {
        again = xldm__cfg_read_memory(ctx, text, size, "back.cfg");
        if (!again)
            abort();
    }
    xldm_domain_free(again);
    xldm_ctx_free(ctx);
    free(text);
}

#endif

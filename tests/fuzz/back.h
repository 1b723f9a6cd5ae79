/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For a fuzzer of a reader: what it reads is resolved, written as xl.cfg and
 * read again; what is refused has an error, of one line, and what is taken
 * has none.
 */
#ifndef FUZZ_BACK_H
#define FUZZ_BACK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"

#define MAX_CFG (128u << 10) /* of the reader */

typedef struct xldm_domain *read_fn(struct xldm_ctx *ctx, const char *text,
                                    size_t size, const char *file);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check_message(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (!*diag->text || strchr(diag->text, '\n') || diag->loc.line < 0)
        abort();
}

static inline void check_back(const struct xldm_domain *dom)
{
    struct xldm_ctx *ctx = xldm_ctx_new(check_message, NULL);
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

static inline void check_reader(read_fn *read, const uint8_t *data,
                                size_t size)
{
    struct xldm_ctx *ctx = xldm_ctx_new(check_message, NULL);
    struct xldm_domain *dom = read(ctx, (const char *)data, size, "fuzz");
    struct xldm_plan *plan = NULL;

    if ((dom != NULL) == (ctx->errors > 0))
        abort();
    if (dom)
        plan = xldm_plan_new(ctx, dom, 7);
    if (dom && (plan != NULL) == (ctx->errors > 0))
        abort();
    if (dom)
        check_back(dom);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: a description.  It is read and resolved; what is refused
 * has an error, each of one line, and what is read has none.
 */
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "back.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (!*diag->text || strchr(diag->text, '\n') || diag->loc.line < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xldm_ctx *ctx = xldm_ctx_new(check_message, NULL);
    struct xldm_domain *dom =
        xldm__domain_read_memory(ctx, (const char *)data, size, "fuzz.xml");
    struct xldm_plan *plan = NULL;

    if ((dom != NULL) == (ctx->errors > 0))
        abort();
    if (dom)
        plan = xldm_plan_new(ctx, dom, 7);
    if (dom && (plan != NULL) == (ctx->errors > 0))
        abort();
    if (dom)
        check_back(check_message, dom);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    xmlResetLastError();
    return 0;
}

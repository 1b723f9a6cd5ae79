/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xl.cfg, read, written as XML and read again: if it can be written, it is
 * read, and to the same description. */
#include <stdlib.h>
#include <string.h>

#include "config/convert.h"

static void print(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (diag->severity == XLDM_ERROR)
        fprintf(stderr, "%d: %s\n", diag->loc.line, diag->text);
}

static char *write_xml(struct xldm_domain *dom, size_t *size)
{
    struct xldm_ctx *silent = xldm_ctx_new(NULL, NULL);
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    bool ok = xldm_domain_write_xml(silent, dom, out);

    fclose(out);
    if (ok == (silent->errors > 0))
        abort();
    xldm_ctx_free(silent);
    if (ok)
        return text;
    free(text);
    return NULL;
}

static void read_again(struct xldm_domain *dom, const char *text, size_t size)
{
    struct xldm_ctx *ctx = xldm_ctx_new(print, NULL);
    struct xldm_domain *after =
        xldm__domain_read_memory(ctx, text, size, "fuzz.xml");
    char *difference = NULL;

    if (!after || !xldm__same_domain(dom, after, &difference)) {
        fprintf(stderr, "%s\n%s", difference ? difference : "", text);
        abort();
    }
    xldm_domain_free(after);
    xldm_ctx_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    struct xldm_domain *dom =
        xldm__cfg_read_memory(ctx, (const char *)data, size, "fuzz.cfg");
    char *text = NULL;
    size_t written;

    if (dom)
        text = write_xml(dom, &written);
    if (text)
        read_again(dom, text, written);
    free(text);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Conversions of an xl.cfg into XML, in memory: how many a second. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "config/xml.h"

#define SECONDS 2

static void report(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (diag->severity == XLDM_ERROR)
        fprintf(stderr, "convert: %d: %s\n", diag->loc.line, diag->text);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool convert(struct xldm_ctx *ctx, const char *text, size_t size,
                    FILE *out)
{
    struct xldm_domain *dom = xldm__cfg_read_memory(ctx, text, size, "cfg");
    bool ok = dom && xldm_domain_write_xml(ctx, dom, out);

    xldm_domain_free(dom);
    return ok && fseek(out, 0, SEEK_SET) == 0;
}

int main(int argc, char **argv)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    size_t size;
    char *text = ctx && argc == 2 ? xldm__file_read(ctx, argv[1], &size)
                                  : NULL;
    char *xml = NULL;
    size_t written;
    FILE *out = open_memstream(&xml, &written);
    unsigned n = 0;
    double start = now();

    if (!text || !out) {
        fprintf(stderr, "usage: convert FILE.cfg\n");
        return 2;
    }
    for (; now() < start + SECONDS; n++)
        if (!convert(ctx, text, size, out))
            return 1;
    printf("%.0f\n", n / (now() - start));
    fclose(out);
    free(xml);
    free(text);
    xldm_ctx_free(ctx);
    return 0;
}

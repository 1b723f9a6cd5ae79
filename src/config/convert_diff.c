/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QEMU's arguments of two descriptions, as a diff. */
#include <stdlib.h>
#include <string.h>

#include "config/convert.h"

struct lines {
    char *text;
    char **v;
    int n;
};

static bool read_lines(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                       struct lines *l)
{
    struct xldm_plan *plan = xldm_plan_new(ctx, dom, -1);
    size_t size;
    FILE *out = plan ? open_memstream(&l->text, &size) : NULL;
    char *save = NULL, **line;

    if (out) {
        xldm_plan_print(plan, XLDM_FORMAT_ARGV, out);
        fclose(out);
    }
    xldm_plan_free(plan);
    if (!l->text)
        return false;
    for (char *p = strtok_r(l->text, "\n", &save); p;
         p = strtok_r(NULL, "\n", &save)) {
        line = xldm__grow(&l->v, &l->n, sizeof(*l->v));
        if (!line)
            return xldm__oom(ctx);
        *line = p;
    }
    return true;
}

/* Longest common subsequence from each pair of lines on. */
static int *common(const struct lines *a, const struct lines *b)
{
    int width = b->n + 1;
    int *t = calloc((size_t)(a->n + 1) * (size_t)width, sizeof(*t));

    for (int i = a->n - 1; t && i >= 0; i--)
        for (int k = b->n - 1; k >= 0; k--) {
            int *at = t + i * width + k;

            if (!strcmp(a->v[i], b->v[k]))
                *at = at[width + 1] + 1;
            else
                *at = at[width] > at[1] ? at[width] : at[1];
        }
    return t;
}

static void print(const struct lines *a, const struct lines *b, const int *t,
                  FILE *out)
{
    int width = b->n + 1, i = 0, k = 0;

    if (a->n == b->n && t[0] == a->n)
        return;
    fprintf(out, "--- before\n+++ after\n");
    while (i < a->n || k < b->n) {
        const int *at = t + i * width + k;

        if (i < a->n && k < b->n && !strcmp(a->v[i], b->v[k]))
            fprintf(out, " %s\n", a->v[i++]), k++;
        else if (i < a->n && (k == b->n || at[width] >= at[1]))
            fprintf(out, "-%s\n", a->v[i++]);
        else
            fprintf(out, "+%s\n", b->v[k++]);
    }
}

bool xldm__convert_diff(struct xldm_ctx *ctx,
                        const struct xldm__conversion *c, FILE *out)
{
    struct lines a = { NULL, NULL, 0 }, b = { NULL, NULL, 0 };
    bool ok = read_lines(ctx, c->before, &a) && read_lines(ctx, c->after, &b);
    int *t = ok ? common(&a, &b) : NULL;

    if (t)
        print(&a, &b, t, out);
    else if (ok)
        ok = xldm__oom(ctx);
    free(t);
    free(a.v);
    free(a.text);
    free(b.v);
    free(b.text);
    return ok;
}

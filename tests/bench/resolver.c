/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time to resolve a domain of 30 devices into 7 groups, in microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "dm/plan.h"

#define ROUNDS 2000

static void report(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (diag->severity == XLDM_ERROR)
        fprintf(stderr, "resolver: %s\n", diag->text);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm_domain *dom;
    static double us[ROUNDS];
    size_t devices = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: resolver FILE.xml\n");
        return 2;
    }
    dom = ctx ? xldm_domain_read_xml(ctx, argv[1]) : NULL;
    if (!dom)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_us();
        struct xldm_plan *plan = xldm_plan_new(ctx, dom, 7);

        us[i] = now_us() - start;
        if (!plan)
            return 1;
        devices = plan->ndevices;
        xldm_plan_free(plan);
    }
    qsort(us, ROUNDS, sizeof(*us), compare);
    printf("%zu %.1f %.1f\n", devices, us[ROUNDS / 2], us[ROUNDS * 9 / 10]);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    return 0;
}

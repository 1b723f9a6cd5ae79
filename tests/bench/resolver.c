/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time to resolve a domain, and to run `xldm plan` of it as a process:
 * devices, microseconds (median and 90 percent), bytes of a plan,
 * milliseconds of the process (median; wall clock, then its own CPU time).
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "dm/plan.h"

#define ROUNDS 2000
#define STARTS 100

extern char **environ;

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

static double cpu_us(const struct rusage *u)
{
    return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e6 +
           u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool resolve(struct xldm_ctx *ctx, const struct xldm_domain *dom)
{
    static double us[ROUNDS];
    size_t devices = 0, bytes = 0;

    for (int i = 0; i < ROUNDS; i++) {
        double start = now_us();
        struct xldm_plan *plan = xldm_plan_new(ctx, dom, 7);

        us[i] = now_us() - start;
        if (!plan)
            return false;
        devices = plan->ndevices;
        bytes = xldm__arena_size(&plan->arena) +
                xldm__arena_size(&plan->source);
        xldm_plan_free(plan);
    }
    qsort(us, ROUNDS, sizeof(*us), compare);
    printf("%zu %.1f %.1f %zu", devices, us[ROUNDS / 2], us[ROUNDS * 9 / 10],
           bytes);
    return true;
}

static bool start(char *const argv[], double *wall, double *cpu)
{
    posix_spawn_file_actions_t actions;
    struct rusage used;
    double begin = now_us();
    int status = 1;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) ||
        wait4(pid, &status, 0, &used) != pid)
        status = 1;
    posix_spawn_file_actions_destroy(&actions);
    *wall = now_us() - begin;
    *cpu = status ? 0 : cpu_us(&used);
    return !status;
}

int main(int argc, char **argv)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm_domain *dom;
    double wall[STARTS], cpu[STARTS];

    if (argc != 3) {
        fprintf(stderr, "usage: resolver XLDM FILE.xml\n");
        return 2;
    }
    dom = ctx ? xldm_domain_read_xml(ctx, argv[2]) : NULL;
    if (!dom || !resolve(ctx, dom))
        return 1;
    for (int i = 0; i < STARTS; i++) {
        char *const plan[] = { argv[1], (char *)"plan", argv[2], NULL };

        if (!start(plan, &wall[i], &cpu[i]))
            return 1;
    }
    qsort(wall, STARTS, sizeof(*wall), compare);
    qsort(cpu, STARTS, sizeof(*cpu), compare);
    printf(" %.2f %.2f\n", wall[STARTS / 2] / 1e3, cpu[STARTS / 2] / 1e3);
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    return 0;
}

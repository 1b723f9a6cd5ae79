/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/spawn.c: a QEMU loads its part of a saved state at its first start,
 * and has nothing to load at the next. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/keeper.h"
#include "unit.h"

/* ---- what a live Xen is for ---- */

bool keeper_enter(struct dm *dm)
{
    (void)dm;
    return true;
}

void keeper_leave(struct dm *dm)
{
    (void)dm;
}

void dm_qemu_died(struct qemu *q)
{
    (void)q;
}

static int spawned;

void router_spawned(struct qemu *q)
{
    ck_assert_ptr_nonnull(q->qmp);
    spawned++;
}

const char *router_drive(const struct qemu *q, struct xldm__arena *a,
                         const char *value)
{
    (void)q, (void)a;
    return value;
}

void router_event(void *arg, json_t *event)
{
    (void)arg;
    (void)event;
}

/* ---- a QEMU that tells what it was given ---- */

static const char *const argv[] = {
    "/bin/sh",
    "-c",
    "echo \"$# $1\"; [ $# = 0 ] || eval \"cat <&${2#fd:}\"",
    "qemu",
};

static uv_loop_t loop;
static struct xldm_plan plan;
static struct dm dm;

static const char *run(void)
{
    struct qemu *q = dm.qemus;

    spawned = 0;
    ck_assert(qemu_spawn(q));
    ck_assert_int_eq(spawned, 1);
    ck_assert_int_eq(q->state, 0);
    while (q->child)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(q->status, 0);
    qmp_free(q->qmp);
    q->qmp = NULL;
    return q->tail;
}

START_TEST(loads_once)
{
    int state = memfd_create("state", MFD_CLOEXEC);

    ck_assert_int_eq(uv_loop_init(&loop), 0);
    plan.ngroups = 1;
    plan.groups[0] = (struct xldm__group){ .name = "primary",
                                           .primary = true,
                                           .emulator = argv[0] };
    plan.groups[0].argv.v = (const char **)(uintptr_t)argv;
    plan.groups[0].argv.n = COUNT(argv);
    dm = (struct dm){ .loop = &loop, .plan = &plan, .nqemus = 1 };
    dm.ctx = xldm_ctx_new(NULL, NULL);
    dm.qemus[0] = (struct qemu){ .dm = &dm, .group = &plan.groups[0] };
    ck_assert_int_eq(write(state, "all it knew\n", 12), 12);
    ck_assert_int_eq(lseek(state, 0, SEEK_SET), 0);

    dm.qemus[0].state = state;
    ck_assert_str_eq(run(), "2 -incoming\nall it knew\n");
    ck_assert_int_eq(lseek(state, 0, SEEK_CUR), -1); /* it is closed */
    ck_assert_str_eq(run(), "0 \n");

    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    xldm_ctx_free(dm.ctx);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("spawn");

    tcase_add_test(tcase, loads_once);
    return unit_run(tcase, "spawn");
}

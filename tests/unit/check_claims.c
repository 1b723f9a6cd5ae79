/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/dm/claims.c: Xen's 256 ranges a server and kind. */
#include <stdlib.h>
#include <string.h>

#include "dm/split.h"
#include "unit.h"

#define LIMIT 256

static void hear(void *arg, const struct xldm_diag *diag)
{
    char *said = arg;

    strcat(strcat(said, diag->text), "\n");
}

/* No table of ours is that long: one controller that claims n ranges of size
 * ports, every step of them. */
static const struct controller {
    enum xldm_space space;
    unsigned n, size, step;
    const char *said;
} controllers[] = {
    { XLDM_PORT, LIMIT, 1, 2, "" },
    { XLDM_PORT, LIMIT + 1, 1, 2,
      "group 'wide' answers 257 ranges of one kind; Xen takes 256 of a "
      "QEMU\n" },
    { XLDM_MEMORY, LIMIT, 4096, 8192, "" },
    { XLDM_MEMORY, LIMIT + 1, 4096, 8192,
      "group 'wide' answers 257 ranges of one kind; Xen takes 256 of a "
      "QEMU\n" },
    { XLDM_PCI, LIMIT, 1, 1, "" },
    { XLDM_PCI, LIMIT + 1, 1, 1,
      "group 'wide' answers 257 ranges of one kind; Xen takes 256 of a "
      "QEMU\n" },
    /* neighbours are one */
    { XLDM_PORT, 4 * LIMIT, 2, 2, "" },
};

START_TEST(ranges_of_a_server)
{
    const struct controller *c = &controllers[_i];
    struct xldm__claim *claims = calloc(c->n + 1, sizeof(*claims));
    struct xldm__controller row = { .name = "long", .devfn = -1,
                                    .claims = claims };
    struct xldm_plan plan = { .ngroups = 2 };
    struct work_controller controller = { .name = "long", .row = &row,
                                          .in = &plan.groups[1] };
    char said[1024] = "";
    struct work w = { .ctx = xldm_ctx_new(hear, said), .plan = &plan,
                      .controllers = &controller, .ncontrollers = 1 };
    bool ok;

    ck_assert(claims && w.ctx);
    for (size_t i = 0; i < 2; i++) {
        plan.groups[i].name = i ? "wide" : "primary";
        plan.groups[i].claims.arena = &plan.arena;
    }
    for (unsigned i = 0; i < c->n; i++)
        claims[i] = (struct xldm__claim){ c->space, i * c->step,
                                          i * c->step + c->size - 1, "test" };
    ok = xldm__split_claims(&w);
    ck_assert_str_eq(said, c->said);
    ck_assert_int_eq(ok, !*c->said);
    ck_assert_uint_eq(plan.groups[0].claims.n, 0);
    xldm__arena_dispose(&plan.arena);
    xldm_ctx_free(w.ctx);
    free(claims);
}
END_TEST

/* ---- what a domain can get to ---- */

static const char *const everything[] = {
    "qemu", "-xen-domid", "7", "-name", "full", "-vnc", ":0", "-usb",
    "-serial", "null", "-serial", "null", "-serial", "null", "-serial", "null",
    "-device", "lsi53c895a", "-device", "ahci,id=ahci0",
    "-device", "VGA,vgamem_mb=16", "-device", "sb16",
    "-drive", "file=/a,if=ide,index=0,media=disk,format=raw",
    "-drive", "file=/b,if=ide,index=1,media=disk,format=raw",
    "-drive", "file=/c,if=ide,index=2,media=disk,format=raw",
    "-drive", "file=/d,if=ide,index=3,media=disk,format=raw",
    "-machine", "xenfv", "-m", "496",
};

#define WORDS COUNT(everything)
#define SLOTS 32

static size_t most(const struct xldm_plan *plan)
{
    size_t most = 0;

    for (size_t g = 0; g < plan->ngroups; g++) {
        const struct xldm__ranges *r = &plan->groups[g].claims;
        size_t n[3] = { 0 };

        for (size_t i = 0; i < r->n; i++)
            if (++n[r->v[i].space] > most)
                most = n[r->v[i].space];
    }
    return most;
}

/* Every device with fixed ranges, every slot taken: a tenth of what there
 * is, and a bus of 32 slots sees to the functions. */
START_TEST(no_domain_gets_there)
{
    struct xldm__arena arena = { 0 };
    struct xldm__argv argv = { .arena = &arena };
    struct xldm__split in = { .domain = "full", .emulator = "/usr/bin/qemu" };
    char said[4096] = "";
    struct xldm_ctx *ctx = xldm_ctx_new(hear, said);
    struct xldm_plan *plan = NULL, *fuller = NULL;

    for (size_t i = 0; i < WORDS; i++)
        xldm__argv_add(&argv, everything[i]);
    for (unsigned n = 0; n < SLOTS && !*said; n++) {
        xldm__argv_add(&argv, "-device");
        xldm__argv_addf(&argv, "e1000,id=nic%u,netdev=net%u", n, n);
        in.argv = argv.v;
        in.argc = argv.n;
        fuller = xldm__plan_split(ctx, &in);
        if (fuller) {
            xldm_plan_free(plan);
            plan = fuller;
        }
    }
    ck_assert_msg(strstr(said, "slot"), "never full: '%s'", said);
    ck_assert_ptr_nonnull(plan);
    ck_assert_uint_ge(most(plan), 20);
    ck_assert_uint_le(most(plan), LIMIT / 4);
    xldm_plan_free(plan);
    xldm_ctx_free(ctx);
    xldm__arena_dispose(&arena);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("claims");

    tcase_add_loop_test(tcase, ranges_of_a_server, 0, COUNT(controllers));
    tcase_add_test(tcase, no_domain_gets_there);
    return unit_run(tcase, "claims");
}

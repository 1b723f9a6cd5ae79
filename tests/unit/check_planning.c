/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/planning.c: one plan after the other while QEMUs run. */
#include <stdlib.h>
#include <string.h>

#include "run/dm.h"
#include "unit.h"

static const char *const argv[] = {
    "qemu",
    "-xen-domid",
    "7",
    "-chardev",
    "socket,id=libxl-cmd,path=/run/qmp-libxl-7,server=on,wait=off",
    "-mon",
    "chardev=libxl-cmd,mode=control",
    "-nodefaults",
    "-name",
    "web",
    "-vnc",
    "127.0.0.1:0,to=99",
    "-device",
    "VGA,vgamem_mb=16",
    "-device",
    "e1000,id=nic0,netdev=net0,mac=00:16:3e:00:00:01",
    "-netdev",
    "type=tap,id=net0,ifname=vif7.0-emu,br=xenbr0,script=no,downscript=no",
    "-machine",
    "xenfv",
    "-m",
    "496",
    "-drive",
    "file=/a.img,if=ide,index=0,media=disk,format=raw,cache=writeback",
};

static const struct origin origin = {
    .domain = "web", .argv = argv, .argc = COUNT(argv), .map = "net=nic0"
};

static struct dm dm;
static unsigned fresh;
static char said[1024];

static void hear(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (diag->severity == XLDM_ERROR)
        snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n",
                 diag->text);
}

static bool use(const char *map)
{
    struct planning *p = planning_new(dm.ctx, &origin, map);

    said[0] = '\0';
    fresh = 0;
    if (p && planning_use(p, &dm, &fresh))
        return true;
    planning_free(p);
    return false;
}

/* As start.c does at first. */
static void start(const char *map)
{
    size_t i;

    memset(&dm, 0, sizeof(dm));
    said[0] = '\0';
    dm.ctx = xldm_ctx_new(hear, NULL);
    xldm_ctx_set_libxl(dm.ctx, XLDM_LIBXL_4_17);
    dm.planning = planning_new(dm.ctx, &origin, map);
    ck_assert_ptr_nonnull(dm.planning);
    dm.plan = planning_plan(dm.planning);
    dm.nqemus = dm.plan->ngroups;
    for (i = 0; i < dm.nqemus; i++)
        dm.qemus[i] = (struct qemu){ .dm = &dm,
                                     .group = &dm.plan->groups[i],
                                     .server = (int)i,
                                     .pid = 100 + (pid_t)i };
}

static void setup(void)
{
    start(origin.map);
}

static void teardown(void)
{
    planning_free(dm.planning);
    xldm_ctx_free(dm.ctx);
}

/* "primary: vnc vga hda | net: nic0 | -", and that all of it hangs together */
static const char *now(void)
{
    static char text[512];
    size_t n = 0, i, d;

    ck_assert_ptr_eq(dm.plan, planning_plan(dm.planning));
    ck_assert_uint_eq(dm.nqemus, dm.plan->ngroups);
    for (d = 0; d < dm.plan->ndevices; d++) {
        ck_assert(dm.plan->devices[d].group >= dm.plan->groups);
        ck_assert(dm.plan->devices[d].group < dm.plan->groups + dm.nqemus);
    }
    for (i = 0; i < dm.nqemus; i++) {
        const struct xldm__group *g = &dm.plan->groups[i];

        ck_assert_ptr_eq(dm.qemus[i].group, g);
        ck_assert_ptr_eq(dm.qemus[i].dm, &dm);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
                              i ? " | " : "", g->argv.n ? g->name : "-");
        ck_assert_int_eq(g->primary, !i);
        for (d = 0; d < dm.plan->ndevices; d++) {
            const struct xldm__planned *dev = &dm.plan->devices[d];

            if (dev->group == g)
                n += (size_t)snprintf(text + n, sizeof(text) - n, " %s",
                                      dev->id);
        }
    }
    return text;
}

/* As grow.c does with those that are empty. */
static void end_empty(void)
{
    size_t i;

    for (i = 0; i < dm.nqemus; i++)
        if (!dm.qemus[i].group->argv.n) {
            dm.qemus[i].ended = true;
            dm.qemus[i].pid = 0;
        }
}

static void start_fresh(void)
{
    size_t i;

    for (i = 0; i < dm.nqemus; i++)
        if (fresh & 1u << i)
            dm.qemus[i].pid = 200 + (pid_t)i;
}

#define BASE "primary vnc vga hda | net nic0"
#define CARD(group, n) ";" group "=0000:0" #n ":00.0"

START_TEST(new_group)
{
    ck_assert_str_eq(now(), BASE);
    ck_assert(use("net=nic0" CARD("card", 3)));
    ck_assert_uint_eq(fresh, 1u << 2);
    ck_assert_str_eq(now(), BASE " | card 0000:03:00.0");
    ck_assert_int_eq(dm.qemus[1].pid, 101); /* goes on, untouched */
    ck_assert_int_eq(dm.qemus[1].server, 1);
    ck_assert_int_eq(dm.qemus[2].pid, 0);
    ck_assert_int_eq(dm.qemus[2].server, -1);
    ck_assert_str_eq(dm.plan->links[0], argv[4]);
}
END_TEST

START_TEST(existing_group)
{
    ck_assert(use("net=nic0" CARD("card", 3)));
    start_fresh();
    ck_assert(use("net=nic0" CARD("card", 3) CARD("card", 4)));
    ck_assert_uint_eq(fresh, 0);
    ck_assert_str_eq(now(), BASE " | card 0000:03:00.0 0000:04:00.0");
    ck_assert_int_eq(dm.qemus[2].pid, 202);
    ck_assert(use("net=nic0" CARD("card", 4)));
    ck_assert_uint_eq(fresh, 0);
    ck_assert_str_eq(now(), BASE " | card 0000:04:00.0");
    ck_assert_int_eq(dm.qemus[2].pid, 202);
}
END_TEST

/* In the primary it takes no group at all. */
START_TEST(in_primary)
{
    ck_assert(use("net=nic0" CARD("primary", 3)));
    ck_assert_uint_eq(fresh, 0);
    ck_assert_str_eq(now(), "primary vnc vga hda 0000:03:00.0 | net nic0");
}
END_TEST

/* One that may do what a card needs. */
START_TEST(in_unrestricted)
{
    teardown();
    start("net=nic0,!restrict=no");
    ck_assert(use("net=nic0,!restrict=no" CARD("net", 3)));
    ck_assert_uint_eq(fresh, 0);
    ck_assert_str_eq(now(), BASE " 0000:03:00.0");
}
END_TEST

START_TEST(unplaced)
{
    ck_assert(use("net=nic0" CARD("a", 3)));
    start_fresh();
    ck_assert(use("net=nic0" CARD("a", 3) CARD("b", 4)));
    start_fresh();
    ck_assert_str_eq(now(), BASE " | a 0000:03:00.0 | b 0000:04:00.0");
    dm.qemus[2].restarted = 3;
    ck_assert(use("net=nic0" CARD("b", 4)));
    ck_assert_uint_eq(fresh, 0);
    end_empty();
    ck_assert_str_eq(now(), BASE " | - | b 0000:04:00.0");
    ck_assert_str_eq(dm.qemus[2].group->name, "a");
    ck_assert_uint_eq(dm.qemus[2].group->claims.n, 0);
    ck_assert_int_eq(dm.qemus[3].pid, 203);
    /* The place is filled again, by one that sorts behind b too. */
    ck_assert(use("net=nic0" CARD("b", 4) CARD("c", 5)));
    ck_assert_uint_eq(fresh, 1u << 2);
    ck_assert_str_eq(now(), BASE " | c 0000:05:00.0 | b 0000:04:00.0");
    ck_assert(!dm.qemus[2].ended);
    ck_assert_uint_eq(dm.qemus[2].restarted, 0);
    ck_assert_int_eq(dm.qemus[2].server, -1);
    ck_assert_int_eq(dm.qemus[3].pid, 203);
}
END_TEST

/* A group that ended comes back where it was, not where there is room. */
START_TEST(comes_back)
{
    ck_assert(use("net=nic0" CARD("a", 3) CARD("b", 4)));
    start_fresh();
    ck_assert(use("net=nic0"));
    end_empty();
    ck_assert_str_eq(now(), BASE " | - | -");
    ck_assert(use("net=nic0" CARD("b", 4)));
    ck_assert_uint_eq(fresh, 1u << 3);
    ck_assert_str_eq(now(), BASE " | - | b 0000:04:00.0");
}
END_TEST

START_TEST(seven)
{
    ck_assert(use("net=nic0" CARD("a", 1) CARD("b", 2) CARD("c", 3) CARD("d", 4)
                      CARD("e", 5)));
    ck_assert_uint_eq(fresh, 0x7c);
    start_fresh();
    ck_assert(!use("net=nic0" CARD("a", 1) CARD("b", 2) CARD("c", 3)
                       CARD("d", 4) CARD("e", 5) CARD("f", 6)));
    ck_assert_uint_eq(dm.nqemus, 7);
    ck_assert(!use("net=nic0" CARD("a", 1) CARD("b", 2) CARD("c", 3)
                       CARD("d", 4) CARD("f", 6))); /* e's QEMU runs */
    ck_assert_str_eq(said, "no place is left for group 'f'\n");
    ck_assert_ptr_nonnull(strstr(now(), "| e 0000:05:00.0"));
    ck_assert(
        use("net=nic0" CARD("a", 1) CARD("b", 2) CARD("c", 3) CARD("d", 4)));
    end_empty();
    ck_assert(use("net=nic0" CARD("a", 1) CARD("b", 2) CARD("c", 3) CARD("d", 4)
                      CARD("f", 6)));
    ck_assert_uint_eq(fresh, 1u << 6);
    ck_assert_ptr_nonnull(strstr(now(), "| f 0000:06:00.0"));
}
END_TEST

/* One that no plan has any more but whose QEMU runs keeps its place. */
START_TEST(not_given_away)
{
    ck_assert(use("net=nic0" CARD("a", 3)));
    start_fresh();
    ck_assert(use("net=nic0" CARD("b", 4)));
    ck_assert_uint_eq(fresh, 1u << 3);
    ck_assert_str_eq(now(), BASE " | - | b 0000:04:00.0");
    ck_assert_int_eq(dm.qemus[2].pid, 202);
}
END_TEST

/* ---- what is refused leaves everything as it was ---- */

static const struct refusal {
    const char *map, *said;
} refusals[] = {
    { "net=nic0,0000:03:00.0",
      "group 'net' runs and would have to be another\n" },
    { "net=nic0,!onCrash=pause,!emulator=/bin/other",
      "group 'net' runs and would have to be another\n" },
    { "net=nic0;disk=hda",
      "group 'primary' runs and would have to be another\n" },
    { "net=nic0;a=0000:03:00.0,!onCrash=sometimes", "" },
    { "net=nic0;a b=0000:03:00.0", "" },
    { "net=nic0;n=0000:03:00.0,@", "" },
};

START_TEST(refused)
{
    const struct refusal *r = &refusals[_i];
    const struct planning *planning = dm.planning;
    const struct xldm_plan *plan = dm.plan;

    ck_assert(!use(r->map));
    if (*r->said)
        ck_assert_str_eq(said, r->said);
    ck_assert_uint_eq(fresh, 0);
    ck_assert_ptr_eq(dm.planning, planning);
    ck_assert_ptr_eq(dm.plan, plan);
    ck_assert_str_eq(now(), BASE);
    ck_assert_int_eq(dm.qemus[1].pid, 101);
    ck_assert(use("net=nic0" CARD("card", 3)));
}
END_TEST

/* 64 characters are a name. */
START_TEST(long_name)
{
    char map[128], name[66];
    int n;

    for (n = 64; n <= 65; n++) {
        memset(name, 'x', sizeof(name));
        name[n] = '\0';
        snprintf(map, sizeof(map), "net=nic0;%s=0000:03:00.0", name);
        ck_assert_int_eq(use(map), n == 64);
    }
    ck_assert_uint_eq(strlen(dm.qemus[2].group->name), 64);
}
END_TEST

/* Each QEMU gets its part of a saved state, and only at its first start. */
START_TEST(saved_state)
{
    const char *more[COUNT(argv) + 2];
    const struct origin with = { "web", more, COUNT(more), NULL };
    const struct xldm__group *g;
    struct planning *p;
    size_t i, k, n = 0;

    memcpy(more, argv, sizeof(argv));
    more[COUNT(argv)] = "-incoming";
    more[COUNT(argv) + 1] = "fd:9";
    p = planning_new(dm.ctx, &with, origin.map);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_eq(planning_plan(p)->ngroups, 2);
    for (i = 0; i < 2; i++) {
        g = &planning_plan(p)->groups[i];
        for (k = 0; k < g->argv.n; k++)
            n += strstr(g->argv.v[k], "incoming") || strstr(g->argv.v[k], ":9");
    }
    ck_assert_uint_eq(n, 0);
    planning_free(p);
    p = planning_new(dm.ctx, &with, NULL);
    ck_assert_ptr_nonnull(p);
    g = planning_plan(p)->groups;
    ck_assert_uint_eq(g->argv.n, COUNT(more));
    ck_assert_str_eq(g->argv.v[g->argv.n - 2], "-incoming");
    ck_assert_str_eq(g->argv.v[g->argv.n - 1], "fd:9");
    planning_free(p);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("planning");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, new_group);
    tcase_add_test(tcase, existing_group);
    tcase_add_test(tcase, in_primary);
    tcase_add_test(tcase, in_unrestricted);
    tcase_add_test(tcase, unplaced);
    tcase_add_test(tcase, comes_back);
    tcase_add_test(tcase, seven);
    tcase_add_test(tcase, not_given_away);
    tcase_add_loop_test(tcase, refused, 0, COUNT(refusals));
    tcase_add_test(tcase, long_name);
    tcase_add_test(tcase, saved_state);
    return unit_run(tcase, "planning");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/grow.c: places for devices that come; QEMUs start and end here. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/xenstore.h"
#include "run/xsd.h"
#include "unit.h"

#define CARD "0000:03:00.0"
#define OTHER "0000:04:00.0"

static const char *const argv[] = {
    "qemu",     "-xen-domid",
    "7",        "-nodefaults",
    "-device",  "e1000,id=nic0,netdev=net0,mac=00:16:3e:00:00:01",
    "-netdev",  "type=tap,id=net0,ifname=vif7.0-emu,br=xenbr0",
    "-machine", "xenfv",
    "-m",       "496",
};

static const struct origin origin = {
    .domain = "web", .argv = argv, .argc = COUNT(argv), .map = "net=nic0"
};

static struct dm dm;
static uv_loop_t loop;
static char said[1024];
static bool no_start;
static unsigned written; /* the state, into xenstore */

bool qemu_bring_up(struct qemu *q)
{
    if (no_start)
        return xldm__error(dm.ctx, XLDM__NONE, "group '%s' has no QEMU",
                           q->group->name);
    if (!qemu_xenstore(q))
        return false;
    q->pid = 100;
    q->qmp = (struct qmp *)q; /* nobody speaks to it */
    return true;
}

void qemu_put_away(struct qemu *q)
{
    q->pid = 0;
    q->qmp = NULL;
    q->detached = true;
}

bool dm_state_write(struct dm *d)
{
    (void)d;
    written++;
    return true;
}

const char *qemu_state(const struct qemu *q)
{
    return q->pid ? "running" : "dead";
}

static void hear(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    if (diag->severity != XLDM_NOTE)
        snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n",
                 diag->text);
}

static void setup(void)
{
    size_t i;

    memset(&dm, 0, sizeof(dm));
    *said = '\0';
    no_start = false;
    strcpy(dm.rundir, "/tmp/xldm.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dm.rundir));
    uv_loop_init(&loop);
    dm.loop = &loop;
    dm.ctx = xldm_ctx_new(hear, NULL);
    xldm_ctx_set_libxl(dm.ctx, XLDM_LIBXL_4_17);
    dm.origin = &origin;
    dm.planning = planning_new(dm.ctx, &origin, origin.map);
    ck_assert_ptr_nonnull(dm.planning);
    dm.plan = planning_plan(dm.planning);
    dm.nqemus = dm.plan->ngroups;
    for (i = 0; i < dm.nqemus; i++) {
        dm.qemus[i] = (struct qemu){ .dm = &dm, .group = &dm.plan->groups[i] };
        qemu_bring_up(&dm.qemus[i]);
    }
}

static void teardown(void)
{
    size_t i;

    grow_free(&dm);
    for (i = 0; i < dm.nqemus; i++)
        xsd_free(dm.qemus[i].xsd);
    while (uv_run(&loop, UV_RUN_DEFAULT)) /* leave() stops it once */
        ;
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    ck_assert_int_eq(rmdir(dm.rundir), 0);
    xldm_ctx_free(dm.ctx);
}

/* What a command of ours is answered: "", or the error. */
static const char *ask(json_t *(*command)(struct dm *, const json_t *),
                       const char *device, const char *group)
{
    static char text[256];
    json_t *arguments =
        json_pack("{ss? ss?}", "device", device, "group", group);
    json_t *reply = command(&dm, arguments);
    const char *error = json_string_value(
        json_object_get(json_object_get(reply, "error"), "desc"));

    ck_assert(error || json_object_get(reply, "return"));
    snprintf(text, sizeof(text), "%s", error ? error : "");
    json_decref(reply);
    json_decref(arguments);
    return text;
}

static bool lives(const char *group)
{
    size_t i;

    for (i = 0; i < dm.nqemus; i++)
        if (!strcmp(dm.qemus[i].group->name, group) && dm.qemus[i].pid)
            return true;
    return false;
}

static void wait_ms(uint64_t ms)
{
    dm.loop->time += ms; /* libuv's, which nobody waits for */
    grow_tick(&dm);
    grow_step(&dm);
}

/* As long as nobody has the place it is one caller's. */
START_TEST(one_at_a_time)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    ck_assert(lives("late"));
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: somebody else is plugging it in");
    ck_assert_str_eq(ask(grow_place, CARD, "net"),
                     "xldm: the device has another group");
    grow_answered(&dm, CARD, true);
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: the device is there already");
    /* A second device_add, which fails, is not its end. */
    grow_answered(&dm, CARD, false);
    ck_assert(!grow_due(&dm));
    ck_assert_str_eq(ask(grow_place, OTHER, "late"), "");
    ck_assert_str_eq(ask(grow_unplace, OTHER, NULL), "");
    ck_assert(lives("late"));
    grow_plugged_out(&dm, CARD);
    ck_assert(grow_due(&dm));
    grow_step(&dm);
    ck_assert(!lives("late"));
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(refused_by_qemu)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_answered(&dm, OTHER, false);
    ck_assert(!grow_due(&dm));
    grow_answered(&dm, CARD, false);
    ck_assert(grow_due(&dm));
    grow_step(&dm);
    ck_assert(!lives("late"));
    ck_assert_str_eq(ask(grow_unplace, CARD, NULL), ""); /* libxl's caller */
}
END_TEST

/* libxl failed before it asked, or its caller was killed. */
START_TEST(never_came)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    ck_assert_str_eq(ask(grow_place, OTHER, "other"), "");
    grow_answered(&dm, OTHER, true);
    wait_ms(59000);
    ck_assert(lives("late"));
    written = 0;
    wait_ms(1000);
    ck_assert(!lives("late"));
    ck_assert(lives("other"));
    ck_assert_uint_gt(written, 0);
    ck_assert_str_eq(said, "group 'late': nobody has plugged in '" CARD
                           "', for which it was made ready\n");
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
}
END_TEST

/* It came in, but libxl did not get to its end: the caller says so. */
START_TEST(taken_back)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_answered(&dm, CARD, true);
    ck_assert_str_eq(ask(grow_unplace, CARD, NULL), "");
    ck_assert(!lives("late"));
    /* A group that comes in the place of one that ended. */
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    ck_assert(lives("late"));
}
END_TEST

START_TEST(no_qemu)
{
    no_start = true;
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: group 'late' has no QEMU");
    ck_assert_ptr_null(dm.places);
    no_start = false;
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_answered(&dm, CARD, true);
    qemu_put_away(&dm.qemus[2]); /* it died */
    ck_assert_str_eq(ask(grow_place, OTHER, "late"),
                     "xldm: its QEMU has ended; `xldm restart` starts another "
                     "one");
    ck_assert_ptr_null(strstr(said, OTHER));
    ck_assert_str_eq(ask(grow_restart, NULL, "late"), "");
    ck_assert_str_eq(ask(grow_place, OTHER, "late"), "");
}
END_TEST

/* A QEMU that ended, and what was plugged into it: with the next one it may
 * come again. */
START_TEST(lost)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_lost(&dm, CARD); /* not in yet: it still waits */
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: somebody else is plugging it in");
    grow_answered(&dm, CARD, true);
    grow_lost(&dm, CARD);
    qemu_put_away(&dm.qemus[2]);
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: its QEMU has ended; `xldm restart` starts another "
                     "one");
    grow_answered(&dm, CARD, false); /* xl has tried it */
    wait_ms(70000);
    ck_assert_str_eq(ask(grow_restart, NULL, "late"), "");
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: somebody else is plugging it in");
    wait_ms(50000);
    ck_assert(lives("late"));
    grow_answered(&dm, CARD, true);
    ck_assert_str_eq(ask(grow_place, CARD, "late"),
                     "xldm: the device is there already");
    ck_assert_str_eq(said, "");
}
END_TEST

/* A card of the host's makes its group one with rights; when it leaves, the
 * group stays what it is, and no other device is refused for that. */
START_TEST(remains)
{
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_answered(&dm, CARD, true);
    ck_assert_str_eq(ask(grow_place, "usb0", "late"), "");
    grow_answered(&dm, "usb0", true);
    grow_plugged_out(&dm, CARD);
    grow_step(&dm);
    ck_assert_str_eq(said, "");
    ck_assert(lives("late"));
    ck_assert_str_eq(ask(grow_place, OTHER, "other"), "");
    ck_assert(lives("other"));
    ck_assert_str_eq(ask(grow_place, CARD, "late"), "");
    grow_plugged_out(&dm, CARD);
    grow_plugged_out(&dm, "usb0");
    grow_step(&dm);
    ck_assert(!lives("late"));
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(hollow)
{
    ck_assert_str_eq(ask(grow_place, NULL, "late"),
                     "xldm: 'device' and 'group' are needed");
    ck_assert_str_eq(ask(grow_place, CARD, NULL),
                     "xldm: 'device' and 'group' are needed");
    ck_assert_str_eq(ask(grow_unplace, NULL, NULL), "xldm: 'device' is needed");
    ck_assert_str_eq(ask(grow_restart, NULL, NULL),
                     "xldm: there is no such group");
    ck_assert_str_eq(ask(grow_restart, NULL, "late"),
                     "xldm: there is no such group");
    ck_assert_ptr_nonnull(strstr(ask(grow_restart, NULL, "primary"),
                                 "the primary has the platform"));
    ck_assert_ptr_nonnull(
        strstr(ask(grow_place, "hda", "late"), "no device of that name"));
    ck_assert_ptr_null(dm.places);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("grow");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, one_at_a_time);
    tcase_add_test(tcase, refused_by_qemu);
    tcase_add_test(tcase, never_came);
    tcase_add_test(tcase, taken_back);
    tcase_add_test(tcase, no_qemu);
    tcase_add_test(tcase, lost);
    tcase_add_test(tcase, remains);
    tcase_add_test(tcase, hollow);
    return unit_run(tcase, "grow");
}

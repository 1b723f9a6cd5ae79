/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What xldm-dm tells of itself: the state of its groups, and what was said. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/class.h"
#include "run/dm.h"
#include "run/events.h"
#include "run/query.h"
#include "run/route.h"
#include "run/router.h"
#include "unit.h"

/* -------------------------------------------------------- events ---- */

static json_t *last(const struct events *events, const char *group)
{
    json_t *list = events_of(events, group);
    json_t *entry = json_incref(json_array_get(list, json_array_size(list) - 1));

    json_decref(list);
    return entry;
}

static size_t count(const struct events *events, const char *group)
{
    json_t *list = events_of(events, group);
    size_t n = json_array_size(list);

    json_decref(list);
    return n;
}

START_TEST(events_are_of_their_group)
{
    struct events events = { .n = 0 };
    json_t *e;

    events_add(&events, 100, XLDM_ERROR, "group 'net' (nic0): its QEMU died");
    events_add(&events, 101, XLDM_NOTE, "group 'net2' was restarted");
    events_add(&events, 102, XLDM_NOTE, "QMP command 'x' goes to the primary");
    events_add(&events, 103, XLDM_NOTE, "no group 'net' here");
    ck_assert_uint_eq(events.n, 2);
    ck_assert_uint_eq(count(&events, "net"), 1);
    ck_assert_uint_eq(count(&events, "ne"), 0);
    ck_assert_uint_eq(count(&events, "primary"), 0);
    e = last(&events, "net");
    ck_assert_int_eq(json_integer_value(json_object_get(e, "time")), 100);
    ck_assert_str_eq(json_string_value(json_object_get(e, "severity")),
                     "error");
    ck_assert_str_eq(json_string_value(json_object_get(e, "text")),
                     "group 'net' (nic0): its QEMU died");
    json_decref(e);
}
END_TEST

START_TEST(events_keep_the_last_in_order)
{
    struct events events = { .n = 0 };
    char text[64];
    json_t *list, *e;
    size_t i;
    int n;

    events_add(&events, 1, XLDM_NOTE, "group 'old' was there");
    for (n = 0; n < 3 * EVENTS_KEPT; n++) {
        snprintf(text, sizeof(text), "group 'a' %d", n);
        events_add(&events, n, XLDM_WARNING, text);
    }
    ck_assert_uint_eq(count(&events, "old"), 0);
    list = events_of(&events, "a");
    ck_assert_uint_eq(json_array_size(list), EVENTS_SHOWN);
    n -= EVENTS_SHOWN;
    json_array_foreach(list, i, e)
        ck_assert_int_eq(json_integer_value(json_object_get(e, "time")), n++);
    json_decref(list);
}
END_TEST

START_TEST(events_of_any_length_and_letters)
{
    struct events events = { .n = 0 };
    char text[1000];
    json_t *e;

    memset(text, '\xe4', sizeof(text));
    memcpy(text, "group 'a' ", 10);
    text[sizeof(text) - 1] = '\0';
    events_add(&events, 1, XLDM_NOTE, text);
    events_add(&events, 1, XLDM_NOTE, "group '");
    e = last(&events, "a");
    ck_assert_uint_gt(json_string_length(json_object_get(e, "text")), 200);
    json_decref(e);
    ck_assert_uint_eq(count(&events, ""), 0);
}
END_TEST

/* --------------------------------------------------------- query ---- */

static const struct xldm__class nic_class = { .kind = "nic" };
static const struct xldm__class pci_class = { .kind = "pci" };

static struct xldm_range ranges[] = {
    { XLDM_PORT, 0xc000, 0xc03f },
    { XLDM_MEMORY, 0xf0000000, 0xf001ffff },
    { XLDM_PCI, 4 << 3, 4 << 3 },
};
static struct xldm_range broadcast[] = { { XLDM_PORT, 0x10, 0x1f } };

static void make(struct dm *dm, struct xldm_plan *plan,
                 struct xldm__planned *device)
{
    device[0] = (struct xldm__planned){ .class = &nic_class, .id = "nic0",
                                        .devfn = 4 << 3,
                                        .group = &plan->groups[1] };
    device[1] = (struct xldm__planned){ .class = &pci_class,
                                        .id = "0000:03:00.0", .devfn = -1,
                                        .group = &plan->groups[1] };
    plan->domain = "web";
    plan->ngroups = 2;
    plan->groups[0] = (struct xldm__group){ .name = "primary",
                                            .primary = true,
                                            .emulator = "/q/primary" };
    plan->groups[1] =
        (struct xldm__group){ .name = "net", .restricted = true,
                              .emulator = "/q/net",
                              .on_crash = XLDM_ON_CRASH_RESTART,
                              .ram_first = 0x8000000, .ram_size = 0x100000 };
    plan->groups[1].claims.v = ranges;
    plan->groups[1].claims.n = COUNT(ranges);
    plan->broadcast.v = broadcast;
    plan->broadcast.n = 1;
    plan->devices = device;
    plan->ndevices = 2;
    dm->plan = plan;
    dm->domid = 7;
    strcpy(dm->instance, "abc");
    dm->nqemus = 2;
    dm->qemus[0] = (struct qemu){ .dm = dm, .group = &plan->groups[0],
                                  .pid = 100, .server = 1, .ready = true };
    dm->qemus[1] = (struct qemu){ .dm = dm, .group = &plan->groups[1],
                                  .server = 2, .detached = true,
                                  .restarted = 3 };
}

static struct plugged *plugged_new(struct plugged *next, size_t group,
                                   const char *id, bool out)
{
    struct plugged *p = malloc(sizeof(*p) + strlen(id) + 1);

    ck_assert_ptr_nonnull(p);
    p->next = next;
    p->group = group;
    p->out = out;
    p->devfn = out ? -1 : 5 << 3;
    strcpy(p->device, out ? "" : "0000:03:00.0");
    strcpy(p->id, id);
    return p;
}

static char *compact(const json_t *o)
{
    return json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
}

START_TEST(query_tells_groups)
{
    struct xldm_plan plan = { .nlinks = 0 };
    struct events events = { .n = 0 };
    struct plugged *gone = plugged_new(NULL, 1, "nic0", true);
    struct plugged *card = plugged_new(gone, 1, "card0", false);
    struct router router = { .plugged = card };
    struct dm dm = { .events = &events, .router = &router };
    struct xldm__planned devices[2];
    json_t *reply, *state, *groups, *net;
    char *text;

    make(&dm, &plan, devices);
    events_add(&events, 5, XLDM_ERROR, "group 'net' (nic0): its QEMU died");
    reply = own_command("x-xldm-query")->answer(&dm, NULL);
    state = json_object_get(reply, "return");
    ck_assert_int_eq(json_integer_value(json_object_get(state, "version")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(state, "domid")), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(state, "pid")),
                     getpid());
    ck_assert_str_eq(json_string_value(json_object_get(state, "instance")),
                     "abc");
    groups = json_object_get(state, "groups");
    ck_assert_uint_eq(json_array_size(groups), 2);
    json_object_del(json_array_get(groups, 0), "log");
    text = compact(json_array_get(groups, 0));
    ck_assert_str_eq(text, "{\"devices\":[],\"emulator\":\"/q/primary\","
                           "\"events\":[],\"memory\":[],\"name\":\"primary\","
                           "\"pci\":[],\"pid\":100,"
                           "\"plugged\":[],\"ports\":[],"
                           "\"primary\":true,\"restarts\":0,"
                           "\"restricted\":false,\"server\":1,"
                           "\"state\":\"running\",\"unplugged\":[]}");
    free(text);
    net = json_array_get(groups, 1);
    json_object_del(net, "log");
    text = compact(net);
    ck_assert_str_eq(
        text,
        "{\"devices\":[{\"id\":\"nic0\",\"kind\":\"nic\","
        "\"pci\":\"0000:00:04.0\"},{\"id\":\"0000:03:00.0\","
        "\"kind\":\"pci\",\"pci\":\"0000:00:05.0\"}],"
        "\"emulator\":\"/q/net\","
        "\"events\":[{\"severity\":\"error\","
        "\"text\":\"group 'net' (nic0): its QEMU died\",\"time\":5}],"
        "\"memory\":[[\"0xf0000000\",\"0xf001ffff\"]],"
        "\"memory-window\":[\"0x8000000\",\"0x80fffff\"],\"name\":\"net\","
        "\"on-crash\":\"restart\",\"pci\":[\"0000:00:04.0\","
        "\"0000:00:05.0\"],"
        "\"plugged\":[\"card0\"],"
        "\"ports\":[[\"0xc000\",\"0xc03f\"]],\"primary\":false,"
        "\"restarts\":3,\"restricted\":true,\"state\":\"detached\","
        "\"unplugged\":[\"nic0\"]}");
    free(text);
    text = compact(json_object_get(state, "broker"));
    ck_assert_str_eq(text, "{\"ports\":[[\"0x10\",\"0x1f\"]]}");
    free(text);
    json_decref(reply);
    free(card);
    free(gone);
}
END_TEST

START_TEST(query_is_a_command_of_our_own)
{
    const struct route_rule *rule = route_find("x-xldm-query");

    ck_assert_ptr_nonnull(rule);
    ck_assert_int_eq(rule->route, ROUTE_OWN);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("query");

    tcase_add_test(tcase, events_are_of_their_group);
    tcase_add_test(tcase, events_keep_the_last_in_order);
    tcase_add_test(tcase, events_of_any_length_and_letters);
    tcase_add_test(tcase, query_tells_groups);
    tcase_add_test(tcase, query_is_a_command_of_our_own);
    return unit_run(tcase, "query");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * owners DOMID < PLAN.json: asks Xen itself which ioreq server answers each
 * port, address and PCI function of a plan, or of what `xldm show` says, and
 * fails unless each has one owner, the same for all of a group, another for
 * each group and the broker; and the one that is said, if any.
 *
 * Xen has no call that lists a server's ranges, so each is taken off and put
 * back.  The domain must be paused.
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xendevicemodel.h>

#define SERVERS 8

static xendevicemodel_handle *xen;
static domid_t domid;
static int bad;

enum space { PORT, MEMORY, PCI };

static bool held(int id, enum space space, uint64_t at)
{
    uint8_t bus = at >> 8, slot = at >> 3 & 31, fn = at & 7;

    if (space == PCI) {
        if (xendevicemodel_unmap_pcidev_from_ioreq_server(xen, domid, id, 0,
                                                          bus, slot, fn))
            return false;
        xendevicemodel_map_pcidev_to_ioreq_server(xen, domid, id, 0, bus, slot,
                                                  fn);
        return true;
    }
    if (xendevicemodel_unmap_io_range_from_ioreq_server(
            xen, domid, id, space == MEMORY, at, at))
        return false;
    xendevicemodel_map_io_range_to_ioreq_server(xen, domid, id, space == MEMORY,
                                                at, at);
    return true;
}

/* The id that holds it; complains if it is not exactly one. */
static int owner(enum space space, uint64_t at, const char *group)
{
    static const char *const names[] = { "port", "memory", "pci" };
    int found = -1;

    for (int id = 0; id < SERVERS; id++) {
        if (!held(id, space, at))
            continue;
        if (found >= 0) {
            printf("%s %llx of group %s is held by servers %d and %d\n",
                   names[space], (unsigned long long)at, group, found, id);
            bad++;
        }
        found = id;
    }
    if (found < 0) {
        printf("%s %llx of group %s is held by no server\n", names[space],
               (unsigned long long)at, group);
        bad++;
    }
    return found;
}

static void see(int *server, int id, const char *group, uint64_t at)
{
    if (*server < 0)
        *server = id;
    if (id >= 0 && id != *server) {
        printf("%llx of group %s is held by server %d, others by %d\n",
               (unsigned long long)at, group, id, *server);
        bad++;
    }
}

static void check_ranges(json_t *list, enum space space, const char *group,
                         int *server, int *count)
{
    size_t i;
    json_t *r;

    json_array_foreach(list, i, r)
    {
        uint64_t first =
                     strtoull(json_string_value(json_array_get(r, 0)), NULL, 0),
                 last =
                     strtoull(json_string_value(json_array_get(r, 1)), NULL, 0);
        /* memory: page by page */
        uint64_t step = space == MEMORY ? 0x1000 : 1;

        for (uint64_t at = first; at <= last; at += step, ++*count)
            see(server, owner(space, at, group), group, at);
    }
}

static void check_said(const json_t *server, int id, const char *group)
{
    if (!server || id < 0 || json_integer_value(server) == id)
        return;
    printf("group %s is said to have server %d and has %d\n", group,
           (int)json_integer_value(server), id);
    bad++;
}

static int check_group(json_t *g)
{
    const char *name = json_string_value(json_object_get(g, "name"));
    int server = -1, count = 0;
    size_t i;
    json_t *r;

    check_ranges(json_object_get(g, "ports"), PORT, name, &server, &count);
    check_ranges(json_object_get(g, "memory"), MEMORY, name, &server, &count);
    json_array_foreach(json_object_get(g, "pci"), i, r)
    {
        unsigned seg, bus, slot, fn;

        if (sscanf(json_string_value(r), "%x:%x:%x.%x", &seg, &bus, &slot,
                   &fn) != 4)
            continue;
        uint64_t at = bus << 8 | slot << 3 | fn;

        see(&server, owner(PCI, at, name), name, at);
        count++;
    }
    printf("group %s: server %d holds %d ports, pages and functions\n", name,
           server, count);
    check_said(json_object_get(g, "server"), server, name);
    return server;
}

static void check_broker(json_t *broker, int *seen)
{
    int server = -1, count = 0;

    check_ranges(json_object_get(broker, "ports"), PORT, "broker", &server,
                 &count);
    printf("broker: server %d holds %d ports\n", server, count);
    if (server >= 0 && seen[server]++) {
        printf("server %d is a group's and the broker's\n", server);
        bad++;
    }
}

int main(int argc, char **argv)
{
    json_t *plan = json_loadf(stdin, 0, NULL), *g;
    int seen[SERVERS] = { 0 };
    size_t i;

    xen = xendevicemodel_open(NULL, 0);
    if (argc != 2 || !plan || !xen) {
        fprintf(stderr, "usage: owners DOMID < PLAN.json, in dom0\n");
        return 2;
    }
    domid = atoi(argv[1]);
    json_array_foreach(json_object_get(plan, "groups"), i, g)
    {
        int id = check_group(g);

        if (id >= 0 && seen[id]++) {
            printf("server %d is of two groups\n", id);
            bad++;
        }
    }
    if (json_object_get(plan, "broker"))
        check_broker(json_object_get(plan, "broker"), seen);
    json_decref(plan);
    xendevicemodel_close(xen);
    return bad != 0;
}

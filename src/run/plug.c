/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device_add and its opposite: which QEMU, and which slot of the PCI bus that
 * they all share. */
#include <stdlib.h>
#include <string.h>

#include "run/request.h"

static const char *id_of(const json_t *command)
{
    return json_string_value(
        json_object_get(json_object_get(command, "arguments"), "id"));
}

static void ask(struct request *r, json_t *command, unsigned groups)
{
    r->command = command;
    r->groups = groups;
    r->first = (size_t)__builtin_ctz(groups);
}

static void object(struct request *r, json_t *error)
{
    r->plugged = true;
    r->replies[r->first] = error;
}

static void begin(struct request *r)
{
    const struct xldm_plan *plan = r->router->dm->plan;
    struct route_names names = { plan, r->router->plugged };
    const char *id = id_of(r->command);
    struct route_plug to;
    size_t group;

    if (id && route_device(&names, id, &group)) {
        object(r, error_new("GenericError",
                            "Duplicate device ID '%s' for device", id));
        return;
    }
    to = route_plug(plan, json_object_get(r->command, "arguments"));
    if (to.slot) {
        r->plug = r->command;
        ask(r, json_pack("{s:s}", "execute", "query-pci"),
            route_groups(&names, ROUTE_ALL, NULL));
    } else {
        r->plugged = true;
        ask(r, r->command, 1u << to.group);
    }
}

/* A QEMU that is gone tells of no slots; the next one of its group has those
 * of the plan. */
static void add_silent(const struct request *r, json_t *buses)
{
    const struct xldm_plan *plan = r->router->dm->plan;
    const struct xldm__planned *dev = plan->devices;
    json_t *devices = json_array();

    for (; dev < plan->devices + plan->ndevices; dev++)
        if (dev->devfn >= 0 && !r->replies[dev->group - plan->groups])
            json_array_append_new(devices,
                                  json_pack("{s:i}", "slot", dev->devfn >> 3));
    json_array_append_new(
        buses, json_pack("{s:i, s:o}", "bus", 0, "devices", devices));
}

static int free_slot(const struct request *r)
{
    json_t *buses = request_merge(r, route_find("query-pci")->add);
    int slot;

    add_silent(r, buses);
    slot = route_slot(buses);
    json_decref(buses);
    return slot;
}

/* The slots are known. */
static void place(struct request *r)
{
    json_t *arguments = json_object_get(r->plug, "arguments");
    int slot = free_slot(r);
    char addr[16];
    size_t i;

    for (i = 0; i < XLDM_MAX_GROUPS; i++) {
        json_decref(r->replies[i]);
        r->replies[i] = NULL;
    }
    if (slot < 0) {
        object(r, error_new(
                      "GenericError",
                      "PCI: no slot/function available for %s, all in "
                      "use or reserved",
                      json_string_value(json_object_get(arguments, "driver"))));
        return;
    }
    snprintf(addr, sizeof(addr), "%x", (unsigned)slot);
    json_object_set_new(arguments, "addr", json_string(addr));
    json_decref(r->command);
    r->plugged = true;
    ask(r, r->plug, 1u << route_plug(r->router->dm->plan, arguments).group);
    r->plug = NULL;
}

void plug_go_on(struct request *r)
{
    if (r->plugged)
        return;
    if (r->plug)
        place(r);
    else
        begin(r);
}

/* ---------------------------------------------- what is plugged in ---- */

static struct plugged **find(struct router *router, const char *id)
{
    struct plugged **at = &router->plugged;

    while (*at && strcmp((*at)->id, id))
        at = &(*at)->next;
    return at;
}

static void drop(struct plugged **at)
{
    struct plugged *p = *at;

    *at = p->next;
    free(p);
}

static void keep(struct router *router, const char *id,
                 const struct plugged *what)
{
    struct plugged **at = find(router, id), *p;
    size_t n = strlen(id) + 1;

    if (*at)
        drop(at);
    p = malloc(sizeof(*p) + n);
    if (!p) {
        xldm__oom(router->dm->ctx);
        return;
    }
    *p = *what;
    memcpy(p->id, id, n);
    p->next = router->plugged;
    router->plugged = p;
}

void plug_done(struct router *router, const json_t *command,
               const json_t *reply, size_t group)
{
    const struct route_plug to =
        route_plug(router->dm->plan, json_object_get(command, "arguments"));
    struct plugged new = { .group = group, .devfn = to.devfn };
    const char *id = id_of(command);
    bool ok = json_object_get(reply, "return") != NULL;

    snprintf(new.device, sizeof(new.device), "%s", to.device ? to.device : "");
    if (id && ok)
        keep(router, id, &new);
    if (to.device)
        grow_answered(router->dm, to.device, ok);
}

/* One of the start leaves a mark: its name is free again.  A QEMU tells of
 * its own devices only. */
void plug_event(struct router *router, const json_t *event, size_t group)
{
    const char *name = json_string_value(json_object_get(event, "event"));
    const char *id = json_string_value(
        json_object_get(json_object_get(event, "data"), "device"));
    struct plugged **at;

    if (!name || strcmp(name, "DEVICE_DELETED") || !id)
        return;
    at = find(router, id);
    if (*at && (*at)->group != group)
        return;
    kept_deleted(router, id, group);
    if (*at && !(*at)->out) {
        grow_plugged_out(router->dm, (*at)->device);
        drop(at);
    }
    if (route_started(&router->dm->plan->groups[group], id))
        keep(router, id,
             &(struct plugged){ .group = group, .out = true, .devfn = -1 });
}

void plug_lost(struct router *router, size_t group)
{
    struct plugged **at = &router->plugged;

    while (*at) {
        if ((*at)->group != group) {
            at = &(*at)->next;
            continue;
        }
        if (!(*at)->out) {
            xldm__warning(router->dm->ctx, XLDM__NONE,
                          "'%s', which was plugged in, is lost", (*at)->id);
            grow_lost(router->dm, (*at)->device);
        }
        drop(at);
    }
}

void plug_free(struct router *router)
{
    while (router->plugged)
        drop(&router->plugged);
}

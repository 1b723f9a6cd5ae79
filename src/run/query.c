/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* x-xldm-query: what `xldm show` shows.  doc/json.md says what is in it. */
#include <string.h>
#include <unistd.h>

#include "dm/json.h"
#include "run/events.h"
#include "run/query.h"
#include "run/route.h"
#include "run/router.h"
#include "run/save.h"

static const char *on_crash(enum xldm_on_crash on_crash)
{
    const char *name = xldm__name_of(xldm__on_crash_names, (int)on_crash);

    return name ? name : "detach"; /* the default */
}

/* libxl opened the log for us, under the name that the domain then had. */
static json_t *log_path(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/fd/2", path, sizeof(path) - 1);

    if (n <= 0 || *path != '/')
        return NULL;
    path[n] = '\0';
    return xldm__json_text(path);
}

static json_t *window_json(const struct xldm__group *g)
{
    char first[24], last[24];

    snprintf(first, sizeof(first), "0x%llx", (unsigned long long)g->ram_first);
    snprintf(last, sizeof(last), "0x%llx",
             (unsigned long long)(g->ram_first + g->ram_size - 1));
    return json_pack("[ss]", first, last);
}

static const struct plugged *plugged_of(const struct dm *dm)
{
    return dm->router ? dm->router->plugged : NULL;
}

/* What came, or went, while the domain ran, as QEMU calls it. */
static json_t *plugged_json(const struct dm *dm, size_t group, bool out)
{
    const struct plugged *p;
    json_t *list = json_array();

    for (p = plugged_of(dm); p; p = p->next)
        if (p->group == group && p->out == out)
            json_array_insert_new(list, 0, xldm__json_text(p->id));
    return list;
}

/* The plan does not know where what came later sits. */
static void add_place(const struct dm *dm, json_t *group, json_t *device)
{
    const char *id = json_string_value(json_object_get(device, "id"));
    const struct plugged *p = plugged_of(dm);
    char buf[16];
    json_t *bdf;

    while (p && (p->out || p->devfn < 0 || strcmp(p->device, id)))
        p = p->next;
    if (!p || json_object_get(device, "pci"))
        return;
    bdf = json_string(xldm__bdf(buf, (unsigned)p->devfn));
    json_object_set(device, "pci", bdf);
    json_array_append_new(json_object_get(group, "pci"), bdf);
}

static json_t *group_json(const struct dm *dm, const struct qemu *q,
                          json_t *log)
{
    const struct xldm__group *g = q->group;
    json_t *o = json_pack("{ss sb ss sI sb so}", "name", g->name, "primary",
                          g->primary, "state", qemu_state(q), "restarts",
                          (json_int_t)q->restarted, "restricted", g->restricted,
                          "emulator", xldm__json_text(g->emulator));
    size_t index = (size_t)(q - dm->qemus), i;
    json_t *device;

    if (!o)
        return NULL;
    if (q->pid > 0)
        json_object_set_new(o, "pid", json_integer(q->pid));
    if (q->server >= 0 && !q->detached)
        json_object_set_new(o, "server", json_integer(q->server));
    if (!g->primary)
        json_object_set_new(o, "on-crash", json_string(on_crash(g->on_crash)));
    if (g->ram_size)
        json_object_set_new(o, "memory-window", window_json(g));
    xldm__json_group(o, dm->plan, g);
    json_array_foreach(json_object_get(o, "devices"), i, device)
        add_place(dm, o, device);
    json_object_set_new(o, "plugged", plugged_json(dm, index, false));
    json_object_set_new(o, "unplugged", plugged_json(dm, index, true));
    if (log) /* one for all: each line says its group */
        json_object_set(o, "log", log);
    if (dm->events)
        json_object_set_new(o, "events", events_of(dm->events, g->name));
    return o;
}

static json_t *broker_json(const struct dm *dm)
{
    return json_pack("{so}", "ports",
                     xldm__json_ranges(&dm->plan->broadcast, XLDM_PORT));
}

static json_t *query_state(struct dm *dm, const json_t *arguments)
{
    json_t *groups = json_array(), *root, *log = log_path();

    (void)arguments;
    for (size_t i = 0; i < dm->nqemus; i++)
        if (!dm->qemus[i].ended)
            json_array_append_new(groups, group_json(dm, &dm->qemus[i], log));
    root = json_pack("{si sI sI ss so}", "version", 1, "domid",
                     (json_int_t)dm->domid, "pid", (json_int_t)getpid(),
                     "instance", dm->instance, "groups", groups);
    if (root && dm->plan->domain)
        json_object_set_new(root, "domain", xldm__json_text(dm->plan->domain));
    if (root && dm->plan->broadcast.n)
        json_object_set_new(root, "broker", broker_json(dm));
    json_decref(log);
    return json_pack("{so}", "return", root);
}

static const struct own_command commands[] = {
    { "xen-save-devices-state", save_devices, true },
    { "x-xldm-query", query_state, false },
    { "x-xldm-place", grow_place, true },
    { "x-xldm-unplace", grow_unplace, true },
    { "x-xldm-restart", grow_restart, true },
};

const struct own_command *own_command(const char *command)
{
    size_t i = 0;

    while (strcmp(commands[i].command, command))
        i++;
    return &commands[i];
}

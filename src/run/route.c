/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which QEMUs a QMP command is for, and one reply out of several. */
#include <string.h>

#include "run/route.h"

/* -------------------------------------------- lists put together ---- */

static void add_list(const struct xldm_plan *plan, size_t group, json_t *into,
                     json_t *list)
{
    (void)plan;
    (void)group;
    json_array_extend(into, list);
}

/* What the unsplit QEMU would call the group's serial port of this label:
 * every QEMU counts its own from serial0. */
static const char *serial_label(const struct xldm_plan *plan, size_t group,
                                const char *label)
{
    char own[32];
    unsigned n = 0;
    size_t i;

    for (i = 0; i < plan->ndevices; i++) {
        const struct xldm__planned *dev = &plan->devices[i];

        if (dev->group != &plan->groups[group] ||
            strcmp(dev->class->kind, "serial"))
            continue;
        snprintf(own, sizeof(own), "serial%u", n++);
        if (!strcmp(label, own))
            return dev->id;
    }
    return label;
}

static void add_chardevs(const struct xldm_plan *plan, size_t group,
                         json_t *into, json_t *list)
{
    const char *label;
    json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        label = json_string_value(json_object_get(entry, "label"));
        if (!label || !strcmp(label, OWN_CHARDEV))
            continue;
        json_object_set_new(entry, "label",
                            json_string(serial_label(plan, group, label)));
        json_array_append(into, entry);
    }
}

static json_t *find_entry(json_t *list, json_t *like, const char *first,
                          const char *second)
{
    json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (json_equal(json_object_get(entry, first),
                       json_object_get(like, first)) &&
            (!second || json_equal(json_object_get(entry, second),
                                   json_object_get(like, second))))
            return entry;
    }
    return NULL;
}

/* A bus has no more functions; a hostile QEMU may tell of more. */
#define PCI_MAX 256

bool route_function(const struct xldm_plan *plan, size_t group, unsigned devfn)
{
    struct xldm_range r = { XLDM_PCI, devfn, devfn };
    size_t i;

    for (i = 0; i < plan->ngroups; i++)
        if (i != group && xldm__ranges_meet(&plan->groups[i].claims, r))
            return false;
    return true;
}

static bool is_guests(const struct xldm_plan *plan, size_t group, json_t *bus,
                      json_t *dev)
{
    unsigned slot = json_integer_value(json_object_get(dev, "slot")) & 31;
    unsigned function =
        json_integer_value(json_object_get(dev, "function")) & 7;

    return json_integer_value(json_object_get(bus, "bus")) ||
           route_function(plan, group, slot << 3 | function);
}

static void add_functions(const struct xldm_plan *plan, size_t group,
                          json_t *bus, json_t *into)
{
    json_t *devices = json_object_get(bus, "devices"), *dev;
    size_t i;

    for (i = 0; i < PCI_MAX && (dev = json_array_get(devices, i)); i++)
        if (json_array_size(into) < PCI_MAX &&
            is_guests(plan, group, bus, dev) &&
            !find_entry(into, dev, "slot", "function"))
            json_array_append(into, dev);
}

static void add_pci(const struct xldm_plan *plan, size_t group, json_t *into,
                    json_t *list)
{
    json_t *bus, *have;
    size_t i;

    for (i = 0; i < PCI_MAX && (bus = json_array_get(list, i)); i++) {
        have = find_entry(into, bus, "bus", NULL);
        if (!have && json_is_object(bus)) {
            have = json_copy(bus);
            json_object_set_new(have, "devices", json_array());
            json_array_append_new(into, have);
        }
        add_functions(plan, group, bus, json_object_get(have, "devices"));
    }
}

/* ------------------------------------------------------ the table ---- */

static const struct route_rule rules[] = {
    ROUTE_TO_ALL("cont", ROUTE_RUNS),
    ROUTE_TO_ALL("stop", ROUTE_STANDS),
    ROUTE_TO_ALL("xen-set-global-dirty-log", ROUTE_SWITCHES),

    { .command = "change-vnc-password", .route = ROUTE_UI },
    { .command = "expire_password", .route = ROUTE_UI },
    { .command = "input-send-event", .route = ROUTE_UI },
    { .command = "query-display-options", .route = ROUTE_UI },
    { .command = "query-mice", .route = ROUTE_UI },
    { .command = "query-spice", .route = ROUTE_UI },
    { .command = "query-vnc", .route = ROUTE_UI },
    { .command = "query-vnc-servers", .route = ROUTE_UI },
    { .command = "screendump", .route = ROUTE_UI },
    { .command = "send-key", .route = ROUTE_UI },
    { .command = "set_password", .route = ROUTE_UI },

    ROUTE_MERGED("query-block", add_list, ROUTE_AS_IT_IS),
    ROUTE_MERGED("query-block-jobs", add_list, ROUTE_AS_IT_IS),
    ROUTE_MERGED("query-blockstats", add_list, ROUTE_AS_IT_IS),
    ROUTE_MERGED("query-chardev", add_chardevs, ROUTE_AS_IT_IS),
    ROUTE_MERGED("query-named-block-nodes", add_list, ROUTE_AS_IT_IS),
    ROUTE_MERGED("query-pci", add_pci, ROUTE_AS_IT_IS),

    { .command = "block_resize", .route = ROUTE_DEVICE },
    { .command = "block_set_io_throttle", .route = ROUTE_DEVICE },
    ROUTE_TO_ONE("blockdev-change-medium", ROUTE_CHANGES),
    { .command = "blockdev-close-tray", .route = ROUTE_DEVICE },
    { .command = "blockdev-insert-medium", .route = ROUTE_DEVICE },
    { .command = "blockdev-open-tray", .route = ROUTE_DEVICE },
    { .command = "blockdev-remove-medium", .route = ROUTE_DEVICE },
    { .command = "change", .route = ROUTE_DEVICE },
    ROUTE_TO_ONE("device_del", ROUTE_REMOVES),
    ROUTE_TO_ONE("eject", ROUTE_CHANGES),
    { .command = "set_link", .route = ROUTE_DEVICE },

    { .command = "getfd", .route = ROUTE_PRIMARY },
    { .command = "human-monitor-command", .route = ROUTE_LINE },
    { .command = "query-commands", .route = ROUTE_PRIMARY },
    { .command = "query-cpus-fast", .route = ROUTE_PRIMARY },
    { .command = "query-hotpluggable-cpus", .route = ROUTE_PRIMARY },
    { .command = "query-status", .route = ROUTE_PRIMARY },
    { .command = "query-version", .route = ROUTE_PRIMARY },

    { .command = "device_add", .route = ROUTE_PLUG, .lasting = ROUTE_ADDS },

    { .command = "add-fd", .route = ROUTE_FDSET },
    { .command = "remove-fd", .route = ROUTE_FDSET },

    { .command = "quit", .route = ROUTE_QUIT },

    { .command = "x-xldm-query", .route = ROUTE_OWN },
    { .command = "x-xldm-place", .route = ROUTE_OWN },
    { .command = "x-xldm-unplace", .route = ROUTE_OWN },
    { .command = "x-xldm-restart", .route = ROUTE_OWN },

    /* Each QEMU's state, as one. */
    { .command = "xen-save-devices-state", .route = ROUTE_OWN },

    /* One QEMU's state alone would restore a guest with half its devices. */
    { .command = "migrate", .route = ROUTE_REFUSE },
    { .command = "migrate-incoming", .route = ROUTE_REFUSE },
    { .command = "xen-load-devices-state", .route = ROUTE_REFUSE },
};

const struct route_rule *route_find(const char *command)
{
    size_t i;

    for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (!strcmp(rules[i].command, command))
            return &rules[i];
    return NULL;
}

/* ------------------------------------------------ who is asked ---- */

static size_t group_index(const struct xldm_plan *plan,
                          const struct xldm__group *group)
{
    return (size_t)(group - plan->groups);
}

static size_t ui_group(const struct xldm_plan *plan)
{
    size_t i;

    for (i = 0; i < plan->ndevices; i++)
        if (!strcmp(plan->devices[i].class->kind, "vfb"))
            return group_index(plan, plan->devices[i].group);
    return 0;
}

static bool names(const struct xldm__option *o, const char *name)
{
    char value[256];

    return (xldm__option_get(o, "id", value, sizeof(value)) &&
            !strcmp(value, name)) ||
           (xldm__option_get(o, "node-name", value, sizeof(value)) &&
            !strcmp(value, name));
}

bool route_started(const struct xldm__group *group, const char *name)
{
    struct xldm__option o;
    size_t i = 1;

    while (i < group->argv.n) {
        o = xldm__option_next(group->argv.v, group->argv.n, &i);
        if (names(&o, name))
            return true;
    }
    return false;
}

/* A -drive without id= is named by QEMU after its bus: ide0-hd0. */
static bool on_controller(const struct xldm__planned *dev, const char *name)
{
    return dev->controller && *dev->controller &&
           !strncmp(name, dev->controller, strlen(dev->controller));
}

bool route_device(const struct route_names *names, const char *name,
                  size_t *group)
{
    const struct xldm_plan *plan = names->plan;
    const char *last = strrchr(name, '/'); /* /machine/peripheral/nic0 */
    const struct plugged *p;
    size_t i;

    name = last ? last + 1 : name;
    for (p = names->plugged; p; p = p->next) {
        if (!strcmp(p->id, name)) {
            *group = p->group;
            return !p->out;
        }
    }
    for (i = 0; i < plan->ngroups; i++) {
        if (route_started(&plan->groups[i], name)) {
            *group = i;
            return true;
        }
    }
    for (i = 0; i < plan->ndevices; i++) {
        if (on_controller(&plan->devices[i], name)) {
            *group = group_index(plan, plan->devices[i].group);
            return true;
        }
    }
    return false;
}

static size_t argument_group(const struct route_names *names,
                             const json_t *arguments)
{
    static const char *const keys[] = { "id", "device", "node-name", "name" };
    const char *name;
    size_t i, group;

    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        name = json_string_value(json_object_get(arguments, keys[i]));
        if (name && route_device(names, name, &group) && group)
            return group;
    }
    return 0;
}

unsigned route_groups(const struct route_names *names, enum route route,
                      const json_t *arguments)
{
    switch (route) {
    case ROUTE_ALL:
    case ROUTE_MERGE:
        return (1u << names->plan->ngroups) - 1;
    case ROUTE_UI:
        return 1u << ui_group(names->plan);
    case ROUTE_DEVICE:
        return 1u << argument_group(names, arguments);
    case ROUTE_PRIMARY:
        return 1;
    default: /* no QEMU's, or not known yet whose */
        return 0;
    }
}

/* ------------------------------------------------------- plugging ---- */

/* What device_add says, as -device says it: then the classes know it. */
static const char *device_value(struct xldm__arena *a, const json_t *arguments)
{
    const char *text = json_string_value(json_object_get(arguments, "driver"));
    const char *key, *value;
    json_t *v;

    text = text ? xldm__escape(a, text) : "";
    json_object_foreach((json_t *)arguments, key, v)
    {
        value = json_string_value(v);
        if (value && strcmp(key, "driver"))
            text = xldm__fmt(a, "%s,%s=%s", text, key, xldm__escape(a, value));
    }
    return text;
}

struct route_plug route_plug(const struct xldm_plan *plan,
                             const json_t *arguments)
{
    struct xldm__arena arena = { 0 };
    struct xldm__option option = { "-device", device_value(&arena, arguments) };
    const struct xldm__planned *dev;
    struct route_plug to = { .devfn = -1 };
    struct xldm__part part = { 0 };
    const char *addr = json_string_value(json_object_get(arguments, "addr"));
    const char *bus = json_string_value(json_object_get(arguments, "bus"));
    size_t i;

    if (!arena.failed)
        xldm__part_of(&option, &arena, NULL, &part);
    to.slot = part.pci && !json_object_get(arguments, "addr");
    if (part.pci && addr && (!bus || !strcmp(bus, "pci.0")))
        to.devfn = xldm__devfn_parse(addr);
    for (i = 0; part.controller && !arena.failed && i < plan->ndevices; i++) {
        dev = &plan->devices[i];
        if (!dev->controller || strcmp(dev->controller, part.controller))
            continue;
        to.group = group_index(plan, dev->group);
        if (part.id && !strcmp(dev->id, part.id))
            to.device = dev->id;
    }
    xldm__arena_dispose(&arena);
    return to;
}

int route_slot(json_t *buses)
{
    uint32_t taken = 0;
    json_t *bus, *dev;
    json_int_t slot;
    size_t i, j;

    json_array_foreach(buses, i, bus)
    {
        if (json_integer_value(json_object_get(bus, "bus")))
            continue;
        json_array_foreach(json_object_get(bus, "devices"), j, dev)
        {
            slot = json_integer_value(json_object_get(dev, "slot"));
            if (slot >= 0 && slot < 32)
                taken |= 1u << slot;
        }
    }
    return ~taken ? __builtin_ctz(~taken) : -1;
}

bool route_event(const char *event, bool primary)
{
    static const char *const machine[] = {
        "POWERDOWN", "RESET",   "RESUME",       "RTC_CHANGE", "SHUTDOWN",
        "STOP",      "SUSPEND", "SUSPEND_DISK", "WAKEUP",     NULL,
    };
    size_t i;

    for (i = 0; machine[i]; i++)
        if (!strcmp(event, machine[i]))
            return primary;
    return true;
}

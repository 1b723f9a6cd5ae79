/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* human-monitor-command: which QEMUs a line is for, and one text of several. */
#include <stdio.h>
#include <string.h>

#include "run/route.h"

#define PARTS_MAX 4096 /* a hostile QEMU may tell of more */

/* Not our own socket, nor a PCI function that another QEMU answers for. */
static bool is_shown(const struct xldm_plan *plan, size_t group,
                     const char *part)
{
    unsigned bus, slot, function;

    if (!strncmp(part, OWN_CHARDEV ":", sizeof(OWN_CHARDEV)))
        return false;
    return sscanf(part, " Bus %u, device %u, function %u", &bus, &slot,
                  &function) != 3 ||
           bus || route_function(plan, group, slot << 3 | function);
}

/* Of a QEMU that has nothing of the kind. */
static bool is_none(const char *part)
{
    static const char none[] = "Error: USB support not enabled";

    return part && !strncmp(part, none, sizeof(none) - 1);
}

/* Unless one with the same beginning is there: every QEMU has the platform. */
static void add_part(json_t *into, const char *part, size_t length)
{
    size_t head = strcspn(part, "\n"), i;
    json_t *have;

    if (is_none(json_string_value(json_array_get(into, 0))))
        json_array_clear(into);
    if (json_array_size(into) >= PARTS_MAX ||
        (is_none(part) && json_array_size(into)))
        return;
    json_array_foreach(into, i, have)
    {
        if (!strncmp(json_string_value(have), part, head + 1))
            return;
    }
    json_array_append_new(into, json_stringn_nocheck(part, length));
}

/* A part begins at a line that is indented like the first one. */
static void add_text(const struct xldm_plan *plan, size_t group, json_t *into,
                     json_t *text)
{
    const char *p = json_string_value(text), *next;
    size_t indent = p ? strspn(p, " ") : 0;

    if (p && !*p) /* it has the kind, and none of it */
        add_part(into, p, 0);
    for (; p && *p; p = next) {
        next = p;
        do {
            next += strcspn(next, "\n");
            next += *next == '\n';
        } while (*next && (strspn(next, " ") != indent || *next == '\r' ||
                           *next == '\n'));
        if (is_shown(plan, group, p))
            add_part(into, p, (size_t)(next - p));
    }
}

static const struct route_rule lines[] = {
    ROUTE_TO_ALL("c", ROUTE_RUNS),
    ROUTE_TO_ALL("cont", ROUTE_RUNS),
    ROUTE_TO_ALL("stop", ROUTE_STANDS),

    ROUTE_MERGED("info block", add_text, ROUTE_TEXT),
    ROUTE_MERGED("info blockstats", add_text, ROUTE_TEXT),
    ROUTE_MERGED("info chardev", add_text, ROUTE_TEXT),
    ROUTE_MERGED("info network", add_text, ROUTE_TEXT),
    ROUTE_MERGED("info pci", add_text, ROUTE_SORTED_TEXT),
    ROUTE_MERGED("info usb", add_text, ROUTE_TEXT),

    { .command = "info mice", .route = ROUTE_UI },
    { .command = "info spice", .route = ROUTE_UI },
    { .command = "info vnc", .route = ROUTE_UI },
    { .command = "mouse_button", .route = ROUTE_UI },
    { .command = "mouse_move", .route = ROUTE_UI },
    { .command = "screendump", .route = ROUTE_UI },
    { .command = "sendkey", .route = ROUTE_UI },

    { .command = "q", .route = ROUTE_QUIT },
    { .command = "quit", .route = ROUTE_QUIT },
    { .command = "migrate", .route = ROUTE_REFUSE },
    { .command = "savevm", .route = ROUTE_REFUSE },
};

static const struct route_rule by_device = { .command = "",
                                             .route = ROUTE_DEVICE };

/* The line's first words, with one blank between them, are the rule's? */
static bool begins(const char *line, const char *command)
{
    size_t n = strlen(command);

    line += strspn(line, " ");
    return !strncmp(line, command, n) && strchr(" ", line[n]);
}

const struct route_rule *route_line(const char *line, char *device, size_t size)
{
    size_t i, n;

    *device = '\0';
    for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        if (begins(line, lines[i].command))
            return &lines[i];
    line += strspn(line, " ");
    do { /* past the command, and flags */
        line += strcspn(line, " ");
        line += strspn(line, " ");
    } while (*line == '-');
    n = strcspn(line, " ");
    if (n < size) {
        memcpy(device, line, n);
        device[n] = '\0';
    }
    return &by_device;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: bytes from a QMP client.  The first byte is the size of
 * the pieces; however the stream is cut, the same messages must come out.
 * Each also goes through the router's table.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "run/route.h"
#include "run/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void route(json_t *message)
{
    static const char *const argv[] = { "qemu", "-device", "e1000,id=nic0" };
    struct xldm_plan plan = { .ngroups = 2 };
    const char *name = json_string_value(json_object_get(message, "execute"));
    const struct route_rule *rule = name ? route_find(name) : NULL;
    struct plugged *plugged = calloc(1, sizeof(*plugged) + 5);
    struct route_names names = { &plan, plugged };
    const char *id = json_string_value(json_object_get(message, "id"));
    json_t *into = json_array(), *text = json_array();
    char device[16];

    strcpy(plugged->id, "usb0");
    plan.groups[0].name = "primary";
    plan.groups[1].name = "net";
    plan.groups[1].argv.v = (const char **)(uintptr_t)argv;
    plan.groups[1].argv.n = 3;
    if (rule)
        route_groups(&names, rule->route,
                     json_object_get(message, "arguments"));
    if (id)
        route_started(&plan.groups[1], id);
    if (id)
        route_line(id, device, sizeof(device));
    route_line("info pci", device, sizeof(device))
        ->add(&plan, 1, text, json_object_get(message, "id"));
    route_plug(&plan, json_object_get(message, "arguments"));
    route_slot(json_object_get(message, "arguments"));
    if (rule && rule->add)
        rule->add(&plan, 1, into, json_object_get(message, "arguments"));
    json_decref(into);
    json_decref(text);
    free(plugged);
}

/* A hash of the results, and of the messages. */
static size_t scan(const uint8_t *data, size_t size, size_t piece, bool routes)
{
    struct scan s = { 0 };
    size_t at = 0, taken, n, sum = 0;
    enum scan_result result = SCAN_MORE;
    json_t *message;
    char *text;

    while (at < size && result != SCAN_TOO_BIG) {
        n = size - at < piece ? size - at : piece;
        message = NULL;
        result = scan_bytes(&s, (const char *)data + at, n, &taken, &message);
        if (!taken || taken > n)
            abort();
        at += taken;
        if (result != SCAN_MORE)
            sum = sum * 31 + (size_t)result;
        if (result == SCAN_MESSAGE) {
            text = json_dumps(message, JSON_COMPACT | JSON_ENCODE_ANY);
            sum = sum * 31 + (text ? strlen(text) : 0);
            free(text);
            if (routes)
                route(message);
            json_decref(message);
        }
    }
    scan_dispose(&s);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (scan(data + 1, size - 1, size, true) !=
        scan(data + 1, size - 1, (size_t)data[0] % 16 + 1, false))
        abort();
    return 0;
}

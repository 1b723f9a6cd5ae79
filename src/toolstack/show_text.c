/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of a domain, for people. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include "toolstack/show.h"

#define WIDTH 78

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text ? text : "-";
}

/* Guests and broken QEMUs decide what stands in some of it. */
static void print_plain(const char *text, FILE *out)
{
    for (; *text; text++)
        putc(iscntrl((unsigned char)*text) ? '?' : *text, out);
}

/* "1:02:03" */
static const char *clock_text(const json_t *o, const char *key, char buf[32])
{
    const json_t *value = json_object_get(o, key);
    long long s = (long long)json_number_value(value);

    if (!json_is_number(value))
        return "-";
    snprintf(buf, 32, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    return buf;
}

static const char *number_text(const json_t *o, const char *key, double unit,
                               const char *format, char buf[32])
{
    const json_t *value = json_object_get(o, key);

    if (!json_is_number(value))
        return "-";
    snprintf(buf, 32, "%.*f%s", unit > 1 ? 1 : 0,
             json_number_value(value) / unit, format);
    return buf;
}

/* ---------------------------------------------------------- table ---- */

static void print_row(const json_t *o, const char *name, const char *state,
                      FILE *out)
{
    char pid[32], server[32], up[32], cpu[32], pss[32];

    fprintf(out, "%-20s %8s %-9s %6s %9s %9s %10s\n", name,
            number_text(o, "pid", 1, "", pid), state,
            number_text(o, "server", 1, "", server),
            clock_text(o, "uptime-seconds", up),
            clock_text(o, "cpu-seconds", cpu),
            number_text(o, "pss-kib", 1024, " MiB", pss));
}

static void print_table(const json_t *state, FILE *out)
{
    const json_t *group;
    size_t i;

    fprintf(out, "%-20s %8s %-9s %6s %9s %9s %10s\n", "Group", "Pid", "State",
            "Server", "Up", "CPU", "PSS");
    json_array_foreach(json_object_get(state, "groups"), i, group)
        print_row(group, text_of(group, "name"), text_of(group, "state"), out);
    if (json_object_get(state, "pid"))
        print_row(state, "(xldm-dm)", "running", out);
}

/* -------------------------------------------------------- details ---- */

static void print_list(const char *name, const json_t *list, FILE *out)
{
    const json_t *entry;
    int column = 0;
    char buf[64];
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const char *first = json_string_value(json_array_get(entry, 0));
        const char *last = json_string_value(json_array_get(entry, 1));

        if (!json_is_array(entry))
            snprintf(buf, sizeof(buf), "%s",
                     json_is_string(entry) ? json_string_value(entry) : "?");
        else if (first && last && strcmp(first, last))
            snprintf(buf, sizeof(buf), "%s-%s", first, last);
        else
            snprintf(buf, sizeof(buf), "%s", first ? first : "?");
        if (!column || column + strlen(buf) + 1 > WIDTH)
            column = fprintf(out, "%s  %-10s", column ? "\n" : "", name);
        column += fprintf(out, " %s", buf);
        name = "";
    }
    if (column)
        putc('\n', out);
}

static void print_devices(const json_t *group, FILE *out)
{
    const json_t *dev;
    size_t i;

    json_array_foreach(json_object_get(group, "devices"), i, dev)
    {
        fprintf(out, "  %-10s %-16s %s", text_of(dev, "kind"),
                text_of(dev, "id"), text_of(dev, "pci"));
        if (json_object_get(dev, "pv"))
            fprintf(out, " (PV half: %s)", text_of(dev, "pv"));
        putc('\n', out);
    }
}

static void print_events(const json_t *group, FILE *out)
{
    const json_t *event;
    size_t i;

    json_array_foreach(json_object_get(group, "events"), i, event)
    {
        time_t when =
            (time_t)json_integer_value(json_object_get(event, "time"));
        char text[32] = "?";
        struct tm tm;

        if (localtime_r(&when, &tm))
            strftime(text, sizeof(text), "%F %T", &tm);
        fprintf(out, "  %-10s %s %s: ", i ? "" : "events", text,
                text_of(event, "severity"));
        print_plain(text_of(event, "text"), out);
        putc('\n', out);
    }
}

static void print_text(const json_t *o, const char *key, FILE *out)
{
    if (!json_object_get(o, key))
        return;
    fprintf(out, "  %-10s ", key);
    print_plain(text_of(o, key), out);
    putc('\n', out);
}

static void print_group(const json_t *group, FILE *out)
{
    static const char *const lists[] = { "plugged", "unplugged", "ports",
                                         "memory", "pci" };
    const json_t *window = json_object_get(group, "memory-window");
    const char *first = json_string_value(json_array_get(window, 0));
    const char *last = json_string_value(json_array_get(window, 1));
    json_int_t restarts =
        json_integer_value(json_object_get(group, "restarts"));

    fprintf(out, "\n%s%s\n", text_of(group, "name"),
            json_is_true(json_object_get(group, "restricted")) ? "  restricted"
                                                               : "");
    print_devices(group, out);
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        print_list(lists[i], json_object_get(group, lists[i]), out);
    if (first && last)
        fprintf(out, "  %-10s %s-%s, VRAM and option ROMs\n", "window", first,
                last);
    print_text(group, "emulator", out);
    print_text(group, "on-crash", out);
    if (restarts)
        fprintf(out, "  %-10s %" JSON_INTEGER_FORMAT "\n", "restarts",
                restarts);
    print_text(group, "log", out);
    print_events(group, out);
}

void xldm__show_text(const json_t *state, FILE *out)
{
    const json_t *groups = json_object_get(state, "groups"), *group;
    size_t i, n = json_array_size(groups);

    fprintf(out, "%s is domain %" JSON_INTEGER_FORMAT ": %zu QEMU%s\n",
            text_of(state, "domain"),
            json_integer_value(json_object_get(state, "domid")), n,
            n == 1 ? "" : "s");
    if (!n)
        return;
    print_table(state, out);
    json_array_foreach(groups, i, group) print_group(group, out);
    if (json_object_get(state, "broker")) {
        fprintf(out, "\nbroker of xldm-dm, to all groups\n");
        print_list("ports",
                   json_object_get(json_object_get(state, "broker"), "ports"),
                   out);
    }
}

bool xldm__state_print(struct xldm_ctx *ctx, const json_t *state,
                       enum xldm_format format,
                       void (*text)(const json_t *, FILE *), FILE *out)
{
    bool ok = state != NULL;

    if (!ok)
        return xldm__oom(ctx);
    if (format == XLDM_FORMAT_JSON)
        ok =
            !json_dumpf(state, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) &&
            putc('\n', out) != EOF;
    else
        text(state, out);
    return (ok && fflush(out) == 0 && !ferror(out)) ||
           xldm__error(ctx, XLDM__NONE, "cannot write: %s", strerror(errno));
}

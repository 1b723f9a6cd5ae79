/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan, printed for people (text), programs (json) and diff (argv). */
#include <string.h>
#include "dm/json.h"

static const char *const space_names[] = { "ports", "memory", "pci" };

/* ------------------------------------------------------------- json ---- */

static json_t *json_group(const struct xldm_plan *plan,
                          const struct xldm__group *g)
{
    json_t *argv = json_array(), *o;

    for (size_t i = 0; i < g->argv.n; i++)
        json_array_append_new(argv, xldm__json_text(g->argv.v[i]));
    o = json_pack("{ss sb so}", "name", g->name, "primary", g->primary,
                  "argv", argv);
    if (o)
        xldm__json_group(o, plan, g);
    return o;
}

static bool print_json(const struct xldm_plan *plan, FILE *out)
{
    json_t *groups = json_array(), *root;
    bool ok;

    for (size_t i = 0; i < plan->ngroups; i++)
        json_array_append_new(groups, json_group(plan, &plan->groups[i]));
    root = json_pack("{si so so}", "version", 1, "domain",
                     xldm__json_text(plan->domain), "groups", groups);
    if (root && plan->broadcast.n)
        json_object_set_new(root, "broker",
                            json_pack("{so}", "ports",
                                      xldm__json_ranges(&plan->broadcast,
                                                  XLDM_PORT)));
    ok = root && !json_dumpf(root, out, JSON_INDENT(2)) &&
         putc('\n', out) != EOF;
    json_decref(root);
    return ok;
}

/* ------------------------------------------------------------- text ---- */

static void print_ranges(const struct xldm__ranges *set, enum xldm_space space,
                         FILE *out)
{
    const char *name = space_names[space];
    int column = 0;
    char buf[40];

    for (size_t i = 0; i < set->n; i++) {
        const struct xldm_range *r = &set->v[i];

        if (r->space != space)
            continue;
        if (space == XLDM_PCI)
            xldm__bdf(buf, (unsigned)r->first);
        else if (r->first == r->last)
            snprintf(buf, sizeof(buf), "%llx", (unsigned long long)r->first);
        else
            snprintf(buf, sizeof(buf), "%llx-%llx",
                     (unsigned long long)r->first,
                     (unsigned long long)r->last);
        if (!column || column + strlen(buf) + 1 > 78)
            column = fprintf(out, "%s  %-8s", column ? "\n" : "", name);
        column += fprintf(out, " %s", buf);
        name = "";
    }
    if (column)
        putc('\n', out);
}

static void print_device(const struct xldm__planned *d, FILE *out)
{
    char buf[16];

    fprintf(out, "  %-8s %-12s %s", d->class->kind, d->id,
            d->devfn >= 0 ? xldm__bdf(buf, (unsigned)d->devfn) : "-");
    if (d->loc.line)
        fprintf(out, "%*sline %d", d->devfn >= 0 ? 2 : 13, "", d->loc.line);
    if (d->pv)
        fprintf(out, " (PV half: %s)", d->pv);
    putc('\n', out);
}

static void print_text(const struct xldm_plan *plan, FILE *out)
{
    fprintf(out, "%s: %zu group%s\n", plan->domain, plan->ngroups,
            plan->ngroups == 1 ? "" : "s");
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];

        fprintf(out, "\n%s%s\n", g->name, g->restricted ? "  restricted" : "");
        for (size_t d = 0; d < plan->ndevices; d++)
            if (plan->devices[d].group == g)
                print_device(&plan->devices[d], out);
        for (int s = XLDM_PORT; s <= XLDM_PCI; s++)
            print_ranges(&g->claims, s, out);
        if (g->ram_size)
            fprintf(out, "  %-8s %llx-%llx, VRAM and option ROMs\n", "window",
                    (unsigned long long)g->ram_first,
                    (unsigned long long)(g->ram_first + g->ram_size - 1));
        fprintf(out, "  %-8s %s\n", "emulator", g->emulator);
    }
    if (plan->broadcast.n) {
        fprintf(out, "\nbroker of xldm-dm, to all groups\n");
        print_ranges(&plan->broadcast, XLDM_PORT, out);
    }
}

static void print_argv(const struct xldm_plan *plan, FILE *out)
{
    for (size_t i = 0; i < plan->ngroups; i++) {
        fprintf(out, "[%s]\n", plan->groups[i].name);
        for (size_t k = 0; k < plan->groups[i].argv.n; k++)
            fprintf(out, "%s\n", plan->groups[i].argv.v[k]);
    }
}

bool xldm_plan_print(const struct xldm_plan *plan, enum xldm_format format,
                     FILE *out)
{
    if (format == XLDM_FORMAT_JSON) {
        if (!print_json(plan, out))
            return false;
    } else if (format == XLDM_FORMAT_ARGV) {
        print_argv(plan, out);
    } else {
        print_text(plan, out);
    }
    return fflush(out) == 0 && !ferror(out);
}

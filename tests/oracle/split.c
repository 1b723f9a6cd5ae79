/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits a command line in a random way, and checks what every plan keeps. */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

void finding(struct findings *f, const char *fmt, ...)
{
    va_list ap;

    f->n++;
    va_start(ap, fmt);
    fprintf(f->out, "split: ");
    vfprintf(f->out, fmt, ap);
    fputc('\n', f->out);
    va_end(ap);
}

/* ---- the whole plan as text, to compare two ---- */

/* Of the primary's own, a map says nothing. */
static bool only_wished(const struct xldm__planned *d)
{
    char controller[64];

    return d->group->primary && d->class->later &&
           d->class->later(d->id, controller, sizeof(controller));
}

static void print_devices(FILE *out, const struct xldm_plan *plan,
                          const struct xldm__class *class)
{
    for (size_t i = 0; i < plan->ndevices; i++) {
        const struct xldm__planned *d = &plan->devices[i];

        if (d->class == class && !only_wished(d))
            fprintf(out, "device %s %s on %s in %s at %d%s pv %s\n",
                    d->class->kind, d->id,
                    d->controller ? d->controller : "-", d->group->name,
                    d->devfn, d->pinned ? " pinned" : "",
                    d->pv ? d->pv : "-");
    }
}

static void print_plan(FILE *out, const struct xldm_plan *plan)
{
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];

        fprintf(
            out, "[%s] primary %d restricted %d crash %d %s ram %llx+%llx\n",
            g->name, g->primary, g->restricted, g->on_crash, g->emulator,
            (unsigned long long)g->ram_first, (unsigned long long)g->ram_size);
        for (size_t j = 0; j < g->argv.n; j++)
            fprintf(out, "%s\n", g->argv.v[j]);
        for (size_t j = 0; j < g->claims.n; j++)
            fprintf(out, "%d %llx-%llx\n", g->claims.v[j].space,
                    (unsigned long long)g->claims.v[j].first,
                    (unsigned long long)g->claims.v[j].last);
    }
    for (size_t k = 0; xldm__classes[k]; k++)
        print_devices(out, plan, xldm__classes[k]);
    for (size_t i = 0; i < plan->nlinks; i++)
        fprintf(out, "link %s\n", plan->links[i]);
}

static char *plan_text(const struct xldm_plan *plan)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    print_plan(out, plan);
    fclose(out);
    return text;
}

/* Every run of commas becomes one: libxl does not double them in values. */
static void squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != ',' || from[1] != ',')
            *to++ = *from;
    }
    *to = '\0';
}

static void check_equal(const struct xldm_plan *a, const struct xldm_plan *b,
                        const char *what, struct findings *f)
{
    char *x = plan_text(a), *y = plan_text(b);

    if (x)
        squeeze(x);
    if (y)
        squeeze(y);
    if (!x || !y || strcmp(x, y))
        finding(f, "%s\n--- one\n%s--- other\n%s", what, x ? x : "",
                y ? y : "");
    free(x);
    free(y);
}

/* ---- one split ---- */

static void check_order(const struct xldm_plan *plan, struct findings *f)
{
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];

        if (g->primary != !i || (!i && strcmp(g->name, "primary")) ||
            (i > 1 && strcmp(plan->groups[i - 1].name, g->name) >= 0))
            finding(f, "%s is in the wrong place", g->name);
        if (strcmp(g->argv.v[0], g->emulator))
            finding(f, "%s does not run its emulator", g->name);
    }
}

static void check_wishes(const struct xldm__split *in,
                         const struct xldm_plan *plan, struct findings *f)
{
    for (size_t i = 0; i < in->nwishes; i++) {
        const char *group = in->wishes[i].affinity->group;

        for (size_t d = 0; d < plan->ndevices; d++) {
            const struct xldm__planned *dev = &plan->devices[d];
            const char *want = strcmp(group, "own") ? group : dev->controller;

            /* USB that is redirected over SPICE sits with the display, and
             * so does the agent's card */
            if (want == dev->controller &&
                (!strcmp(want, "usb") || !strcmp(want, "virtio-serial0")) &&
                !strcmp(dev->group->name, "ui"))
                continue;
            if (!strcmp(dev->id, in->wishes[i].id) &&
                strcmp(dev->group->name, want))
                finding(f, "%s wants %s and is in %s", dev->id, want,
                        dev->group->name);
        }
    }
}

static void count_errors(void *arg, const struct xldm_diag *diag)
{
    if (diag->severity == XLDM_ERROR)
        ++*(unsigned *)arg;
}

static void check_round_trip(struct xldm_ctx *ctx, const char *const *theirs,
                             size_t argc, const struct xldm_plan *plan,
                             struct findings *f)
{
    struct xldm__arena arena = { 0 };
    struct xldm__split in = {
        .domain = "test", .emulator = theirs[0], .argv = theirs, .argc = argc
    };
    struct xldm__wish *wishes = NULL;
    struct xldm_plan *again = NULL;
    const char *map = xldm__map_write(&arena, plan);

    if (!map || !xldm__map_read(ctx, &arena, map, XLDM__MAP_OPTION,
                                XLDM__NONE, &wishes, &in.nwishes)) {
        finding(f, "the map is not read back: %s", map ? map : "(none)");
        goto out;
    }
    in.wishes = wishes;
    again = xldm__plan_split(ctx, &in);
    if (again)
        check_equal(plan, again, "the map makes another plan", f);
    else
        finding(f, "no plan from the map %s", map);
out:
    xldm_plan_free(again);
    xldm__arena_dispose(&arena);
}

static void check_plan(struct xldm_ctx *ctx, const struct xldm__split *in,
                       const struct xldm_plan *plan, struct findings *f)
{
    struct xldm__split whole = *in;
    struct xldm__wish ungrouped[MAX_WISHES];
    struct xldm_plan *unsplit, *again = xldm__plan_split(ctx, in);

    memcpy(ungrouped, in->wishes, in->nwishes * sizeof(*ungrouped));
    for (size_t i = 0; i < in->nwishes; i++)
        ungrouped[i].affinity = NULL;
    whole.wishes = ungrouped;
    whole.isolate = XLDM__ISOLATE_NONE;
    unsplit = xldm__plan_split(ctx, &whole);
    if (!again || !unsplit) {
        finding(f, "no second plan, or no unsplit one");
    } else {
        check_equal(plan, again, "two runs, two plans", f);
        check_order(plan, f);
        check_wishes(in, plan, f);
        check_claims(unsplit, plan, f);
        check_owners(plan, f);
        check_options(in, plan, f);
        check_memory(plan, f);
        check_links(plan, f);
    }
    xldm_plan_free(again);
    xldm_plan_free(unsplit);
}

void check_split(struct dice *dice, const libxl_domain_config *cfg,
                 char *const *theirs, const struct xldm__argv *ours,
                 struct findings *f, bool *split_out)
{
    static const enum xldm__isolate isolates[] = { XLDM__ISOLATE_NONE,
                                                   XLDM__ISOLATE_NONE,
                                                   XLDM__ISOLATE_CLASS,
                                                   XLDM__ISOLATE_CONTROLLER };
    struct wishes w = { 0 };
    unsigned errors = 0;
    struct xldm_ctx *ctx = xldm_ctx_new(count_errors, &errors);
    struct xldm__split in = { .domain = "test",
                              .emulator = ours->v[0],
                              .argv = ours->v,
                              .argc = ours->n,
                              .wishes = w.v };
    struct xldm_plan *plan;

    random_wishes(dice, cfg, &w);
    in.nwishes = w.n;
    in.isolate = isolates[dice_below(dice, 4)];
    plan = xldm__plan_split(ctx, &in);
    *split_out = plan && plan->ngroups > 1;
    if (!plan && !errors)
        finding(f, "no plan, and no error was reported");
    if (plan && errors)
        finding(f, "a plan, although %u errors were reported", errors);
    if (plan) {
        check_plan(ctx, &in, plan, f);
        check_round_trip(ctx, (const char *const *)theirs, argv_count(theirs),
                         plan, f);
    }
    xldm_plan_free(plan);
    xldm_ctx_free(ctx);
    xldm__arena_dispose(&w.arena);
}

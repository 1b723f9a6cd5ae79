/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splits a command line in a random way, and checks what every plan keeps. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "oracle.h"

#define MAX_WISHES 64

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

/* ---- wishes ---- */

struct wishes {
    struct xldm__arena arena;
    struct xldm__wish v[MAX_WISHES];
    xldm_dm_affinity affinities[MAX_WISHES];
    size_t n;
};

static const char *canonical_disk(struct xldm__arena *a, const char *vdev)
{
    char id[64];

    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *class = xldm__classes[i];

        if (!strcmp(class->kind, "disk") && class->canonical &&
            class->canonical(vdev, id, sizeof(id)))
            return xldm__strdup(a, id);
    }
    return vdev;
}

static void wish(struct wishes *w, const char *id, const char *group)
{
    xldm_dm_affinity *affinity = &w->affinities[w->n];

    if (w->n == MAX_WISHES || !id)
        return;
    affinity->group = (char *)group;
    w->v[w->n] = (struct xldm__wish){ .id = id, .affinity = affinity,
                                      .loc = { "random", (int)w->n + 1 } };
    w->n++;
}

/* One that no argument tells of, as a map's reader knows it. */
static void wish_later(struct wishes *w, const char *id, const char *group)
{
    char controller[64];

    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *class = xldm__classes[i];

        if (w->n == MAX_WISHES || !class->later ||
            !class->later(id, controller, sizeof(controller)))
            continue;
        wish(w, id, group);
        w->v[w->n - 1].class = class;
        w->v[w->n - 1].controller = xldm__strdup(&w->arena, controller);
    }
}

/* A group for each kind of device, now and then another for one device:
 * mostly what can be done, sometimes what cannot. */
static const char *group_of(struct dice *dice, const char *usual,
                            unsigned stray)
{
    static const char *const groups[] = { "primary", "own", "storage", "net",
                                          "ui",      "x",   "_.-",     "Z9" };

    if (dice_chance(dice, stray))
        return groups[dice_below(dice, 8)];
    return usual;
}

static bool isa_sound(const libxl_domain_config *cfg)
{
    const char *model = cfg->b_info.u.hvm.soundhw;

    return model && strcasecmp(model, "hda") && strcasecmp(model, "ac97") &&
           strcasecmp(model, "es1370");
}

static bool redirects(const libxl_domain_config *cfg)
{
    return cfg->b_info.u.hvm.spice.usbredirection > 0;
}

static void random_wishes(struct dice *dice, const libxl_domain_config *cfg,
                          struct wishes *w)
{
    static const char *const usual[] = { "primary", "a", "b", "own", "c" };
    const char *disks = usual[dice_below(dice, 5)],
               *scsi = usual[dice_below(dice, 5)],
               *ui = usual[dice_below(dice, 5)],
               *usb = redirects(cfg) ? ui : usual[dice_below(dice, 5)],
               *serial = usual[dice_below(dice, 5)];
    unsigned stray = dice_chance(dice, 50) ? 0 : 20;

#define MAYBE(id, group)                                                       \
    if (dice_chance(dice, 80))                                                 \
    wish(w, id, group_of(dice, group, stray))
    for (int i = 0; i < cfg->num_disks; i++) {
        const libxl_device_disk *disk = &cfg->disks[i];
        bool on_lsi = !disk->is_cdrom && !strncmp(disk->vdev, "sd", 2);
        bool on_ide =
            disk->is_cdrom && cfg->b_info.u.hvm.hdtype == LIBXL_HDTYPE_AHCI;

        MAYBE(canonical_disk(&w->arena, disk->vdev), on_lsi   ? scsi
                                                     : on_ide ? ui
                                                              : disks);
    }
    for (int i = 0; i < cfg->num_nics; i++) {
        const char *nic = usual[dice_below(dice, 5)];

        MAYBE(xldm__fmt(&w->arena, "nic%d", i), nic);
    }
    MAYBE("vnc", ui);
    MAYBE("sdl", ui);
    MAYBE("spice", ui);
    MAYBE("vga", ui);
    MAYBE("com.redhat.spice.0", ui);
    MAYBE("usb", usb);
    MAYBE("tablet", usb);
    MAYBE("usbrc1", usb);
    MAYBE("sound", usual[dice_below(dice, isa_sound(cfg) ? 1 : 5)]);
    if (dice_chance(dice, 30))
        wish_later(w, "ps2-mouse", ui);
    if (dice_chance(dice, 20))
        wish_later(w, "ide", disks);
    else if (dice_chance(dice, 20))
        wish_later(w, "lsi0", scsi);
    if (dice_chance(dice, 20))
        wish_later(w, "virtio-serial0", ui);
    if (dice_chance(dice, 30))
        wish_later(w, "usb0", usual[dice_below(dice, 5)]);
    if (dice_chance(dice, 30))
        wish_later(w, "0000:03:00.0", usual[dice_below(dice, 5)]);
    for (unsigned i = 0; i < 2; i++)
        MAYBE(xldm__fmt(&w->arena, "serial%u", i), serial);
#undef MAYBE
}

/* Slots for some: mostly free ones, now and then one that cannot be. */
static void random_pins(struct dice *dice, struct wishes *w)
{
    static const char *const on_pci[] = { "nic", "vga", "sound", "lsi0",
                                          "virtio-serial0" };
    unsigned wrong = dice_chance(dice, 20) ? 5 : 0, slot = 3;

    for (size_t i = 0; i < w->n; i++) {
        bool fits = dice_chance(dice, wrong);

        for (size_t k = 0; k < sizeof(on_pci) / sizeof(*on_pci); k++)
            fits |= !strncmp(w->v[i].id, on_pci[k], strlen(on_pci[k]));
        if (!fits || !dice_chance(dice, 60))
            continue;
        slot += dice_below(dice, 4);
        if (slot > 28)
            return;
        w->v[i].pin = (dice_chance(dice, wrong) ? dice_below(dice, 31) + 1
                                                : slot++) << 3;
        w->v[i].pin_loc = w->v[i].loc;
    }
}

/* Settings of a group, on any of its devices. */
static void random_settings(struct dice *dice, struct wishes *w)
{
    for (size_t i = 0; i < w->n && dice_chance(dice, 30); i++) {
        xldm_dm_affinity *affinity = &w->affinities[i];

        if (!strcmp(affinity->group, "primary"))
            continue;
        if (dice_chance(dice, 30))
            affinity->emulator = (char *)"/opt/a,b;c%d=e/qemu";
        if (dice_chance(dice, 30))
            affinity->on_crash = XLDM_ON_CRASH_RESTART;
        if (dice_chance(dice, 30))
            affinity->restrict_ = XLDM_RESTRICT_NO;
    }
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
    random_settings(dice, &w);
    if (dice_chance(dice, 40))
        random_pins(dice, &w);
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

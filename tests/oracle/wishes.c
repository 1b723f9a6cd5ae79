/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random wishes: which group, which settings, which PCI slot. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "oracle.h"

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

static void random_groups(struct dice *dice, const libxl_domain_config *cfg,
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

void random_wishes(struct dice *dice, const libxl_domain_config *cfg,
                   struct wishes *w)
{
    random_groups(dice, cfg, w);
    random_settings(dice, w);
    if (dice_chance(dice, 40))
        random_pins(dice, w);
}

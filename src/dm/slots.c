/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitter, still step 1: the PCI slot of each device, the one that was asked
 * for or the one that QEMU would give. */
#include <stdlib.h>
#include <string.h>
#include "dm/split.h"

#define SLOTS 32

int xldm__devfn_parse(const char *s)
{
    char *end;
    unsigned long slot = strtoul(s, &end, 16), fn = 0;

    if (end == s || slot >= SLOTS)
        return -1;
    if (*end == '.') {
        s = end + 1;
        fn = strtoul(s, &end, 16);
        if (end == s)
            return -1;
    }
    return *end || fn > 7 ? -1 : (int)(slot << 3 | fn);
}

/* What the command line itself says of an item's place. */
static bool read_place(struct work *w, struct work_item *item,
                       uint32_t *taken)
{
    char addr[16];

    if (item->part.devfn >= 0) {
        item->pinned = true;
        item->devfn = item->part.devfn;
        return true;
    }
    if (!item->part.pci ||
        !xldm__option_get(&item->option, "addr", addr, sizeof(addr)))
        return true;
    item->pinned = true;
    item->devfn = xldm__devfn_parse(addr);
    if (item->devfn < 0)
        return xldm__error(w->ctx, XLDM__NONE,
                           "-device %s: addr=%s is no PCI address; SLOT or "
                           "SLOT.FUNCTION in hexadecimal is accepted",
                           item->option.value, addr);
    *taken |= 1u << (item->devfn >> 3);
    return true;
}

/* Says who has a slot, and where that is written. */
static void note_owner(struct work *w, unsigned slot)
{
    for (size_t i = 0; i < w->nitems; i++) {
        const struct work_item *item = &w->items[i];
        size_t d = item->device;

        if (item->devfn < 0 || (unsigned)item->devfn >> 3 != slot)
            continue;
        for (size_t k = 0; d == NONE && k < w->plan->ndevices; k++)
            if (w->devices[k].controller == item->controller)
                d = k;
        if (d == NONE)
            xldm__note(w->ctx, XLDM__NONE, "PCI slot 0x%x is that of %s %s",
                       slot, item->option.name, item->option.value);
        else
            xldm__note(w->ctx, w->plan->devices[d].pinned
                                   ? w->devices[d].wish->pin_loc
                                   : w->plan->devices[d].loc,
                       "PCI slot 0x%x is that of '%s', which is here", slot,
                       w->plan->devices[d].id);
        return;
    }
}

/* ------------------------------------------------------------ pins ---- */

static bool is_controller(const struct work *w, size_t device)
{
    return !strcmp(w->plan->devices[device].id,
                   w->controllers[w->devices[device].controller].name);
}

/* The option that puts this device, or the controller that it is, on the PCI
 * bus; NULL if none does. */
static struct work_item *item_of(struct work *w, size_t device)
{
    for (size_t i = 0; i < w->nitems; i++) {
        struct work_item *item = &w->items[i];

        if (!item->part.pci && item->part.devfn < 0)
            continue;
        if (item->device == device ||
            (item->part.owner == XLDM__SHARED && is_controller(w, device) &&
             item->controller == w->devices[device].controller))
            return item;
    }
    return NULL;
}

/* What has its place by nature may be told to be there. */
static bool check_fixed(struct work *w, const struct xldm__wish *wish,
                        int devfn)
{
    if (devfn == (int)wish->pin)
        return true;
    if (devfn < 0)
        return xldm__error(w->ctx, wish->pin_loc,
                           "'%s' takes no PCI address: no argument of QEMU "
                           "gives it a slot of its own", wish->id);
    return xldm__error(w->ctx, wish->pin_loc,
                       "'%s' is at PCI slot 0x%x, function %d; it cannot be "
                       "at slot 0x%x, function %u", wish->id, devfn >> 3,
                       devfn & 7, wish->pin >> 3, wish->pin & 7);
}

static bool pin(struct work *w, size_t device, uint32_t machine,
                uint32_t *taken)
{
    const struct xldm__wish *wish = w->devices[device].wish;
    const struct work_controller *c =
        &w->controllers[w->devices[device].controller];
    struct work_item *item = item_of(w, device);
    unsigned slot = wish->pin >> 3;

    if (!item || item->pinned)
        return check_fixed(w, wish, item ? item->devfn
                                    : is_controller(w, device) ? c->devfn
                                                               : -1);
    if (wish->pin & 7)
        return xldm__error(w->ctx, wish->pin_loc,
                           "'%s' cannot be PCI function %u: each device has "
                           "a slot of its own, as function 0", wish->id,
                           wish->pin & 7);
    if (machine & 1u << slot)
        return xldm__error(w->ctx, wish->pin_loc,
                           "'%s' cannot be at PCI slot 0x%x, which is the "
                           "machine's own; 0x%x to 0x1f are accepted",
                           wish->id, slot, machine & 4 ? 3 : 2);
    if (*taken & 1u << slot) {
        xldm__error(w->ctx, wish->pin_loc,
                    "'%s' wants PCI slot 0x%x, which another device has",
                    wish->id, slot);
        note_owner(w, slot);
        return false;
    }
    *taken |= 1u << slot;
    item->devfn = (int)wish->pin;
    w->plan->devices[device].pinned = w->plan->pinned = true;
    return true;
}

static bool pin_all(struct work *w, uint32_t machine, uint32_t *taken)
{
    bool ok = true;

    for (size_t d = 0; d < w->plan->ndevices; d++) {
        const struct xldm__wish *wish = w->devices[d].wish;

        if (wish && wish->pin && !w->plan->devices[d].class->places)
            ok &= pin(w, d, machine, taken);
    }
    return ok;
}

/* A slot that is wanted for later must be free then. */
static bool check_later(struct work *w, uint32_t taken)
{
    bool ok = true;

    for (size_t i = 0; i < w->in->nwishes; i++) {
        const struct xldm__wish *wish = &w->in->wishes[i];
        unsigned slot = wish->pin >> 3;

        if (!wish->pin || !wish->class || !wish->class->places)
            continue;
        if (taken & 1u << slot) {
            ok = xldm__error(w->ctx, wish->pin_loc,
                             "'%s' wants PCI slot 0x%x, which another device "
                             "of the domain has",
                             wish->id, slot);
            note_owner(w, slot);
        }
        for (size_t k = 0; k < i; k++) {
            const struct xldm__wish *other = &w->in->wishes[k];

            if (!other->class || !other->class->places ||
                wish->pin != other->pin)
                continue;
            ok = xldm__error(w->ctx, wish->pin_loc,
                             "'%s' wants PCI slot 0x%x, function %u, and so "
                             "does '%s'",
                             wish->id, slot, wish->pin & 7, other->id);
            xldm__note(w->ctx, other->pin_loc, "'%s' is here", other->id);
        }
    }
    return ok;
}

/* ------------------------------------------------------- the others ---- */

/* QEMU gives the first free slot, in the order of the options. */
static bool place(struct work *w, struct work_item *item, uint32_t machine,
                  uint32_t *taken)
{
    unsigned slot = 0;

    if (!item->part.pci || item->devfn >= 0)
        return true;
    while (slot < SLOTS && *taken & 1u << slot)
        slot++;
    if (slot == SLOTS)
        return xldm__error(w->ctx,
                           item->device == NONE
                               ? XLDM__NONE
                               : w->plan->devices[item->device].loc,
                           "-device %s: all %d PCI slots are taken, %d of "
                           "them by the machine itself",
                           item->option.value, SLOTS,
                           __builtin_popcount(machine));
    *taken |= 1u << slot;
    item->devfn = (int)(slot << 3);
    return true;
}

/* Whose slot it is: a device's, or a controller's, whose devices are where it
 * is. */
static void tell_owner(struct work *w, const struct work_item *item)
{
    struct work_controller *c;

    if (item->devfn < 0 || item->controller == NONE)
        return;
    if (item->device != NONE && !item->pinned)
        w->plan->devices[item->device].movable = true;
    c = &w->controllers[item->controller];
    if (item->part.owner != XLDM__SHARED || c->devfn >= 0)
        return;
    c->devfn = item->devfn;
    if (c->row && c->row->type && !item->pinned)
        w->plan->places[w->plan->nplaces++] =
            (struct xldm__place){ c->row, c->devfn };
}

bool xldm__split_slots(struct work *w)
{
    uint32_t machine = 0, taken = 0;
    bool ok = true;

    w->plan->places = xldm__alloc(&w->plan->arena, (w->ncontrollers + 1) *
                                                       sizeof(*w->plan->places));
    if (!w->plan->places)
        return xldm__oom(w->ctx);
    for (size_t i = 0; i < w->nitems; i++) {
        machine |= w->items[i].part.slots;
        ok &= read_place(w, &w->items[i], &taken);
    }
    taken |= machine;
    ok &= pin_all(w, machine, &taken);
    for (size_t i = 0; i < w->nitems; i++) {
        ok &= place(w, &w->items[i], machine, &taken);
        tell_owner(w, &w->items[i]);
    }
    return ok && check_later(w, taken);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest as an OS that hears of hotplug: ACPI's registers as Xen's
 * DSDT has them, and the medium of the first CD-ROM. */
#include "guest.h"

enum { UP = 0xae00, DOWN = 0xae04, EJECT = 0xae08 };
enum { GPE_STATUS = 0xafe0, GPE_ENABLE = 0xafe2, GPE_PCI = 2 };
enum { PIC2 = 0xa0, READ_REQUESTS = 0x0a, SCI = 1 << (9 - 8) };

static uint32_t last_id; /* of a slot that changed */

static void say_slots(uint32_t slots)
{
    uint32_t slot;

    for (slot = 0; slot < 32; slot++)
        if (slots >> slot & 1) {
            last_id = pci_id((uint8_t)slot);
            say("SLOT %02x %08x", slot, last_id);
        }
}

/* An interrupt that is asked for, though the PIC lets none through. */
static bool sci_is_up(void)
{
    outb(PIC2, READ_REQUESTS);
    return inb(PIC2) & SCI;
}

static void hear(void)
{
    static uint32_t seen;
    uint32_t up = inl(UP), down = inl(DOWN), fresh = up & ~seen;
    bool sci = sci_is_up();

    outb(GPE_STATUS, GPE_PCI);
    say("HOTPLUG up %08x down %08x sci %u after %u", fresh, down, sci,
        sci_is_up());
    seen = up;
    if (fresh) {
        pci_scan();
        say_slots(fresh);
    }
    if (down) {
        outl(EJECT, down);
        seen &= ~down;
        say("EJECTED");
        say_slots(down);
    }
}

void hotplug_tick(uint32_t number)
{
    static uint32_t medium = 1;
    uint32_t now = cd_cksum();

    if (number == 1) {
        outb(GPE_ENABLE, GPE_PCI);
        say("ENABLED %02x", inb(GPE_ENABLE));
    }
    if (now != medium)
        say("MEDIUM %08x", now);
    medium = now;
    if (inb(GPE_STATUS) & GPE_PCI)
        hear();
}

void heard(uint32_t id)
{
    uint32_t number = 0;

    while (last_id != id) {
        hotplug_tick(++number);
        nap(500);
    }
}

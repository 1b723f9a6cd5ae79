/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an ioreq asks, whose it is, and how a QEMU's monitor says it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/access.h"

static char size_letter(uint32_t size)
{
    return size == 1 ? 'b' : size == 2 ? 'h' : size == 4 ? 'w' : '\0';
}

/*
 * Where a device comes or goes, the QEMU that has it sets a bit in its own copy
 * of these, and raises the interrupt.  QEMU's hw/acpi/pcihp.c and core.c; bits
 * of RMV stand for a slot that may be emptied, also where nothing is in it.
 */
static const struct window {
    uint64_t first, last;
    bool all; /* of them must agree; else one bit is enough */
    bool sci; /* a write may raise or lower the interrupt */
} windows[] = {
    { 0xae00, 0xae0b, false, false }, /* PCI hotplug: UP, DOWN, EJ */
    { 0xae0c, 0xae0f, true, false },  /* RMV */
    { 0xae10, 0xae17, false, false },
    { GPE0, GPE0 + 3, false, true }, /* status, enable */
};

static const struct window *window_of(const ioreq_t *r)
{
    const struct window *w = windows, *end = w + sizeof(windows) / sizeof(*w);

    while (w < end && (r->addr < w->first || r->addr > w->last))
        w++;
    return w < end ? w : NULL;
}

enum access_act access_decide(const ioreq_t *r)
{
    if (r->type == IOREQ_TYPE_INVALIDATE || r->type == IOREQ_TYPE_TIMEOFFSET)
        return ACCESS_DONE;
    if (r->type == IOREQ_TYPE_PIO && size_letter(r->size) && r->addr <= 0xffff)
        return window_of(r) ? ACCESS_ALL : ACCESS_PRIMARY;
    return ACCESS_NOBODY;
}

uint32_t access_nobody(const ioreq_t *r)
{
    const struct window *w = window_of(r);

    return !w || w->all ? ~0u : 0;
}

void access_merge(const ioreq_t *r, uint32_t answer, uint32_t *value)
{
    if (access_nobody(r))
        *value &= answer;
    else
        *value |= answer;
}

bool access_sci(const ioreq_t *r)
{
    const struct window *w = window_of(r);

    return r->dir == IOREQ_WRITE && w && w->sci;
}

bool access_sci_pending(uint32_t gpe)
{
    return gpe & gpe >> 16 & 0xffff;
}

void access_enable(const ioreq_t *r, uint32_t value, uint8_t *enabled)
{
    uint64_t i, at;

    for (i = 0; r->dir == IOREQ_WRITE && i < GPE0_ENABLE_SIZE; i++) {
        at = GPE0_ENABLE + i - r->addr; /* wraps if below */
        if (at < r->size)
            enabled[i] = (uint8_t)(value >> 8 * at);
    }
}

void access_enable_command(const uint8_t *enabled, char *line, size_t size)
{
    snprintf(line, size, "o /h %#x %#x", GPE0_ENABLE,
             enabled[0] | enabled[1] << 8);
}

/* As QEMU's hw/i386/xen/xen_platform.c, which takes the BAR byte by byte. */
static const struct {
    uint64_t offset;
    uint8_t value;
    uint16_t unplug;
} old_unplugs[] = {
    { 4, 1, 1 | 2 },
    { 8, 1, 1 },
    { 8, 2, 2 },
};

uint16_t access_unplug(const ioreq_t *r, uint32_t value, uint64_t bar)
{
    uint16_t unplug = 0;
    uint64_t at;
    size_t i;

    if (r->dir != IOREQ_WRITE)
        return 0;
    /* Of another size it is the drivers' version, or the lock of the ROMs. */
    if (r->addr == UNPLUG_PORT)
        return r->size == 2 ? (uint16_t)value : 0;
    for (i = 0; bar && i < sizeof(old_unplugs) / sizeof(*old_unplugs); i++) {
        at = bar + old_unplugs[i].offset - r->addr; /* wraps if below */
        if (at < r->size && (uint8_t)(value >> 8 * at) == old_unplugs[i].value)
            unplug |= old_unplugs[i].unplug;
    }
    return unplug;
}

uint32_t access_count(const ioreq_t *r)
{
    return r->data_is_ptr ? r->count : 1;
}

uint64_t access_address(const ioreq_t *r, uint32_t i)
{
    uint64_t offset = (uint64_t)i * r->size;

    return r->df ? r->data - offset : r->data + offset;
}

void access_command(const ioreq_t *r, uint32_t value, char *line, size_t size)
{
    if (r->dir == IOREQ_READ)
        snprintf(line, size, "i /%c %#" PRIx64, size_letter(r->size), r->addr);
    else
        snprintf(line, size, "o /%c %#" PRIx64 " %#" PRIx32,
                 size_letter(r->size), r->addr,
                 value & (0xffffffffu >> (32 - 8 * r->size)));
}

void access_unplug_command(uint16_t unplug, char *line, size_t size)
{
    snprintf(line, size, "o /h %#x %#x", UNPLUG_PORT, unplug);
}

bool access_answer(const char *text, uint32_t *value)
{
    const char *p = strstr(text, "] = 0x");
    char *end;

    if (strncmp(text, "port", 4) || !p)
        return false;
    p += strlen("] = ");
    *value = (uint32_t)strtoul(p, &end, 16);
    return end > p + 2;
}

void access_drain(volatile buffered_iopage_t *page)
{
    page->read_pointer = page->write_pointer;
}

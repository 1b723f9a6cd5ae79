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

enum access_act access_decide(const ioreq_t *r)
{
    if (r->type == IOREQ_TYPE_INVALIDATE || r->type == IOREQ_TYPE_TIMEOFFSET)
        return ACCESS_DONE;
    if (r->type == IOREQ_TYPE_PIO && size_letter(r->size) && r->addr <= 0xffff)
        return ACCESS_PRIMARY;
    return ACCESS_NOBODY;
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

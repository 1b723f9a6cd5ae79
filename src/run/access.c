/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an ioreq asks, whose it is, and how a QEMU's monitor says it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/access.h"

/* First match counts; 0: any. */
static const struct {
    uint8_t type;
    uint8_t dir;
    uint16_t port; /* 0: any */
    uint8_t size;  /* 0: any */
    enum access_act act;
} table[] = {
    { IOREQ_TYPE_INVALIDATE, IOREQ_WRITE, 0, 0, ACCESS_DONE },
    { IOREQ_TYPE_TIMEOFFSET, IOREQ_WRITE, 0, 0, ACCESS_DONE },
    /* Of another size the same port is the drivers' version, or the lock of
     * the ROM area: see QEMU's hw/i386/xen/xen_platform.c. */
    { IOREQ_TYPE_PIO, IOREQ_WRITE, UNPLUG_PORT, 2, ACCESS_ALL },
    { IOREQ_TYPE_PIO, IOREQ_WRITE, 0, 0, ACCESS_PRIMARY },
    { IOREQ_TYPE_PIO, IOREQ_READ, 0, 0, ACCESS_PRIMARY },
};

static char size_letter(uint32_t size)
{
    return size == 1 ? 'b' : size == 2 ? 'h' : size == 4 ? 'w' : '\0';
}

enum access_act access_decide(const ioreq_t *r)
{
    size_t i;

    if (r->type == IOREQ_TYPE_PIO &&
        (!size_letter(r->size) || r->addr > 0xffff))
        return ACCESS_NOBODY;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].type == r->type && table[i].dir == r->dir &&
            (!table[i].port || table[i].port == r->addr) &&
            (!table[i].size || table[i].size == r->size))
            return table[i].act;
    return ACCESS_NOBODY;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's PCI bus: finds every function and places its BARs. */
#include "guest.h"

/* Where hvmloader places BARs too; above are Xen's own pages. */
#define MEMORY_FIRST 0xf0000000u
#define MEMORY_END 0xfc000000u
#define PORT_FIRST 0xc000u
#define PORT_END 0x10000u

enum { PCI_ID = 0, PCI_COMMAND = 4, PCI_CLASS = 8, PCI_HEADER = 12 };
enum { PCI_BAR = 0x10, PCI_SUBSYSTEM = 0x2c, PCI_ROM = 0x30 };

struct pci_function pci_functions[64];
unsigned int pci_count;
static uint32_t next_memory, next_port;

static void address(const struct pci_function *f, uint32_t reg)
{
    outl(0xcf8, 0x80000000u | (uint32_t)f->device << 11 |
                    (uint32_t)f->function << 8 | reg);
}

static uint32_t config_read(const struct pci_function *f, uint32_t reg)
{
    address(f, reg);
    return inl(0xcfc);
}

static void config_write(const struct pci_function *f, uint32_t reg,
                         uint32_t value)
{
    address(f, reg);
    outl(0xcfc, value);
}

/* The next free place of this size, or 0. */
static uint32_t place(uint32_t *next, uint32_t end, uint32_t size)
{
    uint32_t start = (*next + size - 1) & ~(size - 1);

    if (start < *next || start + size > end || start + size < start)
        return 0;
    *next = start + size;
    return start;
}

/* Sizes and places BAR n; returns how many of the registers it takes. */
static int place_bar(struct pci_function *f, int n)
{
    uint32_t reg = PCI_BAR + 4 * (uint32_t)n, bits;
    bool wide;

    config_write(f, reg, 0xffffffff);
    bits = config_read(f, reg);
    if (bits == 0 || bits == 0xffffffff)
        return 1;
    f->bar_is_port[n] = bits & 1;
    if (f->bar_is_port[n]) {
        f->bar_size[n] = (~(bits & ~3u) & 0xffff) + 1;
        f->bar[n] = place(&next_port, PORT_END, f->bar_size[n]);
    } else {
        f->bar_size[n] = ~(bits & ~15u) + 1;
        f->bar[n] = place(&next_memory, MEMORY_END, f->bar_size[n]);
    }
    wide = (bits & 7) == 4;
    config_write(f, reg, f->bar[n]);
    if (wide)
        config_write(f, reg + 4, 0);
    return wide ? 2 : 1;
}

static void place_rom(struct pci_function *f)
{
    uint32_t bits;

    config_write(f, PCI_ROM, 0xfffff800);
    bits = config_read(f, PCI_ROM) & 0xfffff800;
    if (bits == 0 || bits == 0xfffff800)
        return;
    f->rom_size = ~bits + 1;
    f->rom = place(&next_memory, MEMORY_END, f->rom_size);
    config_write(f, PCI_ROM, f->rom | 1);
}

static void setup(struct pci_function *f)
{
    int bars = PCI_BARS, n;

    f->class = config_read(f, PCI_CLASS) >> 8;
    f->header = (uint8_t)(config_read(f, PCI_HEADER) >> 16);
    f->subsystem = config_read(f, PCI_SUBSYSTEM);
    if (f->header & 0x7f)
        bars = 2;
    config_write(f, PCI_COMMAND, 0);
    for (n = 0; n < bars;)
        n += place_bar(f, n);
    if (!(f->header & 0x7f))
        place_rom(f);
    config_write(f, PCI_COMMAND, 7); /* ports, memory, bus master */
}

void pci_scan(void)
{
    struct pci_function *f;
    uint8_t device, function;

    pci_count = 0;
    next_memory = MEMORY_FIRST;
    next_port = PORT_FIRST;
    for (device = 0; device < 32; device++) {
        for (function = 0; function < 8; function++) {
            if (pci_count == ARRAY_SIZE(pci_functions))
                return;
            f = &pci_functions[pci_count];
            *f =
                (struct pci_function){ .device = device, .function = function };
            f->id = config_read(f, PCI_ID);
            if (f->id == 0xffffffff || f->id == 0) {
                if (function == 0)
                    break;
                continue;
            }
            setup(f);
            pci_count++;
            if (function == 0 && !(f->header & 0x80))
                break;
        }
    }
}

uint32_t pci_id(uint8_t device)
{
    const struct pci_function f = { .device = device };

    return config_read(&f, PCI_ID);
}

void pci_seen(void)
{
    const struct pci_function *f;
    uint32_t n;

    for (f = pci_functions; f < pci_functions + pci_count; f++) {
        say("PCI 00:%02x.%x id %08x cmd %04x rom %08x", f->device, f->function,
            config_read(f, PCI_ID), config_read(f, PCI_COMMAND) & 0xffff,
            config_read(f, PCI_ROM));
        for (n = 0; n < PCI_BARS; n++)
            if (f->bar_size[n])
                say("BAR 00:%02x.%x %u %08x", f->device, f->function, n,
                    config_read(f, PCI_BAR + 4 * n));
    }
}

void pci_report(uint32_t unused)
{
    unsigned int i;
    unsigned int n;

    (void)unused;
    pci_scan();
    for (i = 0; i < pci_count; i++) {
        const struct pci_function *f = &pci_functions[i];

        say("PCI 00:%02x.%x %04x:%04x class %06x sub %08x hdr %02x cmd %04x",
            f->device, f->function, f->id & 0xffff, f->id >> 16, f->class,
            f->subsystem, f->header, config_read(f, PCI_COMMAND) & 0xffff);
        for (n = 0; n < PCI_BARS; n++)
            if (f->bar_size[n])
                say("BAR 00:%02x.%x %u %s %08x size %x", f->device, f->function,
                    n, f->bar_is_port[n] ? "port" : "memory", f->bar[n],
                    f->bar_size[n]);
        if (f->rom_size)
            say("BAR 00:%02x.%x rom memory %08x size %x", f->device,
                f->function, f->rom, f->rom_size);
    }
}

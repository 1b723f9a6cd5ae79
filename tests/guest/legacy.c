/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's legacy devices: keyboard, clocks, ports, serial, unplug. */
#include "guest.h"

#define PATIENCE 100000
#define UART 0x3f8
#define UART2 0x2f8

enum { UART_LINE_STATUS = 5, UART_SCRATCH = 7 };

void keyboard_report(uint32_t unused)
{
    uint8_t status = inb(0x64);
    int i;

    (void)unused;
    if (status == 0xff) {
        say("KBD none");
        return;
    }
    outb(0x64, 0x20); /* read the command byte */
    for (i = 0; i < PATIENCE && !(inb(0x64) & 1); i++)
        ;
    say("KBD status %02x command byte %02x", status, inb(0x60));
}

static uint16_t pit_counter(void)
{
    uint8_t low;

    outb(0x43, 0); /* latch counter 0 */
    low = inb(0x40);
    return (uint16_t)(low | inb(0x40) << 8);
}

static uint8_t rtc_register(uint8_t index)
{
    outb(0x70, index);
    return inb(0x71);
}

static const char *runs(uint32_t first, uint32_t second)
{
    return first != second ? "runs" : "stands";
}

void time_report(uint32_t unused)
{
    uint32_t pit, timer;
    int i;

    (void)unused;
    outb(0x43, 0x34); /* counter 0: two bytes, rate generator */
    outb(0x40, 0);
    outb(0x40, 0);
    pit = pit_counter();
    timer = inl(0xb008);
    for (i = 0; i < 1000; i++)
        inb(0x61);
    say("TIME pit %s, rtc valid %02x, pm timer %s", runs(pit, pit_counter()),
        rtc_register(0x0d), runs(timer, inl(0xb008)));
}

/* Ranges without ports that count, which may read all-ones by chance. */
static const struct {
    uint16_t first, last;
} ranges[] = {
    { 0x000, 0x00f },   { 0x010, 0x01f },   { 0x020, 0x021 },
    { 0x060, 0x064 },   { 0x070, 0x071 },   { 0x080, 0x08f },
    { 0x092, 0x092 },   { 0x0a0, 0x0a1 },   { 0x0b2, 0x0b3 },
    { 0x0c0, 0x0df },   { 0x0f0, 0x0f0 },   { 0x170, 0x177 },
    { 0x1ce, 0x1d1 },   { 0x1f0, 0x1f7 },   { 0x220, 0x22f },
    { 0x240, 0x24f },   { 0x278, 0x27f },   { 0x2e8, 0x2ef },
    { 0x2f8, 0x2ff },   { 0x330, 0x331 },   { 0x376, 0x376 },
    { 0x378, 0x37f },   { 0x388, 0x38b },   { 0x3b4, 0x3b5 },
    { 0x3ba, 0x3ba },   { 0x3c0, 0x3cf },   { 0x3d4, 0x3d5 },
    { 0x3da, 0x3da },   { 0x3e8, 0x3ef },   { 0x3f0, 0x3f7 },
    { 0x3f8, 0x3ff },   { 0x510, 0x511 },   { 0x534, 0x537 },
    { 0xcf8, 0xcfb },   { 0x5678, 0x567b }, { 0xae00, 0xae17 },
    { 0xaf00, 0xaf1f }, { 0xafe0, 0xafe3 }, { 0xb000, 0xb007 },
    { 0xb100, 0xb13f },
};

/* One character a port: '-' reads all-ones, '#' something else. */
void ports_report(uint32_t unused)
{
    char answers[33];
    unsigned int i;

    (void)unused;
    for (i = 0; i < ARRAY_SIZE(ranges); i++) {
        uint16_t port = ranges[i].first;

        while (port <= ranges[i].last) {
            uint16_t start = port;
            int n = 0;

            for (; port <= ranges[i].last && n < 32; port++)
                answers[n++] = inb(port) == 0xff ? '-' : '#';
            answers[n] = '\0';
            say("PORT %04x %s", start, answers);
        }
    }
}

static void serial_send(uint16_t base, const char *s)
{
    int i;

    for (; *s; s++) {
        for (i = 0; i < PATIENCE; i++)
            if (inb(base + UART_LINE_STATUS) & 0x20)
                break;
        outb(base, (uint8_t)*s);
    }
}

void serial_report(uint32_t unused)
{
    (void)unused;
    outb(UART + UART_SCRATCH, 0x5a);
    if (inb(UART + UART_SCRATCH) != 0x5a) {
        say("SERIAL none");
        return;
    }
    serial_send(UART, "hello from the guest\n");
    say("SERIAL 3f8 written");
}

/* Writes a line to each of two ports, and says what lines came in there. */
void serial_tick(uint32_t number)
{
    static const uint16_t bases[] = { UART, UART2 };
    static char lines[ARRAY_SIZE(bases)][32];
    static uint32_t lengths[ARRAY_SIZE(bases)];
    uint32_t i;
    char c;

    (void)number;
    for (i = 0; i < ARRAY_SIZE(bases); i++) {
        if (inb(bases[i] + UART_LINE_STATUS) == 0xff)
            continue;
        serial_send(bases[i], i ? "the second port\n" : "the first port\n");
        while (inb(bases[i] + UART_LINE_STATUS) & 1) {
            c = (char)inb(bases[i]);
            if (c != '\n' && c != '\r' && lengths[i] < sizeof(lines[i]) - 1) {
                lines[i][lengths[i]++] = c;
                continue;
            }
            lines[i][lengths[i]] = '\0';
            if (lengths[i])
                say("SERIAL %x got '%s'", bases[i], lines[i]);
            lengths[i] = 0;
        }
    }
}

/* Three times at once, to the log of the drivers or from the magic. */
static void string_access(void)
{
    static const char text[3] = "pv\n";
    uint16_t magic[3] = { 0, 0, 0 };
    const char *s = text;
    uint16_t *d = magic;
    uint32_t n = 3;

    __asm__ volatile("rep outsb" : "+S"(s), "+c"(n) : "d"(0x12) : "memory");
    n = 3;
    __asm__ volatile("rep insw" : "+D"(d), "+c"(n) : "d"(0x10) : "memory");
    say("PLATFORM string %04x %04x %04x", magic[0], magic[1], magic[2]);
}

/* All that xen-platform's fixed ports know but the unplug itself: the magic,
 * the blacklist's version and product, the log, the lock of the ROM area. */
void platform_report(uint32_t unused)
{
    const char *s;

    (void)unused;
    say("PLATFORM 10 %02x %04x %08x", inb(0x10), inw(0x10), inl(0x10));
    say("PLATFORM 12 %02x %04x %08x", inb(0x12), inw(0x12), inl(0x12));
    say("PLATFORM odd %04x %08x %02x", inw(0x11), inl(0x1c), inb(0x1f));
    outw(0x12, 3);    /* product: Linux */
    outl(0x10, 0xff); /* build */
    say("PLATFORM magic %04x", inw(0x10));
    for (s = "hello\n"; *s; s++)
        outb(0x12, (uint8_t)*s);
    outb(0x10, 1);
    say("PLATFORM locked %02x", inb(0x10));
    outb(0x10, 0);
    say("PLATFORM unlocked %02x", inb(0x10));
    string_access();
}

/* What PV drivers do: 1 disks, 2 network cards, 4 all but the first disk. */
void unplug(uint32_t bits)
{
    uint16_t magic = inw(0x10);

    outw(0x10, (uint16_t)bits);
    say("UNPLUG magic %04x wrote %04x", magic, bits);
    pci_scan();
}

/* What SUSE's drivers did before 2009: at OFFSET of the platform device's BAR,
 * given as OFFSET << 4 | VALUE. */
void old_unplug(uint32_t what)
{
    const struct pci_function *f = pci_functions;

    while (f < pci_functions + pci_count && (f->id & 0xffff) != 0x5853)
        f++;
    outl((uint16_t)(f->bar[0] + (what >> 4)), what & 15);
    say("UNPLUG at %x of the BAR wrote %x", what >> 4, what & 15);
    pci_scan();
}

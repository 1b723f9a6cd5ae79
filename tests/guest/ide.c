/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's IDE disks and CD-ROMs, at their legacy ports. */
#include "guest.h"

/* Polls of a status register.  Not more: one that is restarted in the middle
 * of a command never wants data again. */
#define PATIENCE 3000

enum { DATA, FEATURES, COUNT, LBA_LOW, LBA_MID, LBA_HIGH, SELECT, COMMAND };
enum { ERR = 0x01, DRQ = 0x08, BSY = 0x80 };
enum { READ = 0x20, READ_DMA = 0xc8, PACKET = 0xa0 };
enum { IDENTIFY_PACKET = 0xa1, IDENTIFY = 0xec };

struct position {
    const char *name;
    uint16_t base;
    uint8_t unit;
};

static const struct position positions[] = {
    { "hda", 0x1f0, 0 },
    { "hdb", 0x1f0, 1 },
    { "hdc", 0x170, 0 },
    { "hdd", 0x170, 1 },
};

static uint16_t buffer[2048]; /* two sectors, or one of a CD */

/* The status once it is not busy and either wants data or has failed. */
static uint8_t wait_data(const struct position *p)
{
    uint8_t status = 0;
    int i;

    for (i = 0; i < PATIENCE; i++) {
        status = inb(p->base + COMMAND);
        if (status == 0xff) /* its QEMU is gone: nobody answers */
            return 0;
        if (!(status & BSY) && status & (DRQ | ERR))
            break;
    }
    return status;
}

static bool read_words(const struct position *p, uint16_t *to, int words)
{
    if (!(wait_data(p) & DRQ))
        return false;
    while (words-- > 0)
        *to++ = inw(p->base + DATA);
    return true;
}

static void select(const struct position *p)
{
    int i;

    outb(p->base + SELECT, (uint8_t)(0xe0 | p->unit << 4));
    for (i = 0; i < 4; i++)
        inb(p->base + COMMAND);
}

static bool present(const struct position *p)
{
    uint8_t status;

    select(p);
    status = inb(p->base + COMMAND);
    return status != 0 && status != 0xff;
}

static bool identify(const struct position *p, uint8_t command)
{
    select(p);
    outb(p->base + COMMAND, command);
    return read_words(p, buffer, 256);
}

/* Sets the registers for `count` sectors from 0 and gives the command. */
static void start_read(const struct position *p, uint8_t count, uint8_t command)
{
    select(p);
    outb(p->base + COUNT, count);
    outb(p->base + LBA_LOW, 0);
    outb(p->base + LBA_MID, 0);
    outb(p->base + LBA_HIGH, 0);
    outb(p->base + COMMAND, command);
}

static bool read_sectors(const struct position *p)
{
    start_read(p, 2, READ);
    return read_words(p, buffer, 256) && read_words(p, buffer + 256, 256);
}

/* A packet command that will answer with so many words. */
static bool send_packet(const struct position *p, const uint16_t *command,
                        int words)
{
    int i;

    select(p);
    outb(p->base + FEATURES, 0);
    outb(p->base + LBA_MID, (uint8_t)(words * 2));
    outb(p->base + LBA_HIGH, (uint8_t)(words * 2 >> 8));
    outb(p->base + COMMAND, PACKET);
    if (!(wait_data(p) & DRQ))
        return false;
    for (i = 0; i < 6; i++)
        outw(p->base + DATA, command[i]);
    return true;
}

static bool packet(const struct position *p, const uint16_t *command, int words)
{
    return send_packet(p, command, words) && read_words(p, buffer, words);
}

/* One CD sector of 2048 bytes by READ(10).  The first after a change hears of
 * that, and until it is asked what happened so does every further one. */
static bool read_cd(const struct position *p, uint8_t lba)
{
    static const uint16_t sense[6] = { 0x03, 0, 18 };
    const uint16_t read[6] = { 0x28, 0, (uint16_t)(lba << 8), 0, 1, 0 };
    int tries;

    for (tries = 0; tries < 3; tries++) {
        if (packet(p, read, 1024))
            return true;
        packet(p, sense, 9);
    }
    return false;
}

/* Words `first` up to `last` of an identify answer; spaces at the end go. */
static const char *text(int first, int last)
{
    static char copy[2][48];
    static int turn;
    char *s = copy[turn ^= 1];
    int i, n = 0;

    for (i = first; i <= last; i++) {
        s[n++] = (char)(buffer[i] >> 8);
        s[n++] = (char)buffer[i];
    }
    while (n > 0 && s[n - 1] == ' ')
        n--;
    s[n] = '\0';
    return s;
}

static void say_data(const char *name, const char *how, uint32_t size)
{
    const uint8_t *b = (const uint8_t *)buffer;

    say("IDE %s %s cksum %08x first %02x%02x%02x%02x%02x%02x%02x%02x", name,
        how, cksum(buffer, size), b[0], b[1], b[2], b[3], b[4], b[5], b[6],
        b[7]);
}

/* Two sectors by bus-master DMA; the controller is the PIIX3's function 1. */
static void report_dma(const struct position *p)
{
    static volatile uint32_t region[2] __attribute__((aligned(8)));
    uint16_t master = 0;
    uint8_t status = 0;
    unsigned int i;

    for (i = 0; i < pci_count; i++)
        if (pci_functions[i].class >> 8 == 0x0101)
            master = (uint16_t)pci_functions[i].bar[4];
    if (!master)
        return;
    if (p->base == 0x170)
        master += 8;
    for (i = 0; i < ARRAY_SIZE(buffer); i++)
        buffer[i] = 0x5555;
    region[0] = physical(buffer);
    region[1] = 0x80000000u | 1024;
    outb(master, 0);
    outl(master + 4, physical(region));
    outb(master + 2, 6); /* forget what was */
    start_read(p, 2, READ_DMA);
    outb(master, 9); /* to memory, go */
    for (i = 0; i < PATIENCE && !((status = inb(master + 2)) & 6); i++)
        ;
    outb(master, 0);
    inb(p->base + COMMAND);
    if ((status & 7) != 4)
        say("IDE %s dma failed, status %02x", p->name, status);
    else
        say_data(p->name, "dma", 1024);
}

static void report_disk(const struct position *p)
{
    say("IDE %s disk serial '%s' model '%s'", p->name, text(10, 19),
        text(27, 46));
    say("IDE %s sectors %u", p->name, buffer[60] | (uint32_t)buffer[61] << 16);
    if (read_sectors(p))
        say_data(p->name, "pio", 1024);
    else
        say("IDE %s pio failed", p->name);
    report_dma(p);
}

static void report_cd(const struct position *p)
{
    say("IDE %s cdrom serial '%s' model '%s'", p->name, text(10, 19),
        text(27, 46));
    if (read_cd(p, 0))
        say_data(p->name, "lba0", 2048);
    else
        say("IDE %s lba0 failed", p->name);
    if (read_cd(p, 16))
        say_data(p->name, "lba16", 2048);
    else
        say("IDE %s lba16 failed", p->name);
}

/* One string instruction for the sector: a hundredth of the exits. */
bool cd_read(void)
{
    static const uint16_t read[6] = { 0x28, 0, 0, 0, 1, 0 };
    const struct position *p = &positions[2];
    uint16_t *to = buffer;
    uint32_t words = 1024;

    if (!send_packet(p, read, 1024) || !(wait_data(p) & DRQ))
        return false;
    __asm__ volatile("rep insw"
                     : "+D"(to), "+c"(words)
                     : "d"(p->base + DATA)
                     : "memory");
    return !(inb(p->base + COMMAND) & ERR);
}

uint32_t cd_cksum(void)
{
    static const uint16_t sense[6] = { 0x03, 0, 18 };
    const struct position *p = &positions[2];
    int tries;

    for (tries = 0; present(p) && tries < 3; tries++) {
        if (cd_read())
            return cksum(buffer, 2048);
        packet(p, sense, 9);
    }
    return 0;
}

void ide_report(uint32_t unused)
{
    const struct position *p;

    (void)unused;
    for (p = positions; p < positions + ARRAY_SIZE(positions); p++) {
        if (!present(p))
            say("IDE %s none", p->name);
        else if (identify(p, IDENTIFY))
            report_disk(p);
        else if (identify(p, IDENTIFY_PACKET))
            report_cd(p);
        else
            say("IDE %s does not identify itself, status %02x", p->name,
                inb(p->base + COMMAND));
    }
}

/* Who is there, without reading anything. */
void units_report(uint32_t unused)
{
    const struct position *p;

    (void)unused;
    for (p = positions; p < positions + ARRAY_SIZE(positions); p++)
        say("UNIT %s %s", p->name, present(p) ? "there" : "none");
}

/* The first disk's first sectors, or why not. */
void ide_tick(uint32_t number)
{
    const struct position *p = positions;

    if (!present(p))
        say("TICK %u ide none, status %02x", number, inb(p->base + COMMAND));
    else if (read_sectors(p))
        say("TICK %u ide cksum %08x", number, cksum(buffer, 1024));
    else
        say("TICK %u ide failed, status %02x", number, inb(p->base + COMMAND));
}

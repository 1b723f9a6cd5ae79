/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The test guest: a small 32-bit program for xl.cfg's firmware_override= that
 * reports on Xen's console what it sees of its devices.
 *
 * It does what its words say, in their order; tests/guest/setmode writes them
 * into a copy of the ELF file.  The first word is the tag that starts each
 * line, so that several domains in one `xl dmesg` can be told apart; it has at
 * most 12 characters, for Xen cuts a line after 79:
 *
 *     setmode probe.elf a.elf  A pci ide nic loop=ide
 *
 * A word is one of the table below, NAME or NAME=HEX.  `all` is every report,
 * `loop=NAME` repeats a short test twice a second and for ever, and the guest
 * powers off when it has no more words.  The same devices give the same
 * report, whoever emulates them.  Built by tests/guest/guest.mk.
 */
#include "guest.h"

/* 16 bytes of mark, then room for the words. */
__attribute__((section(".words"), used)) static volatile char words[512] =
    "XLDM-GUEST-WORDSprobe all";
#define WORDS_AT 16

static void say_all(uint32_t unused);

static void sleep_word(uint32_t milliseconds)
{
    nap(milliseconds);
    say("SLEPT");
}

static void in_word(uint32_t port)
{
    say("IN %04x %02x", port, inb((uint16_t)port));
}

/* A guest that goes on wherever it is taken counts on, and finds each device
 * as it has left it. */
static void live_tick(uint32_t number)
{
    if (number % 4 == 1) {
        say("SEEN %u", number);
        pci_seen();
        vga_seen(number);
        ide_report(0);
        nic_report(0);
        say("ALL %u", number);
    }
    say("BEAT %u", number);
}

struct word {
    const char *name;
    void (*run)(uint32_t value);
};

static const struct word reports[] = {
    { "pci", pci_report },
    { "ide", ide_report },
    { "ahci", ahci_report },
    { "nic", nic_report },
    { "rom", rom_report },
    { "vga", vga_report },
    { "kbd", keyboard_report },
    { "time", time_report },
    { "ports", ports_report },
    { "serial", serial_report },
    { "platform", platform_report },
    { NULL, NULL },
};

static const struct word actions[] = {
    { "all", say_all },
    { "units", units_report },
    { "unplug", unplug },
    { "sleep", sleep_word },
    { "bar", old_unplug },
    { "heard", heard },
    { "latency", port_latency },
    { "ahci-latency", ahci_latency },
    { "disks", disks },
    { "in", in_word },    { "hold", hold },     { "off", power_off },
    { "reboot", reboot }, { "crash", crash },   { "triple", triple_fault },
    { NULL, NULL },
};

static const struct word loops[] = {
    { "ide", ide_tick }, { "ahci", ahci_tick }, { "nic", nic_tick },
    { "vga", vga_tick }, { "hotplug", hotplug_tick },
    { "serial", serial_tick }, { "live", live_tick }, { NULL, NULL },
};

static void say_all(uint32_t unused)
{
    const struct word *w;

    (void)unused;
    for (w = reports; w->name; w++)
        w->run(0);
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const struct word *find(const struct word *table, const char *name)
{
    while (table->name && !same(table->name, name))
        table++;
    return table->name ? table : NULL;
}

static uint32_t number(const char *s)
{
    uint32_t value = 0;

    for (; *s; s++)
        value = value << 4 | (uint32_t)(*s <= '9' ? *s - '0' : (*s | 32) - 87);
    return value;
}

static void loop(const char *name)
{
    const struct word *w = find(loops, name);
    uint32_t n;

    for (n = 1; w; n++) {
        w->run(n);
        nap(500);
    }
    say("UNKNOWN loop %s", name);
}

static void run(const char *name, const char *value)
{
    const struct word *w = find(reports, name);

    if (!w)
        w = find(actions, name);
    if (w)
        w->run(number(value));
    else if (same(name, "loop"))
        loop(value);
    else
        say("UNKNOWN %s", name);
}

/* Cuts the next word off, its value too; NULL after the last. */
static char *next_word(char **rest, char **value)
{
    char *start, *p = *rest;

    while (*p == ' ')
        p++;
    start = p;
    *value = NULL;
    for (; *p && *p != ' '; p++) {
        if (*p == '=') {
            *p = '\0';
            *value = p + 1;
        }
    }
    *rest = p;
    if (*p) {
        *p = '\0';
        *rest = p + 1;
    }
    if (!*value)
        *value = p;
    return start == p ? NULL : start;
}

void guest_main(void);

void guest_main(void)
{
    static char copy[sizeof(words)];
    char *rest = copy + WORDS_AT, *word, *value;
    unsigned int i;

    for (i = 0; i < sizeof(copy) - 1; i++)
        copy[i] = words[i];
    word = next_word(&rest, &value);
    if (word)
        report_tag = word;
    say("START");
    pci_scan();
    while ((word = next_word(&rest, &value)))
        run(word, value);
    power_off(0);
}

/* Xen's domain builder starts us as hvmloader: 32 bits, flat, no paging.  The
 * segments are there but no table of them, which an interrupt would need. */
__asm__(".globl _start\n"
        "_start:\n"
        "    cli\n"
        "    cld\n"
        "    lgdt segments_at\n"
        "    ljmp $8, $1f\n"
        "1:  mov $16, %eax\n"
        "    mov %eax, %ds\n"
        "    mov %eax, %es\n"
        "    mov %eax, %ss\n"
        "    mov $stack + 16384, %esp\n"
        "    call guest_main\n"
        ".balign 8\n"
        "segments:\n"
        "    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff\n"
        "segments_at:\n"
        "    .word . - segments - 1\n"
        "    .long segments\n"
        ".comm stack, 16384, 16\n");

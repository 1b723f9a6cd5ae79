/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What tests/bench measures inside the guest.  Times are in ticks of the TSC,
 * which is the machine's own if xl.cfg says tsc_mode = "native". */
#include "guest.h"

#define READS 4096

static uint32_t took[READS];

/* Shell's sort */
static void sort(void)
{
    uint32_t gap, i, j, value;

    for (gap = READS / 2; gap; gap /= 2)
        for (i = gap; i < READS; i++) {
            value = took[i];
            for (j = i; j >= gap && took[j - gap] > value; j -= gap)
                took[j] = took[j - gap];
            took[j] = value;
        }
}

static void say_latency(const char *what, uint32_t address)
{
    sort();
    say("LATENCY %s %x min %u median %u p90 %u", what, address, took[0],
        took[READS / 2], took[READS / 10 * 9]);
}

static uint32_t ticks(void)
{
    return (uint32_t)__builtin_ia32_rdtsc();
}

void port_latency(uint32_t port)
{
    uint32_t i, start;

    for (i = 0; i < READS; i++) {
        start = ticks();
        inb((uint16_t)port);
        took[i] = ticks() - start;
    }
    say_latency("port", port);
}

void ahci_latency(uint32_t unused)
{
    volatile uint32_t *reg = ahci_register();
    uint32_t i, start;

    (void)unused;
    if (!reg) {
        say("LATENCY failed, no AHCI disk");
        return;
    }
    for (i = 0; i < READS; i++) {
        start = ticks();
        (void)*reg;
        took[i] = ticks() - start;
    }
    say_latency("memory", physical(reg));
}

/* Ticks in a millisecond, from Xen's leaf about time. */
static uint32_t tsc_khz(void)
{
    uint32_t a = 0x40000003, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return c;
}

/* Reads from the first AHCI disk by DMA and from the CD by PIO at once.  Dry:
 * how often all reads of the AHCI disk were done before new ones were given. */
void disks(uint32_t seconds)
{
    uint32_t khz = tsc_khz(), ahci = 0, cd = 0, dry = 0, n;
    uint64_t start, end;
    bool ok = true;

    if (!khz || !cd_cksum() || !ahci_keep_busy()) {
        say("DISKS failed to start");
        return;
    }
    start = __builtin_ia32_rdtsc();
    end = start + (uint64_t)khz * (seconds * 1000);
    while (ok && __builtin_ia32_rdtsc() < end) {
        ok = cd_read();
        cd += ok;
        n = ahci_done();
        ahci += n;
        dry += n == AHCI_READS;
    }
    end = __builtin_ia32_rdtsc();
    ok = ahci_finish() && ok;
    say("DISKS %s ahci %u cd %u dry %u Mticks %u kHz %u",
        ok ? "read" : "failed", ahci, cd, dry, (uint32_t)((end - start) >> 20),
        khz);
}

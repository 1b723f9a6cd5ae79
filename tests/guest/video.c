/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's VGA, and option ROMs, which share a danger: video memory
 * and ROMs are guest pages that QEMU places, and two QEMUs may place theirs at
 * the same spot. */
#include "guest.h"

#define TEXT_MEMORY 0xb8000
/* Each access may be a trip to QEMU and back, so only samples are looked at:
 * one word in 256, which is 4 a page. */
#define STRIDE 256u
#define SAMPLES 256u /* of video memory: 256 KiB of it */

static const struct pci_function *find_vga(void)
{
    unsigned int i;

    for (i = 0; i < pci_count; i++)
        if (pci_functions[i].class >> 8 == 0x0300 && pci_functions[i].bar[0])
            return &pci_functions[i];
    return NULL;
}

static uint32_t pattern(uint32_t i, uint32_t seed)
{
    return (i * 2654435761u) ^ seed;
}

static void fill(volatile uint32_t *memory, uint32_t seed)
{
    uint32_t i;

    for (i = 0; i < SAMPLES; i++)
        memory[i * STRIDE] = pattern(i, seed);
}

static uint32_t count_wrong(volatile uint32_t *memory, uint32_t seed)
{
    uint32_t i, wrong = 0;

    for (i = 0; i < SAMPLES; i++)
        wrong += memory[i * STRIDE] != pattern(i, seed);
    return wrong;
}

static void set(uint16_t port, uint8_t index, uint8_t value)
{
    outb(port, index);
    outb(port + 1, value);
}

/* Makes plane 0 plain memory at 0xb8000. */
static void plain_text_memory(void)
{
    outb(0x3c2, 0x63); /* colour addresses, memory on */
    set(0x3c4, 2, 1);
    set(0x3c4, 4, 6);
    set(0x3ce, 1, 0);
    set(0x3ce, 3, 0);
    set(0x3ce, 4, 0);
    set(0x3ce, 5, 0);
    set(0x3ce, 6, 0x0c);
    set(0x3ce, 8, 0xff);
}

static bool text_memory_works(void)
{
    volatile uint8_t *text = (volatile uint8_t *)mmio(TEXT_MEMORY);
    unsigned int i;

    for (i = 0; i < 256; i++)
        text[i] = (uint8_t)(i ^ 0x35);
    for (i = 0; i < 256; i++)
        if (text[i] != (uint8_t)(i ^ 0x35))
            return false;
    return true;
}

static uint32_t rom_cksum(const struct pci_function *f)
{
    static uint32_t samples[SAMPLES];
    uint32_t i, n = f->rom_size / (4 * STRIDE);

    if (n > SAMPLES)
        n = SAMPLES;
    for (i = 0; i < n; i++)
        samples[i] = mmio(f->rom)[i * STRIDE];
    return cksum(samples, 4 * n);
}

static void report_roms(const char *when)
{
    const struct pci_function *f;

    for (f = pci_functions; f < pci_functions + pci_count; f++)
        if (f->rom)
            say("ROM 00:%02x.%x %s signature %04x cksum %08x", f->device,
                f->function, when, mmio(f->rom)[0] & 0xffff, rom_cksum(f));
}

void vga_report(uint32_t unused)
{
    const struct pci_function *f = find_vga();
    uint8_t misc = inb(0x3cc);

    (void)unused;
    if (!f) {
        say("VGA none, misc %02x", misc);
        return;
    }
    plain_text_memory();
    say("VGA 00:%02x.%x misc %02x then %02x, text memory %s", f->device,
        f->function, misc, inb(0x3cc), text_memory_works() ? "works" : "fails");
    fill(mmio(f->bar[0]), 0x11111111);
    fill(mmio(f->bar[0] + f->bar_size[0] / 2), 0x22222222);
    say("VGA memory wrong words %u and %u",
        count_wrong(mmio(f->bar[0]), 0x11111111),
        count_wrong(mmio(f->bar[0] + f->bar_size[0] / 2), 0x22222222));
}

/* ROMs before and after the start of video memory is written. */
void rom_report(uint32_t unused)
{
    const struct pci_function *f = find_vga();

    (void)unused;
    report_roms("before");
    if (!f)
        return;
    fill(mmio(f->bar[0]), 0x33333333);
    report_roms("after");
    say("VGA memory wrong words %u", count_wrong(mmio(f->bar[0]), 0x33333333));
}

/* Video memory is written once. */
void vga_seen(uint32_t number)
{
    const struct pci_function *f = find_vga();

    if (f && number == 1)
        fill(mmio(f->bar[0]), 0x44444444);
    if (f)
        say("VGA misc %02x wrong words %u", inb(0x3cc),
            count_wrong(mmio(f->bar[0]), 0x44444444));
}

void vga_tick(uint32_t number)
{
    const struct pci_function *f = find_vga();

    if (!f) {
        say("TICK %u vga none", number);
        return;
    }
    fill(mmio(f->bar[0]), number);
    say("TICK %u vga misc %02x wrong words %u", number, inb(0x3cc),
        count_wrong(mmio(f->bar[0]), number));
}

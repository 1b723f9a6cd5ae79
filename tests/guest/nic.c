/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's network cards: e1000 and rtl8139. */
#include "guest.h"

#define PATIENCE 1000000
#define FRAME_SIZE 64

/* e1000 registers, in words */
enum { CTRL = 0, STATUS = 2, TCTL = 0x100, TDBAL = 0xe00, TDBAH, TDLEN };
enum { TDH = 0xe04, TDT = 0xe06, RAL = 0x1500, RAH };
/* rtl8139 registers */
enum { TX_STATUS = 0x10, TX_ADDRESS = 0x20, CHIP_COMMAND = 0x37 };
enum { MEDIA_STATUS = 0x58 };

static uint8_t frame[FRAME_SIZE] __attribute__((aligned(16)));

/* A broadcast of the type for local experiments, with our tag in it. */
static void make_frame(const uint8_t mac[6])
{
    unsigned int i;

    for (i = 0; i < 6; i++) {
        frame[i] = 0xff;
        frame[6 + i] = mac[i];
    }
    frame[12] = 0x88;
    frame[13] = 0xb5;
    for (i = 14; i < FRAME_SIZE - 1 && report_tag[i - 14]; i++)
        frame[i] = (uint8_t)report_tag[i - 14];
    __asm__ volatile("" : : : "memory");
}

static void say_nic(const struct pci_function *f, const char *model,
                    const uint8_t mac[6], bool link, bool sent)
{
    say("NIC 00:%02x.%x %s mac %02x:%02x:%02x:%02x:%02x:%02x link %s %s",
        f->device, f->function, model, mac[0], mac[1], mac[2], mac[3], mac[4],
        mac[5], link ? "up" : "down", sent ? "sent" : "not sent");
}

static bool e1000_link(volatile uint32_t *regs)
{
    int i;

    regs[CTRL] |= 0x40; /* set link up */
    for (i = 0; i < PATIENCE; i++)
        if (regs[STATUS] == 0xffffffff || regs[STATUS] & 2)
            break;
    return regs[STATUS] != 0xffffffff && regs[STATUS] & 2;
}

static bool e1000_send(volatile uint32_t *regs)
{
    static volatile uint32_t ring[32] __attribute__((aligned(128)));
    int i;

    regs[TCTL] = 0;
    ring[0] = physical(frame);
    ring[1] = 0;
    ring[2] = 0x0b000000u | FRAME_SIZE; /* end of packet, FCS, report */
    ring[3] = 0;
    regs[TDBAL] = physical(ring);
    regs[TDBAH] = 0;
    regs[TDLEN] = sizeof(ring);
    regs[TDH] = 0;
    regs[TDT] = 0;
    regs[TCTL] = 0x0a; /* enable, pad */
    regs[TDT] = 1;
    for (i = 0; i < PATIENCE && !(ring[3] & 1); i++)
        if (regs[STATUS] == 0xffffffff)
            return false;
    return ring[3] & 1;
}

static void e1000_report(const struct pci_function *f)
{
    volatile uint32_t *regs = mmio(f->bar[0]);
    uint32_t low = regs[RAL], high = regs[RAH];
    const uint8_t mac[6] = { (uint8_t)low,         (uint8_t)(low >> 8),
                             (uint8_t)(low >> 16), (uint8_t)(low >> 24),
                             (uint8_t)high,        (uint8_t)(high >> 8) };
    bool link = e1000_link(regs);

    make_frame(mac);
    say_nic(f, "e1000", mac, link, e1000_send(regs));
}

static bool rtl8139_send(uint16_t port)
{
    int i;

    outb(port + CHIP_COMMAND, 0x04); /* transmit */
    outl(port + TX_ADDRESS, physical(frame));
    outl(port + TX_STATUS, FRAME_SIZE);
    for (i = 0; i < PATIENCE && !(inl(port + TX_STATUS) & 0x8000); i++)
        ;
    return inl(port + TX_STATUS) != 0xffffffff && i < PATIENCE;
}

static void rtl8139_report(const struct pci_function *f)
{
    uint16_t port = (uint16_t)f->bar[0];
    uint8_t mac[6];
    uint16_t i;
    bool link;

    for (i = 0; i < 6; i++)
        mac[i] = inb(port + i);
    link = !(inb(port + MEDIA_STATUS) & 4);
    make_frame(mac);
    say_nic(f, "rtl8139", mac, link, rtl8139_send(port));
}

void nic_report(uint32_t unused)
{
    const struct pci_function *f;

    (void)unused;
    for (f = pci_functions; f < pci_functions + pci_count; f++) {
        if (f->class != 0x020000)
            continue;
        if (f->id == 0x100e8086)
            e1000_report(f);
        else if (f->id == 0x813910ec)
            rtl8139_report(f);
        else
            say("NIC 00:%02x.%x id %08x", f->device, f->function, f->id);
    }
}

/* A register of the first card that tells a dead one from a live one. */
void nic_tick(uint32_t number)
{
    const struct pci_function *f;

    for (f = pci_functions; f < pci_functions + pci_count; f++) {
        if (f->class != 0x020000)
            continue;
        say("TICK %u nic %08x", number,
            f->bar_is_port[0] ? inl((uint16_t)f->bar[0])
                              : mmio(f->bar[0])[RAL]);
        return;
    }
    say("TICK %u nic none", number);
}

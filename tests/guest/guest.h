/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest: port access, reporting and the parts of the machine. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PCI_BARS 6

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* A register or memory of a device; there is no paging. */
static inline volatile uint32_t *mmio(uint32_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

/* Where a device may find this; there is no paging. */
static inline uint32_t physical(const volatile void *p)
{
    return (uint32_t)(uintptr_t)p;
}

/* report.c */
extern const char *report_tag;
/* One line of the report, at most 70 characters: %s %c %u %x %0Nx. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint32_t cksum(const volatile void *data, uint32_t size); /* as cksum(1) */

/* pci.c */
struct pci_function {
    uint8_t device, function, header;
    uint32_t id, class, subsystem;
    uint32_t bar[PCI_BARS], bar_size[PCI_BARS]; /* size 0: there is none */
    bool bar_is_port[PCI_BARS];
    uint32_t rom, rom_size;
};
extern struct pci_function pci_functions[64];
extern unsigned int pci_count;
void pci_scan(void); /* finds the functions and gives BARs addresses */
void pci_report(uint32_t unused);
void pci_seen(void); /* as they are now, without a word to any */
uint32_t pci_id(uint8_t device); /* of function 0: device, vendor */

/* ide.c, ahci.c, nic.c, video.c, legacy.c: a word each */
void ide_report(uint32_t unused);
void units_report(uint32_t unused);
uint32_t cd_cksum(void); /* of hdc's first sector; 0: there is none */
void ide_tick(uint32_t number);
void ahci_report(uint32_t unused);
void ahci_tick(uint32_t number);
void nic_report(uint32_t unused);
void nic_tick(uint32_t number);
void rom_report(uint32_t unused);
void vga_report(uint32_t unused);
void vga_tick(uint32_t number);
void vga_seen(uint32_t number); /* 1: at first */
void keyboard_report(uint32_t unused);
void time_report(uint32_t unused);
void ports_report(uint32_t unused);
void serial_report(uint32_t unused);
void serial_tick(uint32_t number);
void platform_report(uint32_t unused);
void unplug(uint32_t bits);
void old_unplug(uint32_t what);
void hotplug_tick(uint32_t number);
void heard(uint32_t id); /* until ACPI has told of such a card */

/* speed.c and what it is made of */
void port_latency(uint32_t port);
void ahci_latency(uint32_t unused);
void disks(uint32_t seconds);
#define AHCI_READS 32 /* at once: as many as there are slots */
bool cd_read(void);   /* hdc's first sector at once; after cd_cksum only */
volatile uint32_t *ahci_register(void); /* of the first disk; NULL: none */
bool ahci_keep_busy(void); /* AHCI_READS of the first disk under way */
uint32_t ahci_done(void);  /* how many since the last time; as many anew */
bool ahci_finish(void);    /* none anew: waits for those under way */

/* power.c */
void nap(uint32_t milliseconds); /* asleep, so that the lab has its CPU */
void hold(uint32_t unused);
void power_off(uint32_t unused);
void reboot(uint32_t unused);
void crash(uint32_t unused);
void triple_fault(uint32_t unused);

#endif

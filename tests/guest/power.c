/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's sleep and its ends. */
#include "guest.h"

#define PIT_HZ 1193182u
#define TIMER_VECTOR 0x20
#define CODE_SEGMENT 8 /* see _start */

/* APIC registers, in words */
enum { SPURIOUS = 0x3c, LVT0 = 0xd4 };
enum { SCHED_OP = 29, SCHEDOP_SHUTDOWN = 2, SHUTDOWN_CRASH = 3 };

struct gate {
    uint16_t low, selector, flags, high;
};

struct __attribute__((packed)) table {
    uint16_t limit;
    uint32_t base;
};

/* Only acknowledges the timer: that hlt ends is all we want of it. */
void timer_interrupt(void);
__asm__("timer_interrupt:\n"
        "    push %eax\n"
        "    mov $0x20, %al\n"
        "    out %al, $0x20\n"
        "    pop %eax\n"
        "    iret\n");

static void timer_start(void)
{
    static struct gate gates[TIMER_VECTOR + 1];
    uint32_t handler = (uint32_t)(uintptr_t)timer_interrupt;
    struct table idt = { sizeof(gates) - 1, physical(gates) };
    volatile uint32_t *apic = mmio(0xfee00000);

    gates[TIMER_VECTOR] = (struct gate){ (uint16_t)handler, CODE_SEGMENT,
                                         0x8e00, (uint16_t)(handler >> 16) };
    __asm__ volatile("lidt %0" : : "m"(idt));
    apic[SPURIOUS] = 0x1ff;
    apic[LVT0] = 0x700; /* pass the PIC's interrupts on */
    outb(0x20, 0x11);
    outb(0x21, TIMER_VECTOR);
    outb(0x21, 4);
    outb(0x21, 1);
    outb(0x21, 0xfe); /* all but the timer masked */
    outb(0xa1, 0xff);
    outb(0x43, 0x34);
    outb(0x40, (PIT_HZ / 100) & 0xff);
    outb(0x40, (PIT_HZ / 100) >> 8);
}

/* QEMU's emulation of SVM loses the guest's place if Xen wants to know of an
 * access to a page (its log of dirty ones; types of memory, with passthrough)
 * while it injects an interrupt.  So what that needs is accessed before. */
static void touch(void)
{
    struct table table;

    __asm__ volatile("sidt %0" : "=m"(table));
    *(volatile uint8_t *)(uintptr_t)(table.base + TIMER_VECTOR * 8);
    __asm__ volatile("sgdt %0" : "=m"(table));
    *(volatile uint8_t *)(uintptr_t)(table.base + CODE_SEGMENT);
    *(volatile uint8_t *)(uintptr_t)timer_interrupt;
    __asm__ volatile("pusha; popa" : : : "memory");
}

void nap(uint32_t milliseconds)
{
    static bool started;
    uint32_t i;

    if (!started)
        timer_start();
    started = true;
    for (i = 0; i < milliseconds / 10; i++) {
        touch();
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    }
}

/* Xen takes hlt without interrupts for the end, so they stay on. */
void hold(uint32_t unused)
{
    (void)unused;
    say("HOLD");
    for (;;)
        nap(1000);
}

static void stop(void)
{
    for (;;)
        __asm__ volatile("pause");
}

/* Where hvmloader, whose place we took, would have put PIIX4's registers. */
static void map_power_registers(void)
{
    outl(0xcf8, 0x80000b40);
    outl(0xcfc, 0xb001);
    outl(0xcf8, 0x80000b80);
    outb(0xcfc, 1);
}

void power_off(uint32_t unused)
{
    (void)unused;
    say("END off");
    map_power_registers();
    outw(0xb004, 0x2000); /* ACPI: sleep enable, type 0 is S5 */
    stop();
}

void reboot(uint32_t unused)
{
    (void)unused;
    say("END reboot");
    outb(0xcf9, 6);
    outb(0x64, 0xfe);
    stop();
}

void triple_fault(uint32_t unused)
{
    const struct table none = { 0, 0 };

    (void)unused;
    say("END triple fault");
    __asm__ volatile("lidt %0; ud2" : : "m"(none));
    stop();
}

/* Tells Xen that the guest has crashed, by a hypercall. */
void crash(uint32_t unused)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    static uint32_t reason = SHUTDOWN_CRASH;
    uint32_t base = 0x40000000, pages, msr, c, d, result;

    (void)unused;
    say("END crash");
    __asm__ volatile("cpuid"
                     : "=a"(pages), "=b"(msr), "=c"(c), "=d"(d)
                     : "a"(base + 2));
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"(physical(page)), "d"(0)
                     : "memory");
    __asm__ volatile("call *%1"
                     : "=a"(result)
                     : "r"(page + SCHED_OP * 32), "b"(SCHEDOP_SHUTDOWN),
                       "c"(&reason)
                     : "memory");
    stop();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's sleep and its ends. */
#include "guest.h"

/* <xen/xen.h>, <xen/sched.h>, <xen/hvm/hvm_op.h> */
enum { SCHED_OP = 29, SCHEDOP_SHUTDOWN = 2, SCHEDOP_POLL = 3 };
enum { SHUTDOWN_CRASH = 3 };
enum { HVM_OP = 34, HVMOP_GET_TIME = 10 };

struct __attribute__((packed)) table {
    uint16_t limit;
    uint32_t base;
};

static void hypercall(uint32_t number, uint32_t command, void *argument)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    static bool there;
    uint32_t base = 0x40000000, pages, msr, c, d, result;

    if (!there) {
        __asm__ volatile("cpuid"
                         : "=a"(pages), "=b"(msr), "=c"(c), "=d"(d)
                         : "a"(base + 2));
        __asm__ volatile("wrmsr"
                         :
                         : "c"(msr), "a"(physical(page)), "d"(0)
                         : "memory");
        there = true;
    }
    __asm__ volatile("call *%[entry]"
                     : "=a"(result), "+b"(command), "+c"(argument)
                     : [entry] "r"(page + number * 32)
                     : "memory");
}

/* By Xen's clock and without an interrupt: QEMU's emulation of SVM loses the
 * place of a guest that is given one, now and then. */
void nap(uint32_t milliseconds)
{
    uint64_t now, end = 0;
    struct {
        uint32_t ports, nports;
        uint64_t until; /* in ns */
    } poll = { 0 };

    for (;;) {
        hypercall(HVM_OP, HVMOP_GET_TIME, &now);
        if (!end)
            end = now + milliseconds * 1000000ull;
        if (now >= end)
            return;
        poll.until = end;
        hypercall(SCHED_OP, SCHEDOP_POLL, &poll);
    }
}

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
    static uint32_t reason = SHUTDOWN_CRASH;

    (void)unused;
    say("END crash");
    hypercall(SCHED_OP, SCHEDOP_SHUTDOWN, &reason);
    stop();
}

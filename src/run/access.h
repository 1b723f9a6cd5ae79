/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pure, for broker.c: what an ioreq asks, whose it is, how a monitor says it.
 * (access.c) */
#ifndef XLDM_RUN_ACCESS_H
#define XLDM_RUN_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xenctrl.h>
#include <xen/hvm/ioreq.h>

#define UNPLUG_PORT 0x10
#define PLATFORM_BAR_SIZE 0x100
#define GPE0 0xafe0
#define GPE0_ENABLE (GPE0 + 2)
#define GPE0_ENABLE_SIZE 2

enum access_act {
    ACCESS_DONE,    /* a broadcast of Xen's: there is nothing to do */
    ACCESS_NOBODY,  /* reads all-ones, a write has no effect */
    ACCESS_PRIMARY, /* the primary answers, unless access_unplug() */
    ACCESS_ALL,     /* every QEMU has its own: all are told, all answer */
};

enum access_act access_decide(const ioreq_t *request);

/*
 * What a write unplugs, as a value for UNPLUG_PORT: every QEMU is to act
 * before the guest goes on.  0: nothing.  bar: the first port of the
 * platform device's BAR, through which drivers of before 2009 unplug; 0: none.
 */
uint16_t access_unplug(const ioreq_t *request, uint32_t value, uint64_t bar);

/* One answer out of the QEMUs', of which the first finds *value as this says.
 */
uint32_t access_nobody(const ioreq_t *request);
void access_merge(const ioreq_t *request, uint32_t answer, uint32_t *value);

/*
 * Of one line, the SCI's, each QEMU thinks it is its own: whoever is told last
 * sets it.  access_sci(): this write makes them do so; then it is up if that
 * of any QEMU is, by the 4 bytes at GPE0.
 */
#define SCI 9
bool access_sci(const ioreq_t *request);
bool access_sci_pending(uint32_t gpe);

/*
 * The bytes of GPE0's enable register that a write sets, which a QEMU started
 * later must have too: enabled[0..1].
 */
void access_enable(const ioreq_t *request, uint32_t value, uint8_t *enabled);
void access_enable_command(const uint8_t *enabled, char *line, size_t size);

/* How many accesses a request is: a string instruction makes several. */
uint32_t access_count(const ioreq_t *request);

/* Where in guest memory the data of access i of a string instruction is. */
uint64_t access_address(const ioreq_t *request, uint32_t i);

/* HMP's "o /b 0x12 0x1", or "i /h 0x10" for a read. */
void access_command(const ioreq_t *request, uint32_t value, char *line,
                    size_t size);

/* ... that unplugs. */
void access_unplug_command(uint16_t unplug, char *line, size_t size);

/* Out of HMP's answer "portw[0x0010] = 0x49d2"; false: it says no value. */
bool access_answer(const char *text, uint32_t *value);

/* Takes what Xen has put into the buffered page; nothing there needs doing:
 * only time offsets come that way. */
void access_drain(volatile buffered_iopage_t *page);

#endif

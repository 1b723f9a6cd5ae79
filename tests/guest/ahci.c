/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test guest's AHCI controllers: the first sector of every disk, and a
 * disk that is kept busy. */
#include "guest.h"

#define PATIENCE 1000000

/* Offsets in words: of the controller, and of a port. */
enum { GHC = 1, PORTS_IMPLEMENTED = 3, FIRST_PORT = 0x40, PORT_WORDS = 0x20 };
enum { LIST = 0, LIST_HIGH, RECEIVED, RECEIVED_HIGH, PORT_COMMAND = 6 };
enum { TASK_FILE = 8, SATA_STATUS = 10, SATA_ERROR = 12, ISSUE = 14 };

enum { SECTORS = 64 };

static struct {
    uint32_t list[256];
    uint8_t received[256];
    uint8_t command[AHCI_READS][256];
} area __attribute__((aligned(1024)));
static uint8_t data[SECTORS * 512];

/* READ DMA EXT of so many sectors from 0. */
static void fill_slot(int slot, uint8_t sectors)
{
    uint32_t *head = area.list + 8 * slot;
    uint8_t *command = area.command[slot];
    uint32_t *region = (uint32_t *)(void *)(command + 0x80);

    head[0] = 1u << 16 | 5; /* one region; a FIS of five words */
    head[2] = physical(command);
    command[0] = 0x27;
    command[1] = 0x80;
    command[2] = 0x25;
    command[7] = 0x40;
    command[12] = sectors;
    region[0] = physical(data);
    region[3] = sectors * 512u - 1;
}

static void start_port(volatile uint32_t *controller, volatile uint32_t *port)
{
    controller[GHC] |= 0x80000000u;
    port[PORT_COMMAND] &= ~1u;
    port[LIST] = physical(area.list);
    port[LIST_HIGH] = 0;
    port[RECEIVED] = physical(area.received);
    port[RECEIVED_HIGH] = 0;
    port[SATA_ERROR] = 0xffffffff;
    port[PORT_COMMAND] |= 0x10; /* receive */
    port[PORT_COMMAND] |= 1;    /* start */
}

/* Waits until all is done; false if it is not, or has failed. */
static bool finish(volatile uint32_t *port)
{
    int i;

    for (i = 0; i < PATIENCE && port[ISSUE]; i++)
        ;
    __asm__ volatile("" : : : "memory");
    return !port[ISSUE] && !(port[TASK_FILE] & 1);
}

static bool read_sector(volatile uint32_t *controller, volatile uint32_t *port)
{
    area = (typeof(area)){ 0 };
    __builtin_memset(data, 0, 512);
    fill_slot(0, 1);
    start_port(controller, port);
    port[ISSUE] = 1;
    return finish(port);
}

static bool has_disk(volatile uint32_t *controller, volatile uint32_t *port,
                     unsigned int n)
{
    return controller[PORTS_IMPLEMENTED] >> n & 1 &&
           (port[SATA_STATUS] & 15) == 3;
}

/* Calls `found` for every disk of every controller. */
static void each_disk(void (*found)(volatile uint32_t *controller,
                                    volatile uint32_t *port, unsigned int n,
                                    uint32_t arg),
                      uint32_t arg)
{
    unsigned int i, n;

    for (i = 0; i < pci_count; i++) {
        volatile uint32_t *controller, *port;

        if (pci_functions[i].class != 0x010601 || !pci_functions[i].bar[5])
            continue;
        controller = mmio(pci_functions[i].bar[5]);
        for (n = 0; n < 6; n++) {
            port = controller + FIRST_PORT + n * PORT_WORDS;
            if (has_disk(controller, port, n))
                found(controller, port, n, arg);
        }
    }
}

static void report_disk(volatile uint32_t *controller, volatile uint32_t *port,
                        unsigned int n, uint32_t arg)
{
    const uint8_t *b = data;

    (void)arg;
    if (read_sector(controller, port))
        say("AHCI %u cksum %08x first %02x%02x%02x%02x%02x%02x%02x%02x", n,
            cksum(b, 512), b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
    else
        say("AHCI %u failed, task file %08x", n, port[TASK_FILE]);
}

static void tick_disk(volatile uint32_t *controller, volatile uint32_t *port,
                      unsigned int n, uint32_t arg)
{
    if (read_sector(controller, port))
        say("TICK %u ahci %u cksum %08x", arg, n, cksum(data, 512));
    else
        say("TICK %u ahci %u failed, task file %08x", arg, n, port[TASK_FILE]);
}

void ahci_report(uint32_t unused)
{
    (void)unused;
    each_disk(report_disk, 0);
}

void ahci_tick(uint32_t number)
{
    say("TICK %u ahci", number);
    each_disk(tick_disk, number);
}

static volatile uint32_t *busy_port;

static void take_port(volatile uint32_t *controller, volatile uint32_t *port,
                      unsigned int n, uint32_t arg)
{
    (void)n;
    (void)arg;
    if (busy_port)
        return;
    busy_port = port;
    start_port(controller, port);
}

volatile uint32_t *ahci_register(void)
{
    each_disk(take_port, 0);
    return busy_port ? busy_port + SATA_STATUS : NULL;
}

bool ahci_keep_busy(void)
{
    int i;

    if (!ahci_register())
        return false;
    for (i = 0; i < AHCI_READS; i++)
        fill_slot(i, SECTORS);
    busy_port[ISSUE] = ~0u;
    return true;
}

uint32_t ahci_done(void)
{
    uint32_t done = ~busy_port[ISSUE], slots, n = 0;

    busy_port[ISSUE] = done;
    for (slots = done; slots; slots &= slots - 1)
        n++;
    return n;
}

bool ahci_finish(void)
{
    return finish(busy_port);
}

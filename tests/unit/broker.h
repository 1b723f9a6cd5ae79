/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker between a guest and QEMUs that are played here: the test is Xen
 * (the functions of server.c) and every QEMU. */
#ifndef XLDM_TESTS_BROKER_H
#define XLDM_TESTS_BROKER_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/broker.h"
#include "run/server.h"
#include "unit.h"

#define WRITE IOREQ_WRITE
#define READ IOREQ_READ
#define PIO IOREQ_TYPE_PIO

/* ---- Xen, as server.c shows it ---- */

#define VCPUS 2

static struct dm dm;
static struct xldm_plan plan;
static buffered_iopage_t buffered;
static ioreq_t slots[VCPUS];
static int answered[VCPUS], events[2], opened;
static uint8_t memory[64]; /* the guest's */

bool server_open(struct server *s, struct dm *d,
                 const struct xldm__ranges *ranges)
{
    ck_assert_ptr_eq(d, &dm);
    ck_assert_uint_eq(ranges->v[0].first, 0x10);
    s->nvcpus = VCPUS;
    s->buffered = &buffered;
    opened++;
    return true;
}

void server_close(struct server *s)
{
    (void)s;
    opened--;
}

static uint64_t owned; /* the first port of the BAR */

bool server_ports(struct server *s, uint64_t first, uint64_t n, bool take)
{
    (void)s;
    ck_assert_uint_eq(n, 0x100);
    ck_assert_uint_eq(owned, take ? 0 : first);
    owned = take ? first : 0;
    return true;
}

int server_fd(const struct server *s)
{
    (void)s;
    return events[0];
}

void server_heard(struct server *s)
{
    char byte;

    (void)s;
    ck_assert_int_eq(read(events[0], &byte, 1), 1);
}

bool server_take(struct server *s, size_t vcpu, ioreq_t *request)
{
    (void)s;
    if (slots[vcpu].state != STATE_IOREQ_READY)
        return false;
    *request = slots[vcpu];
    slots[vcpu].state = STATE_IOREQ_INPROCESS;
    return true;
}

void server_answer(struct server *s, size_t vcpu, uint64_t data)
{
    (void)s;
    ck_assert_int_eq(slots[vcpu].state, STATE_IOREQ_INPROCESS);
    slots[vcpu].data = data;
    slots[vcpu].state = STATE_IORESP_READY;
    answered[vcpu]++;
}

bool server_copy(struct server *s, uint64_t address, void *bytes, size_t size,
                 bool to_guest)
{
    (void)s;
    if (address > sizeof(memory) - size)
        return false;
    if (to_guest)
        memcpy(memory + address, bytes, size);
    else
        memcpy(bytes, memory + address, size);
    return true;
}

/* ---- three QEMUs ---- */

#define QEMUS 3

static struct xldm_range ports = { XLDM_PORT, 0x10, 0x1f };
static int ends[QEMUS];
static char notes[256];

static void on_diag(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes), "%s\n",
             diag->text);
}

static void spin(void)
{
    int i;

    for (i = 0; i < 20; i++)
        uv_run(dm.loop, UV_RUN_NOWAIT);
}

/* What QEMU i was told, one line; "" nothing. */
static inline const char *heard(int i)
{
    static char text[512];
    ssize_t n = read(ends[i], text, sizeof(text) - 1);
    char *line, *end;

    text[n < 0 ? 0 : n] = '\0';
    line = strstr(text, "\"command-line\": \"");
    if (!line)
        line = strstr(text, "\"command-line\":\"");
    if (!line)
        return "";
    line = strchr(strchr(line, ':'), '"') + 1;
    end = strchr(line, '"');
    *end = '\0';
    return line;
}

static inline void say(int i, const char *text)
{
    ck_assert_int_eq(write(ends[i], text, strlen(text)), (ssize_t)strlen(text));
    spin();
}

static inline void answer(int i, const char *text)
{
    char line[128];

    snprintf(line, sizeof(line), "{\"return\": \"%s\"}\r\n", text);
    say(i, line);
}

static inline void request(int vcpu, uint8_t dir, uint64_t port, uint32_t size,
                    uint64_t data)
{
    slots[vcpu] = (ioreq_t){ .type = PIO,
                             .dir = dir,
                             .addr = port,
                             .size = size,
                             .data = data,
                             .count = 1,
                             .state = STATE_IOREQ_READY };
    ck_assert_int_eq(write(events[1], "x", 1), 1);
    spin();
}

static void setup(void)
{
    int pair[2], i;
    char drop[256];

    memset(&dm, 0, sizeof(dm));
    memset(slots, 0, sizeof(slots));
    memset(answered, 0, sizeof(answered));
    notes[0] = '\0';
    plan.broadcast.v = &ports;
    plan.broadcast.n = 1;
    dm.plan = &plan;
    dm.ctx = xldm_ctx_new(on_diag, NULL);
    dm.loop = malloc(sizeof(*dm.loop));
    ck_assert_ptr_nonnull(dm.loop);
    ck_assert_int_eq(uv_loop_init(dm.loop), 0);
    ck_assert_int_eq(pipe(events), 0);
    dm.nqemus = QEMUS;
    for (i = 0; i < QEMUS; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        ends[i] = pair[1];
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        plan.groups[i].primary = !i;
        plan.groups[i].name = i ? "other" : "primary";
        dm.qemus[i].dm = &dm;
        dm.qemus[i].group = &plan.groups[i];
        dm.qemus[i].server = i;
        dm.qemus[i].qmp = qmp_new(&dm, pair[0], NULL, NULL);
        say(i, "{\"QMP\": {}}\r\n");
        ck_assert_int_gt(read(ends[i], drop, sizeof(drop)), 0);
        say(i, "{\"return\": {}}\r\n");
    }
    ck_assert(broker_start(&dm));
}

static void teardown(void)
{
    int i;

    broker_stop(&dm);
    broker_stop(&dm); /* nothing more */
    ck_assert_int_eq(opened, 0);
    for (i = 0; i < QEMUS; i++) {
        qmp_free(dm.qemus[i].qmp);
        close(ends[i]);
    }
    uv_run(dm.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(dm.loop), 0);
    free(dm.loop);
    close(events[0]);
    close(events[1]);
    xldm_ctx_free(dm.ctx);
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * src/run/broker.c: who hears of an access and when the guest goes on; the
 * test is Xen (the functions of server.c) and every QEMU.
 */
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
static const char *heard(int i)
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

static void say(int i, const char *text)
{
    ck_assert_int_eq(write(ends[i], text, strlen(text)), (ssize_t)strlen(text));
    spin();
}

static void answer(int i, const char *text)
{
    char line[128];

    snprintf(line, sizeof(line), "{\"return\": \"%s\"}\r\n", text);
    say(i, line);
}

static void request(int vcpu, uint8_t dir, uint64_t port, uint32_t size,
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

START_TEST(test_unplug)
{
    int i;

    ck_assert(!broker_unplugged(&dm));
    request(0, WRITE, 0x10, 2, 3);
    for (i = QEMUS - 1; i >= 0; i--) {
        ck_assert_int_eq(answered[0], 0); /* not before all have acted */
        ck_assert_str_eq(heard(i), "o /h 0x10 0x3");
        answer(i, "");
    }
    ck_assert_int_eq(answered[0], 1);
    ck_assert(broker_unplugged(&dm));
    ck_assert_ptr_nonnull(strstr(notes, "0x3"));
    notes[0] = '\0'; /* again: it is done, but not said */
    request(0, WRITE, 0x10, 2, 1);
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    ck_assert_int_eq(answered[0], 2);
    ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(test_primary)
{
    request(0, READ, 0x10, 2, 0);
    ck_assert_str_eq(heard(0), "i /h 0x10");
    ck_assert_str_eq(heard(1), "");
    ck_assert_int_eq(answered[0], 0);
    answer(0, "portw[0x0010] = 0x49d2\\r\\n");
    ck_assert_int_eq(answered[0], 1);
    ck_assert_uint_eq(slots[0].data, 0x49d2);
    request(0, WRITE, 0x12, 1, 'x');
    ck_assert_str_eq(heard(0), "o /b 0x12 0x78");
    ck_assert_str_eq(heard(1), "");
    answer(0, "");
    ck_assert_int_eq(answered[0], 2);
    ck_assert(!broker_unplugged(&dm));
    request(0, READ, 0x10, 2, 0); /* no answer that makes sense */
    answer(0, "?");
    ck_assert_uint_eq(slots[0].data, 0xffffffff);
}
END_TEST

START_TEST(test_dead)
{
    request(0, WRITE, 0x10, 2, 1);
    answer(0, "");
    answer(1, "");
    ck_assert_int_eq(answered[0], 0);
    qmp_free(dm.qemus[2].qmp); /* as when it dies */
    dm.qemus[2].qmp = NULL;
    ck_assert_int_eq(answered[0], 1);
    request(0, WRITE, 0x10, 2, 1); /* and is not asked again */
    answer(0, "");
    answer(1, "");
    ck_assert_int_eq(answered[0], 2);
}
END_TEST

/* One that is being started must not lose devices before it was checked. */
START_TEST(test_starting)
{
    heard(2);
    dm.qemus[2].server = -1;
    request(0, WRITE, 0x10, 2, 1);
    ck_assert_str_eq(heard(2), "");
    answer(0, "");
    answer(1, "");
    ck_assert_int_eq(answered[0], 1);
}
END_TEST

START_TEST(test_broadcast)
{
    buffered.write_pointer = buffered.read_pointer + 2;
    slots[1] = (ioreq_t){ .type = IOREQ_TYPE_INVALIDATE,
                          .dir = WRITE,
                          .size = 4,
                          .data = ~0u,
                          .state = STATE_IOREQ_READY };
    request(0, WRITE, 0x10, 2, 2); /* the other vCPU waits for QEMUs */
    ck_assert_int_eq(answered[0], 0);
    ck_assert_int_eq(answered[1], 1);
    ck_assert_uint_eq(buffered.read_pointer, buffered.write_pointer);
}
END_TEST

START_TEST(test_rep)
{
    slots[0] = (ioreq_t){ .type = PIO,
                          .dir = READ,
                          .addr = 0x10,
                          .size = 2,
                          .count = 2,
                          .data_is_ptr = 1,
                          .data = 60,
                          .state = STATE_IOREQ_READY };
    broker_look(&dm);
    spin();
    answer(0, "portw[0x0010] = 0x49d2");
    ck_assert_int_eq(answered[0], 0);
    answer(0, "portw[0x0010] = 0x1234");
    ck_assert_int_eq(answered[0], 1);
    ck_assert_int_eq(memcmp(memory + 60, "\xd2\x49\x34\x12", 4), 0);
    ck_assert_uint_eq(slots[0].data, 60); /* the address stays */

    memcpy(memory, "ab", 2);
    heard(0);
    slots[0] = (ioreq_t){ .type = PIO,
                          .dir = WRITE,
                          .addr = 0x12,
                          .size = 1,
                          .count = 3,
                          .data_is_ptr = 1,
                          .df = 1,
                          .data = 1,
                          .state = STATE_IOREQ_READY };
    broker_look(&dm);
    spin();
    ck_assert_str_eq(heard(0), "o /b 0x12 0x62");
    answer(0, "");
    ck_assert_str_eq(heard(0), "o /b 0x12 0x61");
    answer(0, ""); /* the third has no memory: nobody is told */
    ck_assert_str_eq(heard(0), "");
    ck_assert_int_eq(answered[0], 2);
}
END_TEST

#define PCI(vendor, bar, at)                                                   \
    "{\"return\": [{\"bus\": 0, \"devices\": [{\"id\": {\"vendor\": " vendor   \
    "}, \"regions\": [{\"bar\": " bar ", \"type\": \"io\", \"address\": " at   \
    "}]}]}]}"

static void see(const char *text)
{
    json_t *reply = text ? json_loads(text, 0, NULL) : NULL;

    broker_see_pci(&dm, reply);
    json_decref(reply);
}

START_TEST(test_bar)
{
    owned = 0;
    see(PCI("32902", "0", "49152"));
    see(PCI("22611", "1", "49152"));
    see(PCI("22611", "0", "-1"));
    see(PCI("22611", "0", "65535"));
    see("{\"error\": {}}");
    see("{\"return\": {}}");
    ck_assert_uint_eq(owned, 0);
    see(PCI("22611", "0", "49152"));
    ck_assert_uint_eq(owned, 49152);
    see(NULL);
    see(PCI("22611", "0", "49408"));
    ck_assert_uint_eq(owned, 49408);
    heard(0);
    heard(1);
    request(0, WRITE, 49408 + 4, 4, 1);
    ck_assert_str_eq(heard(0), "o /h 0x10 0x3");
    ck_assert_str_eq(heard(1), "o /h 0x10 0x3");
    answer(0, "");
    answer(1, "");
    answer(2, "");
    ck_assert_int_eq(answered[0], 1);
    see(PCI("22611", "0", "-1"));
    ck_assert_uint_eq(owned, 0);
}
END_TEST

/* Stopped while QEMUs still owe an answer. */
START_TEST(test_stop)
{
    request(0, WRITE, 0x10, 2, 1);
    broker_stop(&dm);
    answer(0, "");
    qmp_free(dm.qemus[1].qmp);
    dm.qemus[1].qmp = NULL;
    ck_assert_int_eq(answered[0], 0); /* server_close() does that */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("broker");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_unplug);
    tcase_add_test(tcase, test_primary);
    tcase_add_test(tcase, test_dead);
    tcase_add_test(tcase, test_starting);
    tcase_add_test(tcase, test_broadcast);
    tcase_add_test(tcase, test_rep);
    tcase_add_test(tcase, test_bar);
    tcase_add_test(tcase, test_stop);
    return unit_run(tcase, "broker");
}

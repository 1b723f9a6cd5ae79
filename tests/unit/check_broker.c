/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/broker.c: who hears of an access and when the guest goes on. */
#include "broker.h"

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

/* ---- restore ---- */

static char told[512];

/* What a QEMU is asked, each with its index, and an answer. */
static void on_asked(uv_poll_t *poll, int status, int asked)
{
    static const char pci[] = PCI("22611", "0", "49152") "\r\n";
    static const char none[] = "{\"return\": \"\"}\r\n";
    const int *end = poll->data;
    char text[512], *line;
    bool is_pci;
    ssize_t n;

    (void)status, (void)asked;
    n = read(*end, text, sizeof(text) - 1);
    text[n < 0 ? 0 : n] = '\0';
    is_pci = strstr(text, "query-pci");
    line = strstr(text, "o /");
    if (line)
        line[strcspn(line, "\"")] = '\0';
    snprintf(told + strlen(told), sizeof(told) - strlen(told), "%d: %s\n",
             (int)(end - ends), line ? line : is_pci ? "pci" : "?");
    ck_assert_int_gt(write(*end, is_pci ? pci : none,
                           strlen(is_pci ? pci : none)),
                     0);
}

static const char *restore(void)
{
    uv_poll_t polls[QEMUS];
    int i;

    told[0] = '\0';
    for (i = 0; i < QEMUS; i++) {
        uv_poll_init(dm.loop, &polls[i], ends[i]);
        polls[i].data = &ends[i];
        uv_poll_start(&polls[i], UV_READABLE, on_asked);
    }
    ck_assert(broker_restore(&dm));
    for (i = 0; i < QEMUS; i++)
        uv_close((uv_handle_t *)&polls[i], NULL);
    spin();
    return told;
}

/* The unplug to all; not GPE0, which each has loaded. */
START_TEST(test_restore)
{
    owned = 0;
    dm.said = (struct said){ 3, { 2, 0 } };
    ck_assert_str_eq(restore(), ""); /* it is a start */
    dm.incoming = "fd:9";
    ck_assert_str_eq(restore(), "0: pci\n0: o /h 0x10 0x3\n"
                                "1: o /h 0x10 0x3\n2: o /h 0x10 0x3\n");
    ck_assert_uint_eq(owned, 49152);
    dm.said.unplugged = 0;
    ck_assert_str_eq(restore(), "0: pci\n");
    ck_assert(!broker_unplugged(&dm));
}
END_TEST

/* ---- end ---- */

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
    tcase_add_test(tcase, test_restore);
    tcase_add_test(tcase, test_stop);
    return unit_run(tcase, "broker");
}

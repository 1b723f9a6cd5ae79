/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/broker.c: the registers of ACPI's hotplug, which every QEMU has. */
#include "broker.h"

static int level, times;

int xendevicemodel_set_isa_irq_level(xendevicemodel_handle *xdm, domid_t domid,
                                     uint8_t irq, unsigned int to)
{
    (void)xdm;
    ck_assert_uint_eq(domid, 7);
    ck_assert_uint_eq(irq, 9);
    level = (int)to;
    times++;
    return 0;
}

static void begin(void)
{
    setup();
    dm.domid = 7;
    level = -1;
    times = 0;
}

static void all_hear(const char *line)
{
    int i;

    for (i = 0; i < QEMUS; i++)
        ck_assert_str_eq(heard(i), line);
}

/* ---- reads ---- */

static const struct read {
    uint64_t port;
    const char *answers[QEMUS]; /* NULL: it dies */
    uint64_t data;
} reads[] = {
    { 0xae00,
      { "portl[0xae00] = 0x0", "portl[0xae00] = 0x10", "portl[0xae00] = 0x40" },
      0x50 },
    { 0xae04, { "portl[0xae04] = 0x0", NULL, "portl[0xae04] = 0x40" }, 0x40 },
    { 0xae08, { "portl[0xae08] = 0x0", "?", "" }, 0 },
    { 0xae0c,
      { "portl[0xae0c] = 0xffffffff", "portl[0xae0c] = 0xfffffff5",
        "portl[0xae0c] = 0xffffffe3" },
      0xffffffe1 },
    { 0xae0c, { "portl[0xae0c] = 0xfffffffe", NULL, "?" }, 0xfffffffe },
    { 0xafe0,
      { "portl[0xafe0] = 0x20000", "portl[0xafe0] = 0x20002",
        "portl[0xafe0] = 0x20000" },
      0x20002 },
};

START_TEST(test_read)
{
    const struct read *r = &reads[_i];
    char line[32];
    int i;

    snprintf(line, sizeof(line), "i /w %#x", (unsigned)r->port);
    request(0, READ, r->port, 4, 0);
    all_hear(line);
    for (i = 0; i < QEMUS; i++) {
        ck_assert_int_eq(answered[0], 0);
        if (r->answers[i]) {
            answer(i, r->answers[i]);
            continue;
        }
        qmp_free(dm.qemus[i].qmp);
        dm.qemus[i].qmp = NULL;
    }
    ck_assert_int_eq(answered[0], 1);
    ck_assert_uint_eq(slots[0].data, r->data);
    ck_assert_int_eq(times, 0);
}
END_TEST

/* ---- writes ---- */

static const struct sci {
    const char *answers[QEMUS]; /* to "i /w 0xafe0" */
    int level;
} scis[] = {
    { { "portl[0xafe0] = 0x20000", "portl[0xafe0] = 0x20002",
        "portl[0xafe0] = 0x20000" },
      1 },
    { { "portl[0xafe0] = 0x20002", "portl[0xafe0] = 0x20000",
        "portl[0xafe0] = 0x20000" },
      1 },
    { { "portl[0xafe0] = 0x2", "portl[0xafe0] = 0x40002", "?" }, 0 },
    { { "portl[0xafe0] = 0x20000", "portl[0xafe0] = 0x2", "" }, 0 },
};

/* All are told, and when all have acted all are asked: then it is set. */
START_TEST(test_sci)
{
    const struct sci *s = &scis[_i];
    int i;

    request(0, WRITE, 0xafe0, 1, 2);
    all_hear("o /b 0xafe0 0x2");
    for (i = 0; i < QEMUS; i++) {
        ck_assert_str_eq(heard(0), "");
        answer(i, "");
    }
    all_hear("i /w 0xafe0");
    for (i = 0; i < QEMUS; i++) {
        ck_assert_int_eq(times, 0);
        ck_assert_int_eq(answered[0], 0);
        answer(i, s->answers[i]);
    }
    ck_assert_int_eq(times, 1);
    ck_assert_int_eq(level, s->level);
    ck_assert_int_eq(answered[0], 1);
    request(0, WRITE, 0xae10, 4, 0); /* not where the interrupt comes from */
    all_hear("o /w 0xae10 0");
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    ck_assert_int_eq(answered[0], 2);
    ck_assert_int_eq(times, 1);
}
END_TEST

/* One dies between the two questions, one is not known yet. */
START_TEST(test_sci_dead)
{
    dm.qemus[1].server = -1;
    request(0, WRITE, 0xafe2, 1, 2);
    ck_assert_str_eq(heard(1), "");
    answer(0, "");
    answer(2, "");
    heard(0);
    answer(0, "portl[0xafe0] = 0x20002");
    ck_assert_int_eq(answered[0], 0);
    qmp_free(dm.qemus[2].qmp);
    dm.qemus[2].qmp = NULL;
    ck_assert_int_eq(level, 1);
    ck_assert_int_eq(answered[0], 1);
    ck_assert_str_eq(heard(1), "");
}
END_TEST

/* Two vCPUs: the last word is that of the last write. */
START_TEST(test_sci_two)
{
    int i;

    request(0, WRITE, 0xafe0, 1, 2);
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    request(1, WRITE, 0xafe0, 1, 2);
    for (i = 0; i < QEMUS; i++)
        answer(i, "portl[0xafe0] = 0x20002");
    ck_assert_int_eq(level, 1);
    ck_assert_int_eq(answered[0], 1);
    ck_assert_int_eq(answered[1], 0);
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    for (i = 0; i < QEMUS; i++)
        answer(i, "portl[0xafe0] = 0x20000");
    ck_assert_int_eq(level, 0);
    ck_assert_int_eq(answered[1], 1);
}
END_TEST

/* ---- a QEMU that is started later ---- */

static char told[256];

static void on_told(uv_poll_t *poll, int status, int what)
{
    const char *line = heard(2);

    (void)poll;
    (void)status;
    (void)what;
    if (!*line)
        return;
    snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s\n", line);
    ck_assert_int_eq(write(ends[2], "{\"return\": \"\"}\r\n", 16), 16);
}

static void enable(uint64_t port, uint32_t size, uint64_t value)
{
    int i, done = answered[0];

    request(0, WRITE, port, size, value);
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    for (i = 0; i < QEMUS; i++)
        answer(i, "portl[0xafe0] = 0x0");
    ck_assert_int_eq(answered[0], done + 1);
}

static const char *replay(void)
{
    uv_poll_t poll;

    told[0] = '\0';
    while (*heard(2))
        ;
    uv_poll_init(dm.loop, &poll, ends[2]);
    uv_poll_start(&poll, UV_READABLE, on_told);
    ck_assert(broker_replay(&dm.qemus[2]));
    uv_close((uv_handle_t *)&poll, NULL);
    spin();
    return told;
}

START_TEST(test_replay)
{
    int i;

    ck_assert_str_eq(replay(), "");
    enable(0xafe2, 1, 2);
    enable(0xafe3, 1, 1);
    enable(0xafe0, 2, 0xffff); /* the status is nobody else's */
    ck_assert_str_eq(replay(), "o /h 0xafe2 0x102\n");
    request(0, WRITE, 0x10, 2, 1);
    for (i = 0; i < QEMUS; i++)
        answer(i, "");
    ck_assert_str_eq(replay(), "o /h 0x10 0x1\no /h 0xafe2 0x102\n");
    enable(0xafe2, 2, 0);
    ck_assert_str_eq(replay(), "o /h 0x10 0x1\n");
}
END_TEST

START_TEST(test_replay_dead)
{
    enable(0xafe2, 1, 2);
    shutdown(ends[2], SHUT_RDWR);
    ck_assert(!broker_replay(&dm.qemus[2]));
    ck_assert_ptr_nonnull(strstr(notes, "group 'other'"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("hotplug");

    tcase_add_checked_fixture(tcase, begin, teardown);
    tcase_add_loop_test(tcase, test_read, 0, COUNT(reads));
    tcase_add_loop_test(tcase, test_sci, 0, COUNT(scis));
    tcase_add_test(tcase, test_sci_dead);
    tcase_add_test(tcase, test_sci_two);
    tcase_add_test(tcase, test_replay);
    tcase_add_test(tcase, test_replay_dead);
    return unit_run(tcase, "hotplug");
}

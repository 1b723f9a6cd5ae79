/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/access.c: whose an access is, and how a QEMU's monitor says it. */
#include "run/access.h"
#include "unit.h"

#define WRITE IOREQ_WRITE
#define READ IOREQ_READ
#define PIO IOREQ_TYPE_PIO

static const struct {
    uint8_t type, dir;
    uint64_t port;
    uint32_t size;
    enum access_act act;
    const char *line; /* NULL: nobody is told */
} accesses[] = {
    { PIO, WRITE, 0x10, 2, ACCESS_PRIMARY, "o /h 0x10 0x1234" },
    { PIO, WRITE, 0x10, 1, ACCESS_PRIMARY, "o /b 0x10 0x34" },
    { PIO, WRITE, 0x10, 4, ACCESS_PRIMARY, "o /w 0x10 0x1234" },
    { PIO, WRITE, 0x11, 2, ACCESS_PRIMARY, "o /h 0x11 0x1234" },
    { PIO, WRITE, 0x12, 1, ACCESS_PRIMARY, "o /b 0x12 0x34" },
    { PIO, WRITE, 0x12, 2, ACCESS_PRIMARY, "o /h 0x12 0x1234" },
    { PIO, WRITE, 0x1f, 1, ACCESS_PRIMARY, "o /b 0x1f 0x34" },
    { PIO, READ, 0x10, 1, ACCESS_PRIMARY, "i /b 0x10" },
    { PIO, READ, 0x10, 2, ACCESS_PRIMARY, "i /h 0x10" },
    { PIO, READ, 0x10, 4, ACCESS_PRIMARY, "i /w 0x10" },
    { PIO, READ, 0x1c, 4, ACCESS_PRIMARY, "i /w 0x1c" },
    { PIO, READ, 0xadff, 1, ACCESS_PRIMARY, "i /b 0xadff" },
    { PIO, READ, 0xae00, 4, ACCESS_ALL, "i /w 0xae00" },
    { PIO, WRITE, 0xae08, 4, ACCESS_ALL, "o /w 0xae08 0x1234" },
    { PIO, READ, 0xae17, 1, ACCESS_ALL, "i /b 0xae17" },
    { PIO, READ, 0xae18, 1, ACCESS_PRIMARY, "i /b 0xae18" },
    { PIO, WRITE, 0xafe0, 1, ACCESS_ALL, "o /b 0xafe0 0x34" },
    { PIO, READ, 0xafe3, 1, ACCESS_ALL, "i /b 0xafe3" },
    { PIO, READ, 0xafe4, 1, ACCESS_PRIMARY, "i /b 0xafe4" },
    { PIO, WRITE, 0x10, 8, ACCESS_NOBODY, NULL },
    { PIO, WRITE, 0x10, 0, ACCESS_NOBODY, NULL },
    { PIO, READ, 0x10, 3, ACCESS_NOBODY, NULL },
    { PIO, WRITE, 0x10010, 2, ACCESS_NOBODY, NULL },
    { PIO, WRITE, 0x100000010, 2, ACCESS_NOBODY, NULL },
    { IOREQ_TYPE_COPY, WRITE, 0x10, 2, ACCESS_NOBODY, NULL },
    { IOREQ_TYPE_COPY, READ, 0x10, 2, ACCESS_NOBODY, NULL },
    { IOREQ_TYPE_PCI_CONFIG, WRITE, 0x10, 2, ACCESS_NOBODY, NULL },
    { 5, WRITE, 0x10, 2, ACCESS_NOBODY, NULL },
    { 255, READ, 0x10, 2, ACCESS_NOBODY, NULL },
    { IOREQ_TYPE_INVALIDATE, WRITE, 0, 4, ACCESS_DONE, NULL },
    { IOREQ_TYPE_TIMEOFFSET, WRITE, 0, 8, ACCESS_DONE, NULL },
};

START_TEST(test_decide)
{
    ioreq_t r = { .type = accesses[_i].type,
                  .dir = accesses[_i].dir,
                  .addr = accesses[_i].port,
                  .size = accesses[_i].size };
    char line[48];

    ck_assert_int_eq(access_decide(&r), accesses[_i].act);
    if (accesses[_i].line) {
        access_command(&r, 0x1234, line, sizeof(line));
        ck_assert_str_eq(line, accesses[_i].line);
    }
}
END_TEST

static const struct {
    uint8_t dir;
    uint64_t port;
    uint32_t size, value;
    uint64_t bar;
    uint16_t unplug;
} unplugs[] = {
    { WRITE, 0x10, 2, 1, 0, 1 },
    { WRITE, 0x10, 2, 2, 0, 2 },
    { WRITE, 0x10, 2, 0xf, 0, 0xf },
    { WRITE, 0x10, 2, 0xdeadffff, 0, 0xffff },
    { WRITE, 0x10, 2, 0, 0, 0 },
    { WRITE, 0x10, 1, 1, 0, 0 },
    { WRITE, 0x10, 4, 1, 0, 0 },
    { WRITE, 0x11, 2, 1, 0, 0 },
    { WRITE, 0x12, 2, 1, 0, 0 },
    { READ, 0x10, 2, 1, 0, 0 },
    { WRITE, 0xc004, 4, 1, 0xc000, 3 },
    { WRITE, 0xc004, 1, 1, 0xc000, 3 },
    { WRITE, 0xc004, 4, 2, 0xc000, 0 },
    { WRITE, 0xc004, 4, 0x101, 0xc000, 3 },
    { WRITE, 0xc005, 1, 1, 0xc000, 0 },
    { WRITE, 0xc003, 2, 0x0100, 0xc000, 3 },
    { WRITE, 0xc008, 1, 1, 0xc000, 1 },
    { WRITE, 0xc008, 4, 2, 0xc000, 2 },
    { WRITE, 0xc008, 1, 'x', 0xc000, 0 },
    { WRITE, 0xc009, 1, 1, 0xc000, 0 },
    { READ, 0xc004, 4, 1, 0xc000, 0 },
    { WRITE, 0xc004, 4, 1, 0xc100, 0 },
    { WRITE, 0xc004, 4, 1, 0, 0 },
    { WRITE, 4, 4, 1, 0, 0 },
};

START_TEST(test_unplugs)
{
    ioreq_t r = { .dir = unplugs[_i].dir,
                  .addr = unplugs[_i].port,
                  .size = unplugs[_i].size };

    ck_assert_uint_eq(access_unplug(&r, unplugs[_i].value, unplugs[_i].bar),
                      unplugs[_i].unplug);
}
END_TEST

START_TEST(test_string)
{
    ioreq_t r = { .size = 2, .count = 5, .data = 0x1000 };

    ck_assert_uint_eq(access_count(&r), 1);
    r.data_is_ptr = 1;
    ck_assert_uint_eq(access_count(&r), 5);
    ck_assert_uint_eq(access_address(&r, 0), 0x1000);
    ck_assert_uint_eq(access_address(&r, 3), 0x1006);
    r.df = 1;
    ck_assert_uint_eq(access_address(&r, 3), 0xffa);
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    uint32_t value;
} answers[] = {
    { "portw[0x0010] = 0x49d2\r\n", true, 0x49d2 },
    { "portb[0x0012] = 0x01\r\n", true, 1 },
    { "portl[0x0010] = 0xffffffff\r\n", true, 0xffffffff },
    { "portw[0x0010] = 0x", false, 0 },
    { "portw[0x0010] = \r\n", false, 0 },
    { "portw[0x0010]", false, 0 },
    { "unknown command: 'i'\r\n", false, 0 },
    { "x portw[0x0010] = 0x49d2\r\n", false, 0 },
    { "", false, 0 },
};

START_TEST(test_answer)
{
    uint32_t value = 0;

    ck_assert_int_eq(access_answer(answers[_i].text, &value), answers[_i].ok);
    if (answers[_i].ok)
        ck_assert_uint_eq(value, answers[_i].value);
}
END_TEST

START_TEST(test_drain)
{
    static buffered_iopage_t page;

    page.read_pointer = 0xfffffffe;
    page.write_pointer = 3;
    access_drain(&page);
    ck_assert_uint_eq(page.read_pointer, 3);
}
END_TEST

static const struct {
    uint64_t port;
    uint32_t nobody, merged; /* of 0xc and 0xa */
    bool sci;                /* a write */
} merges[] = {
    { 0x10, ~0u, 0x8, false }, { 0xae00, 0, 0xe, false },
    { 0xae04, 0, 0xe, false }, { 0xae0c, ~0u, 0x8, false },
    { 0xae10, 0, 0xe, false }, { 0xafe0, 0, 0xe, true },
    { 0xafe2, 0, 0xe, true },
};

START_TEST(test_merge)
{
    ioreq_t r = {
        .type = PIO, .dir = READ, .addr = merges[_i].port, .size = 4
    };
    uint32_t value = access_nobody(&r);

    ck_assert_uint_eq(value, merges[_i].nobody);
    access_merge(&r, 0xc, &value);
    access_merge(&r, 0xa, &value);
    ck_assert_uint_eq(value, merges[_i].merged);
    ck_assert(!access_sci(&r));
    r.dir = WRITE;
    ck_assert_int_eq(access_sci(&r), merges[_i].sci);
}
END_TEST

START_TEST(test_sci)
{
    ck_assert(!access_sci_pending(0));
    ck_assert(!access_sci_pending(0x00000002));
    ck_assert(!access_sci_pending(0x00020000));
    ck_assert(access_sci_pending(0x00020002));
    ck_assert(access_sci_pending(0xffff8000));
    ck_assert(!access_sci_pending(0x0002fffd));
}
END_TEST

static const struct {
    uint8_t dir;
    uint64_t port;
    uint32_t size, value;
    const char *line;
} enables[] = {
    { WRITE, 0xafe2, 1, 0x07, "o /h 0xafe2 0x7" },
    { WRITE, 0xafe3, 1, 0x07, "o /h 0xafe2 0x700" },
    { WRITE, 0xafe2, 2, 0x0107, "o /h 0xafe2 0x107" },
    { WRITE, 0xafe0, 4, 0x0107ffff, "o /h 0xafe2 0x107" },
    { WRITE, 0xafe0, 2, 0xffff, "o /h 0xafe2 0" },
    { WRITE, 0x10, 4, 0xffff, "o /h 0xafe2 0" },
    { READ, 0xafe2, 2, 0xffff, "o /h 0xafe2 0" },
};

START_TEST(test_enable)
{
    ioreq_t r = { .type = PIO,
                  .dir = enables[_i].dir,
                  .addr = enables[_i].port,
                  .size = enables[_i].size };
    uint8_t enabled[GPE0_ENABLE_SIZE] = { 0 };
    char line[48];

    access_enable(&r, enables[_i].value, enabled);
    access_enable_command(enabled, line, sizeof(line));
    ck_assert_str_eq(line, enables[_i].line);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("access");

    tcase_add_loop_test(tcase, test_decide, 0, COUNT(accesses));
    tcase_add_loop_test(tcase, test_unplugs, 0, COUNT(unplugs));
    tcase_add_loop_test(tcase, test_answer, 0, COUNT(answers));
    tcase_add_loop_test(tcase, test_merge, 0, COUNT(merges));
    tcase_add_test(tcase, test_sci);
    tcase_add_loop_test(tcase, test_enable, 0, COUNT(enables));
    tcase_add_test(tcase, test_string);
    tcase_add_test(tcase, test_drain);
    return unit_run(tcase, "access");
}

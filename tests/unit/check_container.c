/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/container.c and restore.c: the state of a split domain, read back. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/save.h"
#include "unit.h"

static const struct container two = {
    .said = { 0x0102, { 3, 4 } },
    .ngroups = 2,
    .groups = { { "primary", 0x3f00000, 0x1100000, 63, 5 },
                { "net.0_-A", 0x5000000, 0x100000, 80, 3 } },
};
#define BLOBS "firstnet"

static char said[2048];

static void hear(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n",
             diag->text);
}

/* ---------------------------------------------------------- bytes ---- */

/* Written by hand: whoever changes this changes what a file means. */
static const char form[] =
    "XLDMSAVE" "\1\0\0\0" "\2\0\0\0" "\2\1" "\3\4" "\0\0\0\0"
    "primary\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\xf0\3\0\0\0\0" "\0\0\x10\1\0\0\0\0" "\x3f\0\0\0\0\0\0\0"
    "\5\0\0\0\0\0\0\0"
    "net.0_-A\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\5\0\0\0\0" "\0\0\x10\0\0\0\0\0" "\x50\0\0\0\0\0\0\0"
    "\3\0\0\0\0\0\0\0" BLOBS;
#define FORM (sizeof(form) - 1)
#define HEAD (CONTAINER_FIXED + 2 * CONTAINER_GROUP)

START_TEST(form_is_fixed)
{
    uint8_t head[CONTAINER_HEAD];

    ck_assert_uint_eq(container_write(&two, head), HEAD);
    ck_assert_mem_eq(head, form, HEAD);
    ck_assert_uint_eq(FORM, HEAD + strlen(BLOBS));
}
END_TEST

static size_t read_form(struct container *c, const char *bytes, size_t n,
                        char *why)
{
    size_t head = n < CONTAINER_HEAD ? n : CONTAINER_HEAD, length;
    uint8_t *exact = malloc(head ? head : 1); /* ASan sees who reads on */

    memcpy(exact, bytes, head);
    strcpy(why, "");
    length = container_read(c, exact, head, n, why, 200);
    free(exact);
    return length;
}

START_TEST(reads_what_it_wrote)
{
    struct container c;
    char why[200];

    ck_assert_uint_eq(read_form(&c, form, FORM, why), HEAD);
    ck_assert_str_eq(why, "");
    ck_assert_mem_eq(&c, &two, sizeof(c));
}
END_TEST

/* However much of it is there, it is refused. */
START_TEST(truncated)
{
    struct container c;
    char why[200];
    size_t n;

    for (n = 0; n < FORM; n++) {
        ck_assert_uint_eq(read_form(&c, form, n, why), 0);
        ck_assert_str_ne(why, "");
        if (n >= 8)
            ck_assert_msg(strstr(why, "it is truncated: "), "%zu: %s", n, why);
    }
    ck_assert_str_eq(why, "it is truncated: it has 223 of 224 bytes");
}
END_TEST

static const struct bad {
    size_t at;
    const char *bytes;
    size_t n;
    const char *why;
} bad[] = {
    { 0, "x", 1, "it is not xldm-dm's" },
    { 0, "QEVM\0\0\0\3", 8,
      "it is the state of a single QEMU, of a domain that was not split" },
    { 8, "\2", 1, "it is of version 2; this xldm-dm reads version 1" },
    { 8, "\0\0\0\1", 4,
      "it is of version 16777216; this xldm-dm reads version 1" },
    { 12, "\0", 1, "it says that it has 0 groups; 1 to 7 can be" },
    { 12, "\10", 1, "it says that it has 8 groups; 1 to 7 can be" },
    { 12, "\377\377\377\377", 4,
      "it says that it has 4294967295 groups; 1 to 7 can be" },
    { 12, "\1", 1, "99 bytes follow its end" },
    { 12, "\3", 1, "it is truncated: its header has 224 bytes" },
    { 20, "\1", 1, "what is to be zero in its header is not" },
    { 24, "\0", 1, "the name of its group 1 is none" },
    { 24, "a/b", 3, "the name of its group 1 is none" },
    { 24 + 8, "x", 1, "the name of its group 1 is none" },
    { 120, "net\377", 4, "the name of its group 2 is none" },
    { 120, "primary", 8, "it has the group 'primary' twice" },
    { 112, "\0", 1, "it gives group 'primary' 0 bytes" },
    { 112, "\1\0\0\4", 4, "it gives group 'primary' 67108865 bytes" },
    { 112, "\377\377\377\377\377\377\377\377", 8,
      "it gives group 'primary' 18446744073709551615 bytes" },
    { 112, "\4", 1, "1 bytes follow its end" },
    { 208, "\4", 1, "it is truncated: it has 224 of 225 bytes" },
};

START_TEST(foreign)
{
    const struct bad *b = &bad[_i];
    char bytes[FORM], why[200];
    struct container c;

    memcpy(bytes, form, FORM);
    memcpy(bytes + b->at, b->bytes, b->n);
    ck_assert_uint_eq(read_form(&c, bytes, FORM, why), 0);
    ck_assert_str_eq(why, b->why);
}
END_TEST

/* ----------------------------------------------------------- plan ---- */

static void make_plan(struct xldm_plan *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->ngroups = 2;
    for (size_t i = 0; i < 2; i++) { /* in the other order */
        plan->groups[i].name = two.groups[1 - i].name;
        plan->groups[i].ram_first = two.groups[1 - i].ram_first;
        plan->groups[i].ram_size = two.groups[1 - i].ram_size;
        plan->groups[i].memory_mib = two.groups[1 - i].memory_mib;
    }
}

#define GETS "group 'net.0_-A' had 0x100000 bytes at 0x5000000 with -m 80, "  \
             "and now gets "

START_TEST(fits)
{
    struct xldm_plan plan;
    size_t at[XLDM_MAX_GROUPS];
    char why[1200];

    make_plan(&plan);
    ck_assert(container_fits(&two, &plan, at, why, sizeof(why)));
    ck_assert_uint_eq(at[0], 1);
    ck_assert_uint_eq(at[1], 0);
    plan.groups[0].ram_first++;
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
    ck_assert_str_eq(why, GETS "0x100000 at 0x5000001 with -m 80");
    make_plan(&plan);
    plan.groups[0].ram_size = 0;
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
    ck_assert_str_eq(why, GETS "0 at 0x5000000 with -m 80");
    make_plan(&plan);
    plan.groups[0].memory_mib = 64;
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
    ck_assert_str_eq(why, GETS "0x100000 at 0x5000000 with -m 64");
    make_plan(&plan);
    plan.groups[0].name = "usb";
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
    ck_assert_str_eq(why, "it has the groups 'primary', 'net.0_-A'; the "
                          "domain is to have 'usb', 'primary'");
    make_plan(&plan);
    plan.ngroups = 1;
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
    plan.ngroups = 3;
    plan.groups[2].name = "more";
    ck_assert(!container_fits(&two, &plan, at, why, sizeof(why)));
}
END_TEST

/* -------------------------------------------------------- restore ---- */

static struct dm dm;
static struct xldm_plan plan;
static char incoming[16];

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("libxl's", 0);

    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    snprintf(incoming, sizeof(incoming), "fd:%d", fd);
    return fd;
}

static bool restore(void)
{
    bool ok;

    said[0] = '\0';
    memset(&dm, 0, sizeof(dm));
    make_plan(&plan);
    dm.ctx = xldm_ctx_new(hear, NULL);
    dm.plan = &plan;
    dm.incoming = incoming;
    ok = restore_read(&dm);
    xldm_ctx_free(dm.ctx);
    return ok;
}

static void has(int fd, const char *text)
{
    char bytes[16] = "";

    ck_assert_int_gt(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), (ssize_t)strlen(text));
    ck_assert_str_eq(bytes, text);
    close(fd);
}

START_TEST(taken_apart)
{
    int fd = file_of(form, FORM);

    ck_assert(restore_is_split(incoming));
    ck_assert(restore());
    ck_assert_str_eq(said, "");
    has(dm.qemus[0].state, "net");
    has(dm.qemus[1].state, "first");
    ck_assert_mem_eq(&dm.said, &two.said, sizeof(two.said));
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1); /* nobody needs it any more */
}
END_TEST

START_TEST(not_taken)
{
    file_of("QEVM\0\0\0\3and so on", 17);
    ck_assert(!restore_is_split(incoming));
    ck_assert(!restore());
    ck_assert_str_eq(said, "the saved state cannot be that of this domain: it "
                           "is the state of a single QEMU, of a domain that "
                           "was not split\n");
    file_of(form, FORM - 1);
    ck_assert(restore_is_split(incoming));
    ck_assert(!restore());
    ck_assert_str_eq(said, "the saved state cannot be that of this domain: it "
                           "is truncated: it has 223 of 224 bytes\n");
    ck_assert_int_eq(dm.qemus[0].state, 0);
    file_of(form, 0);
    ck_assert(!restore_is_split(incoming));
    ck_assert(!restore());
}
END_TEST

START_TEST(no_file)
{
    static const char *const names[] = { "",     "fd",   "fd:",     "fd:2",
                                         "fd:3x", "defer", "tcp:fd:4",
                                         "fd:-1", "fd:99999999999" };
    char want[200];

    snprintf(incoming, sizeof(incoming), "%s", names[_i]);
    snprintf(want, sizeof(want),
             "-incoming is '%s'; fd:N is accepted, of a file that is open\n",
             names[_i]);
    ck_assert(!restore_is_split(incoming));
    ck_assert(!restore());
    ck_assert_str_eq(said, want);
}
END_TEST

START_TEST(not_open)
{
    strcpy(incoming, "fd:999");
    ck_assert(!restore_is_split(incoming));
    ck_assert(!restore());
    ck_assert_str_eq(said, "the saved state cannot be read: Bad file "
                           "descriptor\n");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("container");

    tcase_add_test(tcase, form_is_fixed);
    tcase_add_test(tcase, reads_what_it_wrote);
    tcase_add_test(tcase, truncated);
    tcase_add_loop_test(tcase, foreign, 0, COUNT(bad));
    tcase_add_test(tcase, fits);
    tcase_add_test(tcase, taken_apart);
    tcase_add_test(tcase, not_taken);
    tcase_add_loop_test(tcase, no_file, 0, 9);
    tcase_add_test(tcase, not_open);
    return unit_run(tcase, "container");
}

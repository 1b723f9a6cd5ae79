/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/save.c: libxl's one file gets the states of all QEMUs, or none. */
#include <sys/mman.h>

#include "router.h"

static const char *const states[GROUPS] = { "state of the primary", "ui",
                                            "and that of zzz" };

#define SAVE                                                                   \
    "{\"execute\": \"xen-save-devices-state\", \"arguments\": {\"live\": "     \
    "false, \"filename\": \"/dev/fdset/0\"}}"
#define ERROR(text)                                                            \
    "{\"error\":{\"class\":\"GenericError\",\"desc\":\"xldm: " text "\"}}"

/* libxl's connection that has sent file. */
static int send_first(int file)
{
    int fd = open_ready();

    send_file(fd, file);
    put(fd, "\"execute\": \"add-fd\"}");
    expect_start(fd, "{\"return\":{\"fdset-id\":0,\"fd\":");
    return fd;
}

static unsigned times(const char *text)
{
    const char *p = order;
    unsigned n = 0;

    while ((p = strstr(p, text))) {
        n++;
        p += strlen(text);
    }
    return n;
}

static void set_states(void)
{
    size_t i;

    for (i = 0; i < GROUPS; i++)
        fakes[i].state = states[i];
}

/* ---------------------------------------------------------- cases ---- */

static void all(void)
{
    int file = memfd_create("libxl's", 0), fd;
    uint8_t bytes[2048];
    char why[200] = "";
    struct container c;
    ssize_t n;
    size_t i, at;

    set_states();
    dm.said = (struct said){ 0x1234, { 5, 6 } };
    for (i = 0; i < GROUPS; i++) {
        plan.groups[i].ram_first = 0x1000000 * (i + 1);
        plan.groups[i].ram_size = 0x100000 * i;
        plan.groups[i].memory_mib = 64 + i;
    }
    fd = send_first(file);
    ask(fd, SAVE, "{\"return\":{}}");
    ck_assert_uint_eq(times(":add-fd "), GROUPS);
    ck_assert_uint_eq(times(":xen-save-devices-state "), GROUPS);
    ck_assert_uint_eq(times(":remove-fd "), GROUPS);
    close(fd);

    n = pread(file, bytes, sizeof(bytes), 0);
    ck_assert_int_gt(n, 0);
    at = container_read(&c, bytes, (size_t)n, (uint64_t)n, why, sizeof(why));
    ck_assert_str_eq(why, "");
    ck_assert_uint_eq(c.ngroups, GROUPS);
    ck_assert_mem_eq(&c.said, &dm.said, sizeof(c.said));
    for (i = 0; i < GROUPS; i++) {
        const struct xldm__group *g = &plan.groups[i];

        ck_assert_str_eq(c.groups[i].name, g->name);
        ck_assert_uint_eq(c.groups[i].ram_first, g->ram_first);
        ck_assert_uint_eq(c.groups[i].ram_size, g->ram_size);
        ck_assert_uint_eq(c.groups[i].memory_mib, g->memory_mib);
        ck_assert_uint_eq(c.groups[i].bytes, strlen(states[i]));
        ck_assert_mem_eq(bytes + at, states[i], strlen(states[i]));
        at += strlen(states[i]);
    }
    close(file);
}

/* A group that has ended has nothing to say, and nobody misses it. */
static void ended(void)
{
    int file = memfd_create("libxl's", 0), fd;
    uint8_t bytes[2048];
    struct container c;
    char why[200];
    ssize_t n;

    set_states();
    dm.qemus[1].ended = dm.qemus[1].detached = true;
    fd = send_first(file);
    ask(fd, SAVE, "{\"return\":{}}");
    ck_assert_ptr_null(strstr(order, "1:"));
    close(fd);
    n = pread(file, bytes, sizeof(bytes), 0);
    ck_assert_uint_gt(
        container_read(&c, bytes, (size_t)n, (uint64_t)n, why, sizeof(why)), 0);
    ck_assert_uint_eq(c.ngroups, 2);
    ck_assert_str_eq(c.groups[1].name, "zzz");
    close(file);
}

/* Nothing is written, and every QEMU that lives has its file taken back. */
static void refused_with(const char *reply, unsigned given, unsigned taken)
{
    int file = memfd_create("libxl's", 0), fd = send_first(file);

    ask(fd, SAVE, reply);
    ck_assert_int_eq(lseek(file, 0, SEEK_END), 0);
    ck_assert_uint_eq(times(":add-fd "), given);
    ck_assert_uint_eq(times(":remove-fd "), taken);
    ask(fd, "{\"execute\": \"cont\"}", "{\"return\":{}}");
    close(file);
    close(fd);
}

static void refuses(void)
{
    set_states();
    fakes[1].refuses = "xen-save-devices-state";
    refused_with(ERROR("group 'ui': no"), GROUPS, GROUPS);
}

static void takes_no_file(void)
{
    set_states();
    fakes[2].refuses = "add-fd";
    refused_with(ERROR("group 'zzz': no"), GROUPS, GROUPS);
    ck_assert_ptr_null(strstr(order, "xen-save"));
}

static void writes_nothing(void)
{
    set_states();
    fakes[1].state = "";
    refused_with(ERROR("group 'ui': its state has 0 bytes; 1 to 67108864 can "
                       "be, of all groups together"),
                 GROUPS, GROUPS);
}

static void dead(void)
{
    set_states();
    dm.qemus[2].detached = true;
    refused_with(ERROR("group 'zzz' has no QEMU any more; without it the "
                       "domain cannot be saved (xldm restart starts it)"),
                 0, 0);
    ck_assert_ptr_null(strstr(order, "xen-save"));
}

static void dies(void)
{
    set_states();
    fakes[1].dies = "xen-save-devices-state";
    refused_with(ERROR("group 'ui': its QEMU went away"), GROUPS, GROUPS - 1);
}

static void no_file(void)
{
    int fd = open_ready();

    ask(fd, SAVE, ERROR("'/dev/fdset/0' is no file that was sent with add-fd"));
    ask(fd, "{\"execute\": \"xen-save-devices-state\"}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Parameter "
        "'filename' is missing\"}}");
    ck_assert_str_eq(order, "");
    close(fd);
}

static void no_room(void)
{
    int file = open("/dev/full", O_WRONLY), fd = send_first(file);

    set_states();
    ask(fd, SAVE, ERROR("write the state: No space left on device"));
    ck_assert_uint_eq(times(":remove-fd "), GROUPS);
    close(file);
    close(fd);
}

/* It goes through to the end, and what it had open is closed. */
static void leaver(void)
{
    int file = memfd_create("libxl's", 0), fd, other;

    set_states();
    fd = send_first(file);
    put(fd, SAVE);
    close(fd);
    wait_order("0:remove-fd");
    other = open_ready();
    ask(other, "{\"execute\": \"query-status\"}", "{\"return\":{}}");
    ck_assert_int_gt(lseek(file, 0, SEEK_END), CONTAINER_FIXED);
    close(other);
    close(file);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    { "all", all },
    { "ended", ended },
    { "refuses", refuses },
    { "takes no file", takes_no_file },
    { "writes nothing", writes_nothing },
    { "dead", dead },
    { "dies", dies },
    { "no file", no_file },
    { "no room", no_room },
    { "leaver", leaver },
};

START_TEST(save)
{
    play(cases[_i].run);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("save");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, save, 0, COUNT(cases));
    return unit_run(tcase, "save");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/plug.c and fdset.c: devices that come and go, files for them. */
#include <sys/stat.h>

#include "router.h"
#include "run/route.h"
#include "run/request.h"

/* As libxl sends a file: with the first byte of its command.  The pipe's
 * reading end. */
static int send_pipe(int fd)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    send_file(fd, ends[1]);
    close(ends[1]);
    return ends[0];
}

#define CARD                                                                   \
    "{\"execute\": \"device_add\", \"arguments\": {\"driver\": "               \
    "\"xen-pci-passthrough\", \"id\": \"pci-pt-03_00.0\", \"hostaddr\": "      \
    "\"0000:03:00.0\"}}"
#define CARD_OUT                                                               \
    "{\"execute\": \"device_del\", \"arguments\": {\"id\": "                   \
    "\"pci-pt-03_00.0\"}}"
#define CARD_GONE                                                              \
    "{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":\"pci-pt-03_00.0\"}}"

/* The plan has it in the third group; slots 0 to 3 are those of somebody. */
static void goes_there(void)
{
    int fd = open_ready();

    ask(fd, CARD, "{\"return\":{}}");
    ck_assert_ptr_nonnull(strstr(order, "2:device_add 2:4 "));
    ck_assert_ptr_null(strstr(order, "0:device_add"));
    ck_assert_str_eq(answered, "0000:03:00.0 1");
    ck_assert_int_eq(dm.router->plugged->devfn, 4 << 3);
    ask(fd, CARD,
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Duplicate device "
        "ID 'pci-pt-03_00.0' for device\"}}");
    ask(fd, CARD_OUT, CARD_GONE);
    expect(fd, "{\"return\":{}}");
    ck_assert_str_eq(answered, "0000:03:00.0 0"); /* the second */
    ck_assert_ptr_nonnull(strstr(order, "2:device_del"));
    ck_assert_str_eq(plugged_out, "0000:03:00.0");
    ask(fd, CARD, "{\"return\":{}}");
    close(fd);
}

/* A group without a QEMU keeps its slots, for it may get one again. */
static void absent(void)
{
    int fd = open_ready();

    shutdown(fakes[1].fd, SHUT_RDWR);
    ask(fd, CARD, "{\"return\":{}}");
    ck_assert_ptr_nonnull(strstr(order, "2:device_add 2:4 "));
    close(fd);
}

/* Its QEMU goes, and it with it; another one may have it. */
static void is_lost(void)
{
    int fd = open_ready();

    ask(fd, CARD, "{\"return\":{}}");
    ck_assert_str_eq(lost, "");
    ask(fd, "{\"execute\": \"x-xldm-unplace\"}", "{\"return\":null}");
    ck_assert_str_eq(lost, "0000:03:00.0");
    ck_assert_ptr_null(dm.router->plugged);
    ask(fd, CARD, "{\"return\":{}}");
    close(fd);
}

/* A QEMU speaks for its own devices only. */
static void liar(void)
{
    int fd = open_ready();

    *plugged_out = '\0';
    ask(fd, CARD, "{\"return\":{}}");
    ask(fd, "{\"execute\": \"lie\"}", CARD_GONE); /* the primary's */
    expect(fd, "{\"return\":{}}");
    ck_assert_str_eq(plugged_out, "");
    ask(fd, CARD,
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"Duplicate device "
        "ID 'pci-pt-03_00.0' for device\"}}");
    close(fd);
}

/* What is cut off in the middle of a letter is an answer all the same. */
static void long_id(void)
{
    char line[1400], want[700];
    int fd = open_ready(), i, n;

    n = snprintf(line, sizeof(line),
                 "{\"execute\": \"device_add\", "
                 "\"arguments\": {\"driver\": \"x\", \"addr\": \"9\", "
                 "\"id\": \"");
    for (i = 0; i < 300; i++)
        n += snprintf(line + n, sizeof(line) - (size_t)n, "\xc3\xa4");
    snprintf(line + n, sizeof(line) - (size_t)n, "\"}}");
    ask(fd, line, "{\"return\":{}}");
    put(fd, line);
    snprintf(want, sizeof(want),
             "{\"error\":{\"class\":\"GenericError\","
             "\"desc\":\"Duplicate device ID '");
    expect_start(fd, want);
    close(fd);
}

static void others(void)
{
    int fd = open_ready();

    ask(fd,
        "{\"execute\": \"device_add\", \"arguments\": {\"driver\": "
        "\"xen-pci-passthrough\", \"id\": \"x\", \"hostaddr\": "
        "\"0000:07:00.0\", \"addr\": \"9.1\"}}",
        "{\"return\":{}}");
    ck_assert_ptr_nonnull(strstr(order, "0:device_add 0:9.1 "));
    ck_assert_ptr_null(strstr(order, "query-pci"));
    ask(fd,
        "{\"execute\": \"device_add\", \"arguments\": {\"driver\": "
        "\"qemu32-i386-cpu\", \"id\": \"cpu-1\", \"socket-id\": 1}}",
        "{\"return\":{}}");
    ck_assert_ptr_null(strstr(order, "query-pci"));
    ask(fd, "{\"execute\": \"device_add\"}", "{\"return\":{}}");
    close(fd);
}

/* Two clients at once: one slot after the other. */
static void two(void)
{
    int fd = open_ready(), other = open_ready(), i;

    for (i = 0; i < 5; i++) {
        put(fd, CARD);
        put(other, "{\"execute\": \"device_add\", \"arguments\": "
                   "{\"driver\": \"e1000\"}}");
        expect(other, "{\"return\":{}}");
        expect(fd, "{\"return\":{}}");
        put(fd, CARD_OUT);
        expect(fd, CARD_GONE);
        expect(other, CARD_GONE);
        expect(fd, "{\"return\":{}}");
    }
    close(other);
    close(fd);
}

/* A file goes where the command goes that names it, and nowhere else. */
static void file(void)
{
    int fd = open_ready(), end = send_pipe(fd);
    char word[16] = "", line[256];

    put(fd, "\"execute\": \"add-fd\"}");
    expect_start(fd, "{\"return\":{\"fdset-id\":0,\"fd\":");
    ask(fd, "{\"execute\": \"query-status\"}", "{\"return\":{}}");
    ck_assert_ptr_null(strstr(order, "add-fd"));
    ask(fd, CARD, "{\"return\":{}}");
    snprintf(line, sizeof(line),
             "{\"execute\": \"change\", \"arguments\": {\"id\": "
             "\"pci-pt-03_00.0\", \"target\": \"/dev/fdset/%s\"}}",
             "01");
    ask(fd, line, "{\"return\":{}}"); /* it is another one */
    ck_assert_ptr_null(strstr(order, "add-fd"));
    snprintf(line, sizeof(line),
             "{\"execute\": \"change\", \"arguments\": {\"id\": "
             "\"pci-pt-03_00.0\", \"target\": \"/dev/fdset/%d\"}}",
             0);
    ask(fd, line, "{\"return\":{}}");
    ck_assert_ptr_nonnull(strstr(order, "2:add-fd 2:change"));
    ck_assert_ptr_null(strstr(order, "0:add-fd"));
    ck_assert_int_eq(read(end, word, sizeof(word) - 1), 6);
    ck_assert_str_eq(word, "add-fd");
    close(fd);
    /* and no copy of it is left open */
    ck_assert_int_eq(read(end, word, sizeof(word) - 1), 0);
    wait_order("2:remove-fd");
    close(end);
}

static void no_file(void)
{
    int fd = open_ready(), end;

    ask(fd, "{\"execute\": \"add-fd\"}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"No file "
        "descriptor supplied via SCM_RIGHTS\"}}");
    ask(fd, "{\"execute\": \"remove-fd\", \"arguments\": {\"fdset-id\": 3}}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"File descriptor "
        "named 'fdset-id:3' not found\"}}");
    end = send_pipe(fd);
    put(fd, "\"execute\": \"add-fd\", \"arguments\": {\"fdset-id\": 3}}");
    expect_start(fd, "{\"return\":{\"fdset-id\":3,\"fd\":");
    ask(fd, "{\"execute\": \"remove-fd\", \"arguments\": {\"fdset-id\": 3}}",
        "{\"return\":{}}");
    ck_assert_int_eq(read(end, (char[1]){ 0 }, 1), 0);
    close(end);
    close(fd);
}

/* Outside the loop, one after the other, and one whose client has left. */
static void later(void)
{
    int fd = open_ready(), other = open_ready();

    put(other, "{\"execute\": \"x-xldm-place\"}");
    close(other);
    ask(fd,
        "{\"execute\": \"x-xldm-place\", \"arguments\": {\"a\": 1}, \"id\": "
        "7}",
        "{\"return\":{\"a\":1},\"id\":7}");
    put(fd, "{\"execute\": \"x-xldm-restart\", \"arguments\": {\"b\": 2}}"
            "{\"execute\": \"query-status\"}");
    expect(fd, "{\"return\":{\"b\":2}}");
    expect(fd, "{\"return\":{}}");
    close(fd);
}

/* How many descriptors of this file a program that is started would have;
 * all: and how many there are. */
static int handed_on(ino_t file, int *all)
{
    struct stat st;
    int fd, n = 0;

    for (fd = 3, *all = 0; fd < 256; fd++)
        if (!fstat(fd, &st) && st.st_ino == file) {
            ++*all;
            n += !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        }
    return n;
}

/* A file that waits for the QEMU it goes to is not another's, which is
 * started meanwhile. */
START_TEST(file_waits)
{
    struct router with = { .dm = &dm };
    struct client client = { .router = &with, .nfds = 1 };
    json_t *add = json_pack("{s:s}", "execute", "add-fd"), *reply;
    json_t *use = json_pack("{s:s, s:{s:s}}", "execute", "x", "arguments",
                            "filename", "/dev/fdset/0");
    int ends[2], file[2], all;
    struct stat st;

    ck_assert_int_eq(pipe2(file, O_CLOEXEC), 0);
    ck_assert_int_eq(fstat(file[0], &st), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    dm = (struct dm){ .loop = &loop, .nqemus = 1 };
    dm.qemus[0].qmp = qmp_new(&dm, ends[0], NULL, NULL); /* it is silent */
    client.fds[0] = file[1];
    reply = fdset_command(&client, add);
    ck_assert_ptr_nonnull(json_object_get(reply, "return"));
    fdset_give(&with, use, 0);
    ck_assert_int_eq(handed_on(st.st_ino, &all), 0);
    ck_assert_int_eq(all, 3); /* the pipe's ends, and the copy */
    fdset_leave(&client);
    qmp_free(dm.qemus[0].qmp);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    ck_assert_int_eq(read(file[0], (char[1]){ 0 }, 1), 0); /* none is left */
    close(file[0]);
    close(ends[1]);
    json_decref(reply);
    json_decref(add);
    json_decref(use);
}
END_TEST

static void (*const cases[])(void) = { goes_there, absent, is_lost, liar,
                                       long_id,    others, two,     file,
                                       no_file,    later };

START_TEST(plug)
{
    play(cases[_i]);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("plug");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, plug, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tcase, file_waits);
    return unit_run(tcase, "plug");
}

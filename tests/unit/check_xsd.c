/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/xsd.c: the private xenstore, with libxenstore as its client. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>
#include <xenstore.h>

#include "run/xsd.h"
#include "unit.h"

#define CLIENTS 50

static char folder[] = "/tmp/check_xsd.XXXXXX";
static char path[64];

/*
 * The client blocks, so it is a process of its own.  It returns the number of
 * the line that failed.  It ends by a signal, for what it inherited is no
 * leak.
 */
static void client_run(int (*client)(void), int result)
{
    int line = client();

    if (write(result, &line, sizeof(line)) == sizeof(line))
        raise(SIGKILL);
    _exit(1);
}

static int with_server_of(const struct xsd_view *view, int (*client)(void))
{
    uv_loop_t loop;
    struct xsd *xsd;
    int error, result[2], line = -1;
    pid_t pid;

    ck_assert_int_eq(uv_loop_init(&loop), 0);
    xsd = xsd_new(&loop, path, view, &error);
    ck_assert_ptr_nonnull(xsd);
    ck_assert_int_eq(pipe(result), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (!pid)
        client_run(client, result[1]);
    while (!waitpid(pid, NULL, WNOHANG)) {
        uv_run(&loop, UV_RUN_NOWAIT);
        usleep(200);
    }
    close(result[1]);
    if (read(result[0], &line, sizeof(line)) != sizeof(line))
        line = -1;
    close(result[0]);
    xsd_free(xsd);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    unlink(path);
    return line;
}

static int with_server(int (*client)(void))
{
    return with_server_of(NULL, client);
}

#define EXPECT(what)                                                           \
    do {                                                                       \
        if (!(what))                                                           \
            return __LINE__;                                                   \
    } while (0)

static int use_it(void)
{
    struct xs_handle *h;
    xs_transaction_t t;
    unsigned n;
    char **event, *text;

    setenv("XENSTORED_PATH", path, 1);
    h = xs_open(0);
    EXPECT(h);
    EXPECT(!xs_read(h, XBT_NULL, "/a", &n) && errno == ENOENT);
    EXPECT(!xs_directory(h, XBT_NULL, "/a", &n) && errno == ENOENT);
    EXPECT(!xs_get_permissions(h, XBT_NULL, "/a", &n) && errno == ENOENT);
    EXPECT(xs_write(h, XBT_NULL, "device-model/5/state", "running", 7));
    EXPECT(xs_mkdir(h, XBT_NULL, "/b"));
    EXPECT(xs_rm(h, XBT_NULL, "/b"));
    t = xs_transaction_start(h);
    EXPECT(t);
    EXPECT(xs_write(h, t, "/c", "1", 1));
    EXPECT(xs_transaction_end(h, t, false));
    EXPECT(xs_transaction_start(h) != t);
    EXPECT(xs_is_domain_introduced(h, 5));
    text = xs_get_domain_path(h, 5);
    EXPECT(text && !strcmp(text, "/local/domain/5"));
    free(text);
    EXPECT(xs_watch(h, "/backend", "token"));
    event = xs_read_watch(h, &n);
    EXPECT(event && n == 2);
    EXPECT(!strcmp(event[XS_WATCH_PATH], "/backend"));
    EXPECT(!strcmp(event[XS_WATCH_TOKEN], "token"));
    free(event);
    EXPECT(xs_unwatch(h, "/backend", "token"));
    xs_close(h);
    return 0;
}

START_TEST(test_libxenstore)
{
    ck_assert_int_eq(with_server(use_it), 0);
}
END_TEST

static int use_many(void)
{
    struct xs_handle *h[CLIENTS];
    unsigned n;
    int i;

    setenv("XENSTORED_PATH", path, 1);
    for (i = 0; i < CLIENTS; i++)
        EXPECT((h[i] = xs_open(0)));
    for (i = CLIENTS; i--;)
        EXPECT(!xs_read(h[i], XBT_NULL, "/a", &n) && errno == ENOENT);
    for (i = 0; i < CLIENTS; i += 2)
        xs_close(h[i]);
    for (i = 1; i < CLIENTS; i += 2)
        EXPECT(xs_write(h[i], XBT_NULL, "/a", "1", 1));
    return 0; /* the rest ends with the process */
}

START_TEST(test_many)
{
    ck_assert_int_eq(with_server(use_many), 0);
}
END_TEST

static int open_raw(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    return fd;
}

/* Too long a payload ends the connection, and only that one. */
static int send_garbage(void)
{
    struct xsd_sockmsg head = { XS_READ, 1, 0, XENSTORE_PAYLOAD_MAX + 1 };
    char bytes[64];
    int fd = open_raw();

    EXPECT(fd >= 0);
    EXPECT(write(fd, &head, sizeof(head)) == sizeof(head));
    EXPECT(read(fd, bytes, sizeof(bytes)) == 0);
    close(fd);
    fd = open_raw();
    memset(bytes, 0xa5, sizeof(bytes));
    EXPECT(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
    EXPECT(read(fd, bytes, sizeof(bytes)) <= 0);
    close(fd);
    return use_it();
}

START_TEST(test_garbage)
{
    ck_assert_int_eq(with_server(send_garbage), 0);
}
END_TEST

/* The largest payload, one byte at a time at its start; unknown types. */
static int send_slowly(void)
{
    struct xsd_sockmsg head = { 99, 7, 3, XENSTORE_PAYLOAD_MAX }, reply;
    char payload[XENSTORE_PAYLOAD_MAX] = { 0 }, text[8];
    size_t i;
    int fd = open_raw();

    EXPECT(fd >= 0);
    for (i = 0; i < sizeof(head); i++) {
        EXPECT(write(fd, (char *)&head + i, 1) == 1);
        usleep(500);
    }
    EXPECT(write(fd, payload, sizeof(payload)) == sizeof(payload));
    EXPECT(recv(fd, &reply, sizeof(reply), MSG_WAITALL) == sizeof(reply));
    EXPECT(reply.type == 99 && reply.req_id == 7 && reply.tx_id == 3);
    EXPECT(reply.len == 3);
    EXPECT(recv(fd, text, 3, MSG_WAITALL) == 3 && !memcmp(text, "OK", 3));
    head.type = XS_WATCH;
    EXPECT(write(fd, &head, sizeof(head)) == sizeof(head));
    EXPECT(write(fd, payload, sizeof(payload)) == sizeof(payload));
    EXPECT(recv(fd, &reply, sizeof(reply), MSG_WAITALL) == sizeof(reply));
    EXPECT(reply.type == XS_WATCH);
    EXPECT(recv(fd, text, 3, MSG_WAITALL) == 3);
    EXPECT(recv(fd, &reply, sizeof(reply), MSG_WAITALL) == sizeof(reply));
    EXPECT(reply.type == XS_WATCH_EVENT && reply.req_id == 0);
    EXPECT(reply.len == sizeof(payload));
    return 0;
}

START_TEST(test_slow)
{
    ck_assert_int_eq(with_server(send_slowly), 0);
}
END_TEST

/* One that asks and never reads is shut out in the end. */
static int never_read(void)
{
    struct xsd_sockmsg head = { XS_READ, 1, 0, 2 };
    char bytes[sizeof(head) + 2] = { 0 };
    int fd = open_raw();
    long i;

    EXPECT(fd >= 0);
    memcpy(bytes, &head, sizeof(head));
    for (i = 0; i < 1000000; i++)
        if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) < 0)
            break;
    EXPECT(i < 1000000 && (errno == EPIPE || errno == ECONNRESET));
    return 0;
}

START_TEST(test_never_read)
{
    ck_assert_int_eq(with_server(never_read), 0);
}
END_TEST

/* ---------------------------------------- with a real one behind ---- */

static char real_path[64];

static void reply(int fd, struct xsd_sockmsg head, uint32_t type,
                  const char *text, size_t length)
{
    head.type = type;
    head.len = (uint32_t)length;
    ck_assert_int_eq(write(fd, &head, sizeof(head)), sizeof(head));
    ck_assert_int_eq(write(fd, text, length), length);
}

/* Says of what it was asked, and lets watches fire for two nodes. */
static void *be_real(void *arg)
{
    static const char mine[] = "mine/b\0token", yours[] = "yours\0token";
    int listener = *(int *)arg, fd = accept(listener, NULL, NULL);
    struct xsd_sockmsg head;
    char payload[XENSTORE_PAYLOAD_MAX + 1], text[64];

    while (recv(fd, &head, sizeof(head), MSG_WAITALL) == sizeof(head) &&
           recv(fd, payload, head.len, MSG_WAITALL) == head.len) {
        payload[head.len] = '\0';
        snprintf(text, sizeof(text), "real %.40s %u", payload, head.tx_id);
        if (head.type == XS_TRANSACTION_START)
            reply(fd, head, head.type, "77", 3);
        else if (head.type == XS_READ)
            reply(fd, head, head.type, text, strlen(text));
        else
            reply(fd, head, head.type, "OK", 3);
        if (head.type == XS_WATCH) {
            reply(fd, (struct xsd_sockmsg){ 0 }, XS_WATCH_EVENT, yours,
                  sizeof(yours));
            reply(fd, (struct xsd_sockmsg){ 0 }, XS_WATCH_EVENT, mine,
                  sizeof(mine));
        }
    }
    close(fd);
    return NULL;
}

static bool is_mine(void *arg, uint32_t type, const char *node)
{
    (void)type;
    return !strncmp(node, arg, strlen(arg));
}

static bool reads(struct xs_handle *h, xs_transaction_t t, const char *node,
                  const char *wanted)
{
    unsigned n;
    char *text = xs_read(h, t, node, &n);
    bool same = text && !strcmp(text, wanted);

    free(text);
    return same;
}

static int use_both(void)
{
    struct xs_handle *h;
    xs_transaction_t t;
    unsigned n;
    char **event;

    setenv("XENSTORED_PATH", path, 1);
    h = xs_open(0);
    EXPECT(h);
    EXPECT(reads(h, XBT_NULL, "mine/a", "real mine/a 0"));
    EXPECT(!xs_read(h, XBT_NULL, "yours", &n) && errno == ENOENT);
    EXPECT(xs_write(h, XBT_NULL, "mine/a", "1", 1));
    EXPECT(xs_write(h, XBT_NULL, "yours", "1", 1));
    t = xs_transaction_start(h);
    EXPECT(t == 77);
    EXPECT(reads(h, t, "mine/a", "real mine/a 77"));
    EXPECT(!xs_read(h, t, "yours", &n) && errno == ENOENT);
    EXPECT(xs_transaction_end(h, t, false));
    EXPECT(xs_watch(h, "mine", "token"));
    event = xs_read_watch(h, &n);
    EXPECT(event && !strcmp(event[XS_WATCH_PATH], "mine/b"));
    free(event);
    xs_close(h);
    return 0;
}

START_TEST(test_view)
{
    static char mine[] = "mine";
    const struct xsd_view view = { is_mine, mine, real_path };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    pthread_t real;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", real_path);
    ck_assert_int_eq(
        bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(listener, 5), 0);
    pthread_create(&real, NULL, be_real, &listener);
    ck_assert_int_eq(with_server_of(&view, use_both), 0);
    pthread_join(real, NULL);
    close(listener);
    unlink(real_path);
}
END_TEST

static int find_it_gone(void)
{
    struct xs_handle *h;
    unsigned n;

    setenv("XENSTORED_PATH", path, 1);
    h = xs_open(0);
    EXPECT(h);
    EXPECT(!xs_read(h, XBT_NULL, "mine", &n) && errno != ENOENT);
    return 0;
}

START_TEST(test_no_real)
{
    static char mine[] = "mine";
    const struct xsd_view view = { is_mine, mine, "/nowhere" };

    ck_assert_int_eq(with_server_of(&view, find_it_gone), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("xsd");
    int status;

    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof(path), "%s/xs", folder);
    snprintf(real_path, sizeof(real_path), "%s/real", folder);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_libxenstore);
    tcase_add_test(tcase, test_many);
    tcase_add_test(tcase, test_garbage);
    tcase_add_test(tcase, test_slow);
    tcase_add_test(tcase, test_never_read);
    tcase_add_test(tcase, test_view);
    tcase_add_test(tcase, test_no_real);
    status = unit_run(tcase, "xsd");
    rmdir(folder);
    return status;
}

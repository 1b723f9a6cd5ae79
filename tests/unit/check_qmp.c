/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/qmp.c, call.c: the test is the QEMU at the socket's other end. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/dm.h"
#include "unit.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"
#define CAPABLE "{\"return\": {}, \"id\": %lld}\r\n"

static struct dm dm;
static struct qmp *qmp;
static int far_end;
static int events, replies, lost;

static void on_event(void *arg, json_t *event)
{
    ck_assert_ptr_eq(arg, &dm);
    ck_assert_str_eq(json_string_value(json_object_get(event, "event")), "E");
    events++;
}

static void on_reply(void *arg, json_t *reply)
{
    int *order = arg;

    if (!reply) {
        lost++;
        return;
    }
    ck_assert_ptr_null(json_object_get(reply, "id"));
    if (order)
        ck_assert_int_eq(*order, replies);
    replies++;
}

static void setup(void)
{
    int ends[2];

    memset(&dm, 0, sizeof(dm));
    events = replies = lost = 0;
    dm.loop = malloc(sizeof(*dm.loop));
    ck_assert_ptr_nonnull(dm.loop);
    ck_assert_int_eq(uv_loop_init(dm.loop), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    far_end = ends[1];
    fcntl(far_end, F_SETFL, O_NONBLOCK);
    qmp = qmp_new(&dm, ends[0], on_event, &dm);
    ck_assert_ptr_nonnull(qmp);
    ck_assert_ptr_eq(qmp_dm(qmp), &dm);
}

static void teardown(void)
{
    qmp_free(qmp);
    uv_run(dm.loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(dm.loop), 0);
    free(dm.loop);
    if (far_end >= 0)
        close(far_end);
}

static void turn(void)
{
    int i;

    for (i = 0; i < 5; i++)
        uv_run(dm.loop, UV_RUN_NOWAIT);
}

static void say(const char *text)
{
    ck_assert_int_eq(write(far_end, text, strlen(text)), (int)strlen(text));
    turn();
}

/* The next command; NULL if there is none.  Its id goes to *id. */
static const char *hear_now(json_int_t *id)
{
    static char name[64];
    char line[4096];
    size_t n = 0;
    json_t *message;

    while (n < sizeof(line) - 1 && read(far_end, line + n, 1) == 1 &&
           line[n] != '\n')
        n++;
    if (!n)
        return NULL;
    message = json_loadb(line, n, 0, NULL);
    ck_assert_ptr_nonnull(message);
    snprintf(name, sizeof(name), "%s",
             json_string_value(json_object_get(message, "execute")));
    *id = json_integer_value(json_object_get(message, "id"));
    json_decref(message);
    return name;
}

static const char *hear(json_int_t *id)
{
    turn();
    return hear_now(id);
}

static void greet(void)
{
    char line[64];
    json_int_t id;

    say(GREETING);
    ck_assert_str_eq(hear(&id), "qmp_capabilities");
    snprintf(line, sizeof(line), CAPABLE, (long long)id);
    say(line);
}

static void ask(const char *name, int *order)
{
    qmp_send(qmp, json_pack("{s:s, s:s}", "execute", name, "id", "libxl's"),
             NULL, 0, on_reply, order);
}

START_TEST(test_order)
{
    int order[] = { 0, 1 };
    json_int_t id[2];
    char line[128];

    ask("a", &order[0]);
    ck_assert_ptr_null(hear(&id[0])); /* not before the greeting */
    greet();
    ask("b", &order[1]);
    ck_assert_str_eq(hear(&id[0]), "a");
    ck_assert_str_eq(hear(&id[1]), "b");
    snprintf(line, sizeof(line),
             "{\"event\": \"E\"}\n{\"return\": 1, \"id\": "
             "%lld}\n{\"error\"",
             (long long)id[0]);
    say(line);
    ck_assert_int_eq(events, 1);
    ck_assert_int_eq(replies, 1);
    snprintf(line, sizeof(line), ": {}, \"id\": %lld}\r\n", (long long)id[1]);
    say(line);
    ck_assert_int_eq(replies, 2);
    ck_assert_int_eq(lost, 0);
}
END_TEST

START_TEST(test_fds)
{
    char control[CMSG_SPACE(sizeof(int))], line[256], byte;
    struct iovec iov = { line, sizeof(line) };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof(control) };
    int ends[2], fd;

    greet();
    ck_assert_int_eq(pipe(ends), 0);
    qmp_send(qmp, json_pack("{s:s}", "execute", "add-fd"), &ends[1], 1,
             on_reply, NULL);
    turn();
    ck_assert_int_lt(fcntl(ends[1], F_GETFD), 0); /* closed after sending */
    ck_assert_int_gt(recvmsg(far_end, &msg, 0), 0);
    ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&msg));
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
    ck_assert_int_eq(write(fd, "x", 1), 1);
    close(fd);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[0]);
}
END_TEST

static const char *const garbage[] = {
    "hello\n",
    "[]\n",
    "{}\n",
    "{\"return\": 1}\n{\"return\": 2}\n{\"return\": 3}\n",
    "{\"return\": {}, \"id\": 77}\n",
    "\xff\n",
    "{\n",
    GREETING,
};

/* What is not QMP counts as a QEMU that is gone: every command hears it. */
START_TEST(test_garbage)
{
    greet();
    ask("a", NULL);
    ask("b", NULL);
    turn();
    say(garbage[_i]);
    ck_assert_int_eq(replies + lost, 2);
    ask("c", NULL);
    ck_assert_int_eq(replies + lost, 2); /* never from inside qmp_send() */
    turn();
    ck_assert_int_eq(replies + lost, 3);
    ck_assert_int_ge(lost, 1);
}
END_TEST

START_TEST(test_endless_line)
{
    char block[65536];
    ssize_t n;
    size_t sent = 0;

    memset(block, ' ', sizeof(block));
    greet();
    ask("a", NULL);
    while (!lost && sent < (64u << 20)) {
        n = send(far_end, block, sizeof(block), MSG_NOSIGNAL);
        if (n > 0)
            sent += (size_t)n;
        turn();
    }
    ck_assert_int_eq(lost, 1);
    ck_assert_uint_le(sent, 17u << 20);
}
END_TEST

static void stop_later(uv_timer_t *timer)
{
    dm.stopping = true;
    uv_timer_stop(timer);
}

static void hang_up(uv_timer_t *timer)
{
    close(far_end);
    far_end = -1;
    uv_timer_stop(timer);
}

static char *call_while(uv_timer_cb cb)
{
    uv_timer_t timer;
    char *text;

    greet();
    uv_timer_init(dm.loop, &timer);
    uv_timer_start(&timer, cb, 5, 5);
    text = qmp_hmp(qmp, "info x");
    uv_close((uv_handle_t *)&timer, NULL);
    turn();
    return text;
}

START_TEST(test_call_gone)
{
    ck_assert_ptr_null(call_while(hang_up));
}
END_TEST

START_TEST(test_call_stopping)
{
    ck_assert_ptr_null(call_while(stop_later));
}
END_TEST

static void answer(uv_timer_t *timer)
{
    char line[128];
    json_int_t id;

    if (!hear_now(&id))
        return;
    snprintf(line, sizeof(line), "{\"return\": \"text\", \"id\": %lld}\n",
             (long long)id);
    ck_assert_int_gt(write(far_end, line, strlen(line)), 0);
    uv_timer_stop(timer);
}

START_TEST(test_call)
{
    char *text = call_while(answer);

    ck_assert_pstr_eq(text, "text");
    free(text);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("qmp");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_fds);
    tcase_add_loop_test(tcase, test_garbage, 0,
                        COUNT(garbage));
    tcase_add_test(tcase, test_endless_line);
    tcase_add_test(tcase, test_call_gone);
    tcase_add_test(tcase, test_call_stopping);
    tcase_add_test(tcase, test_call);
    return unit_run(tcase, "qmp");
}

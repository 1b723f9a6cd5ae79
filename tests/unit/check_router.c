/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/router.c, client.c and request.c: talk, order, death, bad clients. */
#include "router.h"

/* --------------------------------------------------------- cases ---- */

static void talk(void)
{
    int fd = open_client();

    expect(fd, GREETING);
    ask(fd, "{\"execute\": \"cont\", \"id\": 1}",
        "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"Expecting "
        "capabilities negotiation with 'qmp_capabilities'\"},\"id\":1}");
    ask(fd, "{\"execute\": \"qmp_capabilities\", \"id\": {\"a\": [1, null]}}",
        "{\"return\":{},\"id\":{\"a\":[1,null]}}");
    ask(fd, "{\"execute\": \"qmp_capabilities\"}",
        "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"Capabilities "
        "negotiation is already complete, command ignored\"}}");
    ask(fd, "{\"execute\": \"query-status\", \"id\": \"x\"}",
        "{\"return\":{},\"id\":\"x\"}");
    ask(fd, "{\"execute\": \"no-such\"}",
        "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"what?\"}}");
    ask(fd, "hello",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"JSON parse error, "
        "this is not JSON\"}}");
    ask(fd, "[1]",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"QMP input must be "
        "a JSON object\"}}");
    ask(fd, "{\"execute\": 5}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"QMP input member "
        "'execute' must be a string\"}}");
    ask(fd, "{\"execute\": \"migrate\"}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"xldm: "
        "'migrate' is not possible for a domain on several "
        "QEMUs yet\"}}");
    ask(fd, "{\"execute\": \"query-chardev\"}",
        "{\"return\":[{\"label\":\"serial3\"},{\"label\":\"own\"},"
        "{\"label\":\"other\"}]}");
    close(fd);
}

static void pieces(void)
{
    static const char text[] =
        "{\"execute\":\"query-vnc\",\"id\":1}{\"execute\":\"cont\",\"id\":2}"
        "\n\n{\"execute\":\"query-status\",\"id\":3}  {\"execute\":\"stop\","
        "\"id\":4}";
    int fd = open_ready(), other = open_ready();
    size_t i;

    put(fd, text);
    for (i = 0; text[i]; i++)
        put(other, (char[]){ text[i], '\0' });
    for (i = 1; i <= 4; i++) {
        char want[64];

        snprintf(want, sizeof(want), "{\"return\":{},\"id\":%zu}", i);
        expect(fd, want);
        expect(other, want);
    }
    close(other);
    close(fd);
}

static void primary_last(void)
{
    int fd = open_ready();
    char *first, *second;

    ask(fd, "{\"execute\": \"stop\"}", "{\"return\":{}}");
    first = strstr(order, "1:stop");
    second = strstr(order, "2:stop");
    ck_assert(first && second);
    ck_assert(strstr(order, "0:stop") > first);
    ck_assert(strstr(order, "0:stop") > second);
    fakes[2].refuses = "cont";
    ask(fd, "{\"execute\": \"cont\"}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}");
    ck_assert_ptr_null(strstr(order, "0:cont"));
    close(fd);
}

static void death(void)
{
    static const char gone[] =
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"xldm: group 'ui' "
        "is gone\"}}";
    int fd = open_ready();

    shutdown(fakes[1].fd, SHUT_RDWR);
    ask(fd, "{\"execute\": \"query-vnc\"}", gone);
    ask(fd, "{\"execute\": \"cont\"}", "{\"return\":{}}");
    ask(fd, "{\"execute\": \"query-chardev\"}",
        "{\"return\":[{\"label\":\"serial3\"},{\"label\":\"other\"}]}");
    ask(fd, "{\"execute\": \"die\"}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"xldm: group "
        "'primary' is gone\"}}");
    close(fd);
}

static void events(void)
{
    int fd = open_ready(), silent = open_client();

    ask(fd, "{\"execute\": \"events\"}", "{\"event\":\"STOP\"}");
    expect(fd, "{\"return\":{}}");
    expect(silent, GREETING); /* and no event before it negotiates */
    ask(silent, "{\"execute\": \"qmp_capabilities\"}", "{\"return\":{}}");
    close(silent);
    close(fd);
}

/* Bytes until the end of the connection, or the reply. */
static size_t drain(int fd)
{
    static const char reply[] = "{\"return\":{}}\r\n";
    static char data[13u << 20];
    size_t sum = 0, end = sizeof(reply) - 1;
    ssize_t n;

    while ((n = recv(fd, data + sum, sizeof(data) - sum, 0)) > 0) {
        sum += (size_t)n;
        if (sum >= end && !memcmp(data + sum - end, reply, end))
            break;
    }
    return sum;
}

static void deaf_client(void)
{
    int fd = open_ready(), deaf = open_ready();

    put(fd, "{\"execute\": \"flood\"}");
    ck_assert_uint_gt(drain(fd), 3u << 20);
    ck_assert_uint_lt(drain(deaf), 3u << 20);
    close(deaf);
    close(fd);
}

static void too_long(void)
{
    int fd = open_ready();
    char data[4096];
    size_t i;

    memset(data, '[', sizeof(data));
    memcpy(data, "{\"a\":\"", 6);
    for (i = 0; i < 300; i++) {
        if (send(fd, data, sizeof(data), MSG_NOSIGNAL) < 0)
            break;
        memset(data, 'a', sizeof(data));
    }
    expect(fd, "(closed)");
    close(fd);
}

/* What was begun goes on, though nobody wants the answer. */
static void leaver(void)
{
    int fd = open_ready(), other;

    put(fd, "{\"execute\": \"cont\"}");
    close(fd);
    other = open_ready();
    ask(other, "{\"execute\": \"query-status\"}", "{\"return\":{}}");
    wait_order("0:cont");
    close(other);
}

static void quits(void)
{
    int fd = open_ready();

    ask(fd, "{\"execute\": \"quit\", \"id\": 9}", "{\"return\":{},\"id\":9}");
    expect(fd, "(closed)");
    ck_assert(dm.stopping);
    close(fd);
}

/* A command of ours reaches no QEMU. */
static void own(void)
{
    static const char start[] = "{\"return\":{\"version\":1,";
    int fd = open_ready(), ignored;
    char line[65536];

    put(fd, "{\"execute\": \"x-xldm-query\", \"id\": 4}");
    ck_assert(read_line(fd, line, sizeof(line), &ignored));
    ck_assert_msg(!strncmp(line, start, strlen(start)), "%s", line);
    ck_assert_ptr_nonnull(strstr(line, "\"name\":\"zzz\""));
    ck_assert_ptr_nonnull(strstr(line, ",\"id\":4}"));
    ck_assert_ptr_null(strstr(order, "x-xldm-query"));
    close(fd);
}

#define LOG(enable)                                                            \
    "{\"execute\": \"xen-set-global-dirty-log\", \"arguments\": "              \
    "{\"enable\": " enable "}}"
#define SPAWN "{\"execute\": \"x-xldm-restart\"}"

/* What counts for all counts for a QEMU that comes later, or a live migration
 * would miss the pages that it writes. */
static void lasting(void)
{
    static const char told[] = "1:xen-set-global-dirty-log";
    int fd = open_ready();

    ask(fd, SPAWN, "{\"return\":null}");
    ck_assert_ptr_null(strstr(order, told));
    ask(fd, LOG("true"), "{\"return\":{}}");
    order[0] = '\0';
    ask(fd, SPAWN, "{\"return\":null}");
    wait_order(told);
    ask(fd, LOG("false"), "{\"return\":{}}");
    order[0] = '\0';
    ask(fd, SPAWN, "{\"return\":null}");
    ask(fd, "{\"execute\": \"query-vnc\"}", "{\"return\":{}}");
    ck_assert_ptr_null(strstr(order, told)); /* it would end of that */

    ck_assert(!dm.hold);
    ask(fd, "{\"execute\": \"stop\"}", "{\"return\":{}}");
    ck_assert(dm.hold);
    ask(fd, "{\"execute\": \"cont\"}", "{\"return\":{}}");
    ck_assert(!dm.hold);
    ask(fd,
        "{\"execute\": \"human-monitor-command\", \"arguments\": "
        "{\"command-line\": \"stop\"}}",
        "{\"return\":{}}");
    ck_assert(dm.hold);
    close(fd);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    { "talk", talk },         { "pieces", pieces },   { "last", primary_last },
    { "death", death },       { "events", events },   { "deaf", deaf_client },
    { "too long", too_long }, { "leaver", leaver },   { "quits", quits },
    { "own", own },           { "lasting", lasting },
};

START_TEST(router)
{
    play(cases[_i].run);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("router");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, router, 0, sizeof(cases) / sizeof(*cases));
    return unit_run(tcase, "router");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client of xldm-dm's, against servers that behave and that do not; and
 * what is made of the answer. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "toolstack/monitor.h"
#include "toolstack/show.h"
#include "unit.h"

/* --------------------------------------------------------- server ---- */

static char folder[32], path[64];
static char last_error[512];

static void report(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    snprintf(last_error, sizeof(last_error), "%s", diag->text);
}

static int listen_at(int backlog)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(folder, sizeof(folder), "/tmp/check_showXXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/qmp", folder);
    strcpy(address.sun_path, path);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
                     0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    return fd;
}

static void clean_up(int fd)
{
    close(fd);
    unlink(path);
    rmdir(folder);
}

#define HELLO "{\"QMP\":{\"version\":{},\"capabilities\":[]}}\r\n"
#define READY "{\"return\":{},\"id\":1}\r\n"

/* What it says at once, after the first line and after the second one; NULL:
 * it closes. */
struct play {
    const char *says[3];
    int fd;
};

static void read_line(int fd)
{
    char c = 0;

    while (c != '\n' && read(fd, &c, 1) == 1)
        ;
}

static void *serve(void *arg)
{
    const struct play *p = arg;
    int fd = accept(p->fd, NULL, NULL);

    for (size_t i = 0; i < 3 && p->says[i]; i++) {
        if (i)
            read_line(fd);
        if (send(fd, p->says[i], strlen(p->says[i]), MSG_NOSIGNAL) < 0)
            break;
    }
    if (p->says[0] && p->says[1] && p->says[2])
        read_line(fd); /* until the client closes */
    close(fd);
    return NULL;
}

/* The answer to one command as text, "" if there is none; malloc'ed. */
static char *ask(struct play *p, unsigned ms)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm__monitor m;
    json_t *value = NULL;
    pthread_t thread;
    char *text;

    *last_error = '\0';
    p->fd = listen_at(1);
    pthread_create(&thread, NULL, serve, p);
    if (xldm__monitor_open(&m, ctx, path, ms))
        value = xldm__monitor_ask(&m, "x", json_pack("{si}", "a", 1), ms);
    xldm__monitor_close(&m);
    pthread_join(thread, NULL);
    text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY)
                 : strdup("");
    json_decref(value);
    clean_up(p->fd);
    xldm_ctx_free(ctx);
    return text;
}

static struct {
    struct play play;
    const char *answer, *error; /* error: a part of it */
} plays[] = {
    { { .says = { HELLO, READY, "{\"return\":[1],\"id\":2}\r\n" } },
      "[1]", "" },
    { { .says = { HELLO, "{\"event\":\"STOP\"}\r\n" READY,
                  "{\"event\":\"STOP\"}\n{\"return\":0,\"id\":1}\n"
                  "{\"return\":5,\"id\":2}\n" } },
      "5", "" },
    { { .says = { HELLO, READY,
                  "{\"error\":{\"class\":\"G\",\"desc\":\"no such thing\"},"
                  "\"id\":2}\r\n" } },
      "", "x: no such thing" },
    { { .says = { HELLO, READY, "{\"id\":2}\r\n" } }, "", "neither" },
    { { .says = { HELLO, READY, "hello\r\n" } }, "", "not QMP" },
    { { .says = { "[]\r\n" } }, "", "not QMP" },
    { { .says = { "{\"event\":1}\r\n" } }, "", "not QMP" },
    { { .says = { HELLO, "{\"error\":{\"desc\":\"go away\"},\"id\":1}\n" } },
      "", "qmp_capabilities: go away" },
    { { .says = { HELLO, READY } }, "", "closed before" },
    { { .says = { HELLO } }, "", "closed before" },
    { { .says = { NULL } }, "", "closed before" },
    { { .says = { HELLO, READY, "{\"return\":" } }, "", "in time" },
    { { .says = { HELLO, READY, "{\"return\":0,\"id\":7}\n" } }, "",
      "in time" },
};

START_TEST(monitor)
{
    /* The clock only ends what would never end. */
    bool late = !strcmp(plays[_i].error, "in time");
    char *answer = ask(&plays[_i].play, late ? 200 : 20000);

    ck_assert_str_eq(answer, plays[_i].answer);
    ck_assert_msg(strstr(last_error, plays[_i].error) &&
                      !*last_error == !*plays[_i].error,
                  "said '%s'", last_error);
    free(answer);
}
END_TEST

START_TEST(monitor_without_a_server)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm__monitor m;
    char longer[200];
    int fd = listen_at(1);

    clean_up(fd);
    ck_assert(!xldm__monitor_open(&m, ctx, path, 1000));
    ck_assert_ptr_nonnull(strstr(last_error, "No such file"));
    xldm__monitor_close(&m);
    memset(longer, 'x', sizeof(longer));
    longer[199] = '\0';
    ck_assert(!xldm__monitor_open(&m, ctx, longer, 1000));
    ck_assert_ptr_nonnull(strstr(last_error, "cannot be so long"));
    xldm__monitor_close(&m);
    xldm_ctx_free(ctx);
}
END_TEST

/* Nobody accepts, and the queue is full. */
START_TEST(monitor_of_a_busy_server)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm__monitor m[8];
    int fd = listen_at(0), i;

    for (i = 0; i < 8; i++)
        ck_assert(!xldm__monitor_open(&m[i], ctx, path, 50));
    ck_assert_ptr_nonnull(strstr(last_error, "in time"));
    for (i = 0; i < 8; i++)
        xldm__monitor_close(&m[i]);
    clean_up(fd);
    xldm_ctx_free(ctx);
}
END_TEST

/* ---------------------------------------------------------- usage ---- */

static void write_file(const char *name, const char *text)
{
    char file[128];
    FILE *f;

    snprintf(file, sizeof(file), "%s/%s", folder, name);
    f = fopen(file, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

START_TEST(usage_reads_proc)
{
    char text[256], file[128];
    long hz = sysconf(_SC_CLK_TCK);
    json_t *o = json_object();
    int fd = listen_at(1);

    snprintf(file, sizeof(file), "%s/42", folder);
    mkdir(file, 0700);
    /* a name with all that could mislead */
    snprintf(text, sizeof(text),
             "42 (q) 7 (x) S 1 2 3 4 5 6 7 8 9 10 %ld %ld 0 0 20 0 1 0 0 0\n",
             3 * hz, hz / 2);
    write_file("42/stat", text);
    write_file("42/smaps_rollup",
               "0-1 ---p 00000000 00:00 0 [rollup]\n"
               "Rss:                4096 kB\nPss:                1234 kB\n"
               "Pss_Dirty:            99 kB\n");
    xldm__usage(o, folder, 42);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "pss-kib")), 1234);
    ck_assert_double_eq_tol(
        json_number_value(json_object_get(o, "cpu-seconds")), 3.5, 0.001);
    ck_assert(json_number_value(json_object_get(o, "uptime-seconds")) > 0);
    json_object_clear(o);
    write_file("42/stat", "42 (short) S 1 2\n");
    write_file("42/smaps_rollup", "");
    xldm__usage(o, folder, 42);
    xldm__usage(o, folder, 43);
    xldm__usage(o, folder, 0);
    ck_assert_uint_eq(json_object_size(o), 0);
    json_decref(o);
    snprintf(text, sizeof(text), "rm -r %s/42", folder);
    ck_assert_int_eq(system(text), 0);
    clean_up(fd);
}
END_TEST

START_TEST(usage_of_ourselves)
{
    char *program = xldm__usage_program("/proc", getpid());
    json_t *o = json_object();

    xldm__usage(o, "/proc", getpid());
    ck_assert(json_number_value(json_object_get(o, "uptime-seconds")) >= 0);
    ck_assert_ptr_nonnull(program);
    ck_assert_ptr_nonnull(strstr(program, "check_show"));
    ck_assert_ptr_null(xldm__usage_program("/nowhere", 1));
    free(program);
    json_decref(o);
}
END_TEST

/* ----------------------------------------------------------- text ---- */

static char *print(const char *json)
{
    json_t *state = json_loads(json, 0, NULL);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(state);
    xldm__show_text(state, out);
    fclose(out);
    json_decref(state);
    return text;
}

START_TEST(text_of_two_groups)
{
    char *text = print(
        "{\"domid\": 5, \"domain\": \"web\", \"pid\": 99, \"groups\": ["
        "{\"name\": \"primary\", \"pid\": 100, \"state\": \"running\","
        " \"server\": 1, \"uptime-seconds\": 3723.5, \"cpu-seconds\": 61,"
        " \"pss-kib\": 51200, \"devices\": [{\"kind\": \"disk\","
        " \"id\": \"hda\", \"pci\": \"0000:00:01.1\", \"pv\": \"primary\"}],"
        " \"ports\": [[\"0x1f0\", \"0x1f7\"], [\"0x3f6\", \"0x3f6\"]]},"
        "{\"name\": \"net\", \"state\": \"detached\", \"restarts\": 2,"
        " \"restricted\": true, \"on-crash\": \"restart\", \"devices\": [],"
        " \"events\": [{\"time\": 0, \"severity\": \"error\","
        " \"text\": \"group 'net' \\u001b[31m\"}]}],"
        " \"broker\": {\"ports\": [[\"0x10\", \"0x1f\"]]}}");
    static const char *const wanted[] = {
        "web is domain 5: 2 QEMUs\n",
        "primary                   100 running        1   1:02:03   0:01:01"
        "   50.0 MiB\n",
        "net                         - detached       -         -         -"
        "          -\n",
        "(xldm-dm)                  99 running ",
        "  disk       hda              0000:00:01.1 (PV half: primary)\n",
        "  ports      0x1f0-0x1f7 0x3f6\n",
        "\nnet  restricted\n",
        "  restarts   2\n",
        "error: group 'net' ?[31m\n",
        "\nbroker of xldm-dm, to all groups\n  ports      0x10-0x1f\n",
    };

    for (size_t i = 0; i < COUNT(wanted); i++)
        ck_assert_msg(strstr(text, wanted[i]), "no '%s' in:\n%s", wanted[i],
                      text);
    free(text);
}
END_TEST

/* What a liar could answer must not bring us down. */
START_TEST(text_of_nonsense)
{
    static const char *const states[] = {
        "{}",
        "{\"groups\": 5}",
        "{\"groups\": [1, null, \"x\", [], {}]}",
        "{\"groups\": [{\"ports\": [5, [], [1, 2], [\"a\"]],"
        " \"devices\": [[], {}], \"events\": [0, {}],"
        " \"memory-window\": [1, 2], \"log\": 5}], \"broker\": 3}",
    };

    for (size_t i = 0; i < COUNT(states); i++)
        free(print(states[i]));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("show");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, monitor, 0, COUNT(plays));
    tcase_add_test(tcase, monitor_without_a_server);
    tcase_add_test(tcase, monitor_of_a_busy_server);
    tcase_add_test(tcase, usage_reads_proc);
    tcase_add_test(tcase, usage_of_ourselves);
    tcase_add_test(tcase, text_of_two_groups);
    tcase_add_test(tcase, text_of_nonsense);
    return unit_run(tcase, "show");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One QEMU process: what it inherits, its arguments, its log. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/keeper.h"
#include "run/xenstore.h"

#define UID_BASE 0x70000000u /* above what people and libxl hand out */
#define FD_MAX 1024

/* Outlives its place in struct qemu: a restart may come before the last of
 * the log was read. */
struct child {
    struct qemu *q;
    uv_process_t process;
    uv_pipe_t log;
    unsigned handles; /* not yet closed */
};

static void on_closed(uv_handle_t *handle)
{
    struct child *c = handle->data;

    if (--c->handles)
        return;
    if (c->q->child == c)
        c->q->child = NULL;
    free(c);
}

const char *qemu_text(const struct qemu *q, char *buf, size_t size)
{
    const struct xldm_plan *plan = q->dm->plan;
    const char *before = " (";
    size_t i, n;

    n = (size_t)snprintf(buf, size, "group '%s'", q->group->name);
    for (i = 0; i < plan->ndevices && n < size; i++) {
        if (plan->devices[i].group != q->group)
            continue;
        n += (size_t)snprintf(buf + n, size - n, "%s%s", before,
                              plan->devices[i].id);
        before = ", ";
    }
    if (before[0] == ',' && n < size)
        snprintf(buf + n, size - n, ")");
    return buf;
}

const char *qemu_end(const struct qemu *q, char *buf, size_t size)
{
    if (WIFSIGNALED(q->status))
        snprintf(buf, size, "was killed by signal %d", WTERMSIG(q->status));
    else
        snprintf(buf, size, "ended with status %d", WEXITSTATUS(q->status));
    return buf;
}

/* ------------------------------------------------------------ log ---- */

static void keep_tail(struct qemu *q, const char *text, size_t length)
{
    size_t have = strlen(q->tail), room = sizeof(q->tail) - 1, drop;

    if (length > room) {
        text += length - room;
        length = room;
    }
    drop = have + length > room ? have + length - room : 0;
    memmove(q->tail, q->tail + drop, have - drop);
    memcpy(q->tail + have - drop, text, length);
    q->tail[have - drop + length] = '\0';
}

/* The last line of the tail, whole or not. */
static void show_line(const struct qemu *q)
{
    size_t end = strlen(q->tail), start;

    if (end && q->tail[end - 1] == '\n')
        end--;
    for (start = end; start && q->tail[start - 1] != '\n'; start--)
        ;
    fprintf(stderr, "[%s] %.*s\n", q->group->name, (int)(end - start),
            q->tail + start);
}

/* By lines, for several QEMUs write at once. */
static void take_log(struct qemu *q, const char *text, size_t length)
{
    const char *end;
    size_t n;

    while (length) {
        end = memchr(text, '\n', length);
        n = end ? (size_t)(end - text) + 1 : length;
        keep_tail(q, text, n);
        if (end)
            show_line(q);
        text += n;
        length -= n;
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char bytes[4096]; /* used up before the next callback */

    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof(bytes));
}

static void remove_nuls(char *text, size_t length)
{
    char *p;

    while ((p = memchr(text, '\0', length)))
        *p = '?';
}

static void on_log(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct child *c = stream->data;
    size_t length;

    if (n > 0) {
        remove_nuls(buf->base, (size_t)n);
        take_log(c->q, buf->base, (size_t)n);
    } else if (n < 0) {
        length = strlen(c->q->tail);
        if (length && c->q->tail[length - 1] != '\n')
            show_line(c->q);
        uv_close((uv_handle_t *)stream, on_closed);
    }
}

/* ------------------------------------------------------ arguments ---- */

/* N of "fd=N" or "fd:N", wherever it stands in an argument; -1: none left */
static int next_fd(const char **arg)
{
    const char *p = *arg;
    char *end;
    long fd;

    while ((p = strstr(p, "fd"))) {
        bool word = p == *arg || strchr(",:", p[-1]);

        p += 2;
        if (!word || (*p != '=' && *p != ':'))
            continue;
        fd = strtol(p + 1, &end, 10);
        if (end == p + 1 || fd < 3 || fd >= FD_MAX || (*end && *end != ','))
            continue;
        *arg = end;
        return (int)fd;
    }
    return -1;
}

struct inherit {
    uv_stdio_container_t stdio[FD_MAX];
    int n;
};

static void inherit_set(struct inherit *in, int as, int fd)
{
    in->stdio[as].flags = UV_INHERIT_FD;
    in->stdio[as].data.fd = fd;
    if (as >= in->n)
        in->n = as + 1;
}

/* Fds that libxl opened for QEMU keep their numbers. */
static void inherit_named(struct inherit *in, const struct xldm__argv *argv)
{
    const char *arg;
    size_t i;
    int fd;

    for (i = 1; i < argv->n; i++) {
        arg = argv->v[i];
        while ((fd = next_fd(&arg)) >= 0)
            if (fcntl(fd, F_GETFD) >= 0)
                inherit_set(in, fd, fd);
    }
}

static int inherit_free(const struct inherit *in)
{
    int fd = 3;

    while (fd < FD_MAX - 1 && in->stdio[fd].flags != UV_IGNORE)
        fd++;
    return fd;
}

static char **fill_argv(struct qemu *q, struct xldm__arena *arena, int fd)
{
    const struct xldm__argv *argv = &q->group->argv;
    size_t index = (size_t)(q - q->dm->qemus), i, w;
    unsigned uid = UID_BASE + q->dm->domid * 8 + (unsigned)index;
    const char *words[][2] = {
        { "@DOMID@", xldm__fmt(arena, "%u", q->dm->domid) },
        { "@FD@", xldm__fmt(arena, "%d", fd) },
        { "@RUNAS@", xldm__fmt(arena, "%u:%u", uid, uid) },
        { "@ROOT@", xldm__fmt(arena, "%s/root", q->dm->rundir) },
    };
    char **v = xldm__alloc(arena, (argv->n + 3) * sizeof(*v));
    const char *arg;

    for (i = 0; i < argv->n && !arena->failed; i++) {
        arg = argv->v[i];
        if (i && !strcmp(argv->v[i - 1], "-drive"))
            arg = router_drive(q, arena, arg);
        for (w = 0; w < sizeof(words) / sizeof(*words) && arg; w++)
            arg = xldm__substitute(arena, arg, words[w][0], words[w][1]);
        v[i] = (char *)arg;
    }
    if (q->state && !arena->failed) {
        v[i++] = xldm__fmt(arena, "-incoming");
        v[i] = xldm__fmt(arena, "fd:%d", q->state);
    }
    return arena->failed ? NULL : v;
}

/* ---------------------------------------------------------- start ---- */

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
    struct child *c = process->data;
    struct qemu *q = c->q;

    uv_close((uv_handle_t *)process, on_closed);
    if (q->child != c)
        return;
    q->pid = 0;
    q->ready = false;
    q->status = signal ? signal : (int)(status & 0xff) << 8;
    if (q->dm->started)
        dm_qemu_died(q);
}

static void on_ready(void *arg, json_t *reply)
{
    struct qemu *q = arg;

    if (json_object_get(reply, "return"))
        q->ready = true;
}

static bool follow(struct qemu *q, int *qmp_fd)
{
    json_t *hello = json_pack("{s:s}", "execute", "query-status");

    qmp_free(q->qmp);
    q->qmp = qmp_new(q->dm, *qmp_fd, router_event, q);
    *qmp_fd = -1;
    if (!q->qmp || !hello) {
        json_decref(hello);
        return xldm__oom(q->dm->ctx);
    }
    qmp_send(q->qmp, hello, NULL, 0, on_ready, q);
    router_spawned(q);
    return true;
}

static struct child *child_new(struct qemu *q, int *log_fd)
{
    struct child *c = calloc(1, sizeof(*c));

    if (!c) {
        xldm__oom(q->dm->ctx);
        return NULL;
    }
    c->q = q;
    uv_pipe_init(q->dm->loop, &c->log, 0);
    c->handles = 1;
    c->log.data = c->process.data = c;
    q->child = c;
    if (uv_pipe_open(&c->log, *log_fd) < 0 ||
        uv_read_start((uv_stream_t *)&c->log, on_alloc, on_log) < 0) {
        xldm__oom(q->dm->ctx);
        uv_close((uv_handle_t *)&c->log, on_closed);
        return NULL;
    }
    *log_fd = -1;
    return c;
}

static bool run(struct qemu *q, struct child *c,
                const uv_process_options_t *options)
{
    char text[256];
    int error;

    if (!keeper_enter(q->dm)) {
        uv_close((uv_handle_t *)&c->log, on_closed);
        return false;
    }
    error = uv_spawn(q->dm->loop, &c->process, options);
    keeper_leave(q->dm);
    c->handles++;
    if (error < 0) {
        uv_close((uv_handle_t *)&c->process, on_closed);
        return xldm__error(q->dm->ctx, XLDM__NONE, "%s: cannot start %s: %s",
                           qemu_text(q, text, sizeof(text)), q->group->emulator,
                           uv_strerror(error));
    }
    q->pid = c->process.pid;
    return true;
}

static bool launch(struct qemu *q, struct inherit *in, int qmp_fd, int *log_fd)
{
    struct xldm__arena arena = { 0 };
    uv_process_options_t options = { 0 };
    int as = inherit_free(in);
    struct child *c = NULL;
    bool ok = false;

    inherit_set(in, as, qmp_fd);
    options.file = q->group->emulator;
    options.args = fill_argv(q, &arena, as);
    options.env = qemu_environ(q, &arena);
    options.stdio = in->stdio;
    options.stdio_count = in->n;
    options.exit_cb = on_exit_status;
    if (!options.args || !options.env)
        xldm__oom(q->dm->ctx);
    else
        c = child_new(q, log_fd);
    ok = c && run(q, c, &options);
    xldm__arena_dispose(&arena);
    return ok;
}

bool qemu_spawn(struct qemu *q)
{
    struct inherit *in = calloc(1, sizeof(*in));
    int qmp[2] = { -1, -1 }, log[2] = { -1, -1 };
    bool ok = false;
    int i;

    q->ready = q->detached = false;
    q->server = -1;
    q->tail[0] = '\0';
    q->status = 0;
    if (!in || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp) < 0 ||
        pipe2(log, O_CLOEXEC) < 0) {
        xldm__error(q->dm->ctx, XLDM__NONE, "cannot start group '%s': %s",
                    q->group->name, strerror(errno));
        goto out;
    }
    inherit_set(in, 1, log[1]);
    inherit_set(in, 2, log[1]);
    inherit_named(in, &q->group->argv);
    if (q->state)
        inherit_set(in, q->state, q->state);
    ok = qemu_xenstore(q) && launch(q, in, qmp[1], &log[0]) &&
         follow(q, &qmp[0]);
out:
    for (i = 0; i < 2; i++) {
        if (qmp[i] >= 0)
            close(qmp[i]);
        if (log[i] >= 0)
            close(log[i]);
    }
    if (q->state)
        close(q->state);
    q->state = 0;
    free(in);
    return ok;
}

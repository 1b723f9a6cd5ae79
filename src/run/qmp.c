/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP client on a socket pair: commands queue up, replies come in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/dm.h"

#define LINE_MAX_BYTES (16u << 20) /* a QEMU may be hostile */
#define FDS_MAX 8

struct command {
    struct command *next;
    char *text; /* NULL once written */
    size_t length, written;
    int fds[FDS_MAX];
    size_t nfds;
    bool first; /* qmp_capabilities: may go before the rest */
    json_int_t id;
    qmp_reply_fn *fn;
    void *arg;
};

struct qmp {
    struct dm *dm;
    int fd; /* -1: gone */
    uv_poll_t poll;
    uv_timer_t flush; /* fails what was sent to one that is gone */
    unsigned handles; /* not yet closed */
    bool freed;
    bool greeted;
    bool open;                /* capabilities are negotiated */
    struct command *commands; /* in order; the written ones first */
    char *in;
    size_t used, cap;
    json_int_t last_id;
    qmp_event_fn *event;
    void *arg;
};

static void command_free(struct command *c)
{
    size_t i;

    for (i = 0; i < c->nfds; i++)
        close(c->fds[i]);
    free(c->text);
    free(c);
}

static void fail_all(struct qmp *q)
{
    struct command *c;

    while ((c = q->commands)) {
        q->commands = c->next;
        if (c->fn)
            c->fn(c->arg, NULL);
        command_free(c);
    }
}

static void on_flush(uv_timer_t *timer)
{
    fail_all(timer->data);
}

static void gone(struct qmp *q)
{
    if (q->fd < 0)
        return;
    uv_poll_stop(&q->poll);
    close(q->fd);
    q->fd = -1;
    uv_timer_start(&q->flush, on_flush, 0, 0);
}

static struct command *to_write(const struct qmp *q)
{
    struct command *c = q->commands;

    while (c && !c->text)
        c = c->next;
    return c && (q->open || c->first) ? c : NULL;
}

static ssize_t send_some(int fd, const struct command *c)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * FDS_MAX)];
    } control;
    struct iovec iov = { c->text + c->written, c->length - c->written };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    struct cmsghdr *head;

    if (c->nfds) {
        memset(&control, 0, sizeof(control));
        msg.msg_control = control.bytes;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * c->nfds);
        head = CMSG_FIRSTHDR(&msg);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * c->nfds);
        memcpy(CMSG_DATA(head), c->fds, sizeof(int) * c->nfds);
    }
    return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool write_some(struct qmp *q)
{
    struct command *c;
    ssize_t n;

    while ((c = to_write(q))) {
        n = send_some(q->fd, c);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        while (c->nfds)
            close(c->fds[--c->nfds]);
        c->written += (size_t)n;
        if (c->written == c->length) {
            free(c->text);
            c->text = NULL;
        }
    }
    return true;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch_fd(struct qmp *q)
{
    int events = UV_READABLE | (to_write(q) ? UV_WRITABLE : 0);

    if (q->fd >= 0 && uv_poll_start(&q->poll, events, on_poll) < 0)
        gone(q);
}

static void got_capabilities(void *arg, json_t *reply)
{
    struct qmp *q = arg;

    if (reply && json_object_get(reply, "return"))
        q->open = true;
    else if (reply)
        gone(q);
}

static bool enqueue(struct qmp *q, struct command *c, json_t *command)
{
    struct command **end = &q->commands;
    char *text;

    c->id = ++q->last_id;
    if (json_object_set_new(command, "id", json_integer(c->id)) < 0)
        return false;
    text = json_dumps(command, JSON_COMPACT);
    if (!text)
        return false;
    c->length = strlen(text);
    text[c->length++] = '\n'; /* in place of the NUL */
    c->text = text;
    if (c->first) {
        c->next = q->commands;
        q->commands = c;
        return true;
    }
    while (*end)
        end = &(*end)->next;
    *end = c;
    return true;
}

static bool negotiate(struct qmp *q)
{
    json_t *command = json_pack("{s:s}", "execute", "qmp_capabilities");
    struct command *c = calloc(1, sizeof(*c));
    bool ok = false;

    if (!command || !c || q->greeted)
        goto out;
    q->greeted = true;
    c->first = true;
    c->fn = got_capabilities;
    c->arg = q;
    ok = enqueue(q, c, command);
    if (ok)
        c = NULL;
out:
    if (c)
        command_free(c);
    json_decref(command);
    return ok;
}

/* false: this is not QMP */
static bool got_reply(struct qmp *q, json_t *message)
{
    struct command *c = q->commands;
    json_t *id = json_object_get(message, "id");

    if (!c || c->text || (id && json_integer_value(id) != c->id))
        return false;
    q->commands = c->next;
    json_object_del(message, "id");
    if (c->fn)
        c->fn(c->arg, message);
    command_free(c);
    return true;
}

static void got_event(struct qmp *q, json_t *event)
{
    if (q->event)
        q->event(q->arg, event);
}

static bool got_line(struct qmp *q, const char *line, size_t length)
{
    json_t *message = json_loadb(line, length, 0, NULL);
    bool ok = false;

    if (!json_is_object(message))
        goto out;
    ok = true;
    if (json_object_get(message, "QMP"))
        ok = negotiate(q);
    else if (json_object_get(message, "event"))
        got_event(q, message);
    else if (json_object_get(message, "return") ||
             json_object_get(message, "error"))
        ok = got_reply(q, message);
    else
        ok = false;
out:
    json_decref(message);
    return ok;
}

/* A callback may call qmp_free(): fd tells. */
static bool got_lines(struct qmp *q)
{
    size_t start = 0, length;
    const char *end;
    bool ok = true;

    while (ok && q->fd >= 0 &&
           (end = memchr(q->in + start, '\n', q->used - start))) {
        length = (size_t)(end - q->in) - start;
        if (length && q->in[start + length - 1] == '\r')
            length--;
        if (length)
            ok = got_line(q, q->in + start, length);
        start = (size_t)(end - q->in) + 1;
    }
    q->used -= start;
    memmove(q->in, q->in + start, q->used);
    return ok;
}

static bool read_some(struct qmp *q)
{
    ssize_t n;
    char *in;

    if (q->cap - q->used < 4096) {
        if (q->cap >= LINE_MAX_BYTES)
            return false;
        in = realloc(q->in, q->cap ? q->cap * 2 : 16384);
        if (!in)
            return false;
        q->in = in;
        q->cap = q->cap ? q->cap * 2 : 16384;
    }
    n = recv(q->fd, q->in + q->used, q->cap - q->used, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (!n)
        return false;
    q->used += (size_t)n;
    return got_lines(q);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct qmp *q = poll->data;
    bool ok = status >= 0;

    if (ok && (events & UV_READABLE))
        ok = read_some(q);
    if (ok && q->fd >= 0 && (events & UV_WRITABLE))
        ok = write_some(q);
    if (!ok)
        gone(q);
    watch_fd(q);
}

struct qmp *qmp_new(struct dm *dm, int fd, qmp_event_fn *event, void *arg)
{
    struct qmp *q = calloc(1, sizeof(*q));

    if (!q)
        goto out;
    q->dm = dm;
    q->fd = fd;
    q->event = event;
    q->arg = arg;
    if (uv_poll_init(dm->loop, &q->poll, fd) < 0)
        goto out;
    uv_timer_init(dm->loop, &q->flush);
    q->handles = 2;
    q->poll.data = q;
    q->flush.data = q;
    watch_fd(q);
    return q;
out:
    free(q);
    close(fd);
    return NULL;
}

static void on_closed(uv_handle_t *handle)
{
    struct qmp *q = handle->data;

    if (--q->handles)
        return;
    free(q->in);
    free(q);
}

void qmp_free(struct qmp *q)
{
    if (!q || q->freed)
        return;
    q->freed = true;
    gone(q);
    fail_all(q);
    uv_close((uv_handle_t *)&q->poll, on_closed);
    uv_close((uv_handle_t *)&q->flush, on_closed);
}

void qmp_send(struct qmp *q, json_t *command, const int *fds, size_t nfds,
              qmp_reply_fn *fn, void *arg)
{
    struct command *c = calloc(1, sizeof(*c));
    size_t i;

    /* Without memory not even a failure can be remembered: answer at once. */
    for (i = 0; c && i < nfds && i < FDS_MAX; i++)
        c->fds[c->nfds++] = fds[i];
    for (; i < nfds; i++)
        close(fds[i]);
    if (c) {
        c->fn = fn;
        c->arg = arg;
    }
    if (!c || nfds > FDS_MAX || !enqueue(q, c, command)) {
        if (fn)
            fn(arg, NULL);
        if (c)
            command_free(c);
    } else if (q->fd < 0) {
        uv_timer_start(&q->flush, on_flush, 0, 0);
    } else {
        watch_fd(q);
    }
    json_decref(command);
}

struct dm *qmp_dm(const struct qmp *q)
{
    return q->dm;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One QMP connection of libxl's: bytes, messages and file descriptors. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/router.h"

/* libxl itself reads no message over 1 MiB. */
#define OUT_MAX_BYTES (2u << 20)

static void on_poll(uv_poll_t *poll, int status, int events);

static void on_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;

    scan_dispose(&c->scan);
    free(c->out);
    free(c);
}

void client_close(struct client *c)
{
    if (c->fd < 0)
        return;
    uv_close((uv_handle_t *)&c->poll, on_closed);
    close(c->fd);
    c->fd = -1;
    while (c->nfds)
        close(c->fds[--c->nfds]);
    router_forget(c);
}

/* While a request is under way the client is not read: it waits for us. */
static void update(struct client *c)
{
    int events = 0;

    if (c->fd < 0)
        return;
    if (c->eof && !c->request && c->out_start == c->out_used) {
        client_close(c);
        return;
    }
    if (!c->eof && !c->request)
        events |= UV_READABLE;
    if (c->out_start < c->out_used)
        events |= UV_WRITABLE;
    if (!events)
        uv_poll_stop(&c->poll);
    else if (uv_poll_start(&c->poll, events, on_poll) < 0)
        client_close(c);
}

/* -------------------------------------------------------- writing ---- */

static bool is_drained(const struct client *c)
{
    return c->out_start == c->out_used;
}

static void flush(struct client *c)
{
    ssize_t n;

    while (c->fd >= 0 && !is_drained(c)) {
        n = send(c->fd, c->out + c->out_start, c->out_used - c->out_start,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                client_close(c);
            return;
        }
        c->out_start += (size_t)n;
    }
    c->out_start = c->out_used = 0;
}

/* Room for length more: what was written goes, but only when it is the
 * larger part, or a slow reader would cost a copy of everything each time. */
static bool make_room(struct client *c, size_t length)
{
    size_t waiting = c->out_used - c->out_start, cap = c->out_cap;
    char *out;

    if (waiting + length > OUT_MAX_BYTES)
        return false;
    if (c->out_start > waiting) {
        memmove(c->out, c->out + c->out_start, waiting);
        c->out_start = 0;
        c->out_used = waiting;
    }
    while (cap < c->out_used + length)
        cap = cap ? cap * 2 : 4096;
    if (cap == c->out_cap)
        return true;
    out = realloc(c->out, cap);
    if (!out)
        return false;
    c->out = out;
    c->out_cap = cap;
    return true;
}

static bool queue(struct client *c, const char *text, size_t length)
{
    if (!make_room(c, length))
        return false;
    memcpy(c->out + c->out_used, text, length);
    c->out_used += length;
    return true;
}

void client_send_text(struct client *c, const char *text)
{
    if (c->fd < 0)
        return;
    if (!text || !queue(c, text, strlen(text)) || !queue(c, "\r\n", 2)) {
        xldm__warning(c->router->dm->ctx, XLDM__NONE,
                      "a QMP client that does not read was dropped");
        client_close(c);
    }
    flush(c);
    update(c);
}

void client_send(struct client *c, const json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT | JSON_ENSURE_ASCII);

    client_send_text(c, text);
    free(text);
}

/* -------------------------------------------------------- reading ---- */

int client_take_fd(struct client *c)
{
    int fd;

    if (!c->nfds)
        return -1;
    fd = c->fds[0];
    c->nfds--;
    memmove(c->fds, c->fds + 1, c->nfds * sizeof(c->fds[0]));
    return fd;
}

static void got_fds(struct client *c, struct msghdr *msg)
{
    struct cmsghdr *head;
    size_t i, n;
    int fd;

    for (head = CMSG_FIRSTHDR(msg); head; head = CMSG_NXTHDR(msg, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (i = 0; i < n; i++) {
            memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof(fd));
            if (c->nfds < CLIENT_MAX_FDS)
                c->fds[c->nfds++] = fd;
            else
                close(fd);
        }
    }
}

static bool read_some(struct client *c)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * CLIENT_MAX_FDS)];
    } control;
    struct iovec iov = { c->in, sizeof(c->in) };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.bytes,
                          .msg_controllen = sizeof(control.bytes) };
    ssize_t n;

    n = recvmsg(c->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    got_fds(c, &msg);
    c->start = 0;
    c->used = (size_t)n;
    c->eof = !n;
    return true;
}

static void look_once(struct client *c)
{
    json_t *message = NULL;
    size_t taken;

    switch (scan_bytes(&c->scan, c->in + c->start, c->used - c->start, &taken,
                       &message)) {
    case SCAN_MORE:
        break;
    case SCAN_MESSAGE:
        c->start += taken;
        router_message(c, message);
        json_decref(message);
        return;
    case SCAN_GARBAGE:
        c->start += taken;
        router_garbage(c);
        return;
    case SCAN_TOO_BIG:
        xldm__warning(c->router->dm->ctx, XLDM__NONE,
                      "a QMP client sent a message of more than %u bytes and "
                      "was dropped",
                      SCAN_MAX_BYTES);
        client_close(c);
        return;
    }
    c->start += taken;
}

void client_look(struct client *c)
{
    if (c->looking)
        return;
    c->looking = true;
    while (c->fd >= 0 && !c->request && c->start < c->used)
        look_once(c);
    c->looking = false;
    update(c);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct client *c = poll->data;

    if (status < 0) {
        client_close(c);
        return;
    }
    if (events & UV_WRITABLE)
        flush(c);
    if (c->fd >= 0 && (events & UV_READABLE) && !c->request) {
        if (!read_some(c)) {
            client_close(c);
            return;
        }
        client_look(c);
    }
    update(c);
}

bool client_new(struct router *router, int fd)
{
    struct client *c = calloc(1, sizeof(*c));

    if (!c || uv_poll_init(router->dm->loop, &c->poll, fd) < 0) {
        free(c);
        close(fd);
        return false;
    }
    c->router = router;
    c->fd = fd;
    c->poll.data = c;
    c->next = router->clients;
    router->clients = c;
    update(c);
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A QMP client: a greeting, then a line for each message. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "toolstack/monitor.h"

#define LINE_MAX_BYTES (4u << 20)
#define CHUNK 65536
#define AGAIN_MS 10 /* the queue of connections was full */

static long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

static bool failed(struct xldm__monitor *m, const char *what)
{
    return xldm__error(m->ctx, XLDM__NONE, "%s: %s", m->path, what);
}

static bool lost(struct xldm__monitor *m, int error)
{
    return failed(m, !error || error == EPIPE || error == ECONNRESET
                         ? "the connection was closed before an answer came"
                         : strerror(error));
}

static bool wait_for(struct xldm__monitor *m, short events, long deadline)
{
    struct pollfd fd = { .fd = m->fd, .events = events };
    long left;
    int n;

    do {
        left = deadline - now_ms();
        n = left > 0 ? poll(&fd, 1, (int)left) : 0;
    } while (n < 0 && errno == EINTR);
    return n > 0 || failed(m, n < 0 ? strerror(errno)
                                    : "no answer in time; it may be busy");
}

static bool send_all(struct xldm__monitor *m, const char *text, size_t length,
                     long deadline)
{
    while (length) {
        ssize_t n = send(m->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (!wait_for(m, POLLOUT, deadline))
                return false;
            continue;
        }
        if (n < 0)
            return lost(m, errno);
        text += n;
        length -= (size_t)n;
    }
    return true;
}

static bool read_more(struct xldm__monitor *m, long deadline)
{
    ssize_t n;
    char *text;

    if (!wait_for(m, POLLIN, deadline))
        return false;
    if (m->used >= LINE_MAX_BYTES)
        return failed(m, "an answer is too long");
    if (m->used + CHUNK > m->cap) {
        text = realloc(m->text, m->used + CHUNK);
        if (!text)
            return xldm__oom(m->ctx);
        m->text = text;
        m->cap = m->used + CHUNK;
    }
    n = recv(m->fd, m->text + m->used, CHUNK, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR || lost(m, errno);
    if (!n)
        return lost(m, 0);
    m->used += (size_t)n;
    return true;
}

/* The next message; NULL: it was reported. */
static json_t *next_message(struct xldm__monitor *m, long deadline)
{
    json_t *message;
    char *end;
    size_t n;

    while (!(end = m->used ? memchr(m->text, '\n', m->used) : NULL))
        if (!read_more(m, deadline))
            return NULL;
    n = (size_t)(end - m->text) + 1;
    message = json_loadb(m->text, n, 0, NULL);
    m->used -= n;
    memmove(m->text, end + 1, m->used);
    if (json_is_object(message))
        return message;
    json_decref(message);
    failed(m, "what it says is not QMP");
    return NULL;
}

/* Events and answers to others are passed over. */
static json_t *next_answer(struct xldm__monitor *m, long deadline)
{
    json_t *message, *id;

    while ((message = next_message(m, deadline))) {
        id = json_object_get(message, "id");
        if (json_is_integer(id) && json_integer_value(id) == m->id)
            return message;
        json_decref(message);
    }
    return NULL;
}

static json_t *take_return(struct xldm__monitor *m, const char *command,
                           json_t *answer)
{
    json_t *value = json_object_get(answer, "return");
    const char *why = json_string_value(
        json_object_get(json_object_get(answer, "error"), "desc"));

    if (!value)
        xldm__error(m->ctx, XLDM__NONE, "%s: %s: %s", m->path, command,
                    why ? why : "neither a result nor an error");
    json_incref(value);
    json_decref(answer);
    return value;
}

json_t *xldm__monitor_ask(struct xldm__monitor *m, const char *command,
                          json_t *arguments, unsigned ms)
{
    long deadline = now_ms() + (long)ms;
    json_t *message = json_pack("{ss si}", "execute", command, "id", ++m->id);
    json_t *answer = NULL;
    char *text;

    if (message && arguments)
        json_object_set(message, "arguments", arguments);
    json_decref(arguments);
    text =
        message ? json_dumps(message, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(message);
    if (!text)
        xldm__oom(m->ctx);
    else if (send_all(m, text, strlen(text), deadline) &&
             send_all(m, "\n", 1, deadline))
        answer = next_answer(m, deadline);
    free(text);
    return answer ? take_return(m, command, answer) : NULL;
}

static bool connect_to(struct xldm__monitor *m, long deadline)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(m->path) >= sizeof(address.sun_path))
        return failed(m, "the path of a socket cannot be so long");
    memcpy(address.sun_path, m->path, strlen(m->path) + 1);
    m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m->fd < 0)
        return failed(m, strerror(errno));
    while (connect(m->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return failed(m, strerror(errno));
        if (now_ms() >= deadline)
            return failed(m, "it does not take the connection in time");
        poll(NULL, 0, AGAIN_MS);
    }
    return true;
}

bool xldm__monitor_open(struct xldm__monitor *m, struct xldm_ctx *ctx,
                        const char *path, unsigned ms)
{
    long deadline = now_ms() + (long)ms;
    json_t *greeting, *done;
    bool ok;

    *m = (struct xldm__monitor){ .ctx = ctx, .path = path, .fd = -1 };
    if (!connect_to(m, deadline))
        return false;
    greeting = next_message(m, deadline);
    ok = json_object_get(greeting, "QMP") != NULL;
    if (greeting && !ok)
        failed(m, "what it says is not QMP");
    json_decref(greeting);
    if (!ok)
        return false;
    done = xldm__monitor_ask(m, "qmp_capabilities", NULL, ms);
    json_decref(done);
    return done != NULL;
}

void xldm__monitor_close(struct xldm__monitor *m)
{
    if (m->fd >= 0)
        close(m->fd);
    free(m->text);
    m->text = NULL;
    m->fd = -1;
}

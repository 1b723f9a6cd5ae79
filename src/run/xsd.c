/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A xenstored that holds nothing and accepts everything, but for what it hands
 * on to the real one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#include "run/xsd.h"

#define UNSENT_MAX (1u << 20) /* to one that does not read */

struct xsd {
    uv_pipe_t listener;
    struct client *clients;
    uint32_t last_transaction;
    struct xsd_view view;
    char socket[108]; /* view's */
};

struct side {
    uv_pipe_t pipe;
    struct client *client;
    size_t used;
    union {
        struct xsd_sockmsg head;
        char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    } in;
};

struct client {
    struct xsd *xsd;
    struct client *next;
    struct side qemu, real; /* real: if the xsd has a view */
    uv_connect_t connect;
    unsigned handles; /* not yet closed */
    bool closing;
};

struct message {
    uv_write_t request;
    char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 32];
};

static void on_side_closed(uv_handle_t *handle)
{
    struct client *c = ((struct side *)handle->data)->client;

    if (!--c->handles)
        free(c);
}

static void client_close(struct client *c)
{
    struct client **p;

    if (c->closing)
        return;
    c->closing = true;
    for (p = &c->xsd->clients; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            break;
        }
    uv_close((uv_handle_t *)&c->qemu.pipe, on_side_closed);
    if (c->real.client)
        uv_close((uv_handle_t *)&c->real.pipe, on_side_closed);
}

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    free(request->data);
}

static void put(struct side *to, const struct xsd_sockmsg *head,
                const char *data)
{
    struct message *m = malloc(sizeof(*m));
    uv_buf_t buf;

    if (!m || head->len > sizeof(m->bytes) - sizeof(*head) ||
        to->pipe.write_queue_size > UNSENT_MAX) {
        free(m);
        client_close(to->client);
        return;
    }
    memcpy(m->bytes, head, sizeof(*head));
    memcpy(m->bytes + sizeof(*head), data, head->len);
    m->request.data = m;
    buf = uv_buf_init(m->bytes, (unsigned)(sizeof(*head) + head->len));
    if (uv_write(&m->request, (uv_stream_t *)&to->pipe, &buf, 1, on_written) <
        0) {
        free(m);
        client_close(to->client);
    }
}

static void answer(struct client *c, const struct xsd_sockmsg *to,
                   uint32_t type, const char *data, size_t length)
{
    struct xsd_sockmsg head = *to;

    head.type = type;
    head.len = (uint32_t)length;
    if (type == XS_WATCH_EVENT)
        head.req_id = head.tx_id = 0;
    put(&c->qemu, &head, data);
}

static void answer_text(struct client *c, const struct xsd_sockmsg *to,
                        uint32_t type, const char *text)
{
    answer(c, to, type, text, strlen(text) + 1);
}

static void serve(struct client *c)
{
    const struct xsd_sockmsg *head = &c->qemu.in.head;
    const char *payload = c->qemu.in.bytes + sizeof(*head);
    char text[64];

    switch (head->type) {
    case XS_DIRECTORY:
    case XS_DIRECTORY_PART:
    case XS_READ:
    case XS_GET_PERMS:
        answer_text(c, head, XS_ERROR, "ENOENT");
        break;
    case XS_WATCH:
        answer_text(c, head, XS_WATCH, "OK");
        /* A watch fires once when it is set. */
        if (!c->closing)
            answer(c, head, XS_WATCH_EVENT, payload, head->len);
        break;
    case XS_TRANSACTION_START:
        snprintf(text, sizeof(text), "%u", ++c->xsd->last_transaction);
        answer_text(c, head, head->type, text);
        break;
    case XS_GET_DOMAIN_PATH:
        snprintf(text, sizeof(text), "/local/domain/%u",
                 (unsigned)strtoul(payload, NULL, 10));
        answer_text(c, head, head->type, text);
        break;
    case XS_IS_DOMAIN_INTRODUCED:
        answer_text(c, head, head->type, "T");
        break;
    default:
        answer_text(c, head, head->type, "OK");
    }
}

static bool is_real(const struct side *side)
{
    const struct xsd_view *view = &side->client->xsd->view;
    const struct xsd_sockmsg *head = &side->in.head;
    const char *path = side->in.bytes + sizeof(*head);

    if (!view->is_real)
        return false;
    if (head->type == XS_TRANSACTION_START || head->type == XS_TRANSACTION_END)
        return true;
    return memchr(path, '\0', head->len) &&
           view->is_real(view->arg, head->type, path);
}

/* One whole message has come. */
static void take(struct side *side)
{
    struct client *c = side->client;
    const char *payload = side->in.bytes + sizeof(side->in.head);

    if (side == &c->real) {
        if (side->in.head.type != XS_WATCH_EVENT || is_real(side))
            put(&c->qemu, &side->in.head, payload);
    } else if (is_real(side)) {
        put(&c->real, &side->in.head, payload);
    } else {
        serve(c);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct side *side = handle->data;

    (void)suggested;
    *buf = uv_buf_init(side->in.bytes + side->used,
                       (unsigned)(sizeof(side->in.bytes) - side->used));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct side *side = stream->data;
    struct client *c = side->client;
    size_t whole;

    (void)buf;
    if (n < 0) {
        client_close(c);
        return;
    }
    side->used += (size_t)n;
    while (!c->closing && side->used >= sizeof(side->in.head)) {
        if (side->in.head.len > XENSTORE_PAYLOAD_MAX) {
            client_close(c);
            return;
        }
        whole = sizeof(side->in.head) + side->in.head.len;
        if (side->used < whole)
            return;
        take(side);
        side->used -= whole;
        memmove(side->in.bytes, side->in.bytes + whole, side->used);
    }
}

static void side_init(struct client *c, struct side *side)
{
    uv_pipe_init(c->xsd->listener.loop, &side->pipe, 0);
    side->pipe.data = side;
    side->client = c;
    c->handles++;
}

static void on_connected(uv_connect_t *request, int status)
{
    struct client *c = request->data;

    if (!c->closing &&
        (status < 0 ||
         uv_read_start((uv_stream_t *)&c->real.pipe, on_alloc, on_read) < 0))
        client_close(c);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct xsd *xsd = listener->data;
    struct client *c;

    if (status < 0)
        return;
    c = calloc(1, sizeof(*c));
    if (!c)
        return;
    c->xsd = xsd;
    c->next = xsd->clients;
    xsd->clients = c;
    side_init(c, &c->qemu);
    if (xsd->view.is_real) { /* what is sent meanwhile waits */
        side_init(c, &c->real);
        c->connect.data = c;
        uv_pipe_connect(&c->connect, &c->real.pipe, xsd->socket, on_connected);
    }
    if (uv_accept(listener, (uv_stream_t *)&c->qemu.pipe) < 0 ||
        uv_read_start((uv_stream_t *)&c->qemu.pipe, on_alloc, on_read) < 0)
        client_close(c);
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct xsd *xsd_new(uv_loop_t *loop, const char *path,
                    const struct xsd_view *view, int *error)
{
    struct xsd *xsd = calloc(1, sizeof(*xsd));

    *error = UV_ENOMEM;
    if (!xsd)
        return NULL;
    uv_pipe_init(loop, &xsd->listener, 0);
    xsd->listener.data = xsd;
    *error = 0;
    if (view) {
        xsd->view = *view;
        if ((size_t)snprintf(xsd->socket, sizeof(xsd->socket), "%s",
                             view->socket) >= sizeof(xsd->socket))
            *error = UV_ENAMETOOLONG;
    }
    if (*error >= 0)
        *error = uv_pipe_bind(&xsd->listener, path);
    if (*error >= 0)
        *error = uv_listen((uv_stream_t *)&xsd->listener, 64, on_connection);
    if (*error >= 0)
        return xsd;
    xsd_free(xsd);
    return NULL;
}

void xsd_free(struct xsd *xsd)
{
    if (!xsd)
        return;
    while (xsd->clients)
        client_close(xsd->clients);
    uv_close((uv_handle_t *)&xsd->listener, on_listener_closed);
}

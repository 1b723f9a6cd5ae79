/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A xenstored that holds nothing and accepts everything. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#include "run/xsd.h"

#define UNSENT_MAX (1u << 20) /* to a client that does not read */

struct xsd {
    uv_pipe_t listener;
    struct client *clients;
    uint32_t last_transaction;
};

struct client {
    uv_pipe_t pipe;
    struct xsd *xsd;
    struct client *next;
    size_t used;
    bool closing;
    union {
        struct xsd_sockmsg head;
        char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    } in;
};

struct answer {
    uv_write_t request;
    char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 32];
};

static void on_client_closed(uv_handle_t *handle)
{
    free(handle->data);
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
    uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    free(request->data);
}

static void answer(struct client *c, const struct xsd_sockmsg *to,
                   uint32_t type, const char *data, size_t length)
{
    struct xsd_sockmsg head = *to;
    struct answer *a = malloc(sizeof(*a));
    uv_buf_t buf;

    if (!a || length > sizeof(a->bytes) - sizeof(head) ||
        c->pipe.write_queue_size > UNSENT_MAX) {
        free(a);
        client_close(c);
        return;
    }
    head.type = type;
    head.len = (uint32_t)length;
    if (type == XS_WATCH_EVENT)
        head.req_id = head.tx_id = 0;
    memcpy(a->bytes, &head, sizeof(head));
    memcpy(a->bytes + sizeof(head), data, length);
    a->request.data = a;
    buf = uv_buf_init(a->bytes, (unsigned)(sizeof(head) + length));
    if (uv_write(&a->request, (uv_stream_t *)&c->pipe, &buf, 1, on_written) <
        0) {
        free(a);
        client_close(c);
    }
}

static void answer_text(struct client *c, const struct xsd_sockmsg *to,
                        uint32_t type, const char *text)
{
    answer(c, to, type, text, strlen(text) + 1);
}

static void serve(struct client *c)
{
    const struct xsd_sockmsg *head = &c->in.head;
    const char *payload = c->in.bytes + sizeof(*head);
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

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct client *c = handle->data;

    (void)suggested;
    *buf = uv_buf_init(c->in.bytes + c->used,
                       (unsigned)(sizeof(c->in.bytes) - c->used));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct client *c = stream->data;
    size_t whole;

    (void)buf;
    if (n < 0) {
        client_close(c);
        return;
    }
    c->used += (size_t)n;
    while (!c->closing && c->used >= sizeof(c->in.head)) {
        if (c->in.head.len > XENSTORE_PAYLOAD_MAX) {
            client_close(c);
            return;
        }
        whole = sizeof(c->in.head) + c->in.head.len;
        if (c->used < whole)
            return;
        serve(c);
        c->used -= whole;
        memmove(c->in.bytes, c->in.bytes + whole, c->used);
    }
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
    uv_pipe_init(listener->loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->pipe) < 0 ||
        uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) < 0)
        client_close(c);
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(handle->data);
}

struct xsd *xsd_new(uv_loop_t *loop, const char *path, int *error)
{
    struct xsd *xsd = calloc(1, sizeof(*xsd));

    *error = UV_ENOMEM;
    if (!xsd)
        return NULL;
    uv_pipe_init(loop, &xsd->listener, 0);
    xsd->listener.data = xsd;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sockets that libxl asked QEMU for: made, or taken over, by xldm-dm. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "run/link.h"

/* libxl connects without waiting: a full queue would fail its command. */
#define BACKLOG 16

static void on_connect(uv_poll_t *poll, int status, int events)
{
    struct link *link = poll->data;
    struct router *router = link->router;
    int fd = accept4(link->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)status;
    (void)events;
    if (fd >= 0) {
        if (client_new(router, fd))
            client_send(router->clients, router->greeting);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
        xldm__warning(router->dm->ctx, XLDM__NONE,
                      "no QMP connection is accepted until another ends: %s",
                      strerror(errno));
        uv_poll_stop(&link->poll);
    }
}

void links_resume(struct router *router)
{
    size_t i;

    for (i = 0; i < router->nlinks; i++) {
        uv_poll_t *poll = &router->links[i].poll;

        if (!uv_is_closing((uv_handle_t *)poll))
            uv_poll_start(poll, UV_READABLE, on_connect);
    }
}

/* As QEMU: whatever has the name is stale.  Nobody but root may connect. */
static int bind_path(struct xldm_ctx *ctx, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask;
    int rc;

    memcpy(address.sun_path, path, strlen(path) + 1);
    unlink(path);
    mask = umask(0177);
    rc = bind(fd, (struct sockaddr *)&address, sizeof(address));
    umask(mask);
    if (rc < 0) {
        xldm__error(ctx, XLDM__NONE, "cannot make the QMP socket '%s': %s",
                    path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int open_fd(struct xldm_ctx *ctx, struct link *link, const char *value)
{
    const struct xldm__option option = { "-chardev", value };
    struct stat st;
    char number[16];
    int fd = -1;

    if (xldm__option_get(&option, "path", link->path, sizeof(link->path))) {
        fd = bind_path(ctx, link->path);
        if (fd >= 0 && !stat(link->path, &st)) {
            link->dev = st.st_dev;
            link->ino = st.st_ino;
        }
        return fd;
    }
    if (xldm__option_get(&option, "fd", number, sizeof(number)))
        fd = atoi(number);
    if (fd < 3 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        xldm__error(ctx, XLDM__NONE,
                    "'-chardev %s' has neither a path nor an open socket",
                    value);
        return -1;
    }
    return fd;
}

static bool open_link(struct router *router, const char *value)
{
    struct link *link = &router->links[router->nlinks];
    struct xldm_ctx *ctx = router->dm->ctx;

    link->router = router;
    link->fd = open_fd(ctx, link, value);
    if (link->fd < 0)
        return false;
    if (listen(link->fd, BACKLOG) < 0 ||
        uv_poll_init(router->dm->loop, &link->poll, link->fd) < 0) {
        xldm__error(ctx, XLDM__NONE, "cannot listen on '-chardev %s': %s",
                    value, strerror(errno));
        close(link->fd);
        return false;
    }
    link->poll.data = link;
    router->nlinks++;
    router->handles++;
    return true;
}

bool links_open(struct router *router)
{
    const struct xldm_plan *plan = router->dm->plan;
    size_t i;

    for (i = 0; i < plan->nlinks; i++)
        if (!open_link(router, plan->links[i]))
            return false;
    links_resume(router);
    return true;
}

static void router_free(struct router *router)
{
    json_decref(router->greeting);
    json_decref(router->unknown);
    json_decref(router->on);
    free(router);
}

static void on_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;

    if (!--link->router->handles)
        router_free(link->router);
}

/* libxl removes the path itself, and the next domain of this id may have
 * made it anew. */
static void remove_path(const struct link *link)
{
    struct stat st;

    if (*link->path && !stat(link->path, &st) && st.st_dev == link->dev &&
        st.st_ino == link->ino)
        unlink(link->path);
}

void links_close(struct router *router)
{
    size_t i, n = router->nlinks;

    if (!n)
        router_free(router);
    for (i = 0; i < n; i++) {
        remove_path(&router->links[i]);
        uv_close((uv_handle_t *)&router->links[i].poll, on_closed);
        close(router->links[i].fd);
    }
}

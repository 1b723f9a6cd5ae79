/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How everything ends: libxl's SIGHUP does not come with dm_restrict, so the
 * domain's own nodes in xenstore are watched too; and dm_stop() itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "run/watch.h"

#define GRACE_MS 1000 /* for QEMUs to flush their disks */
#define LOOK_MS 20

/* ------------------------------------------------- domain's nodes ---- */

/* A connection of its own: watches come with a thread in libxenstore, and
 * with events that other readers should not have to skip. */
struct domain_watch {
    struct dm *dm;
    struct xs_handle *xs;
    uv_poll_t poll;
    char node[64];
    bool seen; /* the node was there */
};

static bool node_removed(struct domain_watch *w)
{
    unsigned length;
    void *value = xs_read(w->xs, XBT_NULL, w->node, &length);
    bool there = value != NULL;

    free(value);
    if (!there && errno != ENOENT)
        return false;
    w->seen |= there;
    return w->seen && !there;
}

static bool domain_ended(const struct domain_watch *w)
{
    xc_domaininfo_t info;
    int n = xc_domain_getinfolist(w->dm->xc, w->dm->domid, 1, &info);

    if (n < 0)
        return errno == ESRCH;
    return n == 0 || info.domain != w->dm->domid ||
           (info.flags & XEN_DOMINF_dying);
}

static void on_watch(uv_poll_t *poll, int status, int events)
{
    struct domain_watch *w = poll->data;
    bool lost = status < 0;
    char **event;

    (void)events;
    while (!lost && (event = xs_check_watch(w->xs)))
        free(event);
    lost = lost || errno != EAGAIN;
    if (node_removed(w) || domain_ended(w)) {
        dm_stop(w->dm, false);
    } else if (lost) {
        xldm__warning(w->dm->ctx, XLDM__NONE,
                      "xenstore is gone: only a signal will end this");
        uv_poll_stop(poll);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct domain_watch *w = handle->data;

    xs_close(w->xs);
    free(w);
}

struct domain_watch *domain_watch_new(struct dm *dm)
{
    struct domain_watch *w = calloc(1, sizeof(*w));

    if (!w) {
        xldm__oom(dm->ctx);
        return NULL;
    }
    w->dm = dm;
    snprintf(w->node, sizeof(w->node), "/local/domain/0/device-model/%u",
             dm->domid);
    w->xs = xs_open(0);
    if (!w->xs || !xs_watch(w->xs, w->node, "node") ||
        !xs_watch(w->xs, "@releaseDomain", "domain") ||
        uv_poll_init(dm->loop, &w->poll, xs_fileno(w->xs)) < 0) {
        xldm__error(dm->ctx, XLDM__NONE, "cannot watch '%s': %s", w->node,
                    strerror(errno));
        xs_close(w->xs);
        free(w);
        return NULL;
    }
    w->poll.data = w;
    uv_poll_start(&w->poll, UV_READABLE, on_watch);
    return w;
}

void domain_watch_free(struct domain_watch *w)
{
    if (w)
        uv_close((uv_handle_t *)&w->poll, on_closed);
}

/* ------------------------------------------------------------ end ---- */

static size_t signal_all(struct dm *dm, int number)
{
    size_t i, living = 0;

    for (i = 0; i < dm->nqemus; i++) {
        if (dm->qemus[i].pid <= 0)
            continue;
        living++;
        if (number)
            kill(dm->qemus[i].pid, number);
    }
    return living;
}

/* Until main() is done it goes on asking the loop to stop: the loop that a
 * waiting qmp_call() runs is not the one of main(). */
static void on_look(uv_timer_t *timer)
{
    struct dm *dm = timer->data;

    dm->end_ms += LOOK_MS;
    if (!signal_all(dm, dm->end_ms == GRACE_MS ? SIGKILL : 0))
        uv_stop(dm->loop);
}

bool dm_is_over(struct dm *dm)
{
    return dm->stopping && !signal_all(dm, 0);
}

void dm_stop(struct dm *dm, bool failed)
{
    dm->failed |= failed;
    if (dm->stopping)
        return;
    dm->stopping = true;
    router_stop(dm);
    signal_all(dm, SIGTERM);
    uv_timer_init(dm->loop, &dm->end);
    dm->end.data = dm;
    uv_timer_start(&dm->end, on_look, 0, LOOK_MS);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of the domain, and the death or hang of a QEMU. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

#include "run/broker.h"
#include "run/watch.h"

/* A secondary that says nothing for so long is killed.  Counted in
 * questions, so that our own standing still blames nobody. */
#define WATCHDOG_SECONDS 10
#define WATCHDOG_TRIES 5 /* the first finds the question before it answered */

/* On the heap, for the answer may come when the watch is gone. */
struct ping {
    struct watch *watch;
    size_t index;
};

static const int signals[] = { SIGHUP, SIGTERM, SIGINT };
#define NSIGNALS (sizeof(signals) / sizeof(*signals))

struct watch {
    struct dm *dm;
    struct domain_watch *domain;
    uv_signal_t signal[NSIGNALS];
    uv_timer_t timer;
    size_t handles;
    struct ping *pings[XLDM_MAX_GROUPS]; /* not answered */
    unsigned missed[XLDM_MAX_GROUPS];
    pid_t pids[XLDM_MAX_GROUPS]; /* who missed them */
};

/* ------------------------------------------------------- watchdog ---- */

static bool lives(const struct qemu *q)
{
    return !q->dm->stopping && q->pid > 0 && q->qmp;
}

static void hangs(struct qemu *q)
{
    bool primary = q == q->dm->qemus;

    xldm__warning(q->dm->ctx, XLDM__NONE,
                  "group '%s': its QEMU, pid %d, does not answer%s",
                  q->group->name, (int)q->pid, primary ? "" : ": killed");
    if (!primary)
        kill(q->pid, SIGKILL); /* its end comes by dm_qemu_died() */
}

static void missed(struct watch *w, size_t i)
{
    if (++w->missed[i] == WATCHDOG_TRIES - 1)
        hangs(&w->dm->qemus[i]);
}

/* One that lives and has given up its QMP is asked in vain. */
static void pong(void *arg, json_t *reply)
{
    struct ping *p = arg;
    struct watch *w = p->watch;

    if (w) {
        w->pings[p->index] = NULL;
        if (reply)
            w->missed[p->index] = 0;
        else if (lives(&w->dm->qemus[p->index]))
            missed(w, p->index);
        if (!p->index)
            broker_see_pci(w->dm, reply);
    }
    free(p);
}

static void ping(struct watch *w, size_t i)
{
    struct ping *p = calloc(1, sizeof(*p));
    json_t *command = json_pack("{s:s}", "execute",
                                i ? "query-status" : "query-pci");

    if (!p || !command) {
        free(p);
        json_decref(command);
        return;
    }
    *p = (struct ping){ w, i };
    w->pings[i] = p;
    qmp_send(w->dm->qemus[i].qmp, command, NULL, 0, pong, p);
}

static void on_timer(uv_timer_t *timer)
{
    struct watch *w = timer->data;
    struct qemu *q;
    size_t i;

    for (i = 0; i < w->dm->nqemus; i++) {
        q = &w->dm->qemus[i];
        if (!lives(q) || !q->ready)
            continue;
        if (w->pids[i] != q->pid) {
            w->pids[i] = q->pid;
            w->missed[i] = 0;
        }
        if (!w->pings[i])
            ping(w, i);
        else
            missed(w, i);
    }
    grow_tick(w->dm);
}

static uint64_t watchdog_ms(void)
{
    const char *text = getenv("XLDM_WATCHDOG_SECONDS"); /* for tests */
    long seconds = text ? atol(text) : 0;

    if (seconds < 1 || seconds > 3600)
        seconds = WATCHDOG_SECONDS;
    return (uint64_t)seconds * 1000 / WATCHDOG_TRIES;
}

/* ---------------------------------------------------------- death ---- */

static const char *last_line(struct qemu *q)
{
    size_t n = strlen(q->tail);
    char *line;

    while (n && q->tail[n - 1] == '\n')
        q->tail[--n] = '\0';
    line = strrchr(q->tail, '\n');
    return line ? line + 1 : q->tail;
}

static void obituary(struct qemu *q, const char *end)
{
    char why[64], text[256];
    const char *line = last_line(q);

    xldm__error(q->dm->ctx, XLDM__NONE, "%s: its QEMU %s%s%s%s",
                qemu_text(q, text, sizeof(text)),
                qemu_end(q, why, sizeof(why)), end,
                *line ? "; its last words: " : "", line);
}

static void carry_out(struct qemu *q)
{
    const struct xldm__group *group = q->group;
    struct dm *dm = q->dm;
    int rc = 0;

    if (group->on_crash == XLDM_ON_CRASH_RESTART)
        dm_restart_later(q);
    if (group->on_crash == XLDM_ON_CRASH_PAUSE)
        rc = xc_domain_pause(dm->xc, dm->domid);
    /* As if the guest had crashed: whoever supervises the domain then
     * carries out its on_crash. */
    if (group->on_crash == XLDM_ON_CRASH_DESTROY)
        rc = xc_domain_shutdown(dm->xc, (int)dm->domid, SHUTDOWN_crash);
    if (rc < 0)
        xldm__error(dm->ctx, XLDM__NONE,
                    "group '%s': its onCrash could not be carried out: %s",
                    group->name, strerror(errno));
}

static void secondary_died(struct qemu *q)
{
    struct dm *dm = q->dm;
    struct qmp *qmp = q->qmp;

    obituary(q, q->group->on_crash == XLDM_ON_CRASH_RESTART
                    ? "; it is to be restarted"
                    : "; its devices are detached");
    if (q->server < 0)
        xldm__error(dm->ctx, XLDM__NONE,
                    "group '%s': its ioreq server is not known, the guest may "
                    "hang",
                    q->group->name);
    else
        q->detached = dm_reap(dm, q->server);
    if (q->detached)
        q->server = -1; /* Xen gives the id to the next QEMU */
    q->qmp = NULL;
    qmp_free(qmp); /* who waits for a reply is told */
    router_lost(q);
    carry_out(q);
    dm_state_write(dm);
}

void dm_qemu_died(struct qemu *q)
{
    struct dm *dm = q->dm;

    if (dm->stopping || q->restarting)
        return; /* dm_stop() counts them, restart.c looks */
    if (!dm->watch) {
        obituary(q, " during start");
        dm_stop(dm, true);
    } else if (q == dm->qemus) {
        obituary(q, "; without the platform nothing else can go on");
        dm_stop(dm, true);
    } else {
        secondary_died(q);
    }
}

/* ---------------------------------------------------- start, stop ---- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct watch *w = handle->data;

    (void)number;
    dm_stop(w->dm, false);
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;

    if (--w->handles)
        return;
    free(w);
}

static void start_handles(struct watch *w)
{
    uint64_t period = watchdog_ms();
    size_t i;

    for (i = 0; i < NSIGNALS; i++) {
        uv_signal_init(w->dm->loop, &w->signal[i]);
        w->signal[i].data = w;
        uv_signal_start(&w->signal[i], on_signal, signals[i]);
    }
    uv_timer_init(w->dm->loop, &w->timer);
    w->timer.data = w;
    uv_timer_start(&w->timer, on_timer, period, period);
    w->handles = NSIGNALS + 1;
}

bool dm_watch_start(struct dm *dm)
{
    struct watch *w = calloc(1, sizeof(*w));

    if (!w)
        return xldm__oom(dm->ctx);
    w->dm = dm;
    start_handles(w);
    dm->watch = w;
    w->domain = domain_watch_new(dm);
    if (!w->domain) {
        dm_watch_stop(dm);
        return false;
    }
    return true;
}

void dm_watch_stop(struct dm *dm)
{
    struct watch *w = dm->watch;
    size_t i;

    if (!w)
        return;
    dm->watch = NULL;
    for (i = 0; i < XLDM_MAX_GROUPS; i++)
        if (w->pings[i])
            w->pings[i]->watch = NULL;
    domain_watch_free(w->domain);
    for (i = 0; i < NSIGNALS; i++)
        uv_close((uv_handle_t *)&w->signal[i], on_closed);
    uv_close((uv_handle_t *)&w->timer, on_closed);
}

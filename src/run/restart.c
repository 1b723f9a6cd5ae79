/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * onCrash='restart': a QEMU anew for one that died.  From its start until it
 * is trimmed it holds everything that a QEMU can, so the domain is paused.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "run/arbiter.h"
#include "run/broker.h"

#define PAGE_SHIFT 12
#define TIMES 3 /* more deaths than that in PERIOD_MS: it is let be */
#define PERIOD_MS 300000

void dm_restart_later(struct qemu *q)
{
    q->restart = true;
    uv_stop(q->dm->loop);
}

bool dm_restart_due(const struct dm *dm)
{
    size_t i;

    for (i = 0; i < dm->nqemus; i++)
        if (dm->qemus[i].restart)
            return !dm->stopping;
    return false;
}

static bool too_often(struct qemu *q)
{
    uint64_t now = uv_now(q->dm->loop);

    if (!q->restarts || now - q->restarts_since > PERIOD_MS) {
        q->restarts = 0;
        q->restarts_since = now;
    }
    return ++q->restarts > TIMES;
}

/* The pages of its option ROMs are still the domain's; the new QEMU asks for
 * as many, and the domain may not have more. */
static void free_window(const struct qemu *q)
{
    const struct xldm__group *g = q->group;
    xen_pfn_t page = g->ram_first >> PAGE_SHIFT;
    uint64_t n = g->ram_size >> PAGE_SHIFT;

    for (; n; n--, page++)
        xc_domain_decrease_reservation(q->dm->xc, q->dm->domid, 1, 0, &page);
}

static bool go(struct qemu *q)
{
    json_t *reply;
    char text[256];
    bool ok;

    if (q->dm->hold) /* all go on when libxl says so */
        return true;
    reply = qmp_call(q->qmp, "cont", NULL);
    ok = json_object_get(reply, "return") != NULL;
    json_decref(reply);
    return ok || xldm__error(q->dm->ctx, XLDM__NONE,
                             "%s: its new QEMU does not go on",
                             qemu_text(q, text, sizeof(text)));
}

/* Of a QEMU that failed before its server was known every new one is its. */
static void end(struct qemu *q, unsigned servers)
{
    struct dm *dm = q->dm;
    struct qmp *qmp = q->qmp;
    int id;

    q->restarting = true; /* its death is no news */
    if (q->pid > 0)
        kill(q->pid, SIGKILL);
    while (q->pid > 0 && !dm->stopping)
        uv_run(dm->loop, UV_RUN_ONCE);
    q->restarting = false;
    q->qmp = NULL;
    qmp_free(qmp);
    router_lost(q);
    for (id = 0; servers >> id; id++)
        if (servers & 1u << id)
            dm_reap(dm, id);
    q->server = -1;
    q->detached = true;
    q->restart = false; /* whoever ended it starts it, or nobody does */
}

void qemu_put_away(struct qemu *q)
{
    end(q, q->server < 0 ? 0 : 1u << q->server);
}

static bool start(struct qemu *q)
{
    struct dm *dm = q->dm;
    bool ok;

    dm->others = dm_servers(dm);
    q->restarting = true;
    q->restart = false;
    free_window(q);
    ok = qemu_spawn(q) && dm_wait_ready(dm) && dm_arbitrate(dm);
    if (ok)
        dm_taps_announce(q);
    ok = ok && broker_replay(q);
    if (ok)
        router_replay(q);
    ok = ok && go(q);
    if (ok)
        dm_ttys_announce(q);
    q->restarting = false;
    if (!ok && !dm->stopping)
        end(q, dm_servers(dm) & ~dm->others);
    return ok;
}

bool qemu_bring_up(struct qemu *q)
{
    struct dm *dm = q->dm;
    bool again = q->detached, ok;

    dm_reap_left(dm);
    if (xc_domain_pause(dm->xc, dm->domid) < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "group '%s' is not started: cannot pause the "
                           "domain: %s",
                           q->group->name, strerror(errno));
    ok = start(q);
    if (ok)
        xldm__note(dm->ctx, XLDM__NONE, "group '%s' was %sstarted, pid %d",
                   q->group->name, again ? "re" : "", (int)q->pid);
    else if (!dm->stopping)
        xldm__error(dm->ctx, XLDM__NONE,
                    "group '%s' could not be %sstarted; its devices are "
                    "detached",
                    q->group->name, again ? "re" : "");
    q->restarted += ok && again;
    xc_domain_unpause(dm->xc, dm->domid);
    dm_reap_left(dm); /* another one may have died meanwhile */
    dm_state_write(dm);
    return ok;
}

static void restart_or_not(struct qemu *q)
{
    q->restart = false;
    if (too_often(q))
        xldm__error(q->dm->ctx, XLDM__NONE,
                    "group '%s' is not restarted: it died more than %d times "
                    "in %d seconds",
                    q->group->name, TIMES, PERIOD_MS / 1000);
    else
        qemu_bring_up(q);
}

/* While one is restarted another may die. */
void dm_restart(struct dm *dm)
{
    struct qemu *q;

    while (dm_restart_due(dm))
        for (q = dm->qemus; q < dm->qemus + dm->nqemus; q++)
            if (q->restart && !dm->stopping)
                restart_or_not(q);
}

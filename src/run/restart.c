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
    json_t *reply = qmp_call(q->qmp, "cont", NULL);
    bool ok = json_object_get(reply, "return") != NULL;
    char text[256];

    json_decref(reply);
    return ok || xldm__error(q->dm->ctx, XLDM__NONE,
                             "%s: its new QEMU does not go on",
                             qemu_text(q, text, sizeof(text)));
}

/* Of a QEMU that failed before its server was known every new one is its. */
static void give_up(struct qemu *q, unsigned before)
{
    struct dm *dm = q->dm;
    struct qmp *qmp = q->qmp;
    unsigned fresh;
    int id;

    if (q->pid > 0)
        kill(q->pid, SIGKILL);
    while (q->pid > 0 && !dm->stopping)
        uv_run(dm->loop, UV_RUN_ONCE);
    q->qmp = NULL;
    qmp_free(qmp);
    fresh = dm_servers(dm) & ~before;
    for (id = 0; fresh >> id; id++)
        if (fresh & 1u << id)
            dm_reap(dm, id);
    q->server = -1;
    q->detached = true;
    xldm__error(dm->ctx, XLDM__NONE,
                "group '%s' could not be restarted; its devices stay "
                "detached",
                q->group->name);
}

static void restart(struct qemu *q)
{
    struct dm *dm = q->dm;
    unsigned before;
    bool ok;

    if (xc_domain_pause(dm->xc, dm->domid) < 0) {
        xldm__error(dm->ctx, XLDM__NONE,
                    "group '%s' is not restarted: cannot pause the domain: %s",
                    q->group->name, strerror(errno));
        return;
    }
    before = dm_servers(dm);
    q->restarting = true;
    free_window(q);
    ok = qemu_spawn(q) && dm_wait_ready(dm) && dm_arbitrate(dm);
    if (ok)
        dm_taps_announce(q);
    ok = ok && broker_replay(q) && go(q);
    q->restarted += ok;
    if (ok)
        xldm__note(dm->ctx, XLDM__NONE, "group '%s' was restarted, pid %d",
                   q->group->name, (int)q->pid);
    else if (!dm->stopping)
        give_up(q, before);
    q->restarting = false;
    xc_domain_unpause(dm->xc, dm->domid);
    dm_state_write(dm);
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
        restart(q);
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

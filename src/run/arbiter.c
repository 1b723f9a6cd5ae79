/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each QEMU claims against the plan, and taking off each ioreq server
 * what is not its group's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/arbiter.h"

/* ----------------------------------------------------------- trim ---- */

static bool unmap(const struct qemu *q, struct xldm_range r)
{
    ioservid_t id = (ioservid_t)q->server;
    bool ok = true;

    if (r.space != XLDM_PCI)
        return server_unmap(q->dm, id, r) || errno == ENOENT;
    for (; r.first <= r.last; r.first++)
        ok &= server_unmap(q->dm, id, r) || errno == ENOENT;
    return ok;
}

/* What of held is not q's: for the primary, what others own, the broker
 * among them. */
static void surplus(const struct qemu *q, const struct held *held,
                    struct xldm__ranges *set)
{
    const struct dm *dm = q->dm;
    struct xldm__ranges rest = { .arena = set->arena };
    size_t i;

    if (q->group->primary) {
        for (i = 1; i < dm->nqemus; i++)
            ranges_overlap(&held->all, &dm->qemus[i].group->claims, set);
        ranges_overlap(&held->all, &dm->plan->broadcast, set);
        return;
    }
    ranges_without(&held->all, &q->group->claims, &rest);
    ranges_without(&rest, &held->bars, set);
}

static bool trim(const struct qemu *q, const struct held *held)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges set = { .arena = &arena };
    char text[256], range[80];
    bool ok = true;
    size_t i;

    surplus(q, held, &set);
    for (i = 0; i < set.n && ok; i++)
        if (!unmap(q, set.v[i]))
            ok = xldm__error(q->dm->ctx, XLDM__NONE,
                             "%s: Xen does not take %s off its server %d: %s",
                             qemu_text(q, text, sizeof(text)),
                             range_text(set.v[i], range, sizeof(range)),
                             q->server, strerror(errno));
    if (arena.failed)
        ok = xldm__oom(q->dm->ctx);
    xldm__arena_dispose(&arena);
    return ok;
}

/* ------------------------------------------------------ arbitrate ---- */

bool dm_arbitrate(struct dm *dm)
{
    struct xldm__arena arena = { 0 };
    struct held held[XLDM_MAX_GROUPS] = { 0 };
    bool fresh[XLDM_MAX_GROUPS], asked[XLDM_MAX_GROUPS], ok = true;
    struct qemu *q;
    size_t i;

    for (i = 0; i < dm->nqemus; i++) {
        q = &dm->qemus[i];
        asked[i] = q->ready;
        fresh[i] = q->ready && q->server < 0;
        if (asked[i])
            held_ask(q, &held[i]);
    }
    for (i = 0; i < dm->nqemus; i++)
        if (asked[i])
            ok &= held_read(&dm->qemus[i], &held[i], &arena);
    ok = ok && held_check(dm, held, fresh) && servers_learn(dm, held, fresh);
    for (i = 0; i < dm->nqemus && ok; i++)
        if (fresh[i])
            ok = trim(&dm->qemus[i], &held[i]);
    xldm__arena_dispose(&arena);
    return ok;
}

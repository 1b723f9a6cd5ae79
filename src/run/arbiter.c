/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose ioreq server is whose, and taking off each what is not its group's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/arbiter.h"

#define SERVERS_MAX 8     /* MAX_NR_IOREQ_SERVERS of Xen */
#define MARK_SIZE 0x10    /* the bus-master BAR of PIIX3's IDE */
#define MARK_FIRST 0xc000 /* marks are sought from MARK_END downwards */
#define MARK_END 0xff00
#define IDE_BAR4 0x80000920 /* 00:01.1, which every xenfv machine has */
#define IDE_COMMAND 0x80000904

/* ---------------------------------------- whose server is whose ---- */

/*
 * Makes a QEMU hold ports that no other holds, and undoes it.  The three
 * registers are 0 in a QEMU that has not run; that one starts from a saved
 * state is refused in main.c.
 */
struct mark {
    uint64_t port;
    struct qmp_wait *set;
};

static struct qmp_wait *hmp_out(struct qemu *q, const char *size, unsigned port,
                                uint64_t value)
{
    char line[64];

    snprintf(line, sizeof(line), "o /%s %#x %#llx", size, port,
             (unsigned long long)value);
    return qmp_hmp_ask(q->qmp, line);
}

/* Answers come in order, so only the last is waited for. */
static void hmp_out_only(struct qemu *q, const char *size, unsigned port,
                         uint64_t value)
{
    qmp_forget(hmp_out(q, size, port, value));
}

static void mark_set(struct qemu *q, struct mark *m)
{
    hmp_out_only(q, "w", 0xcf8, IDE_BAR4);
    hmp_out_only(q, "w", 0xcfc, m->port | 1u);
    hmp_out_only(q, "w", 0xcf8, IDE_COMMAND);
    m->set = hmp_out(q, "h", 0xcfc, 1);
}

/* A later cont goes the same way, and so comes after it. */
static void mark_unset(struct qemu *q)
{
    hmp_out_only(q, "h", 0xcfc, 0);
    hmp_out_only(q, "w", 0xcf8, IDE_BAR4);
    hmp_out_only(q, "w", 0xcfc, 0);
    hmp_out_only(q, "w", 0xcf8, 0);
}

/* below: where the last mark was */
static bool mark_choose(const struct dm *dm, const struct held *held,
                        uint64_t below, struct mark *m)
{
    struct xldm_range r = { .space = XLDM_PORT };
    size_t i;

    for (r.first = below - MARK_SIZE; r.first >= MARK_FIRST;
         r.first -= MARK_SIZE) {
        r.last = r.first + MARK_SIZE - 1;
        for (i = 0; i < dm->nqemus; i++)
            if (xldm__ranges_meet(&held[i].all, r))
                break;
        if (i == dm->nqemus) {
            m->port = r.first;
            return true;
        }
    }
    return xldm__error(dm->ctx, XLDM__NONE,
                       "too few ports are free between %#x and %#x", MARK_FIRST,
                       MARK_END);
}

unsigned dm_servers(struct dm *dm)
{
    evtchn_port_t port;
    unsigned set = 0;
    ioservid_t id;

    for (id = 0; id < SERVERS_MAX; id++)
        if (!xendevicemodel_get_ioreq_server_info(
                dm->xdm, (domid_t)dm->domid, id, NULL, NULL, &port))
            set |= 1u << id;
    return set;
}

/* The server from which the mark can be taken away. */
static int find_server(struct dm *dm, const struct mark *m)
{
    domid_t domid = (domid_t)dm->domid;
    unsigned set = dm_servers(dm);
    ioservid_t id;

    for (id = 0; set >> id; id++)
        if ((set & 1u << id) &&
            !xendevicemodel_unmap_io_range_from_ioreq_server(
                dm->xdm, domid, id, 0, m->port, m->port + MARK_SIZE - 1))
            return id;
    return -1;
}

static bool learn(struct qemu *q, struct mark *m)
{
    struct dm *dm = q->dm;
    char *answer = qmp_hmp_take(dm, m->set);
    char text[256];

    if (!answer)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: its QEMU stopped answering",
                           qemu_text(q, text, sizeof(text)));
    free(answer);
    q->server = find_server(dm, m);
    mark_unset(q);
    if (q->server < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: none of the domain's ioreq servers is its "
                           "QEMU's",
                           qemu_text(q, text, sizeof(text)));
    return true;
}

static bool learn_all(struct dm *dm, const struct held *held, const bool *fresh)
{
    struct mark marks[XLDM_MAX_GROUPS] = { 0 };
    uint64_t below = MARK_END;
    bool ok = true;
    size_t i;

    for (i = 0; i < dm->nqemus && ok; i++) {
        if (!fresh[i])
            continue;
        ok = mark_choose(dm, held, below, &marks[i]);
        below = marks[i].port;
        if (ok)
            mark_set(&dm->qemus[i], &marks[i]);
    }
    for (i = 0; i < dm->nqemus; i++)
        if (marks[i].set)
            ok &= learn(&dm->qemus[i], &marks[i]);
    return ok;
}

/* ----------------------------------------------------------- trim ---- */

static int unmap(const struct qemu *q, const struct xldm_range *r)
{
    domid_t domid = (domid_t)q->dm->domid;
    ioservid_t id = (ioservid_t)q->server;
    uint64_t f;
    int rc = 0;

    if (r->space != XLDM_PCI)
        return xendevicemodel_unmap_io_range_from_ioreq_server(
            q->dm->xdm, domid, id, r->space == XLDM_MEMORY, r->first, r->last);
    for (f = r->first; f <= r->last; f++)
        if (xendevicemodel_unmap_pcidev_from_ioreq_server(
                q->dm->xdm, domid, id, (uint16_t)(f >> 16),
                (uint8_t)(f >> 8 & 0xff), (uint8_t)(f >> 3 & 31),
                (uint8_t)(f & 7)) < 0 &&
            errno != ENOENT)
            rc = -1;
    return rc;
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
        if (unmap(q, &set.v[i]) < 0 && errno != ENOENT)
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
    ok = ok && held_check(dm, held, fresh) && learn_all(dm, held, fresh);
    for (i = 0; i < dm->nqemus && ok; i++)
        if (fresh[i])
            ok = trim(&dm->qemus[i], &held[i]);
    xldm__arena_dispose(&arena);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose ioreq server is whose: ids come in any order.  A range that only one
 * QEMU holds tells its server; what is left over is the last one's.  Two with
 * nothing of their own are made to hold a mark.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/access.h"
#include "run/arbiter.h"
#include "run/broker.h"

#define SERVERS_MAX 8     /* MAX_NR_IOREQ_SERVERS of Xen */
#define MARK_SIZE 0x10    /* the bus-master BAR of PIIX3's IDE */
#define MARK_FIRST 0xc000 /* marks are sought from MARK_END downwards */
#define MARK_END 0xff00
#define IDE_BAR4 0x80000920 /* 00:01.1, which every xenfv machine has */
#define IDE_COMMAND 0x80000904

/* A PCI function of a range, as xendevicemodel takes it. */
#define SBDF(f) (uint16_t)((f) >> 16), (uint8_t)((f) >> 8), \
                (uint8_t)((f) >> 3 & 31), (uint8_t)((f) & 7)

/* -------------------------------------------------------- servers ---- */

unsigned dm_servers(struct dm *dm)
{
    evtchn_port_t port;
    unsigned set = 0;
    ioservid_t id;

    for (id = 0; id < SERVERS_MAX; id++)
        if (!xendevicemodel_get_ioreq_server_info(dm->xdm, (domid_t)dm->domid,
                                                  id, NULL, NULL, &port))
            set |= 1u << id;
    return set;
}

/* Those that are nobody's yet. */
static unsigned unknown_servers(struct dm *dm)
{
    unsigned set = dm_servers(dm) & ~broker_servers(dm) & ~dm->others;
    size_t i;

    for (i = 0; i < dm->nqemus; i++)
        if (dm->qemus[i].server >= 0 && !dm->qemus[i].detached)
            set &= ~(1u << dm->qemus[i].server);
    return set;
}

bool server_unmap(struct dm *dm, ioservid_t id, struct xldm_range r)
{
    domid_t domid = (domid_t)dm->domid;

    if (r.space == XLDM_PCI)
        return !xendevicemodel_unmap_pcidev_from_ioreq_server(
            dm->xdm, domid, id, SBDF(r.first));
    return !xendevicemodel_unmap_io_range_from_ioreq_server(
        dm->xdm, domid, id, r.space == XLDM_MEMORY, r.first, r.last);
}

static bool give_back(struct dm *dm, ioservid_t id, struct xldm_range r)
{
    domid_t domid = (domid_t)dm->domid;

    if (r.space == XLDM_PCI)
        return !xendevicemodel_map_pcidev_to_ioreq_server(dm->xdm, domid, id,
                                                          SBDF(r.first));
    return !xendevicemodel_map_io_range_to_ioreq_server(
        dm->xdm, domid, id, r.space == XLDM_MEMORY, r.first, r.last);
}

/* The server from which the range can be taken away. */
static int find_server(struct dm *dm, struct xldm_range r)
{
    unsigned set = unknown_servers(dm);
    ioservid_t id;

    for (id = 0; set >> id; id++)
        if ((set & 1u << id) && server_unmap(dm, id, r))
            return id;
    return -1;
}

/* --------------------------------------------------------- ranges ---- */

/* A range that no other QEMU holds; of PCI functions one. */
static bool own_range(const struct dm *dm, const struct held *held, size_t i,
                      struct xldm_range *own)
{
    size_t j, k;

    for (k = 0; k < held[i].all.n; k++) {
        *own = held[i].all.v[k];
        if (own->space == XLDM_PCI)
            own->last = own->first;
        for (j = 0; j < dm->nqemus; j++)
            if (j != i && xldm__ranges_meet(&held[j].all, *own))
                break;
        if (j == dm->nqemus)
            return true;
    }
    return false;
}

/* While the vCPUs stand, nothing misses the range meanwhile. */
static bool learn_by_range(struct qemu *q, struct xldm_range own)
{
    struct dm *dm = q->dm;
    int id = find_server(dm, own);
    char text[256];

    if (id >= 0 && !give_back(dm, (ioservid_t)id, own))
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: Xen does not give its server back what it had: "
                           "%s",
                           qemu_text(q, text, sizeof(text)), strerror(errno));
    q->server = id;
    return true;
}

/* What is left over: one server for one QEMU. */
static void learn_last(struct dm *dm, const bool *fresh)
{
    unsigned set = unknown_servers(dm);
    struct qemu *last = NULL;
    size_t i, n = 0;

    for (i = 0; i < dm->nqemus; i++)
        if (fresh[i] && dm->qemus[i].server < 0) {
            last = &dm->qemus[i];
            n++;
        }
    if (n == 1 && set && !(set & (set - 1)))
        last->server = __builtin_ctz(set);
}

/* ---------------------------------------------------------- marks ---- */

/*
 * Makes a QEMU hold ports that no other holds, and undoes it: in one that was
 * restored the guest has set the three registers.
 */
struct mark {
    uint64_t port;
    struct qmp_wait *was[3]; /* address, BAR, command: asked for */
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
    m->was[0] = qmp_hmp_ask(q->qmp, "i /w 0xcf8");
    hmp_out_only(q, "w", 0xcf8, IDE_BAR4);
    m->was[1] = qmp_hmp_ask(q->qmp, "i /w 0xcfc");
    hmp_out_only(q, "w", 0xcfc, m->port | 1u);
    hmp_out_only(q, "w", 0xcf8, IDE_COMMAND);
    m->was[2] = qmp_hmp_ask(q->qmp, "i /h 0xcfc");
    m->set = hmp_out(q, "h", 0xcfc, 1);
}

/* false: it stopped answering. */
static bool mark_take(struct qemu *q, struct mark *m, uint32_t *was)
{
    bool ok = true;
    char *answer;
    size_t i;

    for (i = 0; i < 3; i++) {
        answer = qmp_hmp_take(q->dm, m->was[i]);
        ok &= answer && access_answer(answer, &was[i]);
        free(answer);
    }
    answer = qmp_hmp_take(q->dm, m->set);
    ok &= answer != NULL;
    free(answer);
    return ok;
}

/* A later cont goes the same way, and so comes after it. */
static void mark_unset(struct qemu *q, const uint32_t *was)
{
    hmp_out_only(q, "h", 0xcfc, was[2] & 0xffff);
    hmp_out_only(q, "w", 0xcf8, IDE_BAR4);
    hmp_out_only(q, "w", 0xcfc, was[1]);
    hmp_out_only(q, "w", 0xcf8, was[0]);
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

static bool learn_by_mark(struct qemu *q, struct mark *m)
{
    struct dm *dm = q->dm;
    uint32_t was[3];
    char text[256];

    if (!mark_take(q, m, was))
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: its QEMU stopped answering",
                           qemu_text(q, text, sizeof(text)));
    q->server = find_server(
        dm, (struct xldm_range){ XLDM_PORT, m->port, m->port + MARK_SIZE - 1 });
    mark_unset(q, was);
    if (q->server < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: none of the domain's ioreq servers is its "
                           "QEMU's",
                           qemu_text(q, text, sizeof(text)));
    return true;
}

static bool learn_by_marks(struct dm *dm, const struct held *held,
                           const bool *fresh)
{
    struct mark marks[XLDM_MAX_GROUPS] = { 0 };
    uint64_t below = MARK_END;
    bool ok = true;
    size_t i;

    for (i = 0; i < dm->nqemus && ok; i++) {
        if (!fresh[i] || dm->qemus[i].server >= 0)
            continue;
        ok = mark_choose(dm, held, below, &marks[i]);
        below = marks[i].port;
        if (ok)
            mark_set(&dm->qemus[i], &marks[i]);
    }
    for (i = 0; i < dm->nqemus; i++)
        if (marks[i].set)
            ok &= learn_by_mark(&dm->qemus[i], &marks[i]);
    return ok;
}

/* ------------------------------------------------------------ all ---- */

bool servers_learn(struct dm *dm, const struct held *held, const bool *fresh)
{
    struct xldm_range own;
    bool ok = true;
    size_t i;

    for (i = 0; i < dm->nqemus && ok; i++)
        if (fresh[i] && own_range(dm, held, i, &own))
            ok = learn_by_range(&dm->qemus[i], own);
    if (ok)
        learn_last(dm, fresh);
    return ok && learn_by_marks(dm, held, fresh);
}

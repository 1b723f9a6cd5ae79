/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose ioreq server is whose, and taking off each what is not its group's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run/arbiter.h"

#define SERVERS_MAX 8       /* MAX_NR_IOREQ_SERVERS of Xen */
#define MARK_SIZE 0x10      /* the bus-master BAR of PIIX3's IDE */
#define MARK_LAST 0xff00    /* marks are sought from here downwards */
#define IDE_BAR4 0x80000920 /* 00:01.1, which every xenfv machine has */
#define IDE_COMMAND 0x80000904

/* ---------------------------------------- whose server is whose ---- */

/* Makes a QEMU hold ports that no other holds, and undoes it. */
struct mark {
    uint16_t port;
    uint64_t address, bar, command; /* as they were */
};

static bool hmp_read(struct qemu *q, const char *line, uint64_t *value)
{
    char *text = qmp_hmp(q->qmp, line);
    const char *p = text ? strstr(text, "= ") : NULL;

    if (p)
        *value = strtoull(p + 2, NULL, 0);
    free(text);
    return p != NULL;
}

static bool hmp_write(struct qemu *q, const char *size, unsigned port,
                      uint64_t value)
{
    char line[64], *text;
    bool ok;

    snprintf(line, sizeof(line), "o /%s %#x %#llx", size, port,
             (unsigned long long)value);
    text = qmp_hmp(q->qmp, line);
    ok = text != NULL;
    free(text);
    return ok;
}

static bool mark_set(struct qemu *q, struct mark *m)
{
    return hmp_read(q, "i /w 0xcf8", &m->address) &&
           hmp_write(q, "w", 0xcf8, IDE_COMMAND) &&
           hmp_read(q, "i /h 0xcfc", &m->command) &&
           hmp_write(q, "w", 0xcf8, IDE_BAR4) &&
           hmp_read(q, "i /w 0xcfc", &m->bar) &&
           hmp_write(q, "w", 0xcfc, m->port | 1u) &&
           hmp_write(q, "w", 0xcf8, IDE_COMMAND) &&
           hmp_write(q, "h", 0xcfc, m->command | 1);
}

static bool mark_unset(struct qemu *q, const struct mark *m)
{
    return hmp_write(q, "h", 0xcfc, m->command) &&
           hmp_write(q, "w", 0xcf8, IDE_BAR4) &&
           hmp_write(q, "w", 0xcfc, m->bar) &&
           hmp_write(q, "w", 0xcf8, m->address);
}

static bool mark_choose(const struct dm *dm, const struct held *held,
                        struct mark *m)
{
    struct xldm_range r = { .space = XLDM_PORT };
    unsigned port;
    size_t i;

    for (port = MARK_LAST; port >= 0xc000; port -= MARK_SIZE) {
        r.first = port;
        r.last = port + MARK_SIZE - 1;
        for (i = 0; i < dm->nqemus; i++)
            if (xldm__ranges_meet(&held[i].all, r))
                break;
        if (i == dm->nqemus) {
            m->port = (uint16_t)port;
            return true;
        }
    }
    return xldm__error(dm->ctx, XLDM__NONE,
                       "no ports are free between 0xc000 and %#x", MARK_LAST);
}

/* The server from which the mark can be taken away. */
static int find_server(struct dm *dm, const struct mark *m)
{
    domid_t domid = (domid_t)dm->domid;
    evtchn_port_t port;
    ioservid_t id;

    for (id = 0; id < SERVERS_MAX; id++)
        if (!xendevicemodel_get_ioreq_server_info(dm->xdm, domid, id, NULL,
                                                  NULL, &port) &&
            !xendevicemodel_unmap_io_range_from_ioreq_server(
                dm->xdm, domid, id, 0, m->port, m->port + MARK_SIZE - 1u))
            return id;
    return -1;
}

static bool learn(struct qemu *q, const struct held *held)
{
    struct dm *dm = q->dm;
    struct mark m = { 0 };
    char text[256];
    int server;

    if (!mark_choose(dm, held, &m))
        return false;
    if (!mark_set(q, &m))
        goto silent;
    server = find_server(dm, &m);
    if (!mark_unset(q, &m))
        goto silent;
    if (server < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "%s: none of the domain's ioreq servers is its "
                           "QEMU's",
                           qemu_text(q, text, sizeof(text)));
    q->server = server;
    return true;
silent:
    return xldm__error(dm->ctx, XLDM__NONE, "%s: its QEMU stopped answering",
                       qemu_text(q, text, sizeof(text)));
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

/* What of held is not q's: for the primary, what others own. */
static void surplus(const struct qemu *q, const struct held *held,
                    struct xldm__ranges *set)
{
    const struct dm *dm = q->dm;
    struct xldm__ranges rest = { .arena = set->arena };
    size_t i;

    if (q->group->primary) {
        for (i = 1; i < dm->nqemus; i++)
            ranges_overlap(&held->all, &dm->qemus[i].group->claims, set);
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
    bool fresh[XLDM_MAX_GROUPS] = { false }, ok = true;
    struct qemu *q;
    size_t i;

    for (i = 0; i < dm->nqemus && ok; i++) {
        q = &dm->qemus[i];
        fresh[i] = q->ready && q->server < 0;
        if (q->ready)
            ok = held_read(q, &held[i], &arena);
    }
    ok = ok && held_check(dm, held);
    for (i = 0; i < dm->nqemus && ok; i++)
        if (fresh[i])
            ok = learn(&dm->qemus[i], held);
    for (i = 0; i < dm->nqemus && ok; i++)
        if (fresh[i])
            ok = trim(&dm->qemus[i], &held[i]);
    xldm__arena_dispose(&arena);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each QEMU claims, against what the plan gives to its group. */
#include <stdlib.h>
#include <string.h>

#include "run/arbiter.h"

#define LIST_MAX 1024

/* --------------------------------------------------------- ranges ---- */

const char *range_text(struct xldm_range r, char *buf, size_t size)
{
    const char *word = r.space == XLDM_PORT ? "port" : "memory";
    bool one = r.first == r.last;

    if (r.space == XLDM_PCI)
        snprintf(buf, size,
                 one ? "PCI function %02x:%02x.%x"
                     : "PCI functions from %02x:%02x.%x",
                 (unsigned)(r.first >> 8 & 0xff), (unsigned)(r.first >> 3 & 31),
                 (unsigned)(r.first & 7));
    else if (one)
        snprintf(buf, size, "%s %#llx", word, (unsigned long long)r.first);
    else
        snprintf(buf, size, "%s%s %#llx-%#llx", word,
                 r.space == XLDM_PORT ? "s" : "", (unsigned long long)r.first,
                 (unsigned long long)r.last);
    return buf;
}

static const char *ranges_text(const struct xldm__ranges *set, char *buf,
                               size_t size)
{
    size_t i, n = 0;
    char one[80];

    buf[0] = '\0';
    for (i = 0; i < set->n && n < size; i++)
        n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
                              range_text(set->v[i], one, sizeof(one)));
    return buf;
}

void ranges_overlap(const struct xldm__ranges *a, const struct xldm__ranges *b,
                    struct xldm__ranges *both)
{
    struct xldm_range r;
    size_t i, j;

    for (i = 0; i < a->n; i++)
        for (j = 0; j < b->n; j++) {
            r = a->v[i];
            if (r.space != b->v[j].space || r.last < b->v[j].first ||
                r.first > b->v[j].last)
                continue;
            if (r.first < b->v[j].first)
                r.first = b->v[j].first;
            if (r.last > b->v[j].last)
                r.last = b->v[j].last;
            xldm__ranges_add(both, r);
        }
}

void ranges_without(const struct xldm__ranges *a, const struct xldm__ranges *b,
                    struct xldm__ranges *rest)
{
    size_t i;

    for (i = 0; i < a->n; i++)
        xldm__ranges_add(rest, a->v[i]);
    for (i = 0; i < b->n; i++)
        xldm__ranges_remove(rest, b->v[i]);
}

/* ----------------------------------------------------------- read ---- */

static void read_bars(json_t *device, struct xldm__ranges *bars)
{
    json_t *region;
    json_int_t address, size;
    struct xldm_range r;
    const char *type;
    size_t i;

    json_array_foreach(json_object_get(device, "regions"), i, region)
    {
        address = json_integer_value(json_object_get(region, "address"));
        size = json_integer_value(json_object_get(region, "size"));
        type = json_string_value(json_object_get(region, "type"));
        if (address <= 0 || size <= 0 || !type)
            continue; /* -1: not programmed */
        r.space = strcmp(type, "io") ? XLDM_MEMORY : XLDM_PORT;
        r.first = (uint64_t)address;
        r.last = r.first + (uint64_t)size - 1;
        xldm__ranges_add(bars, r);
    }
}

/* The primary has the functions that the plan gives to nobody else. */
static bool owns(const struct qemu *q, struct xldm_range function)
{
    const struct dm *dm = q->dm;
    size_t i;

    if (!q->group->primary)
        return xldm__ranges_contain(&q->group->claims, function);
    for (i = 1; i < dm->nqemus; i++)
        if (xldm__ranges_meet(&dm->qemus[i].group->claims, function))
            return false;
    return true;
}

static bool read_functions(struct qemu *q, struct held *held)
{
    json_t *reply = qmp_take(q->dm, held->pci);
    json_t *buses = json_object_get(reply, "return"), *bus, *device;
    struct xldm_range r = { .space = XLDM_PCI };
    bool ok = json_is_array(buses);
    size_t i, j;

    json_array_foreach(buses, i, bus)
    {
        json_array_foreach(json_object_get(bus, "devices"), j, device)
        {
            r.first = r.last =
                (uint64_t)((json_integer_value(json_object_get(device, "bus")) &
                            255)
                               << 8 |
                           (json_integer_value(
                                json_object_get(device, "slot")) &
                            31) << 3 |
                           (json_integer_value(
                                json_object_get(device, "function")) &
                            7));
            xldm__ranges_add(&held->all, r);
            if (owns(q, r))
                read_bars(device, &held->bars);
        }
    }
    json_decref(reply);
    return ok;
}

static bool add_block(void *arg, const struct ramblock *block)
{
    struct held *held = arg;
    size_t cap = held->cap ? held->cap * 2 : 8;
    struct ramblock *blocks = held->blocks;

    if (held->nblocks == held->cap) {
        blocks = xldm__alloc(held->arena, cap * sizeof(*blocks));
        if (!blocks)
            return false;
        if (held->nblocks)
            memcpy(blocks, held->blocks, held->nblocks * sizeof(*blocks));
        held->blocks = blocks;
        held->cap = cap;
    }
    blocks[held->nblocks++] = *block;
    return true;
}

void held_ask(struct qemu *q, struct held *held)
{
    held->view = qmp_hmp_ask(q->qmp, "info mtree -f");
    held->pci = qmp_ask(q->qmp, "query-pci", NULL);
    held->ramblock = qmp_hmp_ask(q->qmp, "info ramblock");
}

/* While another one is started: that is no reason for that one to fail. */
static bool died_meanwhile(const struct qemu *q)
{
    return q->dm->started && !q->restarting && !q->ready;
}

bool held_read(struct qemu *q, struct held *held, struct xldm__arena *arena)
{
    char *view = qmp_hmp_take(q->dm, held->view), *blocks = NULL;
    const char *what = NULL;
    bool functions;
    char text[256];

    held->arena = held->all.arena = held->bars.arena = arena;
    functions = read_functions(q, held);
    blocks = qmp_hmp_take(q->dm, held->ramblock);
    if (!view || !flatview_claims(view, &held->all))
        what = "info mtree -f";
    else if (!functions)
        what = "query-pci";
    else if (!blocks || !flatview_ramblocks(blocks, add_block, held))
        what = "info ramblock";
    free(view);
    free(blocks);
    if (arena->failed)
        return xldm__oom(q->dm->ctx);
    if (what && died_meanwhile(q))
        held->all.n = held->bars.n = held->nblocks = 0;
    else if (what)
        return xldm__error(q->dm->ctx, XLDM__NONE,
                           "%s: the answer of its QEMU to '%s' is not "
                           "understood",
                           qemu_text(q, text, sizeof(text)), what);
    return true;
}

/* ---------------------------------------------------------- check ---- */

static bool check_secondary(const struct qemu *q, const struct held *held,
                            const struct held *primary)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges lacks = { .arena = &arena }, rest = lacks, more = lacks,
                        lone = lacks, foreign = lacks;
    char list[LIST_MAX], text[256];
    bool ok = true;

    ranges_without(&q->group->claims, &held->all, &lacks);
    ranges_without(&held->all, &q->group->claims, &rest);
    ranges_without(&rest, &held->bars, &more);
    ranges_without(&more, &primary->all, &lone);
    /* The guest may have moved what of the platform the primary has. */
    ranges_without(&lone, &q->dm->plan->groups[0].claims, &foreign);
    if (arena.failed)
        ok = xldm__oom(q->dm->ctx);
    if (ok && lacks.n)
        ok = xldm__error(q->dm->ctx, XLDM__NONE,
                         "%s: its QEMU does not answer %s, which the plan "
                         "gives to it",
                         qemu_text(q, text, sizeof(text)),
                         ranges_text(&lacks, list, sizeof(list)));
    if (foreign.n)
        ok = xldm__error(q->dm->ctx, XLDM__NONE,
                         "%s: its QEMU answers %s, which the plan does not "
                         "give to it",
                         qemu_text(q, text, sizeof(text)),
                         ranges_text(&foreign, list, sizeof(list)));
    xldm__arena_dispose(&arena);
    return ok;
}

/* QEMU versions differ in their platform: what nobody knows is kept.  In one
 * that was restored it may also be what the guest has set up. */
static bool check_primary(const struct qemu *q, const struct held *held)
{
    struct dm *dm = q->dm;
    struct xldm__arena arena = { 0 };
    struct xldm__ranges rest = { .arena = &arena }, more = rest;
    char list[LIST_MAX], text[256];
    size_t i, j;
    bool ok = true;

    for (i = 0; i < dm->plan->ndevices; i++) {
        const struct xldm__planned *d = &dm->plan->devices[i];
        struct xldm_range r = { XLDM_PCI, (uint64_t)d->devfn,
                                (uint64_t)d->devfn };

        if (d->group == q->group && d->devfn >= 0 &&
            !xldm__ranges_contain(&held->all, r))
            ok = xldm__error(dm->ctx, XLDM__NONE,
                             "%s: its QEMU has no %s, where %s is to be",
                             qemu_text(q, text, sizeof(text)),
                             range_text(r, list, sizeof(list)), d->id);
    }
    ranges_without(&held->all, &held->bars, &rest);
    ranges_without(&rest, &q->group->claims, &more);
    for (i = 1; i < dm->nqemus; i++)
        for (j = 0; j < dm->qemus[i].group->claims.n; j++)
            xldm__ranges_remove(&more, dm->qemus[i].group->claims.v[j]);
    for (i = 0; i < dm->plan->broadcast.n; i++)
        xldm__ranges_remove(&more, dm->plan->broadcast.v[i]);
    if (arena.failed)
        ok = xldm__oom(dm->ctx);
    else if (more.n && !dm->incoming)
        xldm__warning(dm->ctx, XLDM__NONE,
                      "the primary QEMU answers %s, which no table knows; "
                      "they stay with it",
                      ranges_text(&more, list, sizeof(list)));
    xldm__arena_dispose(&arena);
    return ok;
}

/* Pages of a block outside its window would be shown as another's. */
static bool check_window(const struct qemu *q, const struct held *held)
{
    const struct xldm__group *g = q->group;
    const struct ramblock *b;
    bool ok = true;
    char text[256];
    size_t i;

    for (i = 0; i < held->nblocks; i++) {
        b = &held->blocks[i];
        if (g->ram_size && b->first >= g->ram_first &&
            b->last - g->ram_first < g->ram_size)
            continue;
        ok = xldm__error(q->dm->ctx, XLDM__NONE,
                         "%s: its QEMU puts %s at %#llx-%#llx, outside of "
                         "the window %#llx-%#llx that is planned for it",
                         qemu_text(q, text, sizeof(text)), b->name,
                         (unsigned long long)b->first,
                         (unsigned long long)b->last,
                         (unsigned long long)g->ram_first,
                         (unsigned long long)(g->ram_first + g->ram_size - 1));
    }
    return ok;
}

static bool check_apart(struct dm *dm, const struct held *a,
                        const struct held *b)
{
    const struct ramblock *x, *y;
    size_t i, j;

    for (i = 0; i < a->nblocks; i++)
        for (j = 0; j < b->nblocks; j++) {
            x = &a->blocks[i];
            y = &b->blocks[j];
            if (x->first <= y->last && y->first <= x->last)
                return xldm__error(dm->ctx, XLDM__NONE,
                                   "two QEMUs put memory at %#llx: %s and %s",
                                   (unsigned long long)(x->first > y->first
                                                            ? x->first
                                                            : y->first),
                                   x->name, y->name);
        }
    return true;
}

bool held_check(struct dm *dm, const struct held *held, const bool *fresh)
{
    bool ok = !fresh[0] || check_primary(&dm->qemus[0], &held[0]);
    size_t i, j;

    for (i = 1; i < dm->nqemus; i++) {
        if (!fresh[i])
            continue;
        ok &= check_secondary(&dm->qemus[i], &held[i], &held[0]);
        ok &= check_window(&dm->qemus[i], &held[i]);
    }
    for (i = 0; i < dm->nqemus; i++)
        for (j = i + 1; j < dm->nqemus; j++)
            ok &= check_apart(dm, &held[i], &held[j]);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of inclusive ranges, kept sorted and merged. */
#include <string.h>
#include "dm/range.h"

/* Index of the first range of set that does not end before r begins. */
static size_t position(const struct xldm__ranges *set, struct xldm_range r)
{
    size_t lo = 0, hi = set->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct xldm_range *m = &set->v[mid];

        if (m->space < r.space || (m->space == r.space && m->last < r.first))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool meets(const struct xldm__ranges *set, size_t i,
                  struct xldm_range r)
{
    return i < set->n && set->v[i].space == r.space &&
           set->v[i].first <= r.last;
}

/* Makes room for n ranges where count of them are at i. */
static bool replace(struct xldm__ranges *set, size_t i, size_t count,
                    const struct xldm_range *with, size_t n)
{
    if (set->n - count + n > set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 16;
        struct xldm_range *v = xldm__alloc(set->arena, cap * sizeof(*v));

        if (!v)
            return false;
        if (set->n)
            memcpy(v, set->v, set->n * sizeof(*v));
        set->v = v;
        set->cap = cap;
    }
    if (set->n > i + count)
        memmove(set->v + i + n, set->v + i + count,
                (set->n - i - count) * sizeof(*set->v));
    if (n)
        memcpy(set->v + i, with, n * sizeof(*with));
    set->n = set->n - count + n;
    return true;
}

void xldm__ranges_add(struct xldm__ranges *set, struct xldm_range r)
{
    struct xldm_range wide = r;
    size_t i, end;

    /* Neighbours merge too, but a PCI function is no interval of others. */
    if (r.space != XLDM_PCI) {
        wide.first -= wide.first > 0;
        wide.last += wide.last < UINT64_MAX;
    }
    i = position(set, wide);
    for (end = i; meets(set, end, wide); end++) {
        if (set->v[end].first < r.first)
            r.first = set->v[end].first;
        if (set->v[end].last > r.last)
            r.last = set->v[end].last;
    }
    replace(set, i, end - i, &r, 1);
}

void xldm__ranges_remove(struct xldm__ranges *set, struct xldm_range r)
{
    size_t i = position(set, r);

    while (meets(set, i, r)) {
        struct xldm_range have = set->v[i], rest[2];
        size_t n = 0;

        if (have.first < r.first) {
            rest[n] = have;
            rest[n++].last = r.first - 1;
        }
        if (have.last > r.last) {
            rest[n] = have;
            rest[n++].first = r.last + 1;
        }
        if (!replace(set, i, 1, rest, n))
            return;
        i += n;
    }
}

bool xldm__ranges_contain(const struct xldm__ranges *set, struct xldm_range r)
{
    size_t i = position(set, r);

    return meets(set, i, r) && set->v[i].first <= r.first &&
           set->v[i].last >= r.last;
}

const struct xldm_range *xldm__ranges_meet(const struct xldm__ranges *set,
                                           struct xldm_range r)
{
    size_t i = position(set, r);

    return meets(set, i, r) ? &set->v[i] : NULL;
}

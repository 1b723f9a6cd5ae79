/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of inclusive ranges, kept sorted and merged, one set for all spaces. */
#ifndef XLDM_RANGE_H
#define XLDM_RANGE_H

#include "base/base.h"

struct xldm__ranges {
    struct xldm__arena *arena;
    struct xldm_range *v;
    size_t n, cap;
};

void xldm__ranges_add(struct xldm__ranges *set, struct xldm_range r);
void xldm__ranges_remove(struct xldm__ranges *set, struct xldm_range r);
bool xldm__ranges_contain(const struct xldm__ranges *set, struct xldm_range r);
/* First range of set that meets r, or NULL. */
const struct xldm_range *xldm__ranges_meet(const struct xldm__ranges *set,
                                           struct xldm_range r);

#endif

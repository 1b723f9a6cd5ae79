/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key tables as <xldm:config> has them, for exact.c and exact_write.c. */
#ifndef XLDM_EXACT_H
#define XLDM_EXACT_H

#include "config/cfg.h"
#include "config/write.h"

/* The i-th of the tables; NULL: there are no more. */
const struct xldm__key *xldm__exact_table(size_t i);

#define xldm__for_each_row(row)                                                     \
    for (size_t t_ = 0; xldm__exact_table(t_); t_++)                                      \
        for (const struct xldm__key *row = xldm__exact_table(t_); row->key; row++)

enum xldm__key_kind xldm__exact_kind_of(const struct xldm__key *row);
/* One value, and not a list? */
bool xldm__exact_is_value(const struct xldm__key *row);
bool xldm__exact_is_list(const struct xldm__key *row);

#endif

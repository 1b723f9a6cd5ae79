/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a description's values stand in what is written of it. */
#ifndef XLDM_REPORT_H
#define XLDM_REPORT_H

#include "config/convert.h"
#include "config/write.h"

/* Of XML: its elements as <PATH>, their values as PATH='VALUE' or
 * PATH/@NAME='VALUE'.  Of xl.cfg: its keys as <KEY> and KEY='VALUE', the items
 * of its lists as KEY='ITEM'. */
struct xldm__places {
    struct xldm__arena arena;
    struct xldm__argv v;
    bool cfg;
};

bool xldm__places_of(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                     bool cfg, struct xldm__places *p);

/* "devices/disk[2]", "xldm:config/xldm:list[ioports]" */
const char *xldm__place_of(struct xldm__places *p, const char *parent,
                           const struct xldm__node *node);

/* What is there with something, and what without; any: of it there was
 * something already.  Returns whether there is now. */
bool xldm__places_differ(const struct xldm__places *with,
                         const struct xldm__places *without, bool any,
                         FILE *out);

/* Where this very value is; of xl.cfg, as a word of an item too. */
bool xldm__places_value(const struct xldm__places *p, const char *text,
                        bool any, FILE *out);

#endif

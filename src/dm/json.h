/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON of a plan's parts: `plan --format json` and `show` say them alike. */
#ifndef XLDM_DM_JSON_H
#define XLDM_DM_JSON_H

#include <jansson.h>
#include "dm/plan.h"

/* "0000:00:04.0" */
const char *xldm__bdf(char buf[16], unsigned sbdf);

json_t *xldm__json_ranges(const struct xldm__ranges *set,
                          enum xldm_space space);
/* Text that need not be UTF-8; then it is taken for Latin-1. */
json_t *xldm__json_text(const char *s);
/* Puts devices, ports, memory and pci of the group into o. */
void xldm__json_group(json_t *o, const struct xldm_plan *plan,
                      const struct xldm__group *g);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was lately told about each group, for `xldm show`.  Pure. */
#ifndef XLDM_RUN_EVENTS_H
#define XLDM_RUN_EVENTS_H

#include <jansson.h>
#include <time.h>
#include "xldm.h"

#define EVENTS_KEPT 64  /* of all groups */
#define EVENTS_SHOWN 8  /* of one */

struct events {
    struct event {
        time_t time;
        enum xldm_severity severity;
        char text[240];
    } kept[EVENTS_KEPT];
    size_t n; /* told so far; the last one is kept[(n - 1) % EVENTS_KEPT] */
};

/* Keeps it if it is about a group: such a message begins "group 'NAME'". */
void events_add(struct events *events, time_t time, enum xldm_severity severity,
                const char *text);

/* The last of them about this group, the oldest first:
 * [{"time": seconds since 1970, "severity": "error", "text": ...}, ...] */
json_t *events_of(const struct events *events, const char *group);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ring of messages about groups. */
#include <string.h>

#include "dm/json.h"
#include "run/events.h"

#define MARK "group '"

void events_add(struct events *events, time_t time, enum xldm_severity severity,
                const char *text)
{
    struct event *e = &events->kept[events->n % EVENTS_KEPT];

    if (strncmp(text, MARK, strlen(MARK)))
        return;
    events->n++;
    e->time = time;
    e->severity = severity;
    snprintf(e->text, sizeof(e->text), "%s", text);
}

static bool is_about(const struct event *e, const char *group)
{
    const char *name = e->text + strlen(MARK);
    size_t n = strlen(group);

    return !strncmp(name, group, n) && name[n] == '\'';
}

static json_t *event_json(const struct event *e)
{
    static const char *const names[] = { "error", "warning", "note" };

    return json_pack("{sI ss so}", "time", (json_int_t)e->time, "severity",
                     names[e->severity], "text", xldm__json_text(e->text));
}

json_t *events_of(const struct events *events, const char *group)
{
    size_t oldest = events->n > EVENTS_KEPT ? events->n - EVENTS_KEPT : 0;
    size_t first = events->n, found = 0, i;
    json_t *list = json_array();

    while (first > oldest && found < EVENTS_SHOWN)
        found += is_about(&events->kept[--first % EVENTS_KEPT], group);
    for (i = first; i < events->n; i++)
        if (is_about(&events->kept[i % EVENTS_KEPT], group))
            json_array_append_new(list,
                                  event_json(&events->kept[i % EVENTS_KEPT]));
    return list;
}

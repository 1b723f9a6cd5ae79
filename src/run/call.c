/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP for straight-line code: send a command, run the loop for its reply. */
#include <stdlib.h>
#include <string.h>

#include "run/dm.h"

/* On the heap, for the reply may come after qmp_call() gave up. */
struct waiter {
    bool done, abandoned;
    json_t *reply;
};

static void wake(void *arg, json_t *reply)
{
    struct waiter *w = arg;

    if (w->abandoned) {
        free(w);
        return;
    }
    w->done = true;
    w->reply = json_incref(reply);
}

json_t *qmp_call(struct qmp *q, const char *command, json_t *arguments)
{
    struct dm *dm = qmp_dm(q);
    json_t *message = json_pack("{s:s}", "execute", command);
    struct waiter *w = calloc(1, sizeof(*w));
    json_t *reply = NULL;

    if (!message || !w ||
        (arguments && json_object_set(message, "arguments", arguments) < 0)) {
        free(w);
        json_decref(message);
        goto out;
    }
    qmp_send(q, message, NULL, 0, wake, w);
    while (!w->done && !dm->stopping)
        uv_run(dm->loop, UV_RUN_ONCE);
    if (w->done) {
        reply = w->reply;
        free(w);
    } else {
        w->abandoned = true;
    }
out:
    json_decref(arguments);
    return reply;
}

char *qmp_hmp(struct qmp *q, const char *line)
{
    json_t *reply, *text;
    char *result = NULL;

    reply = qmp_call(q, "human-monitor-command",
                     json_pack("{s:s}", "command-line", line));
    text = json_object_get(reply, "return");
    if (json_is_string(text))
        result = strdup(json_string_value(text));
    json_decref(reply);
    return result;
}

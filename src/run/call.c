/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMP for straight-line code: send a command, run the loop for its reply. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/dm.h"

/* On the heap, for the reply may come after qmp_take() gave up. */
struct qmp_wait {
    bool done, abandoned;
    json_t *reply;
};

static void wake(void *arg, json_t *reply)
{
    struct qmp_wait *w = arg;

    if (w->abandoned) {
        free(w);
        return;
    }
    w->done = true;
    w->reply = json_incref(reply);
}

struct qmp_wait *qmp_ask_with(struct qmp *q, const char *command,
                              json_t *arguments, int fd)
{
    json_t *message = json_pack("{s:s}", "execute", command);
    struct qmp_wait *w = calloc(1, sizeof(*w));

    if (!q || !message || !w ||
        (arguments && json_object_set(message, "arguments", arguments) < 0)) {
        free(w);
        w = NULL;
        json_decref(message);
        if (fd >= 0)
            close(fd);
    } else {
        qmp_send(q, message, &fd, fd >= 0 ? 1 : 0, wake, w);
    }
    json_decref(arguments);
    return w;
}

struct qmp_wait *qmp_ask(struct qmp *q, const char *command, json_t *arguments)
{
    return qmp_ask_with(q, command, arguments, -1);
}

json_t *qmp_take(struct dm *dm, struct qmp_wait *w)
{
    json_t *reply = NULL;

    if (!w)
        return NULL;
    while (!w->done && !dm->stopping)
        uv_run(dm->loop, UV_RUN_ONCE);
    reply = json_incref(w->reply);
    qmp_forget(w);
    return reply;
}

void qmp_forget(struct qmp_wait *w)
{
    if (!w)
        return;
    if (w->done) {
        json_decref(w->reply);
        free(w);
    } else {
        w->abandoned = true;
    }
}

json_t *qmp_call(struct qmp *q, const char *command, json_t *arguments)
{
    struct dm *dm = qmp_dm(q);

    return qmp_take(dm, qmp_ask(q, command, arguments));
}

struct qmp_wait *qmp_hmp_ask(struct qmp *q, const char *line)
{
    return qmp_ask(q, "human-monitor-command",
                   json_pack("{s:s}", "command-line", line));
}

char *qmp_hmp_take(struct dm *dm, struct qmp_wait *w)
{
    json_t *reply = qmp_take(dm, w);
    json_t *text = json_object_get(reply, "return");
    char *result = NULL;

    if (json_is_string(text))
        result = strdup(json_string_value(text));
    json_decref(reply);
    return result;
}

char *qmp_hmp(struct qmp *q, const char *line)
{
    struct dm *dm = qmp_dm(q);

    return qmp_hmp_take(dm, qmp_hmp_ask(q, line));
}

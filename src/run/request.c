/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One command of libxl's: who is asked in which order, and one reply of all. */
#include <stdlib.h>
#include <string.h>

#include "dm/json.h"
#include "run/request.h"

/* -------------------------------------------------------- replies ---- */

json_t *error_new(const char *class, const char *fmt, ...)
{
    char desc[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(desc, sizeof(desc), fmt, ap);
    va_end(ap);
    /* What was cut may be no UTF-8. */
    return json_pack("{s:{s:s, s:o}}", "error", "class", class, "desc",
                     xldm__json_text(desc));
}

/* QEMU too puts the id last and leaves out one that the command did not
 * have. */
void answer(struct client *client, json_t *reply, json_t *id)
{
    if (reply && id)
        json_object_set(reply, "id", id);
    client_send(client, reply);
    json_decref(reply);
}

static json_t *first_error(const struct request *r)
{
    size_t i;

    for (i = 0; i < XLDM_MAX_GROUPS; i++)
        if (json_object_get(r->replies[i], "error"))
            return r->replies[i];
    return NULL;
}

json_t *request_merge(const struct request *r, route_add_fn *add)
{
    json_t *all = json_array(), *list;
    size_t i;

    for (i = 0; i < XLDM_MAX_GROUPS; i++) {
        list = json_object_get(r->replies[i], "return");
        if (list)
            add(r->router->dm->plan, i, all, list);
    }
    return all;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One text of the pieces. */
static json_t *join(json_t *pieces, bool sorted)
{
    size_t n = json_array_size(pieces), size = 1, i;
    const char **v = calloc(n + 1, sizeof(*v));
    json_t *whole = NULL;
    char *text, *end;

    for (i = 0; v && i < n; i++) {
        v[i] = json_string_value(json_array_get(pieces, i));
        size += strlen(v[i]);
    }
    text = v ? malloc(size) : NULL;
    if (text) {
        *text = '\0';
        end = text;
        if (sorted)
            qsort(v, n, sizeof(*v), by_text);
        for (i = 0; i < n; i++)
            end = stpcpy(end, v[i]);
        whole = json_string(text);
    }
    free(text);
    free(v);
    json_decref(pieces);
    return whole;
}

static json_t *merged(const struct request *r)
{
    json_t *all = request_merge(r, r->rule->add);

    if (r->rule->form)
        all = join(all, r->rule->form == ROUTE_SORTED_TEXT);
    return all ? json_pack("{s:o}", "return", all) : NULL;
}

/* A QEMU that is gone objects to nothing: its devices are detached. */
static json_t *combine(const struct request *r)
{
    json_t *error = first_error(r);

    if (error)
        return json_incref(error);
    if (!r->replies[r->first])
        return error_new("GenericError", "xldm: group '%s' is gone",
                         r->router->dm->plan->groups[r->first].name);
    if (r->rule->add)
        return merged(r);
    return json_incref(r->replies[r->first]);
}

/* ------------------------------------------------------- requests ---- */

static void request_free(struct request *r)
{
    struct request **at;
    size_t i;

    if (r->router) {
        at = &r->router->requests;
        while (*at != r)
            at = &(*at)->next;
        *at = r->next;
    }
    for (i = 0; i < XLDM_MAX_GROUPS; i++)
        json_decref(r->replies[i]);
    json_decref(r->command);
    json_decref(r->plug);
    json_decref(r->id);
    free(r);
}

static void step(struct request *r);

/* One device after the other: both would take the same free slot. */
static bool plugs(const struct request *r)
{
    return r->rule->route == ROUTE_PLUG;
}

static struct request *take_queued(struct router *router, bool jobs)
{
    struct request *r, *oldest = NULL;

    for (r = router->requests; r; r = r->next)
        if (r->queued && !r->job == !jobs)
            oldest = r;
    if (oldest)
        oldest->queued = false;
    return oldest;
}

static void start_queued(struct router *router)
{
    struct request *r = take_queued(router, false);

    if (r)
        step(r);
}

static void finish(struct request *r)
{
    struct router *router = plugs(r) ? r->router : NULL;
    struct client *client = r->client;
    json_t *reply = r->router ? combine(r) : NULL;

    if (r->router)
        kept_done(r, reply);
    if (router)
        plug_done(router, r->plug ? r->plug : r->command, reply, r->first);
    if (client) {
        client->request = NULL;
        answer(client, reply, r->id);
    } else {
        json_decref(reply);
    }
    request_free(r);
    if (router)
        start_queued(router);
    if (client)
        client_look(client);
}

static void got_reply(void *arg, json_t *reply)
{
    struct ask *a = arg;
    struct request *r = a->request;

    r->replies[a->group] = json_incref(reply);
    r->waiting--;
    step(r);
}

static bool wants_fd(const struct request *r)
{
    const char *name =
        json_string_value(json_object_get(r->command, "execute"));

    return !strcmp(name, "getfd");
}

static void ask(struct request *r, size_t group)
{
    struct qemu *q = &r->router->dm->qemus[group];
    int fd = -1;

    if (r->client && wants_fd(r))
        fd = client_take_fd(r->client);
    fdset_give(r->router, r->command, group);
    r->asks[group] = (struct ask){ r, group };
    r->waiting++;
    qmp_send(q->qmp, json_incref(r->command), &fd, fd >= 0 ? 1 : 0, got_reply,
             &r->asks[group]);
}

/* Asks who is next; finishes when nobody is left.  With ROUTE_ALL the
 * primary comes last, and is not asked when a secondary refused: no guest
 * runs, and none is saved, with half of its devices. */
static void step(struct request *r)
{
    unsigned now = r->groups;
    size_t i;

    if (r->waiting)
        return;
    if (r->router && plugs(r) && !now && !first_error(r)) {
        plug_go_on(r);
        now = r->groups;
    }
    if (!r->router || !now || first_error(r)) {
        finish(r);
        return;
    }
    if (r->rule->route == ROUTE_ALL && (now & ~1u))
        now &= ~1u;
    r->groups &= ~now;
    r->waiting++; /* for qmp_send() may answer at once */
    for (i = 0; i < r->router->dm->nqemus; i++)
        if ((now & (1u << i)) && r->router->dm->qemus[i].qmp)
            ask(r, i);
    r->waiting--;
    step(r);
}

/* named: what says which device it is about.  NULL: the client was told. */
static struct request *request_new(struct client *client, json_t *message,
                                   const struct route_rule *rule,
                                   const json_t *named)
{
    struct router *router = client->router;
    struct route_names names = { router->dm->plan, router->plugged };
    struct request *r = calloc(1, sizeof(*r));

    if (r)
        r->command = json_deep_copy(message);
    if (!r || !r->command) {
        free(r);
        answer(client, error_new("GenericError", "out of memory"),
               json_object_get(message, "id"));
        return NULL;
    }
    r->rule = rule;
    json_object_del(r->command, "id");
    r->id = json_incref(json_object_get(message, "id"));
    r->groups = route_groups(&names, rule->route, named);
    while (r->groups && !(r->groups & (1u << r->first)))
        r->first++;
    r->router = router;
    r->next = router->requests;
    router->requests = r;
    r->client = client;
    client->request = r;
    return r;
}

void request_start(struct client *client, json_t *message,
                   const struct route_rule *rule, const json_t *named)
{
    struct request *r = request_new(client, message, rule, named), *other;

    if (!r)
        return;
    for (other = plugs(r) ? r->next : NULL; other; other = other->next)
        r->queued |= plugs(other);
    if (!r->queued)
        step(r);
}

void request_later(struct client *client, json_t *message,
                   const struct route_rule *rule, own_fn *job)
{
    struct request *r = request_new(client, message, rule, NULL);

    if (!r)
        return;
    r->queued = true;
    r->job = job;
    uv_stop(r->router->dm->loop);
}

bool router_due(const struct dm *dm)
{
    const struct request *r = dm->router ? dm->router->requests : NULL;

    while (r && !(r->queued && r->job))
        r = r->next;
    return r && !dm->stopping;
}

void router_step(struct dm *dm)
{
    struct request *r;

    while (router_due(dm)) {
        r = take_queued(dm->router, true);
        r->replies[0] = r->job(dm, json_object_get(r->command, "arguments"));
        finish(r);
    }
}

void requests_orphan(struct router *router)
{
    struct request *r, *next;

    for (r = router->requests; r; r = next) {
        next = r->next;
        r->router = NULL;
        if (r->client)
            r->client->request = NULL;
        r->client = NULL;
        if (r->queued)
            request_free(r);
    }
    router->requests = NULL;
}

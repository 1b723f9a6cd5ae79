/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's QMP connections: each command to the QEMUs it is for. */
#include <stdlib.h>
#include <string.h>

#include "run/link.h"
#include "run/route.h"

#define UNKNOWN_MAX 64 /* names kept, so that a loop does not fill the log */

struct ask {
    struct request *request;
    size_t group;
};

struct request {
    struct request *next;
    struct router *router; /* NULL: stopped, nobody wants the reply */
    struct client *client; /* NULL: closed */
    const struct route_rule *rule;
    json_t *command; /* without id, which is ours towards each QEMU */
    json_t *id;
    unsigned groups; /* still to be asked */
    size_t first;    /* of them: who answers for all if nobody objects */
    size_t waiting;
    struct ask asks[XLDM_MAX_GROUPS];
    json_t *replies[XLDM_MAX_GROUPS];
};

static const struct route_rule to_primary = { "", ROUTE_PRIMARY, NULL };

/* -------------------------------------------------------- replies ---- */

XLDM__PRINTF(2, 3)
static json_t *error_new(const char *class, const char *fmt, ...)
{
    char desc[192];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(desc, sizeof(desc), fmt, ap);
    va_end(ap);
    return json_pack("{s:{s:s, s:s}}", "error", "class", class, "desc", desc);
}

/* Takes reply over.  QEMU too puts the id last and leaves out one that the
 * command did not have. */
static void answer(struct client *client, json_t *reply, json_t *id)
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

static json_t *merge(const struct request *r)
{
    json_t *all = json_array(), *list;
    size_t i;

    for (i = 0; i < XLDM_MAX_GROUPS; i++) {
        list = json_object_get(r->replies[i], "return");
        if (list)
            r->rule->add(r->router->dm->plan, i, all, list);
    }
    return json_pack("{s:o}", "return", all);
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
        return merge(r);
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
    json_decref(r->id);
    free(r);
}

static void finish(struct request *r)
{
    struct client *client = r->client;
    json_t *reply = r->router && client ? combine(r) : NULL;

    if (client) {
        client->request = NULL;
        answer(client, reply, r->id);
    }
    request_free(r);
    if (client)
        client_look(client);
}

static void step(struct request *r);

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

    return !strcmp(name, "add-fd") || !strcmp(name, "getfd");
}

static void ask(struct request *r, size_t group)
{
    struct qemu *q = &r->router->dm->qemus[group];
    int fd = -1;

    if (r->client && wants_fd(r))
        fd = client_take_fd(r->client);
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

static struct request *request_new(struct client *client, json_t *message,
                                   const struct route_rule *rule)
{
    struct router *router = client->router;
    struct request *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->rule = rule;
    r->command = json_copy(message);
    if (!r->command) {
        free(r);
        return NULL;
    }
    json_object_del(r->command, "id");
    r->id = json_incref(json_object_get(message, "id"));
    r->groups = route_groups(router->dm->plan, rule->route,
                             json_object_get(message, "arguments"));
    while (r->groups && !(r->groups & (1u << r->first)))
        r->first++;
    r->router = router;
    r->next = router->requests;
    router->requests = r;
    r->client = client;
    client->request = r;
    return r;
}

/* ------------------------------------------------------- messages ---- */

/* What QEMU would object to, or NULL. */
static const char *objection(const json_t *message)
{
    const json_t *arguments = json_object_get(message, "arguments");

    if (!json_is_object(message))
        return "QMP input must be a JSON object";
    if (!json_object_get(message, "execute"))
        return "QMP input lacks member 'execute'";
    if (!json_is_string(json_object_get(message, "execute")))
        return "QMP input member 'execute' must be a string";
    if (arguments && !json_is_object(arguments))
        return "QMP input member 'arguments' must be an object";
    return NULL;
}

static json_t *capabilities(struct client *client, bool asked)
{
    if (client->negotiated)
        return asked ? error_new("CommandNotFound",
                                 "Capabilities negotiation is already "
                                 "complete, command ignored")
                     : NULL;
    if (!asked)
        return error_new("CommandNotFound",
                         "Expecting capabilities negotiation with "
                         "'qmp_capabilities'");
    client->negotiated = true;
    return json_pack("{s:{}}", "return");
}

static const struct route_rule *rule_for(struct router *router,
                                         const char *name)
{
    const struct route_rule *rule = route_find(name);

    if (rule)
        return rule;
    if (!json_object_get(router->unknown, name) &&
        json_object_size(router->unknown) < UNKNOWN_MAX) {
        json_object_set_new(router->unknown, name, json_true());
        xldm__note(router->dm->ctx, XLDM__NONE,
                   "QMP command '%.64s' goes to the primary", name);
    }
    return &to_primary;
}

void router_message(struct client *client, json_t *message)
{
    const char *why = objection(message);
    json_t *id = json_object_get(message, "id"), *reply;
    const struct route_rule *rule;
    struct request *r;
    const char *name;

    if (why) {
        answer(client, error_new("GenericError", "%s", why), id);
        return;
    }
    name = json_string_value(json_object_get(message, "execute"));
    reply = capabilities(client, !strcmp(name, "qmp_capabilities"));
    if (reply) {
        answer(client, reply, id);
        return;
    }
    rule = rule_for(client->router, name);
    if (rule->route == ROUTE_REFUSE) {
        answer(client,
               error_new("GenericError",
                         "xldm: '%s' is not possible for a domain on several "
                         "QEMUs yet",
                         name),
               id);
    } else if (rule->route == ROUTE_QUIT) {
        answer(client, json_pack("{s:{}}", "return"), id);
        dm_stop(client->router->dm, false);
    } else {
        r = request_new(client, message, rule);
        if (r)
            step(r);
        else
            answer(client, error_new("GenericError", "out of memory"), id);
    }
}

void router_garbage(struct client *client)
{
    answer(client,
           error_new("GenericError", "JSON parse error, this is not JSON"),
           NULL);
}

void router_forget(struct client *client)
{
    struct router *router = client->router;
    struct client **at = &router->clients;

    while (*at && *at != client)
        at = &(*at)->next;
    if (*at)
        *at = client->next;
    if (client->request)
        client->request->client = NULL;
    client->request = NULL;
    links_resume(router);
}

void router_event(void *arg, json_t *event)
{
    struct qemu *q = arg;
    struct router *router = q->dm->router;
    const char *name = json_string_value(json_object_get(event, "event"));
    struct client *c, *next;
    char *text;

    if (!router || !name || !route_event(name, q == q->dm->qemus))
        return;
    text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (c = router->clients; c; c = next) {
        next = c->next;
        if (c->negotiated)
            client_send_text(c, text);
    }
    free(text);
}

/* --------------------------------------------------- start, stop ---- */

static json_t *greeting_new(struct dm *dm)
{
    json_t *reply = qmp_call(dm->qemus[0].qmp, "query-version", NULL);
    json_t *version = json_object_get(reply, "return");
    json_t *greeting = NULL;

    /* No "oob": such a command would overtake others on its way to a QEMU. */
    if (version)
        greeting = json_pack("{s:{s:O, s:[]}}", "QMP", "version", version,
                             "capabilities");
    json_decref(reply);
    return greeting;
}

bool router_start(struct dm *dm)
{
    struct router *router = calloc(1, sizeof(*router));

    if (!router)
        return xldm__oom(dm->ctx);
    router->dm = dm;
    router->unknown = json_object();
    router->greeting = greeting_new(dm);
    dm->router = router;
    if (router->greeting && links_open(router))
        return true;
    if (!router->greeting)
        xldm__error(dm->ctx, XLDM__NONE,
                    "the primary QEMU does not tell its version");
    router_stop(dm);
    return false;
}

void router_stop(struct dm *dm)
{
    struct router *router = dm->router;
    struct client *c, *next;
    struct request *r;

    if (!router)
        return;
    dm->router = NULL;
    for (r = router->requests; r; r = r->next) {
        r->router = NULL;
        if (r->client)
            r->client->request = NULL;
        r->client = NULL;
    }
    router->requests = NULL;
    for (c = router->clients; c; c = next) {
        next = c->next;
        client_close(c);
    }
    links_close(router);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's QMP connections: each command to the QEMUs it is for. */
#include <stdlib.h>
#include <string.h>

#include "run/link.h"
#include "run/query.h"
#include "run/request.h"

#define UNKNOWN_MAX 64 /* names kept, so that a loop does not fill the log */

static const struct route_rule to_primary = { .command = "",
                                              .route = ROUTE_PRIMARY };

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

static void own_request(struct client *client, json_t *message,
                        const struct route_rule *rule)
{
    const struct own_command *own = own_command(rule->command);
    json_t *reply;

    if (own->waits) {
        request_later(client, message, rule, own->answer);
        return;
    }
    reply =
        own->answer(client->router->dm, json_object_get(message, "arguments"));
    answer(client, reply ? reply : error_new("GenericError", "out of memory"),
           json_object_get(message, "id"));
}

/* Before any QEMU is asked: one that is spawned from now on must know. */
static void remember(struct router *router, const struct route_rule *rule,
                     const json_t *message)
{
    json_t *arguments = json_object_get(message, "arguments");

    if (rule->lasting == ROUTE_RUNS || rule->lasting == ROUTE_STANDS)
        router->dm->hold = rule->lasting == ROUTE_STANDS;
    if (rule->lasting != ROUTE_SWITCHES)
        return;
    if (json_is_true(json_object_get(arguments, "enable")))
        json_object_set_new(router->on, rule->command,
                            json_deep_copy(arguments));
    else
        json_object_del(router->on, rule->command);
}

static void carry_out(struct client *client, json_t *message,
                      const struct route_rule *rule, const json_t *named)
{
    json_t *id = json_object_get(message, "id");

    if (rule->route == ROUTE_REFUSE) {
        answer(client,
               error_new("GenericError",
                         "xldm: '%s' is not possible for a domain on several "
                         "QEMUs yet",
                         rule->command),
               id);
    } else if (rule->route == ROUTE_QUIT) {
        answer(client, json_pack("{s:{}}", "return"), id);
        dm_stop(client->router->dm, false);
    } else if (rule->route == ROUTE_OWN) {
        own_request(client, message, rule);
    } else if (rule->route == ROUTE_FDSET) {
        answer(client, fdset_command(client, message), id);
    } else {
        remember(client->router, rule, message);
        request_start(client, message, rule, named);
    }
}

/* A line to the human monitor: what counts is what it says. */
static void carry_out_line(struct client *client, json_t *message)
{
    const char *line = json_string_value(
        json_object_get(json_object_get(message, "arguments"), "command-line"));
    char device[128];
    const struct route_rule *rule =
        line ? route_line(line, device, sizeof(device)) : &to_primary;
    json_t *named = line ? json_pack("{s:s}", "id", device) : NULL;

    carry_out(client, message, rule, named);
    json_decref(named);
}

void router_message(struct client *client, json_t *message)
{
    const char *why = objection(message);
    json_t *id = json_object_get(message, "id"), *reply;
    const struct route_rule *rule;
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
    if (rule->route == ROUTE_LINE)
        carry_out_line(client, message);
    else
        carry_out(client, message, rule, json_object_get(message, "arguments"));
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
    fdset_leave(client);
    links_resume(router);
}

void router_event(void *arg, json_t *event)
{
    struct qemu *q = arg;
    struct router *router = q->dm->router;
    const char *name = json_string_value(json_object_get(event, "event"));
    struct client *c, *next;
    char *text;

    if (!router || !name)
        return;
    plug_event(router, event, (size_t)(q - q->dm->qemus));
    if (!route_event(name, q == q->dm->qemus))
        return;
    text = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);
    for (c = router->clients; c; c = next) {
        next = c->next;
        if (c->negotiated)
            client_send_text(c, text);
    }
    free(text);
}

static void switched(void *arg, json_t *reply)
{
    const struct qemu *q = arg;

    if (json_object_get(reply, "error"))
        xldm__error(q->dm->ctx, XLDM__NONE,
                    "group '%s': its new QEMU refuses what the others were "
                    "told",
                    q->group->name);
}

void router_spawned(struct qemu *q)
{
    struct router *router = q->dm->router;
    json_t *command, *arguments;
    const char *name;

    json_object_foreach(router ? router->on : NULL, name, arguments)
    {
        command =
            json_pack("{s:s, s:O}", "execute", name, "arguments", arguments);
        if (command)
            qmp_send(q->qmp, command, NULL, 0, switched, q);
    }
}

void router_lost(const struct qemu *q)
{
    struct router *router = q->dm->router;
    size_t group = (size_t)(q - q->dm->qemus);

    if (!router)
        return;
    plug_lost(router, group);
    fdset_lost(router, group);
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
    router->on = json_object();
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

    if (!router)
        return;
    dm->router = NULL;
    requests_orphan(router);
    for (c = router->clients; c; c = next) {
        next = c->next;
        client_close(c);
    }
    plug_free(router);
    kept_free(router);
    links_close(router);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libxl has made of a secondary since its start: devices plugged in, media
 * changed.  A QEMU that is started for the same group later has the command
 * line of the first, so it is told again.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/request.h"

struct kept {
    struct kept *next; /* as they were said */
    size_t group;
    const struct route_rule *rule;
    json_t *command;
    int fd; /* of the file that it names; -1: none */
    json_int_t fdset;
    const char *id; /* command's: of the device or drive */
};

static const char *id_of(const json_t *command)
{
    const json_t *arguments = json_object_get(command, "arguments");
    const char *id = json_string_value(json_object_get(arguments, "id"));

    return id ? id : json_string_value(json_object_get(arguments, "device"));
}

static struct kept **find(struct router *router, size_t group,
                          enum route_lasting lasting, const char *id)
{
    struct kept **at = &router->kept;

    while (*at && ((*at)->group != group || (*at)->rule->lasting != lasting ||
                   strcmp((*at)->id, id)))
        at = &(*at)->next;
    return at;
}

static void drop(struct kept **at)
{
    struct kept *k = *at;

    if (!k)
        return;
    *at = k->next;
    if (k->fd >= 0)
        close(k->fd);
    json_decref(k->command);
    free(k);
}

static void keep(struct request *r, json_t *command, const char *id)
{
    const char *file = json_string_value(
        json_object_get(json_object_get(command, "arguments"), "filename"));
    struct kept **at = &r->router->kept, *k = calloc(1, sizeof(*k));

    drop(find(r->router, r->first, r->rule->lasting, id));
    if (!k) {
        xldm__oom(r->router->dm->ctx);
        return;
    }
    k->group = r->first;
    k->rule = r->rule;
    k->command = json_incref(command);
    k->id = id;
    k->fd = file ? fdset_find(r->router, file, &k->fdset) : -1;
    while (*at)
        at = &(*at)->next;
    *at = k;
}

void kept_done(struct request *r, json_t *reply)
{
    json_t *command = r->plug ? r->plug : r->command;
    const char *id = id_of(command), *class;
    size_t i;

    if (!id || r->rule->lasting < ROUTE_ADDS)
        return;
    if (r->rule->lasting != ROUTE_REMOVES) {
        if (r->first && json_object_get(reply, "return"))
            keep(r, command, id);
        return;
    }
    class = json_string_value(
        json_object_get(json_object_get(reply, "error"), "class"));
    if (class && !strcmp(class, "DeviceNotFound")) /* it was lost before */
        for (i = 0; i < XLDM_MAX_GROUPS; i++)
            drop(find(r->router, i, ROUTE_ADDS, id));
}

void kept_deleted(struct router *router, const char *id, size_t group)
{
    drop(find(router, group, ROUTE_ADDS, id));
}

void kept_free(struct router *router)
{
    while (router->kept)
        drop(&router->kept);
}

/* ------------------------------------------------- said once more ---- */

struct replay {
    struct qemu *q;
    json_t *command;
    bool plugs;
};

static void replayed(void *arg, json_t *reply)
{
    struct replay *p = arg;
    struct dm *dm = p->q->dm;
    const char *why = json_string_value(
        json_object_get(json_object_get(reply, "error"), "desc"));

    if (!json_object_get(reply, "return"))
        xldm__warning(dm->ctx, XLDM__NONE,
                      "group '%s': '%s' is not again as it was: %s",
                      p->q->group->name, id_of(p->command),
                      why ? why : "its QEMU does not answer");
    if (dm->router && p->plugs)
        plug_done(dm->router, p->command, reply, (size_t)(p->q - dm->qemus));
    json_decref(p->command);
    free(p);
}

static void say(struct qemu *q, const struct kept *k)
{
    struct replay *p = malloc(sizeof(*p));
    int fd = k->fd >= 0 ? fcntl(k->fd, F_DUPFD_CLOEXEC, 0) : -1;

    if (!p) {
        xldm__oom(q->dm->ctx);
        return;
    }
    p->q = q;
    p->command = json_incref(k->command);
    p->plugs = k->rule->lasting == ROUTE_ADDS;
    if (fd >= 0)
        fdset_tell(q, k->fdset, "add-fd", &fd);
    qmp_send(q->qmp, json_incref(k->command), NULL, 0, replayed, p);
    if (fd >= 0)
        fdset_tell(q, k->fdset, "remove-fd", NULL);
}

void router_replay(struct qemu *q)
{
    const struct router *router = q->dm->router;
    const struct kept *k;

    for (k = router ? router->kept : NULL; k; k = k->next)
        if (k->group == (size_t)(q - q->dm->qemus))
            say(q, k);
}

/* The medium of the start may be no more, and will not be the one: the drive
 * starts with nothing.  Of two files the last one counts. */
const char *router_drive(const struct qemu *q, struct xldm__arena *a,
                         const char *value)
{
    struct router *router = q->dm->router;
    struct xldm__option o = { "-drive", value };
    char id[256];

    if (!router || !xldm__option_get(&o, "id", id, sizeof(id)) ||
        !*find(router, (size_t)(q - q->dm->qemus), ROUTE_CHANGES, id))
        return value;
    return xldm__fmt(a, "%s,file=/dev/null,format=raw", value);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A command on its way to QEMUs and back.  (request.c, plug.c, fdset.c) */
#ifndef XLDM_RUN_REQUEST_H
#define XLDM_RUN_REQUEST_H

#include "run/query.h"
#include "run/route.h"
#include "run/router.h"

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
    bool queued;  /* until another one is done, or the loop has returned */
    own_fn *job;
    json_t *plug; /* device_add, while the slots that are taken are asked */
    bool plugged; /* it was sent, or there was an objection */
    struct ask asks[XLDM_MAX_GROUPS];
    json_t *replies[XLDM_MAX_GROUPS];
};

/* ---- request.c ---- */
XLDM__PRINTF(2, 3)
json_t *error_new(const char *class, const char *fmt, ...);
/* Takes reply over; id may be NULL. */
void answer(struct client *client, json_t *reply, json_t *id);
/* One list of the lists that were answered. */
json_t *request_merge(const struct request *r, route_add_fn *add);
/* The client gets an answer, now or later.  named: arguments, which may name
 * the device that it is about. */
void request_start(struct client *client, json_t *message,
                   const struct route_rule *rule, const json_t *named);
/* job runs once the loop has returned, so that it may wait.  (router_step()) */
void request_later(struct client *client, json_t *message,
                   const struct route_rule *rule, own_fn *job);
/* Nobody wants the replies any more. */
void requests_orphan(struct router *router);

/* ---- plug.c: devices that come and go while the domain runs ---- */
/* What to ask next: for the slots that are taken, then device_add itself.
 * Or there is an objection. */
void plug_go_on(struct request *r);
/* command: device_add, as it was sent or was to be. */
void plug_done(struct router *router, const json_t *command,
               const json_t *reply, size_t group);
void plug_event(struct router *router, const json_t *event, size_t group);
/* What was plugged into a QEMU that died has gone with it; what was plugged
 * out of it comes back with the next one. */
void plug_lost(struct router *router, size_t group);
void plug_free(struct router *router);

/* ---- kept.c: what the next QEMU of a group is told, too ---- */
void kept_done(struct request *r, json_t *reply);
void kept_deleted(struct router *router, const char *id, size_t group);
void kept_free(struct router *router);

/* ---- fdset.c: file descriptors that libxl sends before it says for which
 * device ---- */
json_t *fdset_command(struct client *client, const json_t *command);
/* Those that the command names go to the group's QEMU. */
void fdset_give(struct router *router, const json_t *command, size_t group);
/* A copy of the file that "/dev/fdset/N" names; -1: there is none. */
int fdset_find(struct router *router, const char *name, json_int_t *id);
/* "add-fd" with its file, which is closed once it is sent, or "remove-fd". */
void fdset_tell(struct qemu *q, json_int_t id, const char *what,
                const int *fd);
/* Its QEMU is gone: the next one has none of them. */
void fdset_lost(struct router *router, size_t group);
/* As QEMU: what a client sent and nothing uses is closed when it leaves. */
void fdset_leave(struct client *client);

#endif

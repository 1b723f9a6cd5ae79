/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xldm-dm, the composite device model: one process that libxl knows as the
 * device model of a domain, and that runs a QEMU a group.
 *
 *   main.c       what is asked of us: hand on, or run
 *   start.c      straight-line start: spawn, learn, check, trim, go
 *   keeper.c     the process that ends everything when xldm-dm is killed
 *   spawn.c      one QEMU process: fds, limits, log
 *   qmp.c        QMP client, one a QEMU; scan.c finds its messages
 *   call.c       ... and for code that waits for the reply
 *   xenstore.c   which xenstore a QEMU has: xsd.c is an empty one, nodes.c
 *                says what of the real one is in it
 *   learn.c      whose ioreq server is whose
 *   arbiter.c    what each claims (claims.c), trim
 *   flatview.c   pure: the text of `info mtree -f`, `info ramblock`
 *   router.c     libxl's QMP connections, each command to the right QEMU:
 *                client.c is one of them, link.c their sockets; route.c has
 *                the table, request.c asks and merges, hmp.c does so for
 *                monitor lines, plug.c knows what comes and goes, fdset.c
 *                whose a file is, kept.c what counts for the next QEMU, too
 *   query.c      commands of our own; events.c keeps what was told lately
 *   broker.c     the guest's unplug, to every QEMU; access.c decides and
 *                server.c is the ioreq server
 *   save.c       the states of all QEMUs as one, which libxl keeps;
 *   restore.c    ... and taken apart; container.c is its form
 *   watch.c      end of the domain, death and hang of a QEMU; end.c ends all
 *   planning.c   the plan, and another one when a device is to come
 *   grow.c       a group that comes with it, and goes; place.c keeps its place
 *   restart.c    a QEMU anew, for one that died; tap.c its network,
 *                tty.c its terminals
 *   reap.c       answers for a dead QEMU so that no vCPU waits
 *   state.c      what `xldm list` shows, in xenstore
 */
#ifndef XLDM_RUN_DM_H
#define XLDM_RUN_DM_H

#include <jansson.h>
#include <uv.h>
#include <xenctrl.h>
#include <xendevicemodel.h>
#include <xenstore.h>
#include "dm/plan.h"
#include "run/container.h"

struct broker;
struct dm;
struct place;
struct planning;
struct qmp;
struct child;
struct events;
struct router;
struct watch;
struct xsd;

/* reply: {"return": ...} or {"error": {...}}, borrowed; NULL if the QEMU went
 * away before it answered. */
typedef void qmp_reply_fn(void *arg, json_t *reply);
typedef void qmp_event_fn(void *arg, json_t *event);

struct qemu {
    struct dm *dm;
    const struct xldm__group *group;
    pid_t pid;     /* 0: not running */
    int server;    /* id of its ioreq server; -1: not known */
    struct qmp *qmp;
    struct xsd *xsd; /* NULL: it has the real one */
    bool ready;    /* its QMP answered */
    int state;     /* an open file that it is to load; 0: none.  Spawning it
                    * closes that: a restart starts afresh */
    bool detached; /* it died and its server was answered for and removed */
    struct child *child; /* spawn.c's; NULL: process and log are over */
    char tail[2048];    /* last of its log, for messages */
    int status;         /* as waitpid() gives it, once it died */
    bool restart;       /* ... and is to be started anew */
    bool restarting;    /* ... and that goes on: restart.c looks after it */
    bool ended;         /* its group has no device any more */
    unsigned restarts;  /* since restarts_since, in uv_now()'s ms */
    uint64_t restarts_since;
    unsigned restarted; /* in all, with success */
};

/* Of what the plan is made: the command line that libxl gave us. */
struct origin {
    const char *domain;
    const char *const *argv; /* without our own option, whose value is map */
    size_t argc;
    const char *map; /* NULL: none */
};

struct dm {
    uv_loop_t *loop;
    struct xldm_ctx *ctx; /* messages go to stderr: libxl's log of us */
    uint32_t domid;
    char instance[16];    /* domids come back, this does not */
    char rundir[64];      /* /run/xldm/DOMID.INSTANCE: root/, xsN (sockets) */
    const struct xldm_plan *plan; /* planning's */
    struct planning *planning;
    const struct origin *origin;
    struct place *places; /* what x-xldm-place added to the map */
    const char *incoming; /* libxl's, of a restore: "fd:N"; NULL: a start */
    struct said said;     /* by the guest, to all QEMUs */
    struct qemu qemus[XLDM_MAX_GROUPS]; /* as plan->groups: 0 is the primary */
    size_t nqemus;
    unsigned others; /* ioreq servers that were there before the QEMU that is
                      * being started; one may be left of a dead QEMU */
    unsigned left;   /* ... as these are: reap.c */
    xendevicemodel_handle *xdm;
    xc_interface *xc;
    struct xs_handle *xs;
    struct router *router;
    struct broker *broker; /* NULL: the plan has nothing for it */
    struct events *events; /* NULL: nobody keeps them */
    pid_t keeper;
    int keeper_pipe; /* -1: none; its end is the end of everything */
    int own_ns, keeper_ns; /* pid namespaces */
    bool started;  /* the start is over: from now on deaths are watch.c's */
    struct watch *watch; /* NULL: still starting */
    bool hold;     /* -S of libxl's argv, or its stop: it says cont, not we */
    bool stopping; /* everything is to end */
    bool failed;   /* ... because of an error: exit 1 */
    uv_timer_t end; /* once stopping: waits for the QEMUs' end */
    unsigned end_ms;
};

/* ---- qmp.c ---- */

/* fd: connected stream socket, owned by the client from now on.  Reads the
 * greeting and negotiates capabilities by itself; commands sent earlier
 * wait. */
struct qmp *qmp_new(struct dm *dm, int fd, qmp_event_fn *event, void *arg);
void qmp_free(struct qmp *qmp);

/* Sends command (a reference is taken over) with fds (closed after sending).
 * Ids are our own; replies arrive in order.  fn may be NULL. */
void qmp_send(struct qmp *qmp, json_t *command, const int *fds, size_t nfds,
              qmp_reply_fn *fn, void *arg);

/* Only outside callbacks: runs the loop until the reply is there.  A new
 * reference, or NULL if the QEMU is gone or dm->stopping.  arguments (a
 * reference is taken over) may be NULL. */
json_t *qmp_call(struct qmp *qmp, const char *command, json_t *arguments);

/* The two halves of qmp_call(), for asking several QEMUs at once.  What was
 * asked must be taken or forgotten; NULL may be passed on. */
struct qmp_wait;
struct qmp_wait *qmp_ask(struct qmp *qmp, const char *command,
                         json_t *arguments);
/* With a file, which is closed once it is sent, or cannot be; -1: none. */
struct qmp_wait *qmp_ask_with(struct qmp *qmp, const char *command,
                              json_t *arguments, int fd);
json_t *qmp_take(struct dm *dm, struct qmp_wait *wait);
void qmp_forget(struct qmp_wait *wait);
struct qmp_wait *qmp_hmp_ask(struct qmp *qmp, const char *line);
char *qmp_hmp_take(struct dm *dm, struct qmp_wait *wait);

/* As qmp_call() of human-monitor-command; malloc'ed text or NULL. */
char *qmp_hmp(struct qmp *qmp, const char *line);

struct dm *qmp_dm(const struct qmp *qmp);

/* ---- start.c, spawn.c, arbiter.c ---- */
bool dm_start(struct dm *dm, const char *const *argv, size_t argc);

/* Starts q's QEMU, paused; any number, then dm_wait_ready(). */
bool qemu_spawn(struct qemu *q);
/* "group 'net' (nic0, nic1)", for messages */
const char *qemu_text(const struct qemu *q, char *buf, size_t size);
/* "was killed by signal 9", of one that has ended */
const char *qemu_end(const struct qemu *q, char *buf, size_t size);
/* Until every QEMU's QMP answered.  Only outside callbacks.  Reports. */
bool dm_wait_ready(struct dm *dm);
/* ... and has loaded its state, if it was given one.  Likewise. */
bool dm_wait_loaded(struct dm *dm);

/*
 * Learns the server of every QEMU whose is not known yet, checks its claims
 * and trims it.  The domain must be paused.  Only outside callbacks.
 */
bool dm_arbitrate(struct dm *dm);

/* The ioreq servers that the domain has, bit n for id n. */
unsigned dm_servers(struct dm *dm);

/* ---- watch.c: from now on, until the loop ends ---- */
bool dm_watch_start(struct dm *dm);
void dm_watch_stop(struct dm *dm);
/* A QEMU's process ended (called by spawn.c's exit callback). */
void dm_qemu_died(struct qemu *q);
/* Ends everything: idempotent, returns at once, the loop does the rest. */
void dm_stop(struct dm *dm, bool failed);
/* ... and no QEMU lives any more. */
bool dm_is_over(struct dm *dm);

/* ---- reap.c ---- */
/* Answers what vCPUs wait for from this server with all-ones, and destroys
 * it.  False (reported) if a vCPU may still wait. */
bool dm_reap(struct dm *dm, int server);
/* Those that had to stay, for the domain was paused. */
void dm_reap_left(struct dm *dm);

/* ---- restart.c ---- */
/* Makes the loop return, for dm_restart() to be called outside callbacks. */
void dm_restart_later(struct qemu *q);
bool dm_restart_due(const struct dm *dm);
/* All that are due. */
void dm_restart(struct dm *dm);
/* Pauses the domain, starts q's QEMU, lets both go.  If that fails its
 * devices are detached; reported.  Only outside callbacks. */
bool qemu_bring_up(struct qemu *q);
/* Ends it and answers for it; what ok says is not reported.  Likewise. */
void qemu_put_away(struct qemu *q);

/* ---- planning.c ---- */
/* NULL once what is wrong was reported.  map: instead of origin's. */
struct planning *planning_new(struct xldm_ctx *ctx, const struct origin *origin,
                              const char *map);
void planning_free(struct planning *planning);
const struct xldm_plan *planning_plan(const struct planning *planning);
/*
 * Makes it the plan of dm.  Groups keep their places and their command lines,
 * or false: reported.  One that it has no more keeps an empty place; bits of
 * *fresh: groups that are new.
 */
bool planning_use(struct planning *planning, struct dm *dm, unsigned *fresh);

/* ---- grow.c, place.c: answers to x-xldm-...; only outside callbacks ---- */
json_t *grow_place(struct dm *dm, const json_t *arguments);
json_t *grow_unplace(struct dm *dm, const json_t *arguments);
json_t *grow_restart(struct dm *dm, const json_t *arguments);
/* A QEMU answered device_add, or the device was plugged out: if it was placed,
 * its place ends with it. */
void grow_answered(struct dm *dm, const char *device, bool ok);
void grow_plugged_out(struct dm *dm, const char *device);
/* Its QEMU is gone; the place stays, for the device may come again. */
void grow_lost(struct dm *dm, const char *device);
/* Now and then: places that nobody used end, too. */
void grow_tick(struct dm *dm);
bool grow_due(const struct dm *dm);
void grow_step(struct dm *dm);
void grow_free(struct dm *dm);

/* Only outside callbacks, before the QEMU runs.  Reports. */
void dm_taps_announce(struct qemu *q);
/* Likewise, once it runs. */
void dm_ttys_announce(struct qemu *q);

/* ---- router.c ---- */
/* links: plan->links, the sockets libxl expects (path= or fd=). */
bool router_start(struct dm *dm);
void router_stop(struct dm *dm);
/* A qmp_event_fn: passes the event on to libxl's connections.  arg: the
 * struct qemu it came from. */
void router_event(void *arg, json_t *event);
/* Its QMP begins: what all QEMUs were told to do comes first, so that a later
 * word to stop it finds it begun. */
void router_spawned(struct qemu *q);
/* ... and what its group's last one was told since its start, once it may have
 * it; a drive whose medium is told begins with none. */
void router_replay(struct qemu *q);
const char *router_drive(const struct qemu *q, struct xldm__arena *a,
                         const char *value);
/* Its QEMU died, and what was plugged into it with it. */
void router_lost(const struct qemu *q);
/* Commands that wait for the loop to return; all that are due. */
bool router_due(const struct dm *dm);
void router_step(struct dm *dm);

/* ---- state.c ---- */
/* /libxl/DOMID/xldm: libxl removes it with the domain. */
bool dm_state_write(struct dm *dm);
/* "running", "starting", "detached", "dead" */
const char *qemu_state(const struct qemu *q);

#endif

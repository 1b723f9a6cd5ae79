/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches a domain and carries out on_poweroff, on_reboot and the like: libxl
 * leaves that to its caller. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "dm/plan.h"
#include "toolstack/toolstack.h"

#define DUMP_DIR "/var/lib/xen/dump"

/* A guest that lives for less than this many seconds waits a little before it
 * is started again, so that a reboot loop leaves dom0 some time. */
#define SHORT_LIFE 10
#define SHORT_LIFE_WAIT 2

struct watch {
    struct xldm__libxl t;
    struct xldm_domain *dom;
    uint32_t domid; /* XLDM__NO_DOMAIN: it is gone */
    bool unpause;   /* once it is watched */
    time_t began;
    libxl_domain_config cfg; /* to start it again */
};

/* libxl's own record has what was plugged since, and our device model with
 * its map.  false: the domain is gone. */
static bool reload_config(struct watch *w)
{
    struct xldm_plan *plan;
    bool ok;

    libxl_domain_config_dispose(&w->cfg);
    libxl_domain_config_init(&w->cfg);
    if (libxl_retrieve_domain_configuration(w->t.libxl, w->domid, &w->cfg,
                                            NULL) == 0)
        return true;
    if (!xldm__domain_exists(&w->t, w->domid))
        return false;
    xldm__warning(w->t.ctx, XLDM__NONE,
                  "libxl's record of domain %u cannot be read, its "
                  "description is used as it was",
                  w->domid);
    libxl_domain_config_dispose(&w->cfg);
    libxl_domain_config_init(&w->cfg);
    plan = xldm_plan_new(w->t.ctx, w->dom, -1);
    ok = plan && xldm__prepare(&w->t, w->dom, plan, &w->cfg);
    xldm_plan_free(plan);
    return ok;
}

static void dump_core(struct watch *w)
{
    char path[512];
    int n =
        snprintf(path, sizeof(path), DUMP_DIR "/%s", xldm_domain_name(w->dom));

    if (n >= (int)sizeof(path))
        return;
    if (mkdir(DUMP_DIR, 0700) < 0 && errno != EEXIST)
        xldm__warning(w->t.ctx, XLDM__NONE, DUMP_DIR ": %s", strerror(errno));
    if (libxl_domain_core_dump(w->t.libxl, w->domid, path, NULL) == 0)
        xldm__note(w->t.ctx, XLDM__NONE, "core dumped to %s", path);
    else
        xldm__warning(w->t.ctx, XLDM__NONE, "core could not be dumped to %s",
                      path);
}

/* Leaves the domain under another name and uuid, but without its QEMUs: they
 * hold the images that the next one needs. */
static bool set_aside(struct watch *w)
{
    uint32_t old = w->domid;
    time_t now = time(NULL);
    libxl_uuid uuid;
    struct tm tm;
    char suffix[32];

    if (!gmtime_r(&now, &tm) ||
        !strftime(suffix, sizeof(suffix), "-%Y%m%dT%H%MZ", &tm))
        return xldm__error(w->t.ctx, XLDM__NONE, "the clock cannot be read");
    libxl_uuid_generate(&uuid);
    if (libxl_domain_preserve(w->t.libxl, w->domid, &w->cfg.c_info, suffix,
                              uuid) != 0)
        return xldm__error(w->t.ctx, XLDM__NONE,
                           "domain %u cannot be renamed to '%s%s'", w->domid,
                           w->cfg.c_info.name, suffix);
    w->domid = XLDM__NO_DOMAIN;
    return xldm__end_processes(&w->t, old, NULL, SIGTERM);
}

static bool start_again(struct watch *w)
{
    if (time(NULL) - w->began < SHORT_LIFE)
        sleep(SHORT_LIFE_WAIT);
    w->unpause = true;
    return xldm__start(&w->t, w->dom, &w->cfg, &w->domid);
}

static bool soft_reset(struct watch *w)
{
    w->unpause = true;
    if (libxl_domain_soft_reset(w->t.libxl, &w->cfg, w->domid, NULL, NULL) == 0)
        return true;
    xldm__error(w->t.ctx, XLDM__NONE,
                "domain %u cannot be reset, it is destroyed", w->domid);
    xldm__destroy(&w->t, w->domid);
    return false;
}

/* Until it runs again, or is gone, which the next watch reports. */
static void wait_while_suspended(struct watch *w)
{
    libxl_dominfo info;
    bool suspended = true;

    while (suspended) {
        usleep(300000);
        libxl_dominfo_init(&info);
        suspended = libxl_domain_info(w->t.libxl, &info, w->domid) == 0 &&
                    !info.dying && info.shutdown &&
                    info.shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND;
        libxl_dominfo_dispose(&info);
    }
}

static bool carry_out(struct watch *w, enum xldm__next next, bool *more)
{
    *more = next != XLDM__LEAVE && next != XLDM__DESTROY;
    switch (next) {
    case XLDM__LEAVE:
        return true;
    case XLDM__WATCH:
        wait_while_suspended(w);
        return true;
    case XLDM__DESTROY:
        return xldm__destroy(&w->t, w->domid);
    default:
        break;
    }
    if (!reload_config(w)) {
        *more = false;
        return !xldm__domain_exists(&w->t, w->domid);
    }
    if (next == XLDM__SOFT_RESET)
        return soft_reset(w);
    return (next == XLDM__RESTART ? xldm__destroy(&w->t, w->domid)
                                  : set_aside(w)) &&
           start_again(w);
}

/* *more: there is again a domain to be watched. */
static bool after_shutdown(struct watch *w, int reason, bool *more)
{
    struct xldm__verdict v = xldm__verdict(&w->dom->cfg, reason);

    xldm__note(w->t.ctx, XLDM__NONE, "domain %u shut down, reason %d (%s): %s",
               w->domid, reason, v.reason, v.action);
    if (v.core_dump)
        dump_core(w);
    return carry_out(w, v.next, more);
}

/* The next shutdown or death of the domain; its reason, or -2 for death. */
#define DEATH (-2)
static bool wait_for_event(struct watch *w, int *reason)
{
    for (;;) {
        libxl_event *event = NULL;
        bool done = false;

        if (libxl_event_wait(w->t.libxl, &event, LIBXL_EVENTMASK_ALL, NULL,
                             NULL) != 0)
            return xldm__error(w->t.ctx, XLDM__NONE,
                               "libxl tells no more events of domain %u",
                               w->domid);
        if (event->domid == w->domid &&
            event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN) {
            *reason = event->u.domain_shutdown.shutdown_reason;
            done = true;
        } else if (event->domid == w->domid &&
                   event->type == LIBXL_EVENT_TYPE_DOMAIN_DEATH) {
            *reason = DEATH;
            done = true;
        }
        libxl_event_free(w->t.libxl, event);
        if (done)
            return true;
    }
}

static bool watch_once(struct watch *w, xldm__watched_fn *watched, void *arg,
                       int *reason)
{
    libxl_evgen_domain_death *death = NULL;
    libxl_event *stale;
    bool ok;

    /* What happened before this is told, too. */
    if (libxl_evenable_domain_death(w->t.libxl, w->domid, 0, &death) != 0)
        return xldm__error(w->t.ctx, XLDM__NONE, "domain %u cannot be watched",
                           w->domid);
    w->began = time(NULL);
    ok = (!w->unpause || xldm__unpause(&w->t, w->domid)) &&
         (!watched || watched(arg)) && wait_for_event(w, reason);
    w->unpause = false;
    libxl_evdisable_domain_death(w->t.libxl, death);
    while (libxl_event_check(w->t.libxl, &stale, LIBXL_EVENTMASK_ALL, NULL,
                             NULL) == 0)
        libxl_event_free(w->t.libxl, stale);
    return ok;
}

bool xldm__supervise(struct xldm_ctx *ctx, struct xldm_domain *dom,
                     uint32_t domid, bool unpause, xldm__watched_fn *watched,
                     void *arg)
{
    struct watch w = { .dom = dom, .domid = domid, .unpause = unpause };
    bool ok, more = true;
    int reason = DEATH;

    libxl_domain_config_init(&w.cfg);
    ok = xldm__libxl_open(&w.t, ctx);
    while (ok && more) {
        ok = watch_once(&w, watched, arg, &reason);
        watched = NULL;
        if (!ok)
            break;
        if (reason == DEATH) {
            xldm__note(ctx, XLDM__NONE, "domain %u was destroyed", w.domid);
            break;
        }
        ok = after_shutdown(&w, reason, &more);
    }
    libxl_domain_config_dispose(&w.cfg);
    xldm__libxl_close(&w.t);
    return ok;
}

bool xldm_domain_supervise(struct xldm_ctx *ctx, struct xldm_domain *dom,
                           uint32_t domid)
{
    struct xldm__libxl t = { 0 };
    bool there = xldm__given(ctx, dom, "domain") && xldm__libxl_open(&t, ctx) &&
                 xldm__domain_there(&t, domid);

    xldm__libxl_close(&t);
    return there && xldm__supervise(ctx, dom, domid, false, NULL, NULL);
}

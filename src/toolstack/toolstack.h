/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Running domains through stock libxl: what the files of this folder share.
 *
 *   open.c       libxl's context, its messages into ours
 *   check.c      can the domain run on this machine?
 *   prepare.c    libxl's config for a domain, split or not
 *   memory.c     room for it
 *   start.c      build and start; what to say when that fails
 *   log.c        pure: what a device model's log says
 *   process.c    the processes of a domain, and waiting for their end
 *   action.c     pure: what on_poweroff and the like ask for
 *   supervise.c  carries it out
 *   create.c, destroy.c, list.c
 *   device.c     plugs and unplugs; plug.c says what can be, record.c keeps
 *                the group for a reboot, attach.c reads DEVICE.xml
 *   show.c       what is known of a domain; monitor.c asks xldm-dm, usage.c
 *                asks /proc, show_text.c prints
 */
#ifndef XLDM_TOOLSTACK_H
#define XLDM_TOOLSTACK_H

#include <xentoollog.h>
#include "config/domain.h"

/* How long processes of a domain that is gone may take to end. */
#define XLDM__END_MS 10000

#define XLDM__NO_DOMAIN ((uint32_t)INVALID_DOMID)

struct xldm__libxl {
    xentoollog_logger logger; /* first: libxl hands it back to us */
    struct xldm_ctx *ctx;
    libxl_ctx *libxl;
    bool shared; /* it is the program's */
};

/* ---- open.c ---- */

/* Needs root and Xen, and says so.  Close it even if this failed. */
bool xldm__libxl_open(struct xldm__libxl *t, struct xldm_ctx *ctx);
void xldm__libxl_close(struct xldm__libxl *t);
/* The same, with the program's own libxl_ctx if it lends us one. */
bool xldm__libxl_share(struct xldm__libxl *t, struct xldm_ctx *ctx);

/* The domain of this name or number. */
bool xldm__domain_find(struct xldm__libxl *t, const char *domain,
                       uint32_t *domid);
/* A dying one, whose last pages somebody still maps, does not. */
bool xldm__domain_exists(struct xldm__libxl *t, uint32_t domid);
/* The same; false: reported. */
bool xldm__domain_there(struct xldm__libxl *t, uint32_t domid);

/* ---- check.c ---- */
bool xldm__check(struct xldm__libxl *t, const struct xldm_domain *dom,
                 const struct xldm_plan *plan);

/* ---- prepare.c ---- */

/* cfg: initialised, becomes a copy of dom's with what a split needs. */
bool xldm__prepare(struct xldm__libxl *t, const struct xldm_domain *dom,
                   const struct xldm_plan *plan, libxl_domain_config *cfg);

/* ---- memory.c ---- */
bool xldm__make_room(struct xldm__libxl *t, const struct xldm_domain *dom,
                     libxl_domain_config *cfg);

/* ---- start.c ---- */

/* Builds the domain and leaves it paused.  dom tells where devices were
 * written.  On failure nothing of the domain is left. */
bool xldm__start(struct xldm__libxl *t, const struct xldm_domain *dom,
                 libxl_domain_config *cfg, uint32_t *domid);
bool xldm__unpause(struct xldm__libxl *t, uint32_t domid);

/* ---- supervise.c ---- */

/* Called once the domain is watched and, if it was to be, unpaused.  false:
 * give up watching. */
typedef bool xldm__watched_fn(void *arg);

bool xldm__supervise(struct xldm_ctx *ctx, struct xldm_domain *dom,
                     uint32_t domid, bool unpause, xldm__watched_fn *watched,
                     void *arg);

/* ---- destroy.c ---- */

/* Destroys and waits for the processes' end.  A domain that is gone already
 * is no error. */
bool xldm__destroy(struct xldm__libxl *t, uint32_t domid);

/* ---- process.c ---- */

/* Waits until no QEMU and no xldm-dm of a domain runs, and kills what is left
 * when the time is over.  domid XLDM__NO_DOMAIN: all domains of that name
 * that Xen does not know.  sig: what tells them to end, or 0. */
bool xldm__end_processes(struct xldm__libxl *t, uint32_t domid,
                         const char *name, int sig);

/* ---- action.c ---- */

enum xldm__next {
    XLDM__LEAVE,   /* the domain stays as it is, nobody watches it */
    XLDM__WATCH,   /* it sleeps: somebody saves or migrates it */
    XLDM__DESTROY,
    XLDM__RESTART,
    XLDM__RENAME_RESTART,
    XLDM__SOFT_RESET,
};

struct xldm__verdict {
    const char *reason; /* "reboot" */
    const char *action; /* "rename-restart" */
    bool core_dump;
    enum xldm__next next;
};

/* reason: libxl_shutdown_reason, or any other number */
struct xldm__verdict xldm__verdict(const libxl_domain_config *cfg, int reason);

/* ---- log.c ---- */

struct xldm__log_line {
    enum xldm_severity severity;
    const char *text; /* not terminated */
    int length;
};

/* The last size - 1 bytes of a file written since then, printable; malloc'ed.
 * NULL: there is none. */
char *xldm__log_read(const char *path, size_t size, time_t since);

/* The next line that xldm-dm wrote as error, warning or note; moves *at. */
bool xldm__log_next(const char **at, struct xldm__log_line *line);

/* Where the last n lines of text begin. */
const char *xldm__log_tail(const char *text, unsigned n);

/* The element of the device whose id stands in this text as a word. */
struct xldm_loc xldm__log_loc(const struct xldm_domain *dom, const char *text,
                              size_t length);

#endif

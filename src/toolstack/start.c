/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Builds a domain, and says why if that fails: the device model's log knows
 * more than libxl. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <libxl_utils.h>
#include <xenstore.h>
#include "dm/plan.h"
#include "toolstack/toolstack.h"

#define LOG_END 16384
#define LOG_LINES 5

/* The lock that xl holds while it builds a domain, since two that look for
 * free memory at once find the same. */
static int lock_host(struct xldm_ctx *ctx)
{
    static const char path[] = "/var/lock/xl";
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = fd < 0 ? -1 : fcntl(fd, F_OFD_SETLK, &lock);

    if (rc < 0 && fd >= 0 && (errno == EAGAIN || errno == EACCES)) {
        xldm__note(ctx, XLDM__NONE,
                   "waiting for another domain's start, which holds %s", path);
        do
            rc = fcntl(fd, F_OFD_SETLKW, &lock);
        while (rc < 0 && errno == EINTR);
    }
    if (rc == 0)
        return fd;
    xldm__error(ctx, XLDM__NONE, "%s cannot be locked: %s", path,
                strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static void report_plain_log(struct xldm_ctx *ctx, const char *text)
{
    for (const char *at = xldm__log_tail(text, LOG_LINES); *at;) {
        int length = (int)strcspn(at, "\n");

        xldm__note(ctx, XLDM__NONE, "device model: %.*s", length, at);
        at += length + (at[length] == '\n');
    }
}

static void report_line(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                        const struct xldm__log_line *line)
{
    struct xldm_loc loc = xldm__log_loc(dom, line->text, line->length);

    if (line->severity == XLDM_ERROR)
        xldm__error(ctx, loc, "%.*s", line->length, line->text);
    else if (line->severity == XLDM_WARNING)
        xldm__warning(ctx, loc, "%.*s", line->length, line->text);
    else
        xldm__note(ctx, loc, "%.*s", line->length, line->text);
}

static void report_log(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                       const char *name, time_t since)
{
    struct xldm__log_line line;
    char *path = NULL, *text = NULL;
    const char *at;
    bool marked = false;

    if (asprintf(&path, "/var/log/xen/qemu-dm-%s.log", name) < 0)
        return;
    text = xldm__log_read(path, LOG_END, since);
    if (!text)
        goto out;
    for (at = text; xldm__log_next(&at, &line); marked = true)
        report_line(ctx, dom, &line);
    if (!marked)
        report_plain_log(ctx, text);
    xldm__note(ctx, XLDM__NONE, "the device model's log is %s", path);
out:
    free(text);
    free(path);
}

static void remove_node(struct xs_handle *xs, const char *folder,
                        const char *kind, uint32_t domid)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s/%u", folder, kind, domid);
    xs_rm(xs, XBT_NULL, path);
}

/* What libxl wrote for a domain that another process destroyed meanwhile:
 * libxl then finds no domain, and leaves it. */
static void remove_nodes(uint32_t domid)
{
    static const char backends[] = "/local/domain/0/backend";
    struct xs_handle *xs = xs_open(0);
    char **kinds;
    unsigned n = 0;

    if (!xs)
        return;
    kinds = xs_directory(xs, XBT_NULL, backends, &n);
    for (unsigned i = 0; kinds && i < n; i++)
        remove_node(xs, backends, kinds[i], domid);
    free(kinds);
    remove_node(xs, "/local/domain/0", "device-model", domid);
    remove_node(xs, "/local", "domain", domid);
    remove_node(xs, "", "libxl", domid);
    xs_close(xs);
}

/* libxl destroys what it could not build, but see to it. */
static void remove_rest(struct xldm__libxl *t, uint32_t domid,
                        const char *name)
{
    libxl_dominfo info;

    if (libxl_domid_valid_guest(domid) && xldm__domain_exists(t, domid))
        xldm__destroy(t, domid);
    xldm__end_processes(t, XLDM__NO_DOMAIN, name, 0);
    libxl_dominfo_init(&info);
    if (libxl_domid_valid_guest(domid) &&
        libxl_domain_info(t->libxl, &info, domid) == ERROR_DOMAIN_NOTFOUND)
        remove_nodes(domid);
    libxl_dominfo_dispose(&info);
}

bool xldm__start(struct xldm__libxl *t, const struct xldm_domain *dom,
                 libxl_domain_config *cfg, uint32_t *domid)
{
    const char *name = dom->cfg.c_info.name;
    time_t began = time(NULL);
    int rc, lock = lock_host(t->ctx);

    *domid = XLDM__NO_DOMAIN;
    if (lock < 0)
        return false;
    if (!xldm__make_room(t, dom, cfg)) {
        close(lock);
        return false;
    }
    rc = libxl_domain_create_new(t->libxl, cfg, domid, NULL, NULL);
    close(lock);
    if (rc == 0)
        return true;

    /* The config's own name: another tool may have renamed the domain. */
    if (cfg->c_info.name)
        name = cfg->c_info.name;
    remove_rest(t, *domid, name);
    report_log(t->ctx, dom, name, began);
    *domid = XLDM__NO_DOMAIN;
    return xldm__error(t->ctx, dom->loc, "domain '%s' could not be started",
                       name);
}

bool xldm__unpause(struct xldm__libxl *t, uint32_t domid)
{
    if (libxl_domain_unpause(t->libxl, domid, NULL) == 0)
        return true;
    return xldm__error(t->ctx, XLDM__NONE, "domain %u cannot be unpaused",
                       domid);
}

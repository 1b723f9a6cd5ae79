/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's context: opened with clear words, its messages handed to ours. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libxl_utils.h>
#include "toolstack/toolstack.h"

static void forward(xentoollog_logger *logger, xentoollog_level level,
                    int errnoval, const char *context, const char *format,
                    va_list ap) XLDM__PRINTF(5, 0);

/* libxl's own errors are warnings here: whether they made anything fail is
 * ours to say, in one error. */
static void forward(xentoollog_logger *logger, xentoollog_level level,
                    int errnoval, const char *context, const char *format,
                    va_list ap)
{
    struct xldm__libxl *t = (struct xldm__libxl *)logger;
    char *text;

    if (level < XTL_WARN || vasprintf(&text, format, ap) < 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    (level >= XTL_ERROR ? xldm__warning : xldm__note)(
        t->ctx, XLDM__NONE, "%s: %s%s%s", context ? context : "libxl", text,
        errnoval > 0 ? ": " : "", errnoval > 0 ? strerror(errnoval) : "");
    free(text);
}

static bool is_dom0(struct xldm_ctx *ctx)
{
    const char *path = "/proc/xen/capabilities";
    char line[80] = "";
    FILE *f = fopen(path, "re");

    if (f) {
        if (!fgets(line, sizeof(line), f))
            line[0] = '\0';
        fclose(f);
    }
    if (strstr(line, "control_d"))
        return true;
    if (!f && access("/proc/xen", F_OK) == 0)
        return xldm__error(ctx, XLDM__NONE,
                           "%s cannot be read: is xenfs mounted on /proc/xen?",
                           path);
    return xldm__error(ctx, XLDM__NONE,
                       "this machine is not the dom0 of a Xen host: %s %s",
                       path, f ? "lacks 'control_d'" : "does not exist");
}

bool xldm__libxl_open(struct xldm__libxl *t, struct xldm_ctx *ctx)
{
    bool ok;

    memset(t, 0, sizeof(*t));
    t->ctx = ctx;
    t->logger.vmessage = forward;
    ok = is_dom0(ctx);
    if (geteuid() != 0)
        ok = xldm__error(ctx, XLDM__NONE, "only root may run domains");
    if (!ok)
        return false;
    if (libxl_ctx_alloc(&t->libxl, LIBXL_VERSION, 0, &t->logger) == 0)
        return true;
    t->libxl = NULL;
    return xldm__error(ctx, XLDM__NONE,
                       "libxl cannot be opened: is xenstored running?");
}

bool xldm__libxl_share(struct xldm__libxl *t, struct xldm_ctx *ctx)
{
    if (!ctx->libxl_ctx)
        return xldm__libxl_open(t, ctx);
    memset(t, 0, sizeof(*t));
    t->ctx = ctx;
    t->libxl = ctx->libxl_ctx;
    t->shared = true;
    return true;
}

void xldm__libxl_close(struct xldm__libxl *t)
{
    if (!t->shared)
        libxl_ctx_free(t->libxl);
    t->libxl = NULL;
}

bool xldm__domain_exists(struct xldm__libxl *t, uint32_t domid)
{
    libxl_dominfo info;
    bool exists;

    libxl_dominfo_init(&info);
    exists = libxl_domain_info(t->libxl, &info, domid) == 0 && !info.dying;
    libxl_dominfo_dispose(&info);
    return exists;
}

bool xldm__domain_there(struct xldm__libxl *t, uint32_t domid)
{
    return xldm__domain_exists(t, domid) ||
           xldm__error(t->ctx, XLDM__NONE,
                       "there is no domain %u, or it is dying", domid);
}

/* To libxl "" is domain 0, and of a number the low 32 bits count. */
static bool may_name_domain(const char *domain)
{
    bool number = domain[strspn(domain, "0123456789")] == '\0';

    return *domain &&
           (!number || strtoul(domain, NULL, 10) < XLDM__NO_DOMAIN);
}

bool xldm__domain_find(struct xldm__libxl *t, const char *domain,
                       uint32_t *domid)
{
    return (may_name_domain(domain) &&
            libxl_domain_qualifier_to_domid(t->libxl, domain, domid) == 0 &&
            xldm__domain_exists(t, *domid)) ||
           xldm__error(t->ctx, XLDM__NONE,
                       "there is no domain '%s', or it is dying", domain);
}

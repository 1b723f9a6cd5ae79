/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into Debian's xl, so that `xl create -n` reads a file with no
 * hypervisor and no xenstore: a host of 16 CPUs and 8 nodes.
 */
#include <libxl.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

#define HANDLE ((void *)1)

/* Interposed: the real prototypes are the contract. */
struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return HANDLE;
}

void xs_close(struct xs_handle *h)
{
    (void)h;
}

xc_interface *xc_interface_open(xentoollog_logger *log,
                                xentoollog_logger *build_log, unsigned flags)
{
    (void)log, (void)build_log, (void)flags;
    return HANDLE;
}

int xc_interface_close(xc_interface *h)
{
    (void)h;
    return 0;
}

const libxl_version_info *libxl_get_version_info(libxl_ctx *ctx)
{
    static libxl_version_info info;

    (void)ctx;
    info.xen_version_major = 4;
    info.xen_version_minor = 17;
    info.capabilities = (char *)"";
    info.commandline = (char *)"";
    return &info;
}

int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *info)
{
    (void)ctx;
    memset(info, 0, sizeof(*info));
    info->nr_cpus = 16;
    info->max_cpu_id = 15;
    info->nr_nodes = 8;
    info->cap_hvm = true;
    return 0;
}

int libxl_get_max_cpus(libxl_ctx *ctx)
{
    (void)ctx;
    return 16;
}

int libxl_get_online_cpus(libxl_ctx *ctx)
{
    (void)ctx;
    return 16;
}

int libxl_get_max_nodes(libxl_ctx *ctx)
{
    (void)ctx;
    return 8;
}

/* seclabel: there is no FLASK to ask */
int libxl_flask_context_to_sid(libxl_ctx *ctx, char *text, size_t size,
                               uint32_t *sid)
{
    (void)ctx, (void)text, (void)size;
    *sid = 1;
    return 0;
}

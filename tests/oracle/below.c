/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lies below libxl, made up: a hypervisor with 16 CPUs and 8 nodes, a
 * xenstore that knows the domain's type, and a file system on which every
 * path exists, a block device if it begins with /dev/.  below.syms renames
 * libxl's references to these, so that nothing else of the program gets them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <xenctrl.h>
#include <xenstore.h>
#include "oracle.h"

#define HANDLE ((void *)1)

int below_stat(const char *path, struct stat *st);
int below_access(const char *path, int mode);
int below_mkdir(const char *path, mode_t mode);
int below_rmdir(const char *path);
int below_creat(const char *path, mode_t mode);
struct xs_handle *below_xs_open(unsigned long flags);
void below_xs_close(struct xs_handle *h);
char *below_xs_get_domain_path(struct xs_handle *h, unsigned domid);
void *below_xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
                    unsigned *len);
char **below_xs_directory(struct xs_handle *h, xs_transaction_t t,
                          const char *path, unsigned *n);
bool below_xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
                    const void *data, unsigned len);
xs_transaction_t below_xs_transaction_start(struct xs_handle *h);
bool below_xs_transaction_end(struct xs_handle *h, xs_transaction_t t,
                              bool abort);
xc_interface *below_xc_interface_open(xentoollog_logger *log,
                                      xentoollog_logger *build_log,
                                      unsigned flags);
int below_xc_interface_close(xc_interface *h);
int below_xc_flask_context_to_sid(xc_interface *h, char *label, uint32_t size,
                                  uint32_t *sid);
int below_xc_domain_getinfolist(xc_interface *h, uint32_t first, unsigned max,
                                xc_domaininfo_t *info);
int below_xc_domain_getinfo_single(xc_interface *h, uint32_t domid,
                                   xc_domaininfo_t *info);
int below_xc_physinfo(xc_interface *h, xc_physinfo_t *info);
long below_xc_sharing_pages(xc_interface *h);
long below_xc_sharing_frames(xc_interface *h);
int below_xc_version(xc_interface *h, int cmd, void *arg);
int below_xc_sched_id(xc_interface *h, int *id);
xc_cpupoolinfo_t *below_xc_cpupool_getinfo(xc_interface *h, uint32_t id);
void below_xc_cpupool_infofree(xc_interface *h, xc_cpupoolinfo_t *info);
int below_xc_get_max_cpus(xc_interface *h);
int below_xc_get_online_cpus(xc_interface *h);
int below_xc_get_max_nodes(xc_interface *h);

/* ---- files ---- */

int below_stat(const char *path, struct stat *st)
{
    memset(st, 0, sizeof(*st));
    st->st_mode = strncmp(path, "/dev/", 5) ? S_IFREG | 0600 : S_IFBLK | 0600;
    st->st_size = 1 << 30;
    return 0;
}

int below_access(const char *path, int mode)
{
    (void)path, (void)mode;
    return 0;
}

int below_mkdir(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    return 0;
}

int below_rmdir(const char *path)
{
    (void)path;
    errno = ENOENT;
    return -1;
}

int below_creat(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* ---- xenstore ---- */

struct xs_handle *below_xs_open(unsigned long flags)
{
    (void)flags;
    return HANDLE;
}

void below_xs_close(struct xs_handle *h)
{
    (void)h;
}

char *below_xs_get_domain_path(struct xs_handle *h, unsigned domid)
{
    char *path;

    (void)h;
    return asprintf(&path, "/local/domain/%u", domid) < 0 ? NULL : path;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

void *below_xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
                    unsigned *len)
{
    const char *value = NULL;

    (void)h, (void)t;
    if (!strcmp(path, "/local/pool/0/name"))
        value = "Pool-0";
    else if (!strcmp(path, "/local/domain/0/name"))
        value = "Domain-0";
    else if (ends_with(path, "/type"))
        value = "hvm";
    if (!value) {
        errno = ENOENT;
        return NULL;
    }
    if (len)
        *len = strlen(value);
    return strdup(value);
}

char **below_xs_directory(struct xs_handle *h, xs_transaction_t t,
                          const char *path, unsigned *n)
{
    (void)h, (void)t, (void)path, (void)n;
    errno = ENOENT;
    return NULL;
}

bool below_xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
                    const void *data, unsigned len)
{
    (void)h, (void)t, (void)path, (void)data, (void)len;
    return true;
}

xs_transaction_t below_xs_transaction_start(struct xs_handle *h)
{
    (void)h;
    return 1;
}

bool below_xs_transaction_end(struct xs_handle *h, xs_transaction_t t,
                              bool abort)
{
    (void)h, (void)t, (void)abort;
    return true;
}

/* ---- hypervisor ---- */

xc_interface *below_xc_interface_open(xentoollog_logger *log,
                                      xentoollog_logger *build_log,
                                      unsigned flags)
{
    (void)log, (void)build_log, (void)flags;
    return HANDLE;
}

int below_xc_interface_close(xc_interface *h)
{
    (void)h;
    return 0;
}

int below_xc_flask_context_to_sid(xc_interface *h, char *label, uint32_t size,
                                  uint32_t *sid)
{
    (void)h, (void)label, (void)size;
    *sid = 1;
    return 0;
}

int below_xc_domain_getinfolist(xc_interface *h, uint32_t first, unsigned max,
                                xc_domaininfo_t *info)
{
    (void)h;
    if (max > 1 && first > 0)
        return 0;
    memset(info, 0, sizeof(*info));
    info->domain = first;
    info->flags = XEN_DOMINF_hvm_guest;
    return 1;
}

int below_xc_domain_getinfo_single(xc_interface *h, uint32_t domid,
                                   xc_domaininfo_t *info)
{
    return below_xc_domain_getinfolist(h, domid, 1, info) == 1 ? 0 : -1;
}

int below_xc_physinfo(xc_interface *h, xc_physinfo_t *info)
{
    (void)h;
    memset(info, 0, sizeof(*info));
    info->nr_cpus = 16;
    info->max_cpu_id = 15;
    info->nr_nodes = 8;
    info->max_node_id = 7;
    info->total_pages = 32 << 20;
    info->free_pages = 16 << 20;
    info->capabilities =
        XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_pv |
        XEN_SYSCTL_PHYSCAP_directio | XEN_SYSCTL_PHYSCAP_hap |
        XEN_SYSCTL_PHYSCAP_shadow | XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share |
        XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2;
    return 0;
}

long below_xc_sharing_pages(xc_interface *h)
{
    (void)h;
    return 0;
}

long below_xc_sharing_frames(xc_interface *h)
{
    (void)h;
    return 0;
}

int below_xc_version(xc_interface *h, int cmd, void *arg)
{
    (void)h;
    switch (cmd) {
    case XENVER_extraversion:
    case XENVER_commandline:
        *(char *)arg = '\0';
        break;
    case XENVER_capabilities:
        strcpy(arg, "xen-3.0-x86_64 hvm-3.0-x86_64");
        break;
    case XENVER_pagesize:
        return 4096;
    }
    return 4 << 16 | 17;
}

int below_xc_sched_id(xc_interface *h, int *id)
{
    (void)h;
    *id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

xc_cpupoolinfo_t *below_xc_cpupool_getinfo(xc_interface *h, uint32_t id)
{
    static unsigned char cpus[16];
    static xc_cpupoolinfo_t info = { .n_dom = 1, .cpumap = cpus };

    (void)h;
    info.sched_id = XEN_SCHEDULER_CREDIT2;
    return id == 0 ? &info : NULL;
}

void below_xc_cpupool_infofree(xc_interface *h, xc_cpupoolinfo_t *info)
{
    (void)h, (void)info;
}

int below_xc_get_max_cpus(xc_interface *h)
{
    (void)h;
    return 16;
}

int below_xc_get_online_cpus(xc_interface *h)
{
    return below_xc_get_max_cpus(h);
}

int below_xc_get_max_nodes(xc_interface *h)
{
    (void)h;
    return 8;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks libxl's own object code for the argv it builds for a config. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "oracle.h"

/*
 * Internals of libxl 4.17 and 4.20, for which there is no header: as far as
 * they are used here.  A wrong one shows at once, in every config.
 */
typedef struct {
    int alloc_maxsize;
    void **alloc_ptrs;
    libxl_ctx *owner;
} libxl__gc;

struct file_reference {
    const char *path;
    int mapped;
    void *data;
    size_t size;
};

struct build_state {
    uint32_t store_port, store_domid;
    unsigned long store_mfn;
    uint32_t console_port, console_domid;
    unsigned long console_mfn;
    char *console_tty, *saved_state;
    int dm_monitor_fd;
    struct file_reference pv_kernel, pv_ramdisk;
    const char *shim_path, *shim_cmdline, *pv_cmdline;
    char *dm_runas, *dm_kill_uid;
    char rest[256];
};

struct device_type {
    int type, skip_attach, ptr_offset, num_offset, size;
    void *add;
    int (*set_default)(libxl__gc *gc, uint32_t domid, void *device,
                       bool hotplug);
};

extern const struct device_type libxl__disk_devtype, libxl__nic_devtype;

void libxl__free_all(libxl__gc *gc);
void libxl__domain_build_state_init(struct build_state *state);
int libxl__domain_config_setdefault(libxl__gc *gc, libxl_domain_config *cfg,
                                    uint32_t domid);
int libxl__device_nic_set_devids(libxl__gc *gc, libxl_domain_config *cfg,
                                 uint32_t domid);
const char *libxl__domain_device_model(libxl__gc *gc,
                                       const libxl_domain_build_info *info);

#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS /* 4.20: it has asked QEMU this */
struct qemu_options {
    bool run_with_chroot, run_with_user;
};
#define PARAM_QEMU const struct qemu_options *qemu,
#define ARG_QEMU &(const struct qemu_options){ true, true },
#else
#define PARAM_QEMU
#define ARG_QEMU
#endif
int libxl__build_device_model_args(libxl__gc *gc, const char *dm, int domid,
                                   const libxl_domain_config *cfg, char ***args,
                                   char ***envs,
                                   const struct build_state *state,
                                   PARAM_QEMU int *state_fd);

struct peer {
    xentoollog_logger *log;
    libxl_ctx *ctx;
    libxl__gc gc;
};

struct peer *peer_new(bool verbose)
{
    struct peer *peer = calloc(1, sizeof(*peer));

    if (!peer)
        return NULL;
    peer->log = (xentoollog_logger *)xtl_createlogger_stdiostream(
        stderr, verbose ? XTL_DEBUG : XTL_CRITICAL, 0);
    if (!peer->log ||
        libxl_ctx_alloc(&peer->ctx, LIBXL_VERSION, 0, peer->log)) {
        peer_free(peer);
        return NULL;
    }
    peer->gc.owner = peer->ctx;
    return peer;
}

void peer_free(struct peer *peer)
{
    if (!peer)
        return;
    if (peer->ctx) {
        libxl__free_all(&peer->gc);
        libxl_ctx_free(peer->ctx);
    }
    if (peer->log)
        xtl_logger_destroy(peer->log);
    free(peer);
}

libxl_ctx *peer_ctx(struct peer *peer)
{
    return peer->ctx;
}

static bool apply_defaults(libxl__gc *gc, libxl_domain_config *cfg)
{
    if (libxl__domain_config_setdefault(gc, cfg, ORACLE_DOMID))
        return false;
    for (int i = 0; i < cfg->num_disks; i++) {
        if (libxl__disk_devtype.set_default(gc, ORACLE_DOMID, &cfg->disks[i],
                                            false))
            return false;
    }
    if (libxl__device_nic_set_devids(gc, cfg, ORACLE_DOMID))
        return false;
    for (int i = 0; i < cfg->num_nics; i++) {
        if (libxl__nic_devtype.set_default(gc, ORACLE_DOMID, &cfg->nics[i],
                                           false))
            return false;
    }
    return true;
}

static char **build(struct peer *peer, const libxl_domain_config *cfg)
{
    libxl__gc *gc = &peer->gc;
    struct build_state state;
    char **argv, **env;
    int fd = -1;

    memset(&state, 0, sizeof(state));
    libxl__domain_build_state_init(&state);
    if (libxl_defbool_val(cfg->b_info.dm_restrict)) {
        state.dm_monitor_fd = atoi(ORACLE_FD);
        state.dm_runas = (char *)ORACLE_RUNAS;
    }
    if (cfg->b_info.device_model_user)
        state.dm_runas = cfg->b_info.device_model_user;

    if (libxl__build_device_model_args(
            gc, libxl__domain_device_model(gc, &cfg->b_info), ORACLE_DOMID, cfg,
            &argv, &env, &state, ARG_QEMU &fd))
        return NULL;
    return argv;
}

static bool start(struct peer *peer)
{
    libxl__gc *gc = &peer->gc;

    libxl__free_all(gc);
    *gc = (libxl__gc){ 16, calloc(16, sizeof(void *)), peer->ctx };
    return gc->alloc_ptrs;
}

char **peer_argv(struct peer *peer, libxl_domain_config *cfg)
{
    if (!start(peer) || !apply_defaults(&peer->gc, cfg))
        return NULL;
    return build(peer, cfg);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double peer_time(struct peer *peer, libxl_domain_config *cfg)
{
    enum { ROUNDS = 2000 };
    static double us[ROUNDS];
    struct timespec from, to;

    if (!peer_argv(peer, cfg))
        return -1;
    for (int i = 0; i < ROUNDS; i++) {
        clock_gettime(CLOCK_MONOTONIC, &from);
        if (!start(peer) || !build(peer, cfg))
            return -1;
        clock_gettime(CLOCK_MONOTONIC, &to);
        us[i] = (to.tv_sec - from.tv_sec) * 1e6 +
                (to.tv_nsec - from.tv_nsec) / 1e3;
    }
    qsort(us, ROUNDS, sizeof(*us), compare);
    return us[ROUNDS / 2];
}

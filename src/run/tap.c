/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The taps of a QEMU that was restarted: a tap ends with its QEMU and the new
 * one is on no bridge.  libxl's hotplug script puts it there, with the
 * environment that libxl gives it.
 */
#include <stdlib.h>
#include <string.h>

#include "run/dm.h"

struct script {
    uv_process_t process;
    uv_timer_t limit;
    unsigned handles;
    int status; /* -1: it runs */
};

#define LIMIT_MS 10000

static void on_closed(uv_handle_t *handle)
{
    struct script *s = handle->data;

    if (!--s->handles)
        free(s);
}

static void on_exit_status(uv_process_t *process, int64_t status, int signal)
{
    struct script *s = process->data;

    s->status = signal ? 128 + signal : (int)status;
}

static void on_limit(uv_timer_t *timer)
{
    struct script *s = timer->data;

    uv_process_kill(&s->process, SIGKILL);
}

/* Its exit status. */
static int run(struct dm *dm, const uv_process_options_t *options)
{
    struct script *s = calloc(1, sizeof(*s));
    int status;

    if (!s)
        return 1;
    s->status = -1;
    s->handles = 2;
    s->process.data = s->limit.data = s;
    uv_timer_init(dm->loop, &s->limit);
    if (uv_spawn(dm->loop, &s->process, options) < 0)
        s->status = 127;
    else
        uv_timer_start(&s->limit, on_limit, LIMIT_MS, 0);
    while (s->status < 0)
        uv_run(dm->loop, UV_RUN_ONCE);
    status = s->status;
    uv_close((uv_handle_t *)&s->process, on_closed);
    uv_close((uv_handle_t *)&s->limit, on_closed);
    return status;
}

static void announce(struct dm *dm, const char *name, unsigned devid)
{
    struct xldm__arena arena = { 0 };
    const char *backend =
        xldm__fmt(&arena, "backend/vif/%u/%u", dm->domid, devid);
    unsigned length;
    char *script = xs_read(
        dm->xs, XBT_NULL,
        xldm__fmt(&arena, "/local/domain/0/%s/script", backend), &length);
    const char *args[] = { script, "add", "type_if=tap", NULL };
    const char *env[] = {
        xldm__fmt(&arena, "PATH=%s", getenv("PATH") ? getenv("PATH") : ""),
        xldm__fmt(&arena, "script=%s", script ? script : ""),
        "XENBUS_TYPE=vif",
        xldm__fmt(&arena, "XENBUS_PATH=%s", backend),
        "XENBUS_BASE_PATH=backend",
        xldm__fmt(&arena, "INTERFACE=%s", name),
        xldm__fmt(&arena, "vif=vif%u.%u", dm->domid, devid),
        NULL,
    };
    uv_process_options_t options = {
        .file = script,
        .args = (char **)args,
        .env = (char **)env,
        .exit_cb = on_exit_status,
    };
    int status = script && !arena.failed ? run(dm, &options) : -1;

    if (status)
        xldm__warning(dm->ctx, XLDM__NONE,
                      "interface %s is on no bridge: its hotplug script "
                      "%s: %d",
                      name, script ? script : "is not known", status);
    free(script);
    xldm__arena_dispose(&arena);
}

void dm_taps_announce(struct qemu *q)
{
    const struct xldm__argv *argv = &q->group->argv;
    struct xldm__option option;
    unsigned domid, devid;
    char name[32];
    size_t i = 1;

    while (i < argv->n) {
        option = xldm__option_next(argv->v, argv->n, &i);
        if (xldm__option_is(&option, "netdev", NULL) &&
            xldm__option_get(&option, "ifname", name, sizeof(name)) &&
            sscanf(name, "vif%u.%u-emu", &domid, &devid) == 2)
            announce(q->dm, name, devid);
    }
}

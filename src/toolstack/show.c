/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a running domain: from xldm-dm what it does, from /proc
 * what that costs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>
#include <libxl_utils.h>
#include "dm/json.h"
#include "toolstack/device.h"
#include "toolstack/monitor.h"
#include "toolstack/show.h"

#define PROC "/proc"
#define QMP "/var/run/xen/qmp-libxl-%u" /* libxl's own name of it */
#define PATIENCE_MS 10000

static char *read_node(struct xs_handle *xs, const char *before, uint32_t domid,
                       const char *behind)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/%u/%s", before, domid, behind);
    return xs_read(xs, XBT_NULL, path, NULL);
}

static void add_usage(json_t *state)
{
    json_t *group;
    size_t i;

    xldm__usage(state, PROC, json_integer_value(json_object_get(state, "pid")));
    json_array_foreach(json_object_get(state, "groups"), i, group) xldm__usage(
        group, PROC, json_integer_value(json_object_get(group, "pid")));
}

/* ---------------------------------------------------------- split ---- */

json_t *xldm__dm_ask(struct xldm_ctx *ctx, uint32_t domid, const char *command,
                     json_t *arguments, unsigned ms)
{
    struct xldm__monitor m;
    json_t *value = NULL;
    char path[64];

    snprintf(path, sizeof(path), QMP, domid);
    if (xldm__monitor_open(&m, ctx, path, PATIENCE_MS))
        value = xldm__monitor_ask(&m, command, arguments, ms);
    else
        json_decref(arguments);
    xldm__monitor_close(&m);
    return value;
}

static json_t *ask_dm(struct xldm__libxl *t, uint32_t domid, const char *pid)
{
    json_t *state =
        xldm__dm_ask(t->ctx, domid, "x-xldm-query", NULL, PATIENCE_MS);
    json_t *id = json_object_get(state, "domid");

    if (!state) {
        xldm__error(t->ctx, XLDM__NONE,
                    "xldm-dm of domain %u, pid %s, does not tell its state",
                    domid, pid);
    } else if (json_integer_value(id) != domid ||
               !json_is_array(json_object_get(state, "groups"))) {
        xldm__error(t->ctx, XLDM__NONE,
                    "what answers for domain %u is not its xldm-dm", domid);
        json_decref(state);
        state = NULL;
    }
    return state;
}

/* -------------------------------------------------------- unsplit ---- */

static bool is_dm(const char *program)
{
    const char *slash = program ? strrchr(program, '/') : NULL;

    return slash && !strcmp(slash, "/xldm-dm");
}

static json_t *plain_group(long pid, const char *program)
{
    json_t *log = xldm__usage_log(PROC, pid);
    json_t *group =
        json_pack("{ss sb sI ss so}", "name", "primary", "primary", 1, "pid",
                  (json_int_t)pid, "state", program ? "running" : "dead",
                  "devices", json_array());

    if (group && program)
        json_object_set_new(group, "emulator", xldm__json_text(program));
    if (group && log)
        json_object_set(group, "log", log);
    json_decref(log);
    return group;
}

/* What libxl's record lets us know of it. */
static void add_record(struct xldm__libxl *t, uint32_t domid, json_t *group)
{
    struct xldm_ctx *silent = xldm__ctx_inner(t->ctx, NULL, NULL);
    struct xldm__libxl quiet = *t;
    struct xldm_domain *dom;
    struct xldm_plan *plan;

    if (!silent)
        return;
    quiet.ctx = silent;
    dom = xldm__running_domain(&quiet, domid);
    plan = dom ? xldm_plan_new(silent, dom, (int)domid) : NULL;
    if (plan && plan->ngroups == 1)
        xldm__json_group(group, plan, &plan->groups[0]);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    xldm_ctx_free(silent);
}

/* One QEMU, libxl's; or none, as for a PV guest. */
static json_t *plain_state(struct xldm__libxl *t, uint32_t domid,
                           const char *pid_text)
{
    long pid = pid_text ? atol(pid_text) : 0;
    char *program = pid > 0 ? xldm__usage_program(PROC, pid) : NULL;
    json_t *groups = json_array(), *state = NULL;

    if (is_dm(program)) {
        xldm__error(t->ctx, XLDM__NONE,
                    "domain %u is being started or ended: xldm-dm, pid %ld, "
                    "has no state of it",
                    domid, pid);
        json_decref(groups);
    } else {
        if (pid > 0) {
            json_array_append_new(groups, plain_group(pid, program));
            add_record(t, domid, json_array_get(groups, 0));
        }
        state = json_pack("{si sI so}", "version", 1, "domid",
                          (json_int_t)domid, "groups", groups);
    }
    free(program);
    return state;
}

/* ---------------------------------------------------------- whole ---- */

static json_t *state_of(struct xldm__libxl *t, uint32_t domid)
{
    struct xs_handle *xs = xs_open(0);
    char *dm = NULL, *qemu = NULL;
    json_t *state = NULL;

    if (!xs) {
        xldm__error(t->ctx, XLDM__NONE, "xenstore cannot be opened: %s",
                    strerror(errno));
        return NULL;
    }
    dm = read_node(xs, "/libxl", domid, "xldm/pid");
    qemu = read_node(xs, "/local/domain", domid, "image/device-model-pid");
    state = dm ? ask_dm(t, domid, dm) : plain_state(t, domid, qemu);
    free(dm);
    free(qemu);
    xs_close(xs);
    return state;
}

bool xldm_domain_show(struct xldm_ctx *ctx, const char *domain,
                      enum xldm_format format, FILE *out)
{
    struct xldm__libxl t = { 0 };
    json_t *state = NULL;
    uint32_t domid;
    bool ok = false;

    if (!xldm__given(ctx, domain, "domain") || !xldm__given(ctx, out, "file") ||
        !xldm__libxl_open(&t, ctx) || !xldm__domain_find(&t, domain, &domid))
        goto out;
    state = state_of(&t, domid);
    if (state) {
        char *name = libxl_domid_to_name(t.libxl, domid);

        if (name) /* what it is called now */
            json_object_set_new(state, "domain", xldm__json_text(name));
        free(name);
        add_usage(state);
        ok = xldm__state_print(ctx, state, format, xldm__show_text, out);
    }
out:
    json_decref(state);
    xldm__libxl_close(&t);
    return ok;
}

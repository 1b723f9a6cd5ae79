/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm-dm: libxl starts it as the device model, with QEMU's arguments. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/events.h"
#include "run/save.h"
#include "run/start.h"

static void report(void *arg, const struct xldm_diag *diag)
{
    static const char *const words[] = { "error", "warning", "note" };

    events_add(arg, time(NULL), diag->severity, diag->text);
    if (diag->loc.file && diag->loc.line)
        fprintf(stderr, "%s:%d: ", diag->loc.file, diag->loc.line);
    fprintf(stderr, "xldm-dm: %s: %s\n", words[diag->severity], diag->text);
}

static bool become(struct xldm_ctx *ctx, const char *program,
                   const char *const *argv)
{
    execv(program, (char *const *)argv);
    return xldm__error(ctx, XLDM__NONE, "cannot run %s: %m", program);
}

struct request {
    const char *domid; /* NULL: not a guest's start */
    const char *name;
    const char *map;
    const char *incoming; /* a saved guest is to go on; or NULL */
    const char **argv; /* without our own option */
    size_t argc;
};

/* What libxl and libvirt ask any QEMU: who are you, what can you do. */
static bool is_question(const struct xldm__option *o)
{
    static const char *const questions[] = { "-h", "-help", "--help",
                                             "-version", "--version" };
    size_t i;

    for (i = 0; i < sizeof(questions) / sizeof(*questions); i++)
        if (!strcmp(o->name, questions[i]))
            return true;
    return xldm__option_is(o, "machine", "none") ||
           xldm__option_is(o, "M", "none");
}

static bool read_request(struct xldm_ctx *ctx, int argc, char **args,
                         struct request *in)
{
    const char *const *argv = (const char *const *)args;
    struct xldm__option option;
    bool question = false;
    size_t i = 1;
    int k;

    memset(in, 0, sizeof(*in));
    in->argv = calloc((size_t)argc + 1, sizeof(*in->argv));
    if (!in->argv)
        return xldm__oom(ctx);
    in->argv[in->argc++] = XLDM_QEMU;
    for (k = 1; k < argc; k++) {
        if (strcmp(args[k], XLDM__MAP_OPTION))
            in->argv[in->argc++] = args[k];
        else if (in->map || k + 1 == argc)
            return xldm__error(ctx, XLDM__NONE,
                               "%s stands %s; it takes one map and may stand "
                               "once",
                               XLDM__MAP_OPTION,
                               in->map ? "twice" : "without a map");
        else
            in->map = args[++k];
    }
    argv = in->argv;
    while (i < in->argc) {
        option = xldm__option_next(argv, in->argc, &i);
        if (xldm__option_is(&option, "xen-domid", NULL))
            in->domid = option.value;
        else if (xldm__option_is(&option, "name", NULL))
            in->name = option.value;
        else if (xldm__option_is(&option, "incoming", NULL))
            in->incoming = option.value ? option.value : "";
        question = question || is_question(&option);
    }
    if (question)
        in->domid = NULL;
    return true;
}

static bool read_domid(struct xldm_ctx *ctx, const char *text, uint32_t *domid)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || n > 0x7fef)
        return xldm__error(ctx, XLDM__NONE,
                           "-xen-domid '%s' is not a domain id", text);
    *domid = (uint32_t)n;
    return true;
}

/* What libxl left open must reach a QEMU only if its arguments name it. */
static void close_on_exec(void)
{
    int fd;

    if (!close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
        return;
    for (fd = 3; fd < 1024; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC); /* EBADF: not open */
}

/* What waits for a QEMU is done outside the loop.  A uv_stop() from there
 * makes it return once with nothing to do. */
static void loop(struct dm *dm)
{
    while (!dm_is_over(dm)) {
        while (dm_restart_due(dm) || router_due(dm) || grow_due(dm)) {
            dm_restart(dm);
            grow_step(dm);
            router_step(dm);
        }
        uv_run(dm->loop, UV_RUN_DEFAULT);
    }
}

/* Takes planning over. */
static bool run(struct xldm_ctx *ctx, const struct request *in,
                const struct origin *origin, struct planning *planning)
{
    struct dm dm = { .ctx = ctx,
                     .plan = planning_plan(planning),
                     .planning = planning,
                     .origin = origin,
                     .incoming = in->incoming,
                     .loop = uv_default_loop(),
                     .events = ctx->arg };
    bool ok = false;

    dm.keeper_pipe = dm.keeper_ns = dm.own_ns = -1;
    if (!dm.loop) {
        xldm__oom(ctx);
        goto out;
    }
    if (!read_domid(ctx, in->domid, &dm.domid))
        goto out;
    close_on_exec();
    signal(SIGPIPE, SIG_IGN);
    ok = dm_start(&dm, in->argv, in->argc);
    if (ok)
        loop(&dm);
    dm_teardown(&dm);
    uv_loop_close(dm.loop);
out:
    grow_free(&dm);
    return ok && !dm.failed;
}

static bool start(struct xldm_ctx *ctx, const struct request *in)
{
    const struct origin origin = { .domain = in->name ? in->name : in->domid,
                                   .argv = in->argv,
                                   .argc = in->argc,
                                   .map = in->map };
    struct planning *planning = planning_new(ctx, &origin, in->map);
    const struct xldm__group *only;
    bool ok;

    if (!planning)
        return false;
    if (planning_plan(planning)->ngroups > 1)
        return run(ctx, in, &origin, planning);
    only = planning_plan(planning)->groups;
    if (in->incoming && restore_is_split(in->incoming))
        ok = xldm__error(ctx, XLDM__NONE,
                         "the saved state is that of several QEMUs, and the "
                         "domain is to have one: the groups that its devices "
                         "had are not in its configuration");
    else
        ok = become(ctx, only->emulator, only->argv.v);
    planning_free(planning);
    return ok;
}

int main(int argc, char **argv)
{
    static struct events events;
    struct xldm_ctx *ctx = xldm_ctx_new(report, &events);
    struct request in = { 0 };
    bool ok = false;

    setvbuf(stderr, NULL, _IOLBF, 0);
    if (!ctx)
        goto out;
    if (!read_request(ctx, argc, argv, &in))
        goto out;
    ok = in.domid ? start(ctx, &in) : become(ctx, XLDM_QEMU, in.argv);
out:
    free(in.argv);
    xldm_ctx_free(ctx);
    return ok ? 0 : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The start of a split domain, step by step, and the end of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "run/broker.h"
#include "run/keeper.h"
#include "run/save.h"
#include "run/start.h"
#include "run/xsd.h"

#define READY_MS 50000   /* libxl gives up after 60 s */
#define RESTART_MS 20000 /* the domain is paused meanwhile */
#define LOAD_NAP_MS 20
#define LOG_MS 300     /* the last words of a QEMU that died */
#define WORDS_MAX 600

/* ----------------------------------------------- waiting for QEMUs ---- */

struct limit {
    uv_timer_t timer;
    bool over;
};

static void on_limit(uv_timer_t *timer)
{
    ((struct limit *)timer->data)->over = true;
}

static void on_limit_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static struct limit *limit_new(struct dm *dm, uint64_t ms)
{
    struct limit *limit = calloc(1, sizeof(*limit));

    if (!limit)
        return NULL;
    uv_timer_init(dm->loop, &limit->timer);
    limit->timer.data = limit;
    uv_timer_start(&limit->timer, on_limit, ms, 0);
    return limit;
}

static void limit_free(struct limit *limit)
{
    if (limit)
        uv_close((uv_handle_t *)&limit->timer, on_limit_closed);
}

/* The end of its log, on one line. */
static void last_words(struct dm *dm, const struct qemu *q, char *words)
{
    struct limit *limit = limit_new(dm, LOG_MS);
    size_t n;

    while (limit && !limit->over && q->child)
        uv_run(dm->loop, UV_RUN_ONCE);
    limit_free(limit);
    n = strlen(q->tail);
    while (n && q->tail[n - 1] == '\n')
        n--;
    snprintf(words, WORDS_MAX, "%.*s", (int)(n < WORDS_MAX ? n : WORDS_MAX - 1),
             n < WORDS_MAX ? q->tail : q->tail + n - (WORDS_MAX - 1));
    for (; *words; words++)
        if (*words == '\n' || *words == '\r')
            *words = ' ';
}

static bool died_early(struct dm *dm, const struct qemu *q)
{
    char words[WORDS_MAX], text[256], how[64];

    last_words(dm, q, words);
    return xldm__error(dm->ctx, XLDM__NONE,
                       "%s: its QEMU %s before %s%s%s",
                       qemu_text(q, text, sizeof(text)),
                       qemu_end(q, how, sizeof(how)),
                       dm->started ? "it was ready" : "the domain started",
                       *words ? ": " : ", without a message", words);
}

static int ready_ms(const struct dm *dm)
{
    return dm->started ? RESTART_MS : READY_MS;
}

static bool not_ready(struct dm *dm, const struct qemu *q)
{
    char words[WORDS_MAX], text[256];

    last_words(dm, q, words);
    return xldm__error(dm->ctx, XLDM__NONE,
                       "%s: its QEMU (pid %d) does not answer after %d "
                       "seconds%s%s",
                       qemu_text(q, text, sizeof(text)), (int)q->pid,
                       ready_ms(dm) / 1000, *words ? ": " : "", words);
}

bool dm_wait_ready(struct dm *dm)
{
    struct limit *limit = limit_new(dm, (uint64_t)ready_ms(dm));
    bool ok = limit != NULL, waiting = ok;
    struct qemu *q;

    while (waiting && ok) {
        waiting = false;
        for (q = dm->qemus; q < dm->qemus + dm->nqemus && ok; q++) {
            if (q->ready || (dm->started && !q->restarting))
                continue;
            waiting = true;
            if (!q->pid)
                ok = died_early(dm, q);
            else if (limit->over)
                ok = not_ready(dm, q);
        }
        if (waiting && ok)
            uv_run(dm->loop, UV_RUN_ONCE);
        ok = ok && !dm->stopping;
    }
    limit_free(limit);
    return ok;
}

/* NULL: its QMP says nothing. */
static const char *status_of(struct qemu *q, char *buf, size_t size)
{
    json_t *reply = qmp_call(q->qmp, "query-status", NULL);
    const char *status = json_string_value(
        json_object_get(json_object_get(reply, "return"), "status"));

    if (status)
        snprintf(buf, size, "%s", status);
    json_decref(reply);
    return status ? buf : NULL;
}

static void nap(struct dm *dm)
{
    struct limit *limit = limit_new(dm, LOAD_NAP_MS);

    while (limit && !limit->over && !dm->stopping)
        uv_run(dm->loop, UV_RUN_ONCE);
    limit_free(limit);
}

/* A QEMU whose state is not good ends, and says why. */
static bool wait_loaded(struct qemu *q, const struct limit *limit)
{
    struct dm *dm = q->dm;
    char status[32], text[256];

    for (;;) {
        if (!q->pid || !status_of(q, status, sizeof(status)))
            return dm->stopping ? false : died_early(dm, q);
        if (strcmp(status, "inmigrate"))
            return true;
        if (limit->over)
            return xldm__error(dm->ctx, XLDM__NONE,
                               "%s: its QEMU has not loaded its state in %d "
                               "seconds",
                               qemu_text(q, text, sizeof(text)),
                               READY_MS / 1000);
        nap(dm);
    }
}

bool dm_wait_loaded(struct dm *dm)
{
    struct limit *limit;
    bool ok;
    size_t i;

    if (!dm->incoming)
        return true;
    limit = limit_new(dm, READY_MS);
    ok = limit != NULL;
    for (i = 0; i < dm->nqemus && ok; i++)
        ok = wait_loaded(&dm->qemus[i], limit);
    limit_free(limit);
    return ok;
}

/* ---------------------------------------------------------- start ---- */

static bool open_xen(struct dm *dm)
{
    dm->xs = xs_open(0);
    if (!dm->xs)
        return xldm__error(dm->ctx, XLDM__NONE, "cannot reach xenstore: %s",
                           strerror(errno));
    dm->xdm = xendevicemodel_open(NULL, 0);
    if (!dm->xdm)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "cannot reach Xen's device model interface: %s",
                           strerror(errno));
    dm->xc = xc_interface_open(NULL, NULL, 0);
    if (!dm->xc)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "cannot open the interface to Xen: %s",
                           strerror(errno));
    return true;
}

/* With dm_restrict libxl allows its device model 256 KiB a file; the limit
 * would hold for the disk images of all groups. */
static void lift_limits(struct dm *dm)
{
    const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

    if (setrlimit(RLIMIT_FSIZE, &none) < 0)
        xldm__warning(dm->ctx, XLDM__NONE,
                      "cannot lift the limit on the size of files: %s",
                      strerror(errno));
}

static bool went_on(struct dm *dm, struct qemu *q, struct qmp_wait *wait)
{
    json_t *reply = qmp_take(dm, wait);
    bool ok = json_object_get(reply, "return") != NULL;
    const char *why = json_string_value(
        json_object_get(json_object_get(reply, "error"), "desc"));
    char text[256];

    if (!ok && !reply && !q->pid)
        died_early(dm, q);
    else if (!ok)
        xldm__error(dm->ctx, XLDM__NONE, "%s: its QEMU does not start: %s",
                    qemu_text(q, text, sizeof(text)),
                    why ? why : "it does not answer");
    json_decref(reply);
    return ok;
}

/* The primary last: its first run tells libxl that all is ready. */
static bool cont_all(struct dm *dm)
{
    struct qmp_wait *wait[XLDM_MAX_GROUPS];
    bool ok = true;
    size_t i;

    if (dm->hold)
        return true;
    for (i = 1; i < dm->nqemus; i++)
        wait[i] = qmp_ask(dm->qemus[i].qmp, "cont", NULL);
    for (i = 1; i < dm->nqemus; i++)
        ok &= went_on(dm, &dm->qemus[i], wait[i]);
    return ok &&
           went_on(dm, &dm->qemus[0], qmp_ask(dm->qemus[0].qmp, "cont", NULL));
}

static bool spawn_all(struct dm *dm)
{
    size_t i;

    dm->nqemus = dm->plan->ngroups;
    for (i = 0; i < dm->nqemus; i++) {
        dm->qemus[i].dm = dm;
        dm->qemus[i].group = &dm->plan->groups[i];
        dm->qemus[i].server = -1;
    }
    for (i = 0; i < dm->nqemus; i++)
        if (!qemu_spawn(&dm->qemus[i]))
            return false;
    return true;
}

/* libxl's own -S, not one of the splitter's. */
static bool has_hold(const char *const *argv, size_t argc)
{
    struct xldm__option option;
    size_t i = 1;

    while (i < argc) {
        option = xldm__option_next(argv, argc, &i);
        if (!strcmp(option.name, "-S") || !strcmp(option.name, "--S"))
            return true;
    }
    return false;
}

bool dm_start(struct dm *dm, const char *const *argv, size_t argc)
{
    dm->hold = has_hold(argv, argc);
    lift_limits(dm);
    if (!open_xen(dm) || !keeper_start(dm) || !restore_read(dm) ||
        !spawn_all(dm) || !dm_wait_ready(dm) || !dm_wait_loaded(dm) ||
        !dm_arbitrate(dm) || !broker_start(dm) || !broker_restore(dm))
        return false;
    dm->started = true;
    return dm_watch_start(dm) && router_start(dm) && dm_state_write(dm) &&
           cont_all(dm);
}

/* ------------------------------------------------------------ end ---- */

static void close_rest(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void dm_teardown(struct dm *dm)
{
    size_t i;

    dm->started = false;
    dm->stopping = true;
    if (dm->watch)
        dm_watch_stop(dm);
    router_stop(dm);
    broker_stop(dm);
    for (i = 0; i < dm->nqemus; i++) {
        qmp_free(dm->qemus[i].qmp);
        dm->qemus[i].qmp = NULL;
        xsd_free(dm->qemus[i].xsd);
    }
    keeper_stop(dm);
    uv_walk(dm->loop, close_rest, NULL);
    uv_run(dm->loop, UV_RUN_DEFAULT);
    if (dm->xdm)
        xendevicemodel_close(dm->xdm);
    if (dm->xc)
        xc_interface_close(dm->xc);
    if (dm->xs)
        xs_close(dm->xs);
}

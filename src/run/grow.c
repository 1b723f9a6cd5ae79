/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device that is about to be plugged in is planned like the others: the map
 * is written on, and what it makes of libxl's command line is compared with
 * what runs.  A group that is new gets its QEMU, one without devices loses it.
 */
#include <stdlib.h>
#include <string.h>

#include "run/request.h"
#include "run/xsd.h"

/* libxl itself gives up sooner, and says so; whoever asked may be gone. */
#define WAIT_MS 60000

static const char has_ended[] = "its QEMU has ended; `xldm restart` starts "
                                "another one";

struct place {
    struct place *next;
    char *device, *words; /* "group=device,!word=value", of the map */
    uint64_t since;       /* it waits for the device, in uv_now()'s ms */
    bool plugged;
    bool gone; /* it was plugged out, or never in */
};

/* ------------------------------------------------------- messages ---- */

/* What a client is told is the first error that goes to the log. */
struct listener {
    xldm_diag_fn *report;
    void *arg;
    char text[400];
};

static void listen_in(void *arg, const struct xldm_diag *diag)
{
    struct listener *l = arg;

    l->report(l->arg, diag);
    if (diag->severity == XLDM_ERROR && !*l->text)
        snprintf(l->text, sizeof(l->text), "%s", diag->text);
}

/* act: NULL if all went well; an empty text if what is wrong was reported. */
static json_t *answer_of(struct dm *dm,
                         const char *(*act)(struct dm *, const json_t *),
                         const json_t *arguments)
{
    struct listener l = { dm->ctx->report, dm->ctx->arg, "" };
    const char *why;

    dm->ctx->report = listen_in;
    dm->ctx->arg = &l;
    why = act(dm, arguments);
    dm->ctx->report = l.report;
    dm->ctx->arg = l.arg;
    if (!why)
        return json_pack("{s:{}}", "return");
    return error_new("GenericError", "xldm: %s", *why ? why : l.text);
}

/* ------------------------------------------------------------ map ---- */

static char *write_map(const struct dm *dm)
{
    const struct place *p;
    size_t size = strlen(dm->origin->map ? dm->origin->map : "") + 1;
    char *map, *end;

    for (p = dm->places; p; p = p->next)
        size += strlen(p->words) + 1;
    map = malloc(size);
    if (!map)
        return NULL;
    end = stpcpy(map, dm->origin->map ? dm->origin->map : "");
    for (p = dm->places; p; p = p->next)
        end = stpcpy(stpcpy(end, end > map ? ";" : ""), p->words);
    return map;
}

static void drop(struct place **at)
{
    struct place *p = *at;

    *at = p->next;
    free(p->device);
    free(p->words);
    free(p);
}

static struct place **find(struct dm *dm, const char *device)
{
    struct place **at = &dm->places;

    while (*at && strcmp((*at)->device, device))
        at = &(*at)->next;
    return at;
}

static const char *word(const json_t *arguments, const char *key)
{
    return json_string_value(json_object_get(arguments, key));
}

static bool add(struct dm *dm, const json_t *arguments)
{
    static const char *const keys[][2] = { { "emulator", "emulator" },
                                           { "on-crash", "onCrash" },
                                           { "restrict", "restrict" } };
    struct xldm__arena a = { 0 };
    struct place *p = calloc(1, sizeof(*p));
    const char *text;
    size_t i;

    text = xldm__fmt(&a, "%s=%s", xldm__map_word(&a, word(arguments, "group")),
                     xldm__map_word(&a, word(arguments, "device")));
    for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (word(arguments, keys[i][0]))
            text = xldm__fmt(&a, "%s,!%s=%s", text, keys[i][1],
                             xldm__map_word(&a, word(arguments, keys[i][0])));
    if (p && !a.failed) {
        p->device = strdup(word(arguments, "device"));
        p->words = strdup(text);
    }
    xldm__arena_dispose(&a);
    if (!p || !p->device || !p->words) {
        if (p)
            drop(&p);
        return false;
    }
    p->since = uv_now(dm->loop);
    p->next = dm->places;
    dm->places = p;
    return true;
}

/* ----------------------------------------------------------- plan ---- */

static bool plan_anew(struct dm *dm, unsigned *fresh)
{
    char *map = write_map(dm);
    struct planning *p = NULL;

    if (map)
        p = planning_new(dm->ctx, dm->origin, map);
    free(map);
    if (!p)
        return false;
    if (planning_use(p, dm, fresh))
        return true;
    planning_free(p);
    return false;
}

/* Groups without a device end, but for those that libxl's map names. */
static void end_empty(struct dm *dm)
{
    struct qemu *q;

    for (q = dm->qemus; q < dm->qemus + dm->nqemus; q++) {
        if (q->group->argv.n || q->ended)
            continue;
        qemu_put_away(q);
        xsd_free(q->xsd); /* its socket's name is the next group's */
        q->xsd = NULL;
        q->ended = true;
        xldm__note(dm->ctx, XLDM__NONE,
                   "group '%s' has ended with its last device", q->group->name);
    }
    dm_state_write(dm);
}

static bool start_fresh(struct dm *dm, unsigned fresh)
{
    bool ok = true;
    size_t i;

    for (i = 0; i < dm->nqemus; i++)
        if (fresh & 1u << i)
            ok = ok && qemu_bring_up(&dm->qemus[i]);
    return ok;
}

static const struct xldm__planned *planned(const struct dm *dm,
                                           const char *device)
{
    size_t i;

    for (i = 0; i < dm->plan->ndevices; i++)
        if (!strcmp(dm->plan->devices[i].id, device))
            return &dm->plan->devices[i];
    return NULL;
}

/* After places were dropped. */
static void shrink(struct dm *dm)
{
    unsigned none;

    plan_anew(dm, &none);
    end_empty(dm);
}

static void undo(struct dm *dm, const char *device)
{
    struct place **at = find(dm, device);

    if (*at)
        drop(at);
    shrink(dm);
}

static bool runs(const struct dm *dm, const struct xldm__planned *dev)
{
    return dm->qemus[dev->group - dm->plan->groups].qmp != NULL;
}

/* Why a device of the plan cannot come; NULL: it can. */
static const char *objection(struct dm *dm, const struct xldm__planned *dev,
                             const char *group)
{
    const struct place *p = *find(dm, dev->id);

    if (strcmp(dev->group->name, group))
        return "the device has another group";
    if (p)
        return p->plugged ? "the device is there already"
                          : "somebody else is plugging it in";
    return runs(dm, dev) ? NULL : has_ended;
}

static const char *place(struct dm *dm, const json_t *arguments)
{
    const char *device = word(arguments, "device");
    const char *group = word(arguments, "group");
    const struct xldm__planned *there;
    unsigned fresh;

    if (!device || !group || !*device)
        return "'device' and 'group' are needed";
    there = planned(dm, device);
    if (there)
        return objection(dm, there, group);
    if (!add(dm, arguments))
        return "out of memory";
    if (!plan_anew(dm, &fresh)) {
        drop(&dm->places);
        return "";
    }
    if (!planned(dm, device)) {
        undo(dm, device);
        return "no device of that name can be plugged in; accepted: a PCI "
               "function (0000:03:00.0), a USB controller (usb0)";
    }
    if (!start_fresh(dm, fresh)) {
        undo(dm, device);
        return "";
    }
    if (!runs(dm, planned(dm, device))) {
        undo(dm, device);
        return has_ended;
    }
    (*find(dm, device))->since = uv_now(dm->loop);
    dm_state_write(dm);
    return NULL;
}

json_t *grow_place(struct dm *dm, const json_t *arguments)
{
    return answer_of(dm, place, arguments);
}

static const char *unplace(struct dm *dm, const json_t *arguments)
{
    const char *device = word(arguments, "device");

    if (!device)
        return "'device' is needed";
    if (*find(dm, device)) /* else it is gone already */
        undo(dm, device);
    return NULL;
}

json_t *grow_unplace(struct dm *dm, const json_t *arguments)
{
    return answer_of(dm, unplace, arguments);
}

static const char *restart_group(struct dm *dm, const json_t *arguments)
{
    const char *group = word(arguments, "group");
    struct qemu *q = dm->qemus, *end = q + dm->nqemus;

    while (q < end && (!group || strcmp(q->group->name, group) || q->ended))
        q++;
    if (q == end)
        return "there is no such group";
    if (q->group->primary)
        return "the primary has the platform, without which nothing goes on";
    if (!q->detached)
        qemu_put_away(q);
    return qemu_bring_up(q) ? NULL : "";
}

json_t *grow_restart(struct dm *dm, const json_t *arguments)
{
    return answer_of(dm, restart_group, arguments);
}

/* -------------------------------------------- what came and went ---- */

static void leave(struct dm *dm, struct place *p)
{
    p->gone = true;
    uv_stop(dm->loop);
}

void grow_answered(struct dm *dm, const char *device, bool ok)
{
    struct place *p = *find(dm, device);

    if (!p || p->plugged)
        return;
    p->plugged = ok;
    if (!ok)
        leave(dm, p);
}

void grow_plugged_out(struct dm *dm, const char *device)
{
    struct place *p = *find(dm, device);

    if (p)
        leave(dm, p);
}

void grow_tick(struct dm *dm)
{
    const struct xldm__planned *dev;
    struct place *p;

    for (p = dm->places; p; p = p->next) {
        if (p->plugged || p->gone || uv_now(dm->loop) - p->since < WAIT_MS)
            continue;
        dev = planned(dm, p->device);
        xldm__warning(dm->ctx, XLDM__NONE,
                      "group '%s': nobody has plugged in '%s', for which it "
                      "was made ready",
                      dev ? dev->group->name : "", p->device);
        leave(dm, p);
    }
}

bool grow_due(const struct dm *dm)
{
    const struct place *p = dm->places;

    while (p && !p->gone)
        p = p->next;
    return p && !dm->stopping;
}

void grow_step(struct dm *dm)
{
    struct place **at = &dm->places;

    if (!grow_due(dm))
        return;
    while (*at) {
        if ((*at)->gone)
            drop(at);
        else
            at = &(*at)->next;
    }
    shrink(dm);
}

void grow_free(struct dm *dm)
{
    while (dm->places)
        drop(&dm->places);
    planning_free(dm->planning);
    dm->planning = NULL;
    dm->plan = NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device that is about to be plugged in is planned like the others: the map
 * is written on, and what it makes of libxl's command line is compared with
 * what runs.  A group that is new gets its QEMU, one without devices loses it.
 */
#include <stdlib.h>
#include <string.h>

#include "run/place.h"
#include "run/request.h"
#include "run/xsd.h"

static const char has_ended[] = "its QEMU has ended; `xldm restart` starts "
                                "another one";

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

static const char *word(const json_t *arguments, const char *key)
{
    return json_string_value(json_object_get(arguments, key));
}

/* ----------------------------------------------------------- plan ---- */

static bool plan_anew(struct dm *dm, unsigned *fresh)
{
    char *map = place_map(dm);
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

/* After places were dropped. */
static void shrink(struct dm *dm)
{
    unsigned none;

    plan_anew(dm, &none);
    end_empty(dm);
}

static void undo(struct dm *dm, const char *device)
{
    struct place **at = place_find(dm, device);

    if (*at)
        place_drop(at);
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
    const struct place *p = *place_find(dm, dev->id);

    if (strcmp(dev->group->name, group))
        return "the device has another group";
    if (p && !p->lost)
        return p->plugged ? "the device is there already"
                          : "somebody else is plugging it in";
    return runs(dm, dev) ? NULL : has_ended;
}

/* From now on it waits for the device. */
static void wait_for(struct dm *dm, struct place *p)
{
    p->lost = false;
    p->since = uv_now(dm->loop);
}

/* A device that the plan has; NULL: it may come. */
static const char *place_again(struct dm *dm, const struct xldm__planned *dev,
                               const char *group)
{
    const char *why = objection(dm, dev, group);
    struct place *p = *place_find(dm, dev->id);

    if (!why && p)
        wait_for(dm, p);
    return why;
}

static const char *place(struct dm *dm, const json_t *arguments)
{
    const char *device = word(arguments, "device");
    const char *group = word(arguments, "group");
    const struct xldm__planned *there;
    unsigned fresh;

    if (!device || !group || !*device)
        return "'device' and 'group' are needed";
    there = place_planned(dm, device);
    if (there)
        return place_again(dm, there, group);
    if (!place_add(dm, arguments))
        return "out of memory";
    if (!plan_anew(dm, &fresh)) {
        place_drop(&dm->places);
        return "";
    }
    if (!place_planned(dm, device)) {
        undo(dm, device);
        return "no device of that name can be plugged in; accepted: a PCI "
               "function (0000:03:00.0), a USB controller (usb0)";
    }
    if (!start_fresh(dm, fresh)) {
        undo(dm, device);
        return "";
    }
    if (!runs(dm, place_planned(dm, device))) {
        undo(dm, device);
        return has_ended;
    }
    place_settle(dm, *place_find(dm, device));
    wait_for(dm, *place_find(dm, device));
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
    if (*place_find(dm, device)) /* else it is gone already */
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

/* ------------------------------------------------------------ end ---- */

void grow_step(struct dm *dm)
{
    struct place **at = &dm->places;

    if (!grow_due(dm))
        return;
    while (*at) {
        if ((*at)->gone)
            place_drop(at);
        else
            at = &(*at)->next;
    }
    shrink(dm);
}

void grow_free(struct dm *dm)
{
    while (dm->places)
        place_drop(&dm->places);
    planning_free(dm->planning);
    dm->planning = NULL;
    dm->plan = NULL;
}

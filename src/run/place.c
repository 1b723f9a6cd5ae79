/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The places of devices that are plugged in while the domain runs: what they
 * add to the map, and which of them wait, are filled or over. */
#include <stdlib.h>
#include <string.h>

#include "run/place.h"

/* libxl itself gives up sooner, and says so; whoever asked may be gone. */
#define WAIT_MS 60000

/* ------------------------------------------------------------ map ---- */

char *place_map(const struct dm *dm)
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

void place_drop(struct place **at)
{
    struct place *p = *at;

    *at = p->next;
    free(p->device);
    free(p->words);
    free(p);
}

struct place **place_find(struct dm *dm, const char *device)
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

bool place_add(struct dm *dm, const json_t *arguments)
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
            place_drop(&p);
        return false;
    }
    p->since = uv_now(dm->loop);
    p->next = dm->places;
    dm->places = p;
    return true;
}

const struct xldm__planned *place_planned(const struct dm *dm,
                                          const char *device)
{
    size_t i;

    for (i = 0; i < dm->plan->ndevices; i++)
        if (!strcmp(dm->plan->devices[i].id, device))
            return &dm->plan->devices[i];
    return NULL;
}

void place_settle(struct dm *dm, struct place *p)
{
    const struct xldm__group *g = place_planned(dm, p->device)->group;
    const xldm_dm_affinity is = {
        .emulator = strcmp(g->emulator, XLDM_QEMU) ? (char *)g->emulator : NULL,
        .on_crash = g->on_crash,
        .restrict_ = g->restricted ? XLDM_RESTRICT_DEFAULT : XLDM_RESTRICT_NO,
    };
    struct xldm__arena a = { 0 };
    const char *text =
        xldm__fmt(&a, "%s=%s%s", xldm__map_word(&a, g->name),
                  xldm__map_word(&a, p->device), xldm__map_attributes(&a, &is));
    char *words = g->primary || a.failed ? NULL : strdup(text);

    if (words) {
        free(p->words);
        p->words = words;
    }
    xldm__arena_dispose(&a);
}

/* -------------------------------------------- what came and went ---- */

static void leave(struct dm *dm, struct place *p)
{
    p->gone = true;
    uv_stop(dm->loop);
}

void grow_answered(struct dm *dm, const char *device, bool ok)
{
    struct place *p = *place_find(dm, device);

    if (!p || p->plugged || (p->lost && !ok))
        return;
    p->plugged = ok;
    p->lost = false;
    if (!ok)
        leave(dm, p);
}

void grow_lost(struct dm *dm, const char *device)
{
    struct place *p = *place_find(dm, device);

    if (!p || !p->plugged)
        return;
    p->plugged = false;
    p->lost = true;
}

void grow_plugged_out(struct dm *dm, const char *device)
{
    struct place *p = *place_find(dm, device);

    if (p)
        leave(dm, p);
}

void grow_tick(struct dm *dm)
{
    const struct xldm__planned *dev;
    struct place *p;

    for (p = dm->places; p; p = p->next) {
        if (p->plugged || p->lost || p->gone ||
            uv_now(dm->loop) - p->since < WAIT_MS)
            continue;
        dev = place_planned(dm, p->device);
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

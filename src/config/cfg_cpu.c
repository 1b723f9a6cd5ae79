/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vCPUs of xl.cfg: how many, on which CPUs and nodes, with which flags. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/cfg.h"
#include "config/xml.h"

#define MAX_CPUS 4096 /* of the host, whose number only libxl knows */

bool xldm__cfg_bitmap(struct xldm__cfg *cfg, libxl_bitmap *map, int bits)
{
    libxl_bitmap_init(map);
    map->map = calloc((size_t)(bits + 7) / 8, 1);
    if (!map->map)
        return xldm__oom(cfg->ctx);
    map->size = (uint32_t)(bits + 7) / 8;
    return true;
}

/* as xl's parse_range() */
bool xldm__cfg_range(const char *text, unsigned long *a, unsigned long *b)
{
    char *end;

    *a = *b = strtoul(text, &end, 10);
    if (end == text || *a >= MAX_CPUS)
        return false;
    if (*end == '-') {
        text = end + 1;
        *b = strtoul(text, &end, 10);
        if (end == text || *b >= MAX_CPUS || *b < *a)
            return false;
    }
    return !*end;
}

/* ----------------------------------------------------------- CPUs ---- */

/* "^" takes off; nodes are the host's, and unknown here. */
static bool add_cpus(struct xldm__cfg *cfg, const char *key, const char *word,
                     struct xldm_loc loc, libxl_bitmap *map)
{
    bool no = *word == '^';
    const char *rest = word + no;
    unsigned long a, b;

    if (!strncmp(rest, "node:", 5) || !strncmp(rest, "nodes:", 6)) {
        xldm__warning(cfg->ctx, loc, "%s: '%s' has no effect: nodes are not "
                      "supported yet; CPUs are accepted", key, word);
        return true;
    }
    if (!no && !strcmp(rest, "all")) {
        libxl_bitmap_set_any(map);
        return true;
    }
    if (!xldm__cfg_range(rest, &a, &b))
        return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; "
                           "accepted: all, or CPUs as 1, 1-3, ^2, below %d",
                           key, word, MAX_CPUS);
    for (; a <= b; a++)
        if (no)
            libxl_bitmap_reset(map, (int)a);
        else
            libxl_bitmap_set(map, (int)a);
    return true;
}

bool xldm__cfg_cpus(struct xldm__cfg *cfg, const char *key, const char *text,
                    struct xldm_loc loc, libxl_bitmap *map)
{
    char *copy = strdup(text), *save = NULL;
    bool ok = copy && xldm__cfg_bitmap(cfg, map, MAX_CPUS);

    for (char *w = ok ? strtok_r(copy, ",", &save) : NULL; w;
         w = strtok_r(NULL, ",", &save))
        ok &= add_cpus(cfg, key, w, loc, map);
    free(copy);
    return ok;
}

/* One string is for all vCPUs, a list has one for each. */
static bool set_affinity(struct xldm__cfg *cfg, const char *key,
                         libxl_bitmap **maps, int *n, bool hard)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const struct xldm__setting *s = xldm__cfg_find(cfg, key);
    XLU_ConfigList *list = NULL;
    const char *text = NULL;
    int max = b->max_vcpus;
    bool ok = true;

    if (!s || (s->list ? xlu_cfg_get_list(cfg->xlu, key, &list, NULL, 0)
                       : !xldm__cfg_string(cfg, s, &text)))
        return true;
    if (list && s->nlines < (size_t)max)
        max = (int)s->nlines;
    *maps = calloc((size_t)max + 1, sizeof(**maps));
    if (!*maps)
        return xldm__oom(cfg->ctx);
    for (*n = 0; ok && *n < max; ++*n) {
        const char *item = list ? xlu_cfg_get_listitem(list, *n) : text;
        struct xldm_loc loc = s->loc;

        if (list)
            loc.line = s->lines[*n];
        if (!item)
            return xldm__error(cfg->ctx, loc, "%s: a list is not accepted "
                               "as an item", key);
        if (list || !*n)
            ok = xldm__cfg_cpus(cfg, key, item, loc, &(*maps)[*n]);
        else if (xldm__cfg_bitmap(cfg, &(*maps)[*n], MAX_CPUS))
            memcpy((*maps)[*n].map, (*maps)->map, (*maps)->size);
        else
            ok = false;
    }
    if (list || !hard)
        libxl_defbool_set(&b->numa_placement, false);
    return ok;
}

bool xldm__cfg_vcpus(struct xldm__cfg *cfg)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const struct xldm__setting *s = xldm__cfg_find(cfg, "vcpus");
    long n = 0;
    bool ok;

    if (s && xldm__cfg_long(cfg, s, &n)) {
        if (n < 1 || n > XLDM__MAX_VCPUS)
            return xldm__error(cfg->ctx, s->loc, "vcpus: %ld is not "
                               "accepted; accepted: 1 to %d", n, XLDM__MAX_VCPUS);
        if (!xldm__cfg_bitmap(cfg, &b->avail_vcpus, (int)n))
            return false;
        for (int i = 0; i < n; i++)
            libxl_bitmap_set(&b->avail_vcpus, i);
    }
    if (!b->max_vcpus)
        b->max_vcpus = (int)n;
    if (b->max_vcpus < n || b->max_vcpus > XLDM__MAX_VCPUS)
        return xldm__error(cfg->ctx, xldm__cfg_loc(cfg, "maxvcpus"),
                           "maxvcpus: %d is not accepted; accepted: vcpus, "
                           "which is %ld, to %d", b->max_vcpus, n, XLDM__MAX_VCPUS);
    ok = set_affinity(cfg, "cpus", &b->vcpu_hard_affinity,
                      &b->num_vcpu_hard_affinity, true);
    ok &= set_affinity(cfg, "cpus_soft", &b->vcpu_soft_affinity,
                       &b->num_vcpu_soft_affinity, false);
    return ok;
}

/* ------------------------------------------------ as XML writes it ---- */

static bool add_affinity(struct xldm__cfg *cfg, const struct xldm__setting *s,
                         const char *text, struct xldm_loc loc,
                         libxl_bitmap **maps, int *n)
{
    libxl_bitmap *map;

    if (*n >= XLDM__MAX_VCPUS)
        return xldm__error(cfg->ctx, loc, "%s: more than %d vCPUs", s->key,
                           XLDM__MAX_VCPUS);
    map = xldm__grow(maps, n, sizeof(*map));
    return map ? xldm__cfg_cpus(cfg, s->key, text, loc, map)
               : xldm__oom(cfg->ctx);
}

XLDM__ITEM(cpus)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;

    return add_affinity(cfg, s, text, loc, &b->vcpu_hard_affinity,
                        &b->num_vcpu_hard_affinity);
}

XLDM__ITEM(cpus_soft)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;

    return add_affinity(cfg, s, text, loc, &b->vcpu_soft_affinity,
                        &b->num_vcpu_soft_affinity);
}

XLDM__GET(cpus)
{
    const libxl_domain_build_info *b = &cfg->b_info;

    return i < (size_t)b->num_vcpu_hard_affinity
               ? xldm__bits_text(a, &b->vcpu_hard_affinity[i], NULL) : NULL;
}

XLDM__GET(cpus_soft)
{
    const libxl_domain_build_info *b = &cfg->b_info;

    return i < (size_t)b->num_vcpu_soft_affinity
               ? xldm__bits_text(a, &b->vcpu_soft_affinity[i], NULL) : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vCPUs of xl.cfg: how many, on which CPUs and nodes, with which flags. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/cfg.h"
#include "config/xml.h"

#define MAX_VCPUS 512 /* as XML's */
#define MAX_CPUS 4096 /* of the host, whose number only libxl knows */

static bool make_bitmap(struct xldm__cfg *cfg, libxl_bitmap *map, int bits)
{
    libxl_bitmap_init(map);
    map->map = calloc((size_t)(bits + 7) / 8, 1);
    if (!map->map)
        return xldm__oom(cfg->ctx);
    map->size = (uint32_t)(bits + 7) / 8;
    return true;
}

/* "3" or "1-3", as xl's parse_range() */
static bool parse_range(const char *text, unsigned long *a, unsigned long *b)
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
    if (!parse_range(rest, &a, &b))
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

static bool parse_cpus(struct xldm__cfg *cfg, const char *key,
                       const char *text, struct xldm_loc loc,
                       libxl_bitmap *map)
{
    char *copy = strdup(text), *save = NULL;
    bool ok = copy && make_bitmap(cfg, map, MAX_CPUS);

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
            ok = parse_cpus(cfg, key, item, loc, &(*maps)[*n]);
        else if (make_bitmap(cfg, &(*maps)[*n], MAX_CPUS))
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
        if (n < 1 || n > MAX_VCPUS)
            return xldm__error(cfg->ctx, s->loc, "vcpus: %ld is not "
                               "accepted; accepted: 1 to %d", n, MAX_VCPUS);
        if (!make_bitmap(cfg, &b->avail_vcpus, (int)n))
            return false;
        for (int i = 0; i < n; i++)
            libxl_bitmap_set(&b->avail_vcpus, i);
    }
    if (!b->max_vcpus)
        b->max_vcpus = (int)n;
    if (b->max_vcpus < n || b->max_vcpus > MAX_VCPUS)
        return xldm__error(cfg->ctx, xldm__cfg_loc(cfg, "maxvcpus"),
                           "maxvcpus: %d is not accepted; accepted: vcpus, "
                           "which is %ld, to %d", b->max_vcpus, n, MAX_VCPUS);
    ok = set_affinity(cfg, "cpus", &b->vcpu_hard_affinity,
                      &b->num_vcpu_hard_affinity, true);
    ok &= set_affinity(cfg, "cpus_soft", &b->vcpu_soft_affinity,
                       &b->num_vcpu_soft_affinity, false);
    return ok;
}

/* ---------------------------------------------------------- vNUMA ---- */

struct vnuma {
    struct xldm__cfg *cfg;
    struct xldm_loc loc;
    libxl_vnode_info *node;
    unsigned long vcpus;
    uint64_t memkb;
};

static bool vnuma_bad(struct vnuma *v, const char *text)
{
    return xldm__error(v->cfg->ctx, v->loc,
                       "vnuma: '%s' is not accepted; accepted: pnode=N, "
                       "size=MIB, vcpus=N-N,N and vdistances=N,N", text);
}

static bool vnuma_number(const char *text, unsigned long max,
                         unsigned long *out)
{
    char *end;

    *out = strtoul(text, &end, 10);
    return end != text && *out <= max;
}

static bool vnuma_word(struct vnuma *v, const char *option, const char *text,
                       const char *word, int i)
{
    unsigned long a, b;

    if (!strcmp(option, "vcpus")) {
        if (!parse_range(word, &a, &b) || b >= MAX_VCPUS)
            return vnuma_bad(v, text);
        for (; a <= b; a++, v->vcpus++)
            libxl_bitmap_set(&v->node->vcpus, (int)a);
        return true;
    }
    if (i >= v->node->num_distances || !vnuma_number(word, UINT32_MAX, &a))
        return vnuma_bad(v, text);
    v->node->distances[i] = (uint32_t)a;
    return true;
}

static bool vnuma_option(struct vnuma *v, const char *text, char *option,
                         char *value)
{
    libxl_defbool *placement = &v->cfg->dom->cfg.b_info.numa_placement;
    char *save = NULL;
    unsigned long n;
    bool ok = true;
    int i = 0;

    if (!strcmp(option, "pnode")) {
        if (!vnuma_number(value, UINT32_MAX, &n))
            return vnuma_bad(v, text);
        v->node->pnode = (uint32_t)n;
        libxl_defbool_set(placement, false);
    } else if (!strcmp(option, "size")) {
        if (!vnuma_number(value, 1ul << 36, &n))
            return vnuma_bad(v, text);
        v->node->memkb = (uint64_t)n << 10;
        v->memkb += v->node->memkb;
    } else if (!strcmp(option, "vcpus") || !strcmp(option, "vdistances")) {
        for (char *w = strtok_r(value, ",", &save); w;
             w = strtok_r(NULL, ",", &save))
            ok &= vnuma_word(v, option, text, w, i++);
    } else {
        xldm__warning(v->cfg->ctx, v->loc, "vnuma: unknown '%s' has no "
                      "effect", option);
    }
    return ok;
}

static bool vnuma_text(struct vnuma *v, const char *text)
{
    char *copy = strdup(text), *mark = copy ? strchr(copy, '=') : NULL;
    bool ok;

    if (!copy)
        return xldm__oom(v->cfg->ctx);
    if (mark)
        *mark = '\0';
    ok = mark && mark[1] ? vnuma_option(v, text, xldm__cfg_trim(copy),
                                        xldm__cfg_trim(mark + 1))
                         : vnuma_bad(v, text);
    free(copy);
    return ok;
}

static bool vnuma_node(struct vnuma *v, XLU_ConfigValue *value, int nodes)
{
    XLU_ConfigList *list;
    const char *text;
    bool ok = true;

    libxl_vnode_info_init(v->node);
    v->node->distances = calloc((size_t)nodes, sizeof(uint32_t));
    if (!v->node->distances)
        return xldm__oom(v->cfg->ctx);
    v->node->num_distances = nodes;
    if (xlu_cfg_value_get_list(v->cfg->xlu, value, &list, 1))
        return xldm__error(v->cfg->ctx, v->loc, "vnuma: each item is a list, "
                           "as [ \"size=1024\", \"vcpus=0-1\" ]");
    if (!make_bitmap(v->cfg, &v->node->vcpus, MAX_VCPUS))
        return false;
    for (int i = 0; xlu_cfg_get_listitem2(list, i); i++) {
        text = xlu_cfg_get_listitem(list, i);
        ok &= text ? vnuma_text(v, text) : vnuma_bad(v, "[...]");
    }
    return ok;
}

static bool vnuma_totals(struct vnuma *v)
{
    libxl_domain_build_info *b = &v->cfg->dom->cfg.b_info;
    bool ok = true;

    if (b->max_vcpus && (unsigned long)b->max_vcpus != v->vcpus)
        ok = xldm__error(v->cfg->ctx, xldm__cfg_loc(v->cfg, "vnuma"),
                         "vnuma has %lu vcpus, but maxvcpus is %d", v->vcpus,
                         b->max_vcpus);
    b->max_vcpus = (int)v->vcpus;
    if (b->max_memkb != LIBXL_MEMKB_DEFAULT && b->max_memkb != v->memkb)
        ok = xldm__error(v->cfg->ctx, xldm__cfg_loc(v->cfg, "vnuma"),
                         "vnuma has %llu MiB, but maxmem is %llu",
                         (unsigned long long)v->memkb >> 10,
                         (unsigned long long)b->max_memkb >> 10);
    b->max_memkb = v->memkb;
    return ok;
}

bool xldm__cfg_vnuma(struct xldm__cfg *cfg)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const struct xldm__setting *s = xldm__cfg_find(cfg, "vnuma");
    struct vnuma v = { .cfg = cfg };
    XLU_ConfigList *list;
    XLU_ConfigValue *value;
    int n;
    bool ok = true;

    if (!s)
        return true;
    if (xlu_cfg_get_list(cfg->xlu, "vnuma", &list, &n, 0)) {
        xldm__cfg_relay(cfg, XLDM_WARNING, s->loc, "; xl goes on without it");
        return true;
    }
    if (!n)
        return true;
    if (n > MAX_VCPUS)
        return xldm__error(cfg->ctx, s->loc, "vnuma: more than %d nodes",
                           MAX_VCPUS);
    for (int i = 0; (value = xlu_cfg_get_listitem2(list, i)); i++) {
        v.loc = s->loc;
        v.loc.line = s->lines[i];
        v.node = xldm__grow(&b->vnuma_nodes, &b->num_vnuma_nodes,
                            sizeof(*v.node));
        if (!v.node)
            return xldm__oom(cfg->ctx);
        ok &= vnuma_node(&v, value, n);
    }
    return ok && vnuma_totals(&v);
}

/* ---------------------------------------------------------- CPUID ---- */

static const char *const leaf_errors[] = {
    "illegal leaf number", "illegal subleaf number", "missing colon",
    "invalid register name (must be e[abcd]x)",
    "policy string must be exactly 32 characters long",
};
static const char *const flag_errors[] = {
    "missing '=' in key=value", "unknown CPUID flag name",
    "illegal CPUID value (must be: [0|1|x|k|s])",
};

/* xl goes on past a bad one. */
static bool cpuid_leaf(struct xldm__cfg *cfg, const struct xldm__setting *s,
                       const char *text, struct xldm_loc loc)
{
    int e = libxl_cpuid_parse_config_xend(&cfg->dom->cfg.b_info.cpuid, text);

    if (e)
        xldm__warning(cfg->ctx, loc, "%s: '%s': %s; xl goes on without it",
                      s->key, text, e > 0 && e <= 5 ? leaf_errors[e - 1]
                                                    : "not understood");
    return true;
}

static void cpuid_flags(struct xldm__cfg *cfg, const struct xldm__setting *s,
                        char *text)
{
    char *save = NULL, *word = strtok_r(text, ",", &save);

    if (word && strcmp(word, "host")) {
        xldm__warning(cfg->ctx, s->loc, "cpuid: the first word is '%s', not "
                      "'host'; xl goes on without it", word);
        return;
    }
    while (word && (word = strtok_r(NULL, ",", &save))) {
        int e = libxl_cpuid_parse_config(&cfg->dom->cfg.b_info.cpuid, word);

        if (e)
            xldm__warning(cfg->ctx, s->loc, "cpuid: '%s': %s; xl goes on "
                          "without it", word,
                          e > 0 && e <= 3 ? flag_errors[e - 1]
                                          : "not understood");
    }
}

XLDM__SET(cpuid)
{
    static const struct xldm__key row = { .item = cpuid_leaf };
    const char *text;
    char *copy;

    if (s->list)
        return xldm__cfg_items(cfg, s, &row);
    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    copy = strdup(text);
    if (!copy)
        return xldm__oom(cfg->ctx);
    cpuid_flags(cfg, s, copy);
    free(copy);
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Virtual NUMA nodes of xl.cfg. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/cfg.h"
#include "config/xml.h"

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
        if (!xldm__cfg_range(word, &a, &b) || b >= XLDM__MAX_VCPUS)
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
    if (!xldm__cfg_bitmap(v->cfg, &v->node->vcpus, XLDM__MAX_VCPUS))
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
    if (n > XLDM__MAX_VCPUS)
        return xldm__error(cfg->ctx, s->loc, "vnuma: more than %d nodes",
                           XLDM__MAX_VCPUS);
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

/* ------------------------------------------------ as XML writes it ---- */

static int count_words(const char *text, const char *option)
{
    const char *p = strstr(text, option);
    int n = p != NULL;

    for (; p && *p && *p != ' '; p++)
        n += *p == ',';
    return n;
}

/* "pnode=0 size=1024 vcpus=0-1 vdistances=10,20"; a node may lack a size */
XLDM__ITEM(vnuma)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    struct vnuma v = { .cfg = cfg, .loc = loc };
    char *copy = strdup(text), *save = NULL;
    libxl_defbool placement = b->numa_placement;
    bool ok = true;

    (void)s;
    v.node = copy && b->num_vnuma_nodes < XLDM__MAX_VCPUS
                 ? xldm__grow(&b->vnuma_nodes, &b->num_vnuma_nodes,
                              sizeof(*v.node)) : NULL;
    if (!v.node) {
        free(copy);
        return xldm__oom(cfg->ctx);
    }
    libxl_vnode_info_init(v.node);
    v.node->num_distances = count_words(text, "vdistances=");
    v.node->distances = calloc((size_t)v.node->num_distances + 1,
                               sizeof(uint32_t));
    ok = v.node->distances &&
         xldm__cfg_bitmap(cfg, &v.node->vcpus, XLDM__MAX_VCPUS);
    for (char *w = ok ? strtok_r(copy, " ", &save) : NULL; w;
         w = strtok_r(NULL, " ", &save))
        ok &= vnuma_text(&v, w);
    free(copy);
    b->numa_placement = placement; /* which XML says itself */
    return ok;
}

XLDM__GET(vnuma)
{
    const libxl_vnode_info *node;
    const char *text, *bits;

    if (i >= (size_t)cfg->b_info.num_vnuma_nodes)
        return NULL;
    node = &cfg->b_info.vnuma_nodes[i];
    text = xldm__fmt(a, "pnode=%" PRIu32, node->pnode);
    if (text && node->memkb != LIBXL_MEMKB_DEFAULT)
        text = xldm__fmt(a, "%s size=%" PRIu64, text, node->memkb >> 10);
    bits = xldm__bits_text(a, &node->vcpus, NULL);
    if (text && bits && *bits)
        text = xldm__fmt(a, "%s vcpus=%s", text, bits);
    for (int k = 0; text && k < node->num_distances; k++)
        text = xldm__fmt(a, "%s%s%" PRIu32, text, k ? "," : " vdistances=",
                         node->distances[k]);
    return text;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* <cpu> <numa>: virtual NUMA nodes, as libvirt makes them for libxl. */
#include <stdlib.h>
#include <string.h>
#include <libxl_utils.h>

#include "config/cfg.h"
#include "config/platform.h"

enum { LOCAL = 10, REMOTE = 20 }; /* ACPI's */

bool xldm__set_cell_cpus(struct xldm_ctx *ctx, void *object, const char *value,
                         struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    (void)loc;
    return xldm__string_set(ctx, &p->cell.cpus, value);
}

bool xldm__set_cell_memory(struct xldm_ctx *ctx, void *object,
                           const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    (void)loc;
    return xldm__string_set(ctx, &p->cell.memory, value);
}

/* One CPU is in one node. */
static bool check_cpus(struct xldm_ctx *ctx, const libxl_domain_build_info *b,
                       int n, struct xldm_loc loc)
{
    const libxl_bitmap *cpus = &b->vnuma_nodes[n].vcpus;

    for (int cpu = 0; cpu < (int)cpus->size * 8; cpu++)
        for (int i = 0; i < n && libxl_bitmap_test(cpus, cpu); i++)
            if (libxl_bitmap_test(&b->vnuma_nodes[i].vcpus, cpu))
                return xldm__error(ctx, loc,
                                   "cpu/numa/cell: CPU %d is in cell %d and "
                                   "in cell %d",
                                   cpu, i, n);
    return true;
}

static bool make_node(struct xldm_ctx *ctx, struct xldm_domain *dom, int n,
                      const struct xldm__cell *cell)
{
    libxl_domain_build_info *b = &dom->cfg.b_info;
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom };
    libxl_vnode_info *node =
        xldm__grow(&b->vnuma_nodes, &b->num_vnuma_nodes, sizeof(*node));

    if (!node)
        return xldm__oom(ctx);
    libxl_vnode_info_init(node);
    node->pnode = (uint32_t)n;
    node->memkb = cell->memkb;
    if (cell->id >= 0 && cell->id != n)
        return xldm__error(ctx, cell->loc,
                           "cpu/numa/cell/@id: %d is not accepted; accepted: "
                           "%d, for cells count up from 0",
                           cell->id, n);
    return xldm__cfg_cpus(&cfg, "cpu/numa/cell/@cpus",
                          cell->cpus ? cell->cpus : "", cell->loc,
                          &node->vcpus) &&
           check_cpus(ctx, b, n, cell->loc);
}

/* Comes after the attributes of each <cell>. */
bool xldm__set_cell(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    struct xldm__cell *cell = xldm__grow(&p->cells, &p->ncells, sizeof(*cell));
    bool ok = xldm__set_nothing(ctx, object, value, loc);

    if (!cell)
        return xldm__oom(ctx);
    *cell = p->cell;
    cell->loc = loc;
    p->cell = (struct xldm__cell){ .id = -1 };
    return (!cell->memory ||
            xldm__memory_of(ctx, p, "cell memory", &cell->memkb, cell->memory,
                            loc)) &&
           ok;
}

/* Comes after the attributes of each <sibling>. */
bool xldm__set_sibling(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    struct xldm__distance *d =
        xldm__grow(&p->distances, &p->ndistances, sizeof(*d));

    if (!d)
        return xldm__oom(ctx);
    *d = p->distance;
    d->from = p->ncells - 1;
    d->loc = loc;
    return xldm__set_nothing(ctx, object, value, loc);
}

static bool set_distances(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    libxl_vnode_info *nodes = b->vnuma_nodes;
    int n = b->num_vnuma_nodes;

    for (int i = 0; i < n; i++) {
        nodes[i].distances = calloc((size_t)n, sizeof(uint32_t));
        if (!nodes[i].distances)
            return xldm__oom(ctx);
        nodes[i].num_distances = n;
    }
    for (int i = 0; i < p->ndistances; i++) {
        const struct xldm__distance *d = &p->distances[i];

        if (d->to < 0 || d->to >= n || d->value < LOCAL || d->value > 255)
            return xldm__error(ctx, d->loc,
                               "<sibling> id %d, value %d are not accepted; "
                               "accepted: the id of a cell, 10 to 255",
                               d->to, d->value);
        nodes[d->from].distances[d->to] = (uint32_t)d->value;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            if (!nodes[i].distances[k])
                nodes[i].distances[k] = i == k ? LOCAL
                                        : nodes[k].distances[i]
                                            ? nodes[k].distances[i]
                                            : REMOTE;
    return true;
}

/* libvirt: CPUs that no cell names are the first's. */
static bool place_cpus(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    int max = b->max_vcpus ? b->max_vcpus : 1, n = b->num_vnuma_nodes, cpu;

    for (int i = 0; i < n; i++) {
        const libxl_bitmap *cpus = &b->vnuma_nodes[i].vcpus;

        for (cpu = max; cpu < (int)cpus->size * 8; cpu++)
            if (libxl_bitmap_test(cpus, cpu))
                return xldm__error(ctx, p->cells[i].loc,
                                   "cpu/numa/cell/@cpus: %d is not accepted; "
                                   "accepted: 0 to %d, as <vcpu> has them",
                                   cpu, max - 1);
    }
    for (cpu = 0; cpu < max; cpu++) {
        int i = 0;

        while (i < n && !libxl_bitmap_test(&b->vnuma_nodes[i].vcpus, cpu))
            i++;
        if (i == n)
            libxl_bitmap_set(&b->vnuma_nodes[0].vcpus, cpu);
    }
    return true;
}

bool xldm__platform_numa(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    uint64_t memkb = 0;

    if (!p->ncells)
        return true;
    if (p->ncells > XLDM__MAX_VCPUS)
        return xldm__error(ctx, p->dom->loc, "cpu/numa: more than %d cells",
                           XLDM__MAX_VCPUS);
    for (int i = 0; i < p->ncells; i++) {
        if (!make_node(ctx, p->dom, i, &p->cells[i]))
            return false;
        memkb += p->cells[i].memkb;
    }
    /* as xl where nodes of the host are named */
    libxl_defbool_set(&b->numa_placement, false);
    if (memkb != b->max_memkb)
        xldm__warning(ctx, p->dom->memory_loc,
                      "the cells of <numa> have %llu KiB together, but "
                      "<memory> is %llu: libxl starts no such domain",
                      (unsigned long long)memkb,
                      (unsigned long long)b->max_memkb);
    return place_cpus(ctx, p) && set_distances(ctx, p);
}

void xldm__platform_numa_dispose(struct xldm__platform *p)
{
    for (int i = 0; i < p->ncells; i++) {
        free(p->cells[i].cpus);
        free(p->cells[i].memory);
    }
    free(p->cells);
    free(p->cell.cpus);
    free(p->cell.memory);
    free(p->distances);
}

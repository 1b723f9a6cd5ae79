/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vCPUs as xl.cfg: how many, on which CPUs and nodes, with which flags. */
#include <stdlib.h>

#include <libxl_utils.h>

#include "config/write_cfg.h"

static int online(const libxl_domain_build_info *b)
{
    int n = 0;

    for (int i = 0; i < (int)b->avail_vcpus.size * 8; i++)
        n += libxl_bitmap_test(&b->avail_vcpus, i) != 0;
    return n;
}

XLDM__WRITE(vcpus)
{
    int n = online(&o->dom->cfg.b_info);

    if (n)
        fprintf(o->out, "%s = %d\n", row->key, n);
}

XLDM__WRITE(maxvcpus)
{
    const libxl_domain_build_info *b = &o->dom->cfg.b_info;

    if (b->max_vcpus != online(b))
        fprintf(o->out, "%s = %d\n", row->key, b->max_vcpus);
}

/* A list turns libxl's own placement off, a string does not: it is the same
 * for all vCPUs then. */
XLDM__WRITE(cpus)
{
    const libxl_domain_build_info *b = &o->dom->cfg.b_info;
    struct xldm__arena a = { 0 };
    const char *all = row->get(&a, &o->dom->cfg, 0);

    if (all && libxl_defbool_is_default(b->numa_placement))
        xldm__write_text(o, row->key, all);
    else if (all)
        xldm__write_get(o, row);
    else if (!libxl_defbool_is_default(b->numa_placement) &&
             !b->num_vcpu_soft_affinity && !b->num_vnuma_nodes)
        fprintf(o->out, "%s = []\n", row->key); /* of no vCPU yet */
    o->failed |= a.failed;
    xldm__arena_dispose(&a);
}

/* ---------------------------------------------------------- vNUMA ---- */

static void write_node(FILE *out, const libxl_vnode_info *node, bool placed)
{
    const char *vcpus = "\"vcpus=";

    fputs("    [ ", out);
    if (placed)
        fprintf(out, "\"pnode=%u\", ", node->pnode);
    if (node->memkb != LIBXL_MEMKB_DEFAULT)
        fprintf(out, "\"size=%llu\", ",
                (unsigned long long)node->memkb >> 10);
    for (int i = 0; i < (int)node->vcpus.size * 8; i++)
        if (libxl_bitmap_test(&node->vcpus, i)) {
            fprintf(out, "%s%d", vcpus, i);
            vcpus = ",";
        }
    fprintf(out, "%s\"vdistances=", *vcpus == ',' ? "\", " : "");
    for (int i = 0; i < node->num_distances; i++)
        fprintf(out, "%s%u", i ? "," : "", node->distances[i]);
    fputs("\" ],\n", out);
}

XLDM__WRITE(vnuma)
{
    const libxl_domain_build_info *b = &o->dom->cfg.b_info;
    bool placed = !libxl_defbool_is_default(b->numa_placement);

    if (!b->num_vnuma_nodes)
        return;
    fprintf(o->out, "%s = [\n", row->key);
    for (int i = 0; i < b->num_vnuma_nodes; i++)
        write_node(o->out, &b->vnuma_nodes[i], placed);
    fputs("]\n", o->out);
}

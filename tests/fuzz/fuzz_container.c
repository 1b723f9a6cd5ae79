/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the saved state of a split domain, whoever wrote it.  What
 * is taken for one has in it what its header says, and is written as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "run/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct container *c, const uint8_t *data, size_t size,
                  size_t head)
{
    struct xldm_plan *plan = calloc(1, sizeof(*plan));
    uint8_t again[CONTAINER_HEAD];
    size_t at[XLDM_MAX_GROUPS], i;
    uint64_t sum = head;
    char why[1200];

    for (i = 0; i < c->ngroups; i++)
        sum += c->groups[i].bytes;
    if (sum != size || container_write(c, again) != head ||
        memcmp(again, data, head))
        abort();
    for (i = 0; i < c->ngroups; i++) {
        struct xldm__group *g = &plan->groups[c->ngroups - 1 - i];

        g->name = c->groups[i].name;
        g->ram_first = c->groups[i].ram_first;
        g->ram_size = c->groups[i].ram_size;
        g->memory_mib = c->groups[i].memory_mib;
    }
    plan->ngroups = c->ngroups;
    if (!container_fits(c, plan, at, why, sizeof(why)))
        abort();
    plan->groups[0].name = "other name";
    if (container_fits(c, plan, at, why, sizeof(why)))
        abort();
    free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = size < CONTAINER_HEAD ? size : CONTAINER_HEAD, head;
    struct container c;
    char why[64] = "";

    head = container_read(&c, data, n, size, why, sizeof(why));
    if (!head != !!*why)
        abort();
    if (head)
        check(&c, data, size, head);
    return 0;
}

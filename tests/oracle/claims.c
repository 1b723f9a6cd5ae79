/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who answers what: one owner for all that the unsplit QEMU answers, and the
 * right one for what is well known of a PC, written down here once more.
 */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

static bool ranges_same(const struct xldm__ranges *a,
                        const struct xldm__ranges *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++) {
        if (a->v[i].space != b->v[i].space || a->v[i].first != b->v[i].first ||
            a->v[i].last != b->v[i].last)
            return false;
    }
    return a->n == b->n;
}

void check_claims(const struct xldm_plan *unsplit, const struct xldm_plan *plan,
                  struct findings *f)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges all = { .arena = &arena };

    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];

        for (size_t j = 0; j < g->claims.n; j++) {
            struct xldm_range r = g->claims.v[j];

            if (xldm__ranges_meet(&all, r))
                finding(f, "%s claims %d:%llx-%llx, and so does another",
                        g->name, r.space, (unsigned long long)r.first,
                        (unsigned long long)r.last);
        }
        for (size_t j = 0; j < g->claims.n; j++)
            xldm__ranges_add(&all, g->claims.v[j]);
    }
    for (size_t j = 0; j < plan->broadcast.n; j++) {
        if (xldm__ranges_meet(&all, plan->broadcast.v[j]))
            finding(f, "what the broker owns is a group's too");
        xldm__ranges_add(&all, plan->broadcast.v[j]);
    }
    if (!ranges_same(&all, &unsplit->groups[0].claims))
        finding(f, "the claims of all groups are not the unsplit ones");
    xldm__arena_dispose(&arena);
}

/* ---- the right owner ---- */

struct known {
    enum xldm_space space;
    uint64_t first, last;
};

#define SLOT(slot, fn) XLDM_PCI, (slot) << 3 | (fn), (slot) << 3 | (fn)

static const struct known platform[] = {
    { XLDM_PORT, 0x70, 0x71 },
    { XLDM_PORT, 0xcf8, 0xcff },
    { XLDM_PORT, 0xb100, 0xb13f },
    { XLDM_MEMORY, 0xfec00000, 0xfec00fff },
    { SLOT(0, 0) },
    { SLOT(1, 0) },
    { SLOT(1, 3) },
    { XLDM_PORT, 0, 0 },
};

static const struct known ide[] = {
    { XLDM_PORT, 0x1f0, 0x1f7 },
    { XLDM_PORT, 0x3f6, 0x3f6 },
    { XLDM_PORT, 0x170, 0x177 },
    { XLDM_PORT, 0x376, 0x376 },
    { SLOT(1, 1) },
    { XLDM_PORT, 0, 0 },
};

static const struct known vga[] = {
    { XLDM_PORT, 0x3b4, 0x3b5 }, { XLDM_PORT, 0x3c0, 0x3cf },
    { XLDM_PORT, 0x3d4, 0x3d5 }, { XLDM_MEMORY, 0xa0000, 0xbffff },
    { XLDM_PORT, 0, 0 },
};

static const struct known keyboard[] = {
    { XLDM_PORT, 0x60, 0x60 },
    { XLDM_PORT, 0x64, 0x64 },
    { XLDM_PORT, 0, 0 },
};

static const struct known serial[][2] = {
    { { XLDM_PORT, 0x3f8, 0x3ff }, { XLDM_PORT, 0, 0 } },
    { { XLDM_PORT, 0x2f8, 0x2ff }, { XLDM_PORT, 0, 0 } },
    { { XLDM_PORT, 0x3e8, 0x3ef }, { XLDM_PORT, 0, 0 } },
    { { XLDM_PORT, 0x2e8, 0x2ef }, { XLDM_PORT, 0, 0 } },
};

static void expect(const struct xldm__group *g, const struct known *known,
                   const char *why, struct findings *f)
{
    /* i440FX is 0-0 too, but in another space */
    for (; known->last || known->space != XLDM_PORT; known++) {
        struct xldm_range r = { known->space, known->first, known->last };

        if (!xldm__ranges_contain(&g->claims, r))
            finding(f, "%s has %s, but does not claim %d:%llx-%llx", g->name,
                    why, r.space, (unsigned long long)r.first,
                    (unsigned long long)r.last);
    }
}

static void check_option(const struct xldm__group *g,
                         const struct xldm__option *o, unsigned *ports,
                         struct findings *f)
{
    const char *value = o->value ? o->value : "", *addr;

    if (strstr(value, ",if=ide,") || strstr(value, ",bus=ide."))
        expect(g, ide, value, f);
    if (!strcmp(o->name, "-vnc") && strcmp(value, "none"))
        expect(g, keyboard, "the display", f);
    if (!strcmp(o->name, "-serial") && strcmp(value, "none") && *ports < 4)
        expect(g, serial[(*ports)++], "a serial port", f);
    if (strcmp(o->name, "-device"))
        return;
    if (!strncmp(value, "VGA,", 4) || !strncmp(value, "cirrus-vga,", 11))
        expect(g, vga, value, f);
    addr = strstr(value, ",addr=");
    if (addr) {
        unsigned slot = strtoul(addr + 6, NULL, 16);
        const struct known function[] = { { SLOT(slot, 0) },
                                          { XLDM_PORT, 0, 0 } };

        expect(g, function, value, f);
    }
}

static void check_shared(const struct xldm__ranges *claims,
                         uint64_t first, uint64_t last, bool wanted,
                         const char *what, struct findings *f)
{
    const struct xldm_range r = { XLDM_PORT, first, last };

    if (xldm__ranges_contain(claims, r) != wanted)
        finding(f, "the %s ports are %s", what,
                wanted ? "not there" : "there");
}

/* Ports of every QEMU: the broker's if there is one, which goes with
 * xen-platform; without that nobody has the unplug ports. */
static void check_broker(const struct xldm_plan *plan, struct findings *f)
{
    const struct xldm__ranges *primary = &plan->groups[0].claims;
    bool xenfv = false, broker;

    for (size_t i = 0; i < plan->groups[0].argv.n; i++)
        xenfv |= !strncmp(plan->groups[0].argv.v[i], "xenfv", 5);
    broker = xenfv && plan->ngroups > 1;
    check_shared(&plan->broadcast, 0x10, 0x1f, broker, "broker's unplug", f);
    check_shared(&plan->broadcast, 0xae00, 0xae17, broker,
                 "broker's PCI hotplug", f);
    check_shared(&plan->broadcast, 0xafe0, 0xafe3, broker, "broker's GPE0",
                 f);
    check_shared(primary, 0x10, 0x1f, xenfv && !broker, "primary's unplug",
                 f);
    check_shared(primary, 0xae00, 0xae17, !broker, "primary's PCI hotplug",
                 f);
    check_shared(primary, 0xafe0, 0xafe3, !broker, "primary's GPE0", f);
}

void check_owners(const struct xldm_plan *plan, struct findings *f)
{
    expect(&plan->groups[0], platform, "the platform", f);
    check_broker(plan, f);
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];
        unsigned ports = 0;

        for (size_t j = 1; j < g->argv.n;) {
            struct xldm__option o = xldm__option_next(g->argv.v, g->argv.n, &j);

            check_option(g, &o, &ports, f);
        }
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of a split domain: its header in bytes, and what may be in it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "run/container.h"

#define VERSION 1

static const char magic[8] = { 'X', 'L', 'D', 'M', 'S', 'A', 'V', 'E' };

/* -------------------------------------------------------- numbers ---- */

static uint8_t *put(uint8_t *at, uint64_t value, size_t size)
{
    for (; size; size--, value >>= 8)
        *at++ = (uint8_t)value;
    return at;
}

static uint64_t get(const uint8_t **at, size_t size)
{
    uint64_t value = 0;
    size_t i;

    for (i = 0; i < size; i++)
        value |= (uint64_t)(*at)[i] << 8 * i;
    *at += size;
    return value;
}

/* ---------------------------------------------------------- write ---- */

static uint8_t *write_group(const struct container_group *g, uint8_t *at)
{
    size_t n = strlen(g->name);

    memset(at, 0, CONTAINER_NAME);
    memcpy(at, g->name, n);
    at = put(at + CONTAINER_NAME, g->ram_first, 8);
    at = put(at, g->ram_size, 8);
    at = put(at, g->memory_mib, 8);
    return put(at, g->bytes, 8);
}

size_t container_write(const struct container *c, uint8_t *head)
{
    uint8_t *at = head;
    size_t i;

    memcpy(at, magic, sizeof(magic));
    at = put(at + sizeof(magic), VERSION, 4);
    at = put(at, c->ngroups, 4);
    at = put(at, c->said.unplugged, 2);
    *at++ = c->said.enabled[0];
    *at++ = c->said.enabled[1];
    at = put(at, 0, 4);
    for (i = 0; i < c->ngroups; i++)
        at = write_group(&c->groups[i], at);
    return (size_t)(at - head);
}

/* ----------------------------------------------------------- read ---- */

XLDM__PRINTF(3, 4)
static bool fail(char *why, size_t size, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why, size, fmt, ap);
    va_end(ap);
    return false;
}

bool container_is(const uint8_t *bytes, size_t n)
{
    return n >= sizeof(magic) && !memcmp(bytes, magic, sizeof(magic));
}

static bool check_start(const uint8_t *bytes, size_t n, char *why, size_t size)
{
    const uint8_t *at = bytes + sizeof(magic);
    uint64_t version;

    if (!n)
        return fail(why, size, "it is empty");
    if (n >= 4 && !memcmp(bytes, "QEVM", 4))
        return fail(why, size,
                    "it is the state of a single QEMU, of a domain that was "
                    "not split");
    if (!container_is(bytes, n))
        return fail(why, size, "it is not xldm-dm's");
    if (n < CONTAINER_FIXED)
        return fail(why, size, "it is truncated: its header has %zu bytes", n);
    version = get(&at, 4);
    return version == VERSION ||
           fail(why, size,
                "it is of version %" PRIu64 "; this xldm-dm reads version %d",
                version, VERSION);
}

static bool read_group(struct container *c, const uint8_t **at, char *why,
                       size_t size)
{
    struct container_group *g = &c->groups[c->ngroups];
    bool zeros = true;
    size_t n, i;

    memcpy(g->name, *at, CONTAINER_NAME);
    g->name[CONTAINER_NAME] = '\0';
    n = strlen(g->name);
    for (i = n; i < CONTAINER_NAME; i++)
        zeros &= !(*at)[i];
    *at += CONTAINER_NAME;
    g->ram_first = get(at, 8);
    g->ram_size = get(at, 8);
    g->memory_mib = get(at, 8);
    g->bytes = get(at, 8);
    if (!zeros || !xldm__group_name_ok(g->name))
        return fail(why, size, "the name of its group %zu is none",
                    c->ngroups + 1);
    for (i = 0; i < c->ngroups; i++)
        if (!strcmp(c->groups[i].name, g->name))
            return fail(why, size, "it has the group '%s' twice", g->name);
    if (!g->bytes || g->bytes > CONTAINER_MAX_BYTES)
        return fail(why, size, "it gives group '%s' %" PRIu64 " bytes", g->name,
                    g->bytes);
    c->ngroups++;
    return true;
}

/* at: behind the version */
static bool read_rest(struct container *c, const uint8_t *at, size_t n,
                      uint64_t total, char *why, size_t size)
{
    uint64_t ngroups = get(&at, 4), sum;

    c->said.unplugged = (uint16_t)get(&at, 2);
    c->said.enabled[0] = *at++;
    c->said.enabled[1] = *at++;
    if (get(&at, 4))
        return fail(why, size, "what is to be zero in its header is not");
    if (!ngroups || ngroups > XLDM_MAX_GROUPS)
        return fail(why, size,
                    "it says that it has %" PRIu64 " groups; 1 to "
                    "%d can be",
                    ngroups, XLDM_MAX_GROUPS);
    sum = CONTAINER_FIXED + ngroups * CONTAINER_GROUP;
    if (n < sum)
        return fail(why, size, "it is truncated: its header has %zu bytes", n);
    while (ngroups--) {
        if (!read_group(c, &at, why, size))
            return false;
        sum += c->groups[c->ngroups - 1].bytes;
    }
    if (total < sum)
        return fail(why, size,
                    "it is truncated: it has %" PRIu64 " of %" PRIu64 " bytes",
                    total, sum);
    return total == sum ||
           fail(why, size, "%" PRIu64 " bytes follow its end", total - sum);
}

size_t container_read(struct container *c, const uint8_t *bytes, size_t n,
                      uint64_t total, char *why, size_t size)
{
    memset(c, 0, sizeof(*c));
    if (!check_start(bytes, n, why, size) ||
        !read_rest(c, bytes + sizeof(magic) + 4, n, total, why, size))
        return 0;
    return CONTAINER_FIXED + c->ngroups * CONTAINER_GROUP;
}

/* ------------------------------------------------------- the plan ---- */

static size_t find(const struct container *c, const char *name)
{
    size_t i = 0;

    while (i < c->ngroups && strcmp(c->groups[i].name, name))
        i++;
    return i;
}

static bool same_groups(const struct container *c, const struct xldm_plan *plan,
                        size_t *at)
{
    bool ok = c->ngroups == plan->ngroups;
    size_t i;

    for (i = 0; i < plan->ngroups && ok; i++) {
        at[i] = find(c, plan->groups[i].name);
        ok = at[i] < c->ngroups;
    }
    return ok;
}

static void add_name(char *list, size_t size, const char *name)
{
    size_t n = strlen(list);

    snprintf(list + n, size - n, "%s'%s'", n ? ", " : "", name);
}

bool container_fits(const struct container *c, const struct xldm_plan *plan,
                    size_t *at, char *why, size_t size)
{
    char has[XLDM_MAX_GROUPS * (CONTAINER_NAME + 4)] = "";
    char wants[sizeof(has)] = "";
    size_t i;

    for (i = 0; i < c->ngroups; i++)
        add_name(has, sizeof(has), c->groups[i].name);
    for (i = 0; i < plan->ngroups; i++)
        add_name(wants, sizeof(wants), plan->groups[i].name);
    if (!same_groups(c, plan, at))
        return fail(why, size,
                    "it has the groups %s; the domain is to have "
                    "%s",
                    has, wants);
    for (i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];
        const struct container_group *saved = &c->groups[at[i]];

        if (saved->ram_first != g->ram_first ||
            saved->ram_size != g->ram_size ||
            saved->memory_mib != g->memory_mib)
            return fail(why, size,
                        "group '%s' had %#" PRIx64 " bytes at %#" PRIx64
                        " with -m %" PRIu64 ", and now gets %#" PRIx64
                        " at %#" PRIx64 " with -m %" PRIu64,
                        g->name, saved->ram_size, saved->ram_first,
                        saved->memory_mib, g->ram_size, g->ram_first,
                        g->memory_mib);
    }
    return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The affinity map: how the groups travel inside libxl's config. */
#include <stdlib.h>
#include <string.h>
#include "dm/plan.h"

const struct xldm__name xldm__on_crash_names[] = {
    { "detach", XLDM_ON_CRASH_DETACH },
    { "restart", XLDM_ON_CRASH_RESTART },
    { "pause", XLDM_ON_CRASH_PAUSE },
    { "destroy", XLDM_ON_CRASH_DESTROY },
    { NULL, 0 },
};

const struct xldm__name xldm__restrict_names[] = {
    { "yes", XLDM_RESTRICT_YES },
    { "no", XLDM_RESTRICT_NO },
    { NULL, 0 },
};

/* ------------------------------------------------------------ write ---- */

const char *xldm__map_word(struct xldm__arena *a, const char *s)
{
    char *out = xldm__alloc(a, strlen(s) * 3 + 1), *p = out;

    for (; out && *s; s++)
        if (strchr(",;%=!@", *s) || (unsigned char)*s <= ' ')
            p += sprintf(p, "%%%02x", (unsigned char)*s);
        else
            *p++ = *s;
    return out ? out : "";
}

const char *xldm__map_pin(struct xldm__arena *a, unsigned devfn)
{
    const char *s = xldm__fmt(a, devfn & 7 ? "@%x.%u" : "@%x", devfn >> 3,
                              devfn & 7);

    return s ? s : "";
}

/* Does it sit on a device of its own name, and go where that goes? */
static bool rides(const struct xldm_plan *plan,
                  const struct xldm__planned *dev)
{
    for (size_t i = 0; dev->controller && i < plan->ndevices; i++)
        if (&plan->devices[i] != dev && plan->devices[i].class->later &&
            !strcmp(plan->devices[i].id, dev->controller))
            return true;
    return false;
}

/* What a command line calls it: a sound card "hda" is not the disk. */
static const char *name_of(struct xldm__arena *a,
                           const struct xldm__planned *dev)
{
    char id[64];

    return xldm__map_word(
        a, xldm__class_identity(dev->class, dev->id, id, sizeof(id)));
}

const char *xldm__map_attributes(struct xldm__arena *a,
                                 const xldm_dm_affinity *affinity)
{
    const char *crash = xldm__name_of(xldm__on_crash_names, affinity->on_crash);
    const char *limit = xldm__name_of(xldm__restrict_names, affinity->restrict_);
    const char *s = "";

    if (affinity->emulator)
        s = xldm__fmt(a, ",!emulator=%s",
                      xldm__map_word(a, affinity->emulator));
    if (crash)
        s = xldm__fmt(a, "%s,!onCrash=%s", s, crash);
    if (limit)
        s = xldm__fmt(a, "%s,!restrict=%s", s, limit);
    return s ? s : "";
}

static const char *group_words(struct xldm__arena *a,
                               const struct xldm_plan *plan,
                               const struct xldm__group *g)
{
    bool loose = !g->primary && !g->restricted;
    xldm_dm_affinity attributes = {
        .emulator = strcmp(g->emulator, XLDM_QEMU) ? (char *)g->emulator
                                                   : NULL,
        .on_crash = g->on_crash,
        .restrict_ = loose ? XLDM_RESTRICT_NO : XLDM_RESTRICT_DEFAULT,
    };
    const char *s = "";

    for (size_t i = 0; i < plan->ndevices; i++) {
        const struct xldm__planned *d = &plan->devices[i];

        if (d->group != g || (!d->pinned && (g->primary || rides(plan, d))))
            continue;
        s = xldm__fmt(a, "%s,%s", s, name_of(a, d));
        if (d->pinned)
            s = xldm__fmt(a, "%s%s", s,
                          xldm__map_pin(a, (unsigned)d->devfn));
    }
    s = xldm__fmt(a, "%s%s", s, xldm__map_attributes(a, &attributes));
    return s && *s ? s + 1 : s;
}

const char *xldm__map_write(struct xldm__arena *arena,
                            const struct xldm_plan *plan)
{
    const char *map = "";

    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *g = &plan->groups[i];
        const char *words = group_words(arena, plan, g);

        if (words && *words)
            map = xldm__fmt(arena, "%s%s%s=%s", map, *map ? ";" : "",
                            g->name, words);
        if (!map)
            return NULL;
    }
    return map;
}

/* ------------------------------------------------------------- read ---- */

struct reader {
    struct xldm_ctx *ctx;
    const char *what; /* holds the map */
    struct xldm_loc loc;
    struct xldm__arena *arena;
    struct xldm__wish *wishes;
    size_t n;
};

static int hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF", *p;

    p = c ? strchr(digits, c) : NULL;
    return p ? (int)(p - digits) % 16 : -1;
}

/* Decodes in place; false if a % has no two digits behind it. */
static bool decode(char *s)
{
    char *out = s;

    for (; *s; s++) {
        if (*s != '%') {
            *out++ = *s;
            continue;
        }
        if (hex(s[1]) < 0 || hex(s[2]) < 0)
            return false;
        *out = (char)(hex(s[1]) << 4 | hex(s[2]));
        if (!*out++)
            return false;
        s += 2;
    }
    *out = '\0';
    return true;
}

static bool read_enum(struct reader *r, const struct xldm__name *names,
                      const char *word, const char *value, int *out)
{
    char list[64] = "";
    size_t used = 0;

    for (const struct xldm__name *n = names; n->name; n++) {
        if (!strcmp(n->name, value)) {
            *out = n->value;
            return true;
        }
        if (used < sizeof(list))
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                     used ? ", " : "", n->name);
    }
    return xldm__error(r->ctx, r->loc,
                       "%s: '%s' is no value of !%s; accepted: %s", r->what,
                       value, word, list);
}

/* "!word=value": about the group */
static bool read_attribute(struct reader *r, xldm_dm_affinity *a, char *word)
{
    char *value = strchr(word, '=');
    int n = 0;

    if (value)
        *value++ = '\0';
    if (value && decode(value) && *value) {
        if (!strcmp(word, "emulator")) {
            a->emulator = value;
            return true;
        }
        if (!strcmp(word, "onCrash")) {
            if (!read_enum(r, xldm__on_crash_names, word, value, &n))
                return false;
            a->on_crash = n;
            return true;
        }
        if (!strcmp(word, "restrict")) {
            if (!read_enum(r, xldm__restrict_names, word, value, &n))
                return false;
            a->restrict_ = n;
            return true;
        }
    }
    return xldm__error(r->ctx, r->loc,
                       "%s: '!%s' is not understood; !emulator=, !onCrash= "
                       "and !restrict= are", r->what, word);
}

static void add_wish(struct reader *r, const char *name, unsigned pin,
                     const xldm_dm_affinity *a)
{
    struct xldm__wish *w = &r->wishes[r->n++];
    char id[64];

    w->id = name;
    for (const struct xldm__class *const *k = xldm__classes; *k; k++) {
        if ((*k)->canonical && (*k)->canonical(name, id, sizeof(id))) {
            w->id = xldm__strdup(r->arena, id);
            break;
        }
        if ((*k)->later && (*k)->later(name, id, sizeof(id))) {
            w->class = *k;
            w->controller = xldm__strdup(r->arena, id);
            break;
        }
    }
    w->affinity = a;
    w->loc = w->pin_loc = r->loc;
    w->pin = pin;
}

/* "5" or "1d.7", as QEMU writes an address; 0: it is none */
static unsigned read_pin(const char *s)
{
    char *end;
    unsigned long slot = strtoul(s, &end, 16);
    unsigned function = 0;

    if (hex(*s) < 0 || slot > 31)
        return 0;
    if (end[0] == '.' && end[1] >= '0' && end[1] <= '7') {
        function = (unsigned)(end[1] - '0');
        end += 2;
    }
    return *end || !slot ? 0 : (unsigned)slot << 3 | function;
}

/* "name" or "name@slot" */
static bool read_device(struct reader *r, char *word,
                        const xldm_dm_affinity *a)
{
    char *at = strchr(word, '@');
    unsigned devfn = 0;

    if (at) {
        *at++ = '\0';
        devfn = read_pin(at);
        if (!devfn)
            return xldm__error(r->ctx, r->loc,
                               "%s: '%s@%s' is not accepted; a PCI slot is 1 "
                               "to 1f, in hexadecimal", r->what, word, at);
    }
    if (!decode(word))
        return xldm__error(r->ctx, r->loc, "%s: '%s' has a bad %%XX", r->what,
                           word);
    add_wish(r, word, devfn, a);
    return true;
}

/* A controller's own group has its name: "pci-0000:03:00.0" */
static bool group_name_known(const char *name)
{
    char plain[65];
    size_t n = strlen(name);

    if (n >= sizeof(plain))
        return false;
    for (size_t i = 0; i <= n; i++)
        plain[i] = (char)(name[i] == ':' ? '-' : name[i]);
    return xldm__group_name_ok(plain);
}

/* Is anything said of the devices from the nth on, but for a group?  Of each
 * of them, or else it would be for nothing. */
static bool says(const struct reader *r, size_t n, const xldm_dm_affinity *a)
{
    bool pins = n < r->n;

    for (; n < r->n; n++)
        pins &= r->wishes[n].pin != 0;
    return pins || a->emulator || a->on_crash || a->restrict_;
}

/* "name=device,device,!word=value" */
static bool read_group(struct reader *r, char *text)
{
    xldm_dm_affinity *a = xldm__alloc(r->arena, sizeof(*a));
    char *list = strchr(text, '='), *save = NULL;
    size_t n = r->n;
    bool ok = true;

    if (!a)
        return xldm__oom(r->ctx);
    if (!list)
        return xldm__error(r->ctx, r->loc,
                           "%s: '%s' has no '='; group=device,device;... is "
                           "accepted", r->what, text);
    *list++ = '\0';
    a->group = *text ? text : NULL; /* it is about those that name none */
    for (char *word = strtok_r(list, ",", &save); word;
         word = strtok_r(NULL, ",", &save)) {
        if (word[0] == '!')
            ok &= read_attribute(r, a, word + 1);
        else
            ok &= read_device(r, word, a);
    }
    if (!group_name_known(text) && (*text || !says(r, n, a)))
        ok = xldm__error(r->ctx, r->loc,
                         "%s: '%s' is no group name; [A-Za-z0-9_.-]{1,64} "
                         "is accepted", r->what, text);
    if (r->n == n && !strcmp(text, "primary")) /* as a whole */
        add_wish(r, "", 0, a);
    return ok;
}

bool xldm__map_read(struct xldm_ctx *ctx, struct xldm__arena *arena,
                    const char *map, const char *what, struct xldm_loc loc,
                    struct xldm__wish **wishes, size_t *n)
{
    struct reader r = { .ctx = ctx, .what = what, .loc = loc,
                        .arena = arena };
    char *copy = xldm__strdup(arena, map), *save = NULL;
    bool ok = true;

    r.wishes = xldm__alloc(arena, (strlen(map) + 2) * sizeof(*r.wishes));
    if (arena->failed)
        return xldm__oom(ctx);
    for (char *g = strtok_r(copy, ";", &save); g;
         g = strtok_r(NULL, ";", &save))
        ok &= read_group(&r, g);
    *wishes = r.wishes;
    *n = r.n;
    return arena->failed ? xldm__oom(ctx) : ok;
}

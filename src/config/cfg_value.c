/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of xl.cfg, and what a row of a key table makes of one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/cfg.h"
#include "config/xml.h"

#define AS_XL "; xl goes on without it"
#define MAX_DEVICES 256 /* libxl and Xen stop long before */

bool xldm__cfg_string(struct xldm__cfg *cfg, const struct xldm__setting *s,
                      const char **value)
{
    if (!xlu_cfg_get_string(cfg->xlu, s->key, value, 0))
        return true;
    xldm__cfg_relay(cfg, XLDM_WARNING, s->loc, AS_XL);
    return false;
}

bool xldm__cfg_long(struct xldm__cfg *cfg, const struct xldm__setting *s,
                    long *value)
{
    if (!xlu_cfg_get_long(cfg->xlu, s->key, value, 0))
        return true;
    xldm__cfg_relay(cfg, XLDM_WARNING, s->loc, AS_XL);
    return false;
}

const char *xldm__cfg_text(struct xldm__cfg *cfg, const char *key)
{
    const struct xldm__setting *s = xldm__cfg_find(cfg, key);
    const char *value = NULL;

    return s && xldm__cfg_string(cfg, s, &value) ? value : NULL;
}

static struct xldm_loc item_loc(const struct xldm__setting *s, size_t i)
{
    struct xldm_loc loc = s->loc;

    if (i < s->nlines)
        loc.line = s->lines[i];
    return loc;
}

/* xl stops at the first item that is a list. */
static const char *item_text(struct xldm__cfg *cfg, XLU_ConfigList *list,
                             int i, const struct xldm__setting *s)
{
    const char *text = xlu_cfg_get_listitem(list, i);

    if (!text && xlu_cfg_get_listitem2(list, i))
        xldm__warning(cfg->ctx, item_loc(s, (size_t)i),
                      "%s: a list is not accepted as an item; xl drops it "
                      "and what follows", s->key);
    return text;
}

bool xldm__cfg_items(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row)
{
    XLU_ConfigList *list;
    const char *text;
    bool ok = true;

    if (xlu_cfg_get_list(cfg->xlu, s->key, &list, NULL, 0)) {
        xldm__cfg_relay(cfg, XLDM_WARNING, s->loc, AS_XL);
        return true;
    }
    for (int i = 0; !cfg->full && (text = item_text(cfg, list, i, s)); i++)
        ok &= row->item(cfg, s, text, item_loc(s, (size_t)i));
    return ok;
}

/* xl does without its device model's arguments if they are no list, but
 * does not go on: this is an error. */
bool xldm__cfg_strings(struct xldm__cfg *cfg, const struct xldm__setting *s,
                       libxl_string_list *out)
{
    XLU_ConfigList *list;
    int n;

    if (xlu_cfg_get_list(cfg->xlu, s->key, &list, &n, 0)) {
        xldm__cfg_relay(cfg, XLDM_ERROR, s->loc, "");
        return false;
    }
    libxl_string_list_dispose(out);
    *out = calloc((size_t)n + 1, sizeof(**out));
    for (int i = 0; *out && i < n; i++) {
        const char *text = item_text(cfg, list, i, s);

        if (!text)
            return true;
        (*out)[i] = strdup(text);
        if (!(*out)[i])
            return xldm__oom(cfg->ctx);
    }
    return *out || xldm__oom(cfg->ctx);
}

char *xldm__cfg_trim(char *text)
{
    static const char blanks[] = " \t\n\v\f\r";
    size_t n;

    text += strspn(text, blanks);
    for (n = strlen(text); n && strchr(blanks, text[n - 1]); n--)
        text[n - 1] = '\0';
    return text;
}

/* ---------------------------------------------------------- names ---- */

int xldm__cfg_name(const libxl_enum_string_table *names, const char *text)
{
    for (; names->s; names++)
        if (!strcasecmp(names->s, text))
            return names->v;
    return -1;
}

const char *xldm__cfg_name_of(const libxl_enum_string_table *names, int value)
{
    while (names && names->s && names->v != value)
        names++;
    return names ? names->s : NULL;
}

bool xldm__cfg_not_accepted(struct xldm__cfg *cfg, struct xldm_loc loc,
                            const char *key, const char *text,
                            const libxl_enum_string_table *names)
{
    char list[512] = "";
    size_t n = 0;

    for (; names->s && n < sizeof(list); names++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
                              n ? ", " : "", names->s);
    return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; accepted: %s",
                       key, text, list);
}

/* ----------------------------------------------------------- rows ---- */

static bool set_long(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row, void *where)
{
    bool mib = row->kind == XLDM__KEY_MIB;
    long n, max = row->size == 4 ? UINT32_MAX : LONG_MAX;
    long min = mib ? 0 : row->size == 4 ? INT32_MIN : LONG_MIN;

    if (!xldm__cfg_long(cfg, s, &n))
        return true;
    if (mib)
        max /= 1024;
    if (n < min || n > max)
        return xldm__error(cfg->ctx, s->loc, "%s: %ld is not accepted; "
                           "accepted: %ld to %ld", s->key, n, min, max);
    if (mib)
        n *= 1024;
    if (row->size == 4)
        *(uint32_t *)where = (uint32_t)n;
    else
        *(uint64_t *)where = (uint64_t)n;
    return true;
}

static bool set_name(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row, int *where)
{
    const char *text;
    int v;

    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    v = xldm__cfg_name(row->names, text);
    if (v < 0)
        return xldm__cfg_not_accepted(cfg, s->loc, s->key, text, row->names);
    *where = v;
    return true;
}

static bool set_mode(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row, int *where)
{
    char text[24];
    long n;

    if (xlu_cfg_get_long(cfg->xlu, s->key, &n, 1))
        return set_name(cfg, s, row, where);
    for (const libxl_enum_string_table *t = row->names; t->s; t++) {
        if (t->v != n)
            continue;
        *where = t->v;
        if (row->why)
            xldm__warning(cfg->ctx, s->loc, "%s: %s \"%s\"", s->key,
                          row->why, t->s);
        return true;
    }
    snprintf(text, sizeof(text), "%ld", n);
    return xldm__cfg_not_accepted(cfg, s->loc, s->key, text, row->names);
}

static bool set_string(struct xldm__cfg *cfg, const struct xldm__setting *s,
                       char **where)
{
    const char *text;

    return !xldm__cfg_string(cfg, s, &text) ||
           xldm__string_set(cfg->ctx, where, text);
}

bool xldm__cfg_apply(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row)
{
    void *where = (char *)&cfg->dom->cfg + row->offset;
    long n;

    switch (row->kind) {
    case XLDM__KEY_STRING:
        return set_string(cfg, s, where);
    case XLDM__KEY_LONG:
    case XLDM__KEY_MIB:
        return set_long(cfg, s, row, where);
    case XLDM__KEY_DEFBOOL:
        if (xldm__cfg_long(cfg, s, &n))
            libxl_defbool_set(where, n != 0);
        return true;
    case XLDM__KEY_ENUM:
        return set_name(cfg, s, row, where);
    case XLDM__KEY_MODE:
        return set_mode(cfg, s, row, where);
    case XLDM__KEY_LIST:
        return xldm__cfg_strings(cfg, s, where);
    case XLDM__KEY_ITEMS:
        return xldm__cfg_items(cfg, s, row);
    case XLDM__KEY_CUSTOM:
        return row->set(cfg, s);
    case XLDM__KEY_LATER:
    case XLDM__KEY_AS_IS: /* these three are XML's */
    case XLDM__KEY_BITMAP:
    case XLDM__KEY_KIB:
        return true;
    case XLDM__KEY_IGNORED:
        xldm__warning(cfg->ctx, s->loc, "%s has no effect: %s", s->key,
                      row->why);
        return true;
    case XLDM__KEY_REFUSED:
        return xldm__error(cfg->ctx, s->loc, "%s: %s", s->key, row->why);
    }
    return true;
}

/* -------------------------------------------------------- devices ---- */

struct xldm__device *xldm__cfg_device(struct xldm__cfg *cfg,
                                      const struct xldm__class *class,
                                      const char *key, struct xldm_loc loc)
{
    struct xldm__device *dev;
    size_t n = 0;

    for (dev = cfg->dom->devices; dev; dev = dev->next)
        n++;
    if (n >= MAX_DEVICES) {
        if (!cfg->full)
            xldm__error(cfg->ctx, loc, "more than %d devices", MAX_DEVICES);
        cfg->full = true;
        return NULL;
    }
    dev = xldm__domain_add(cfg->dom, class);
    if (!dev) {
        xldm__oom(cfg->ctx);
        return NULL;
    }
    dev->key = key;
    dev->loc = dev->affinity_loc = loc;
    return dev;
}

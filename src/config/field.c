/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value into one member, as its row of a field table says. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"

static const struct xldm__name bool_names[] = {
    { "yes", 1 },  { "no", 0 },    { "on", 1 }, { "off", 0 },
    { "true", 1 }, { "false", 0 }, { "1", 1 },  { "0", 0 },
    { NULL, 0 },
};

bool xldm__string_set(struct xldm_ctx *ctx, char **where, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return xldm__oom(ctx);
    free(*where);
    *where = copy;
    return true;
}

void *xldm__grow(void *list, int *n, size_t size)
{
    char *old, *v;

    memcpy(&old, list, sizeof(old));
    v = realloc(old, (size_t)(*n + 1) * size);
    if (!v)
        return NULL;
    memcpy(list, &v, sizeof(v));
    return memset(v + (size_t)(*n)++ * size, 0, size);
}

bool xldm__number(const char *s, int64_t min, int64_t max, int64_t *out)
{
    char *end;
    long long n;

    if (*s != '-' && (*s < '0' || *s > '9'))
        return false; /* strtoll() would take blanks and '+' */
    errno = 0;
    n = strtoll(s, &end, 10);
    if (errno || end == s || *end || n < min || n > max)
        return false;
    *out = n;
    return true;
}

bool xldm__list_add(struct xldm_ctx *ctx, libxl_string_list *list,
                    const char *value)
{
    size_t n = (size_t)libxl_string_list_length(list);
    char *copy = strdup(value);
    char **v = copy ? realloc(*list, (n + 2) * sizeof(*v)) : NULL;

    if (!v) {
        free(copy);
        return xldm__oom(ctx);
    }
    v[n] = copy;
    v[n + 1] = NULL;
    *list = v;
    return true;
}

bool xldm__hex(const char *s, unsigned max, unsigned *out)
{
    char *end;
    unsigned long n;

    if (*s < '0' || *s > '9')
        return false;
    errno = 0;
    n = strtoul(s, &end, 0);
    if (errno || *end || n > max)
        return false;
    *out = (unsigned)n;
    return true;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

bool xldm__bytes(const char *s, char mark, bool always, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++, s += 2) {
        int high, low;

        if (*s == mark && (i || !always))
            s++;
        else if (i && always)
            return false;
        high = hex_digit(s[0]);
        low = high < 0 ? -1 : hex_digit(s[1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return !*s;
}

static bool name_value(const struct xldm__name *names, const char *value,
                       int *out)
{
    for (; names->name; names++) {
        if (xldm__is(names->name, value)) {
            *out = names->value;
            return true;
        }
    }
    return false;
}

static bool name_error(struct xldm__reader *r, struct xldm_loc loc,
                       const struct xldm__field *f, const char *value,
                       const struct xldm__name *names)
{
    char list[512] = "";
    size_t n = 0;

    for (; names->name && n < sizeof(list); names++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
                              n ? ", " : "", names->name);
    return xldm__error(r->ctx, loc,
                       "<%s> %s: '%s' is not accepted; accepted: %s",
                       r->element, f->path, value, list);
}

static bool number_set(struct xldm__reader *r, const struct xldm__field *f,
                       void *where, const char *value, struct xldm_loc loc)
{
    bool small = f->kind == XLDM__INT;
    int64_t n;

    if (!xldm__number(value, small ? INT_MIN : 0, small ? INT_MAX : INT64_MAX,
                      &n))
        return xldm__error(r->ctx, loc, "<%s> %s: '%s' is not a number%s",
                           r->element, f->path, value,
                           small ? "" : " from 0 up");
    if (small)
        *(int *)where = (int)n;
    else
        *(uint64_t *)where = (uint64_t)n;
    return true;
}

bool xldm__field_idle(const struct xldm__field *f)
{
    return f->kind == XLDM__IGNORED || f->kind == XLDM__LOST;
}

bool xldm__field_set(struct xldm__reader *r, const struct xldm__table *table,
                     const struct xldm__field *f, const char *value,
                     struct xldm_loc loc)
{
    void *where = (char *)table->object + f->offset;
    int n;

    switch (f->kind) {
    case XLDM__STRING:
        if (!*value)
            return xldm__error(r->ctx, loc, "<%s> %s: is empty", r->element,
                               f->path);
        return xldm__string_set(r->ctx, where, value);
    case XLDM__TEXT:
        return xldm__string_set(r->ctx, where, value);
    case XLDM__INT:
    case XLDM__U64:
        return number_set(r, f, where, value, loc);
    case XLDM__ENUM:
        return name_value(f->names, value, where) ||
               name_error(r, loc, f, value, f->names);
    case XLDM__DEFBOOL:
        if (!name_value(bool_names, value, &n))
            return name_error(r, loc, f, value, bool_names);
        libxl_defbool_set(where, n);
        return true;
    case XLDM__PRESENT:
        libxl_defbool_set(where, true);
        return true;
    case XLDM__CUSTOM:
        return f->set(r->ctx, table->object, value, loc);
    case XLDM__IGNORED:
        xldm__note(r->ctx, loc, "<%s> %s has no effect: %s", r->element,
                   f->path, f->why);
        return true;
    case XLDM__LOST:
        xldm__warning(r->ctx, loc, "<%s> %s has no effect: %s", r->element,
                      f->path, f->why);
        return true;
    }
    return true;
}

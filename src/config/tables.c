/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the field tables of a reader know, and lists of it for messages. */
#include <stdlib.h>
#include <string.h>

#include "config/tables.h"

struct xldm__scope xldm__tables_scope(const struct xldm__reader *r)
{
    struct xldm__scope s;

    for (size_t t = 0; t < XLDM__TABLES; t++) {
        s.from[t] = s.to[t] = r->tables[t].fields;
        while (s.to[t] && s.to[t]->path)
            s.to[t]++;
    }
    return s;
}

struct xldm__found xldm__tables_find(const struct xldm__reader *r,
                                     const struct xldm__scope *in,
                                     const char *path)
{
    xldm__for_each_field(in, t, f) if (xldm__is(f->path, path)) return (
        struct xldm__found){ &r->tables[t], f };
    return (struct xldm__found){ NULL, NULL };
}

struct xldm__place xldm__tables_place(const struct xldm__reader *r,
                                      const struct xldm__scope *in,
                                      const char *path)
{
    struct xldm__place p = { .known = false };
    size_t n = strlen(path);

    xldm__for_each_field (in, t, f) {
        if (*f->path != *path || strncmp(f->path, path, n) ||
            (f->path[n] && f->path[n] != '/'))
            continue;
        p.known = true;
        if (!p.scope.from[t])
            p.scope.from[t] = f;
        p.scope.to[t] = f + 1;
        if (!f->path[n] && !p.found.field)
            p.found = (struct xldm__found){ &r->tables[t], f };
        if (!f->path[n] || f->path[n + 1] == '@')
            p.many |= f->many;
    }
    return p;
}

static bool listed(const char *list, const char *name, size_t n)
{
    for (const char *p = list; (p = strstr(p, ", ")) != NULL; p += 2)
        if (!strncmp(p + 2, name, n) && (!p[2 + n] || p[2 + n] == ','))
            return true;
    return false;
}

const char *xldm__xml_accepted(const struct xldm__reader *r,
                               const char *prefix, bool attributes, char *buf,
                               size_t size)
{
    struct xldm__scope all = xldm__tables_scope(r);
    size_t n = strlen(prefix), used = 0;

    buf[0] = '\0'; /* ", a, b": the first comma is skipped at the end */
    xldm__for_each_field (&all, t, f) {
        const char *name = f->path + n;
        size_t len;

        if (strncmp(f->path, prefix, n) || *name == '.' ||
            (*name == '@') != attributes || xldm__field_idle(f))
            continue;
        name += attributes;
        len = strcspn(name, "/");
        if (listed(buf, name, len) || used + len + 3 > size)
            continue;
        used += (size_t)snprintf(buf + used, size - used, ", %.*s", (int)len,
                                 name);
    }
    return used ? buf + 2 : "none";
}

bool xldm__unknown_kind(struct xldm__reader *r, const struct xldm__node *node,
                        const struct xldm__class *class)
{
    const char *attribute = class->when.attribute;
    const char *have = xldm__node_attribute(node, attribute);
    char list[128] = "";
    size_t used = 0;

    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *c = xldm__classes[i];

        if (c->element && c->when.attribute && used < sizeof(list) &&
            !strcmp(c->element, class->element))
            used += (size_t)snprintf(list + used, sizeof(list) - used,
                                     "%s%s", used ? ", " : "",
                                     c->when.value);
    }
    xldm__error(r->ctx, xldm__xml_loc(r, node),
                "<%s> @%s: '%s' is not accepted; accepted: %s", class->element,
                attribute, have ? have : "", list);
    return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The field tables of one reader, as one. */
#ifndef XLDM_TABLES_H
#define XLDM_TABLES_H

#include "config/xml.h"

#define PATH_SIZE 128 /* longer than any path of a table */

struct xldm__found {
    const struct xldm__table *table;
    const struct xldm__field *field;
};

/* Rows of each table: those of an element and of all below it are there,
 * though perhaps not only those. */
struct xldm__scope {
    const struct xldm__field *from[XLDM__TABLES], *to[XLDM__TABLES];
};

#define xldm__for_each_field(s, t, f)                                         \
    for (size_t t = 0; t < XLDM__TABLES; t++)                                 \
        for (const struct xldm__field *f = (s)->from[t]; f < (s)->to[t]; f++)

/* All rows. */
struct xldm__scope xldm__tables_scope(const struct xldm__reader *r);

struct xldm__found xldm__tables_find(const struct xldm__reader *r,
                                     const struct xldm__scope *in,
                                     const char *path);

struct xldm__place {
    struct xldm__found found; /* the row of the element itself, if any */
    struct xldm__scope scope;
    bool known; /* is there a row for it or something below it? */
    bool many;
};

/* Where an element stands in the tables. */
struct xldm__place xldm__tables_place(const struct xldm__reader *r,
                                      const struct xldm__scope *in,
                                      const char *path);

/* Reports a device's element that is not of a kind that a class has. */
bool xldm__unknown_kind(struct xldm__reader *r, const struct xldm__node *node,
                        const struct xldm__class *class);

#endif

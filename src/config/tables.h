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

#define xldm__for_each_field(r, t, f)                                         \
    for (size_t t = 0; t < sizeof((r)->tables) / sizeof(*(r)->tables); t++)   \
        for (const struct xldm__field *f = (r)->tables[t].fields;             \
             f && f->path; f++)

struct xldm__found xldm__tables_find(const struct xldm__reader *r,
                                     const char *path);

/* Is there a row for this element or something below it? */
bool xldm__tables_know(const struct xldm__reader *r, const char *path,
                       bool *many);

/* Reports a device's element that is not of a kind that a class has. */
bool xldm__unknown_kind(struct xldm__reader *r, const xmlNode *node,
                        const struct xldm__class *class);

#endif

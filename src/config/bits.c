/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bitmaps as text: "0-3,7", "base,freq". */
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/cfg.h"

#define MAX_BITS 4096

static bool range(const libxl_enum_string_table *names, const char *text,
                  unsigned long *a, unsigned long *b)
{
    int v = names ? xldm__cfg_name(names, text) : -1;

    if (v < 0)
        return xldm__cfg_range(text, a, b);
    *a = *b = (unsigned long)v;
    return true;
}

bool xldm__bits_set(libxl_bitmap *map, const libxl_enum_string_table *names,
                    const char *text)
{
    char *copy = strdup(text), *save = NULL;
    uint8_t *bits = calloc(MAX_BITS / 8, 1);
    unsigned long a, b, last = 0;
    bool ok = copy && bits;

    for (char *w = ok ? strtok_r(copy, ",", &save) : NULL; ok && w;
         w = strtok_r(NULL, ",", &save)) {
        ok = range(names, w, &a, &b) && b < MAX_BITS;
        for (; ok && a <= b; a++)
            bits[a / 8] |= (uint8_t)(1 << a % 8);
        if (ok && b > last)
            last = b;
    }
    free(copy);
    if (!ok) {
        free(bits);
        return false;
    }
    libxl_bitmap_dispose(map);
    map->map = bits;
    map->size = (uint32_t)(last / 8 + 1);
    return true;
}

const char *xldm__bits_text(struct xldm__arena *a, const libxl_bitmap *map,
                            const libxl_enum_string_table *names)
{
    int bits = (int)map->size * 8;
    const char *text = "", *name;

    for (int i = 0, last; text && i < bits; i = last + 1) {
        const char *comma = *text ? "," : "";

        last = i;
        if (!libxl_bitmap_test(map, i))
            continue;
        name = xldm__cfg_name_of(names, i);
        if (name) {
            text = xldm__fmt(a, "%s%s%s", text, comma, name);
            continue;
        }
        while (last + 1 < bits && libxl_bitmap_test(map, last + 1) &&
               !xldm__cfg_name_of(names, last + 1))
            last++;
        text = last > i ? xldm__fmt(a, "%s%s%d-%d", text, comma, i, last)
                        : xldm__fmt(a, "%s%s%d", text, comma, i);
    }
    return text;
}

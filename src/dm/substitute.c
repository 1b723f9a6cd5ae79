/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fills in what only the start of a domain knows. */
#include <string.h>
#include "dm/plan.h"

const char *xldm__substitute(struct xldm__arena *arena, const char *s,
                             const char *word, const char *value)
{
    const char *at;

    if (s && (at = strstr(s, word)) != NULL) {
        const char *rest = xldm__substitute(arena, at + strlen(word), word,
                                            value);

        return xldm__fmt(arena, "%.*s%s%s", (int)(at - s), s, value,
                         rest ? rest : "");
    }
    return s;
}

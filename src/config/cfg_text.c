/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of an xl.cfg as libxlutil can read it, and what xl itself would stop
 * at. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"

#define MAX_SIZE (128u << 10)

/* Without \r before \n, and with a newline at the end. */
static size_t clean(char *to, const char *text, size_t size, bool *crlf)
{
    size_t n = 0;

    *crlf = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\r' && (i + 1 == size || text[i + 1] == '\n'))
            *crlf = true;
        else
            to[n++] = text[i];
    }
    if (n && to[n - 1] != '\n')
        to[n++] = '\n';
    to[n] = '\0';
    return n;
}

/* Is there a comment in the last line? */
static bool ends_in_comment(const char *text, size_t size)
{
    const char *nl = size > 1 ? memrchr(text, '\n', size - 1) : NULL;
    char quote = '\0';

    for (const char *p = nl ? nl + 1 : text; *p; p++) {
        if (*p == '#' && !quote)
            return true;
        if (quote ? *p == quote : *p == '"' || *p == '\'')
            quote = quote ? '\0' : *p;
    }
    return false;
}

char *xldm__cfg_text_new(struct xldm_ctx *ctx, const char *text, size_t size,
                         const char *file, size_t *out_size)
{
    struct xldm_loc loc = { file, 1 };
    const char *nul = memchr(text, '\0', size);
    bool crlf;
    char *copy;

    if (size > MAX_SIZE) {
        xldm__error(ctx, (struct xldm_loc){ file, 0 },
                    "is larger than %u bytes", MAX_SIZE);
        return NULL;
    }
    for (const char *p = text; nul && p < nul; p++)
        loc.line += *p == '\n';
    if (nul) {
        xldm__error(ctx, loc, "is not text: holds a zero byte");
        return NULL;
    }
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        xldm__warning(ctx, loc, "begins with a byte order mark, at which xl "
                                "stops");
        text += 3;
        size -= 3;
    }
    copy = malloc(size + 2);
    if (!copy) {
        xldm__oom(ctx);
        return NULL;
    }
    *out_size = clean(copy, text, size, &crlf);
    if (crlf)
        xldm__warning(ctx, loc, "lines end with CR LF, at which xl stops");
    if (size && text[size - 1] != '\n' && ends_in_comment(copy, *out_size)) {
        for (size_t i = 0; i + 1 < *out_size; i++)
            loc.line += copy[i] == '\n';
        xldm__warning(ctx, loc, "the last line has a comment and no newline, "
                                "at which xl stops");
    }
    return copy;
}

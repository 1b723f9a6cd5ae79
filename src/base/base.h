/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages, an arena and growing argument lists: what every part needs. */
#ifndef XLDM_BASE_H
#define XLDM_BASE_H

#include <stdarg.h>
#include <string.h>
#include "xldm.h"

#define XLDM__PRINTF(f, a) __attribute__((format(printf, f, a)))
#define XLDM__NONE ((struct xldm_loc){ NULL, 0 })

struct xldm_ctx {
    xldm_diag_fn *report;
    void *arg;
    unsigned errors; /* reported so far */
    enum xldm_libxl libxl; /* never XLDM_LIBXL_BUILT */
    libxl_ctx *libxl_ctx; /* the program's; NULL: each call has its own */
};

/* For work on behalf of ctx whose messages go elsewhere. */
struct xldm_ctx *xldm__ctx_inner(const struct xldm_ctx *ctx,
                                 xldm_diag_fn *report, void *arg);

/* A column of tables: the libxls of which a row is true. */
struct xldm__versions {
    enum xldm_libxl from, below; /* below: no longer; 0: no bound */
};
#define XLDM__EVERY { XLDM_LIBXL_BUILT, XLDM_LIBXL_BUILT }
#define XLDM__FROM(version) { (version), XLDM_LIBXL_BUILT }
#define XLDM__BELOW(version) { XLDM_LIBXL_BUILT, (version) }

bool xldm__version_in(enum xldm_libxl version, struct xldm__versions in);
/* version_out: left alone if there is no such name */
bool xldm__version_named(const char *name, enum xldm_libxl *version_out);

/* def: what it is if nobody has said. */
static inline bool xldm__is_on(libxl_defbool b, bool def)
{
    return libxl_defbool_is_default(b) ? def : libxl_defbool_val(b);
}

/* Reports an error and returns false, so that failing is one statement. */
bool xldm__error(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                 ...) XLDM__PRINTF(3, 4);
void xldm__warning(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                   ...) XLDM__PRINTF(3, 4);
void xldm__note(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                ...) XLDM__PRINTF(3, 4);
bool xldm__oom(struct xldm_ctx *ctx);
/* Is an argument of a public function there, and the ctx to say so?  what:
 * "domain". */
bool xldm__given(struct xldm_ctx *ctx, const void *argument, const char *what);

/*
 * Memory that is freed all at once.  A failed allocation sticks: the arena is
 * then marked and every later call returns NULL, so a builder asks once, at
 * its end.
 */
struct xldm__arena {
    struct xldm__chunk *chunks;
    bool failed;
};

void *xldm__alloc(struct xldm__arena *a, size_t size); /* zeroed */
/* v with room for two more behind its n elements of that size: v itself, or
 * a longer copy, zeroed behind n. */
void *xldm__extend(struct xldm__arena *a, void *v, size_t n, size_t *cap,
                   size_t size);
char *xldm__strdup(struct xldm__arena *a, const char *s);
/* n bytes of s and a NUL */
char *xldm__strndup(struct xldm__arena *a, const char *s, size_t n);
char *xldm__fmt(struct xldm__arena *a, const char *fmt, ...)
    XLDM__PRINTF(2, 3);
char *xldm__vfmt(struct xldm__arena *a, const char *fmt, va_list ap)
    XLDM__PRINTF(2, 0);
/* Text that grows; zeroed, it is empty, and v NULL. */
struct xldm__text {
    char *v;
    size_t n, cap;
};

/* Room for n more and a NUL; false: the arena has failed. */
bool xldm__text_room(struct xldm__arena *a, struct xldm__text *text, size_t n);

static inline void xldm__text_add(struct xldm__arena *a,
                                  struct xldm__text *text, const char *s,
                                  size_t n)
{
    if (text->n + n >= text->cap && !xldm__text_room(a, text, n))
        return;
    memcpy(text->v + text->n, s, n);
    text->n += n;
    text->v[text->n] = '\0';
}

size_t xldm__arena_size(const struct xldm__arena *a); /* bytes in use */
void xldm__arena_dispose(struct xldm__arena *a);

/* strcmp() for long searches, in which most differ in the first letter. */
static inline bool xldm__is(const char *a, const char *b)
{
    return *a == *b && !strcmp(a, b);
}

/* Arguments of one program; v always ends with NULL once something is in. */
struct xldm__argv {
    struct xldm__arena *arena;
    const char **v;
    size_t n, cap;
};

void xldm__argv_add(struct xldm__argv *argv, const char *arg);
void xldm__argv_addf(struct xldm__argv *argv, const char *fmt, ...)
    XLDM__PRINTF(2, 3);

#endif

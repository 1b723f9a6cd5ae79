/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages, the arena and growing argument lists. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* ------------------------------------------------------- messages ---- */

struct xldm_ctx *xldm_ctx_new(xldm_diag_fn *report, void *arg)
{
    struct xldm_ctx *ctx = calloc(1, sizeof(*ctx));

    if (ctx) {
        ctx->report = report;
        ctx->arg = arg;
        xldm_ctx_set_libxl(ctx, XLDM_LIBXL_BUILT);
    }
    return ctx;
}

struct xldm_ctx *xldm__ctx_inner(const struct xldm_ctx *ctx,
                                 xldm_diag_fn *report, void *arg)
{
    struct xldm_ctx *inner = xldm_ctx_new(report, arg);

    if (inner)
        xldm_ctx_set_libxl(inner, ctx->libxl);
    return inner;
}

void xldm_ctx_free(struct xldm_ctx *ctx)
{
    free(ctx);
}

static void report(struct xldm_ctx *ctx, enum xldm_severity severity,
                   struct xldm_loc loc, const char *text)
{
    struct xldm_diag diag = { severity, loc, text };

    if (!ctx)
        return;
    if (severity == XLDM_ERROR)
        ctx->errors++;
    if (ctx->report)
        ctx->report(ctx->arg, &diag);
}

/* Input stands in messages: it must neither break the line nor talk to the
 * terminal. */
static void tame(char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

XLDM__PRINTF(4, 0)
static void vreport(struct xldm_ctx *ctx, enum xldm_severity severity,
                    struct xldm_loc loc, const char *fmt, va_list ap)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    tame(text);
    report(ctx, severity, loc, text ? text : "out of memory");
    free(text);
}

bool xldm__error(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                 ...)
{
    va_list ap;

    va_start(ap, fmt);
    vreport(ctx, XLDM_ERROR, loc, fmt, ap);
    va_end(ap);
    return false;
}

void xldm__warning(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                   ...)
{
    va_list ap;

    va_start(ap, fmt);
    vreport(ctx, XLDM_WARNING, loc, fmt, ap);
    va_end(ap);
}

void xldm__note(struct xldm_ctx *ctx, struct xldm_loc loc, const char *fmt,
                ...)
{
    va_list ap;

    va_start(ap, fmt);
    vreport(ctx, XLDM_NOTE, loc, fmt, ap);
    va_end(ap);
}

bool xldm__oom(struct xldm_ctx *ctx)
{
    report(ctx, XLDM_ERROR, XLDM__NONE, "out of memory");
    return false;
}

bool xldm__given(struct xldm_ctx *ctx, const void *argument, const char *what)
{
    return ctx && (argument ||
                   xldm__error(ctx, XLDM__NONE, "no %s was given", what));
}

/* ---------------------------------------------------------- arena ---- */

#define CHUNK_SIZE 16384

struct xldm__chunk {
    struct xldm__chunk *next;
    size_t used, size;
    _Alignas(max_align_t) char data[];
};

static struct xldm__chunk *chunk_add(struct xldm__arena *a, size_t size)
{
    struct xldm__chunk *c;

    if (size < CHUNK_SIZE)
        size = CHUNK_SIZE;
    if (size > SIZE_MAX - sizeof(*c))
        return NULL;
    c = malloc(sizeof(*c) + size);
    if (!c)
        return NULL;
    c->size = size;
    c->used = 0;
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

static void *take(struct xldm__arena *a, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct xldm__chunk *c = a->chunks;
    void *p;

    if (a->failed)
        return NULL;
    if (size > SIZE_MAX - align)
        goto failed;
    size = (size + align - 1) / align * align;
    if (!c || c->size - c->used < size)
        c = chunk_add(a, size);
    if (!c)
        goto failed;
    p = c->data + c->used;
    c->used += size;
    return p;

failed:
    a->failed = true;
    return NULL;
}

void *xldm__alloc(struct xldm__arena *a, size_t size)
{
    void *p = take(a, size);

    return p ? memset(p, 0, size) : NULL;
}

void *xldm__extend(struct xldm__arena *a, void *v, size_t n, size_t *cap,
                   size_t size)
{
    size_t wanted = *cap ? *cap * 2 : 16;
    char *grown;

    if (n + 1 < *cap)
        return v;
    grown = take(a, wanted * size);
    if (!grown)
        return NULL;
    if (n)
        memcpy(grown, v, n * size);
    memset(grown + n * size, 0, (wanted - n) * size);
    *cap = wanted;
    return grown;
}

char *xldm__strndup(struct xldm__arena *a, const char *s, size_t n)
{
    char *p = take(a, n + 1);

    if (!p)
        return NULL;
    p[n] = '\0';
    return memcpy(p, s, n);
}

char *xldm__strdup(struct xldm__arena *a, const char *s)
{
    return xldm__strndup(a, s, strlen(s));
}

/* One conversion, from behind its '%' on, which it passes: its text, or NULL
 * if it is not so plain. */
static const char *format_word(const char **fmt, va_list *ap, char *buf,
                               size_t size)
{
    const char *f = *fmt;
    char *s = buf + size;
    int v, width = 1, byte = 0;
    unsigned n, base;

    if (*f == '0' && f[1] >= '1' && f[1] <= '9') {
        width = f[1] - '0';
        f += 2;
    }
    if (!strncmp(f, "hhx", 3)) {
        byte = 1;
        f += 2;
    }
    *fmt = f + 1;
    if (*f == 's')
        return va_arg(*ap, const char *);
    if (!*f || !strchr("cdux", *f) || (width > 1 && *f != 'x'))
        return NULL;
    v = va_arg(*ap, int);
    *--s = '\0';
    if (*f == 'c') {
        *--s = (char)v;
        return s;
    }
    base = *f == 'x' ? 16 : 10;
    n = *f == 'd' && v < 0 ? -(unsigned)v : (unsigned)v;
    if (byte)
        n &= 0xff;
    for (; n || width > 0; n /= base, width--)
        *--s = "0123456789abcdef"[n % base];
    if (*f == 'd' && v < 0)
        *--s = '-';
    return s;
}

/*
 * Nearly all formats are words and whole numbers, on which vsnprintf() spends
 * a third of a plan's time.  Returns the length; -1: it does not fit, or has
 * something else in it.
 */
static ssize_t format_plain(char *out, size_t room, const char *fmt,
                            va_list *ap)
{
    size_t n = 0, size;
    const char *word;
    char buf[13];

    while (*fmt) {
        if (*fmt == '%') {
            fmt++;
            word = format_word(&fmt, ap, buf, sizeof(buf));
            if (!word)
                return -1;
            size = strlen(word);
        } else {
            word = fmt;
            size = (size_t)(strchrnul(fmt, '%') - fmt);
            fmt += size;
        }
        if (size >= room - n)
            return -1;
        memcpy(out + n, word, size);
        n += size;
    }
    out[n] = '\0';
    return (ssize_t)n;
}

/* Prints into what is left of the chunk, and once more only if that is too
 * little. */
char *xldm__vfmt(struct xldm__arena *a, const char *fmt, va_list ap)
{
    struct xldm__chunk *c = a->chunks;
    size_t room = c ? c->size - c->used : 0;
    char *p = c ? c->data + c->used : NULL;
    va_list copy;
    ssize_t n;

    if (a->failed)
        return NULL;
    va_copy(copy, ap);
    n = room ? format_plain(p, room, fmt, &copy) : -1;
    va_end(copy);
    if (n < 0) {
        va_copy(copy, ap);
        n = vsnprintf(p, room, fmt, copy);
        va_end(copy);
    }
    if (n < 0) {
        a->failed = true;
        return NULL;
    }
    if ((size_t)n < room)
        return take(a, (size_t)n + 1);
    p = take(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, fmt, ap);
    return p;
}

char *xldm__fmt(struct xldm__arena *a, const char *fmt, ...)
{
    va_list ap;
    char *p;

    va_start(ap, fmt);
    p = xldm__vfmt(a, fmt, ap);
    va_end(ap);
    return p;
}

bool xldm__text_room(struct xldm__arena *a, struct xldm__text *text, size_t n)
{
    size_t cap = 2 * text->n + n + 1;
    char *grown = take(a, cap);

    if (!grown)
        return false;
    if (text->n)
        memcpy(grown, text->v, text->n);
    text->v = grown;
    text->cap = cap;
    return true;
}

size_t xldm__arena_size(const struct xldm__arena *a)
{
    size_t size = 0;

    for (const struct xldm__chunk *c = a->chunks; c; c = c->next)
        size += c->used;
    return size;
}

void xldm__arena_dispose(struct xldm__arena *a)
{
    while (a->chunks) {
        struct xldm__chunk *next = a->chunks->next;

        free(a->chunks);
        a->chunks = next;
    }
    a->failed = false;
}

/* ----------------------------------------------------------- argv ---- */

void xldm__argv_add(struct xldm__argv *argv, const char *arg)
{
    const char **v;

    if (!arg)
        return; /* its allocation failed: the arena remembers */
    v = xldm__extend(argv->arena, argv->v, argv->n, &argv->cap, sizeof(*v));
    if (!v)
        return;
    argv->v = v;
    argv->v[argv->n++] = arg;
    argv->v[argv->n] = NULL;
}

void xldm__argv_addf(struct xldm__argv *argv, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    xldm__argv_add(argv, xldm__vfmt(argv->arena, fmt, ap));
    va_end(ap);
}

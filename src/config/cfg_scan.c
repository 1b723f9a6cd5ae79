/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of an xl.cfg.  libxlutil tells neither which keys a file has nor
 * where a value stands, and its reader leaks and asserts on words it does not
 * know: so they are looked at here first, by the rules of its lexer.
 */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"

#define MAX_SETTINGS 1000 /* libxlutil looks through all for each += */

#define DIGITS "0123456789"

enum word { END, NEWLINE, KEY, ATOM, OPEN, CLOSE, MARK, BAD };

struct scan {
    struct xldm_ctx *ctx;
    struct xldm__cfg *cfg;
    const char *file;
    char *p, *end; /* the text ends with a newline and a NUL */
    char *start;   /* of the word */
    int line;
    bool key; /* the next word should be one */
    bool python, octal;
};

static struct xldm_loc here(const struct scan *s)
{
    return (struct xldm_loc){ s->file, s->line };
}

static bool bad_escape(struct scan *s, const char *p, const char *close)
{
    char digits[4] = "", *end;

    if (strchr("\"'\\abfnrtv", *p))
        return false;
    if (*p < '0' || *p > '7')
        return true; /* \x too: libxlutil finds no second digit, ever */
    strncat(digits, p + 1, close - p < 3 ? (size_t)(close - p) : 3);
    strtoul(digits, &end, 10);
    if (end > digits + 1 && !s->octal) {
        s->octal = true;
        xldm__warning(s->ctx, here(s), "an octal escape in a string stands "
                      "for nothing: so xl reads it");
    }
    return end <= digits + 1;
}

/* From its opening quote on; true if it is closed. */
static bool skip_string(struct scan *s, bool *escape)
{
    char quote = *s->p, *close = s->p + 1;

    *escape = false;
    while (*close != quote && *close != '\n')
        close += *close == '\\' && close[1] != '\n' ? 2 : 1;
    if (*close != quote)
        return false;
    for (const char *p = s->p + 1; p < close; p++)
        if (*p == '\\' && bad_escape(s, ++p, close))
            *escape = true;
    s->p = close + 1;
    return true;
}

/* Counts the word as wrong; false: there were too many. */
static bool count_bad(struct scan *s, int line)
{
    if (s->cfg->nbad == XLDM__CFG_ERRORS)
        return false;
    s->cfg->bad_lines[s->cfg->nbad++] = line;
    return true;
}

/* Counts what is from the word's start to s->p as wrong, and puts a word there
 * with which the text goes on. */
static bool mend(struct scan *s)
{
    memset(s->start, ' ', (size_t)(s->p - s->start));
    *s->start = s->key ? 'x' : '0';
    return count_bad(s, s->line);
}

/* What is from the word's start to the next blank is of no use. */
static enum word bad_word(struct scan *s, const char *what)
{
    char word[41] = "";

    s->p = s->start + strcspn(s->start, " \t\n");
    strncat(word, s->start, s->p - s->start > 40 ? 40
                                                 : (size_t)(s->p - s->start));
    if (mend(s))
        xldm__error(s->ctx, here(s), "'%s' %s", word, what);
    return BAD;
}

static enum word string_word(struct scan *s)
{
    char word[41] = "";
    bool escape;

    if (!skip_string(s, &escape)) {
        char *end = s->p + strcspn(s->p, "\n");

        bad_word(s, "opens a string that this line does not close");
        memset(s->p, ' ', (size_t)(end - s->p));
        s->p = end;
        return BAD;
    }
    if (!escape)
        return ATOM;
    strncat(word, s->start, s->p - s->start > 40 ? 40
                                                 : (size_t)(s->p - s->start));
    if (mend(s))
        xldm__error(s->ctx, here(s),
                    "%s has a backslash that xl does not know; accepted: "
                    "\\\\ \\\" \\' \\a \\b \\f \\n \\r \\t \\v",
                    word);
    return ATOM;
}

static bool in_key(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_';
}

static enum word word(struct scan *s)
{
    while (*s->p == ' ' || *s->p == '\t')
        s->p++;
    s->start = s->p;
    if (s->p >= s->end)
        return END;
    if (*s->p == '#')
        s->p += strcspn(s->p, "\n");
    if (*s->p >= 'a' && *s->p <= 'z') {
        while (in_key(*s->p))
            s->p++;
        return KEY;
    }
    if (*s->p >= '0' && *s->p <= '9') {
        s->p += strspn(s->p, DIGITS "abcdefx");
        return ATOM;
    }
    switch (*s->p++) {
    case '\n':
        return NEWLINE;
    case '[':
        return OPEN;
    case ']':
        return CLOSE;
    case '+':
        if (*s->p != '=')
            break;
        s->p++;
        return MARK;
    case '=':
    case ',':
    case ';':
        return MARK;
    case '"':
    case '\'':
        s->p--;
        return string_word(s);
    }
    s->python |= strchr("+.():", *s->start) != NULL;
    return bad_word(s, "is not understood; accepted: key = value, where the "
                       "key is of a-z 0-9 . _ and the value a number, "
                       "\"text\" or [ list ]");
}

static enum word next(struct scan *s)
{
    enum word w = word(s);

    s->key = w == NEWLINE || (w == MARK && *s->start == ';');
    return w;
}

/* ------------------------------------------------------- settings ---- */

/* For one more behind n; twice as much whenever it is full: at 0, 1, 2, 4... */
static void *make_room(void *v, size_t n, size_t size)
{
    return n & (n - 1) ? v : realloc(v, (n ? n * 2 : 1) * size);
}

static struct xldm__setting *setting(struct xldm__cfg *cfg, const char *key,
                                     size_t len)
{
    struct xldm__setting *s;

    for (size_t i = 0; i < cfg->n; i++)
        if (*cfg->settings[i].key == *key &&
            !strncmp(cfg->settings[i].key, key, len) &&
            !cfg->settings[i].key[len])
            return &cfg->settings[i];
    s = make_room(cfg->settings, cfg->n, sizeof(*s));
    if (!s)
        return NULL;
    cfg->settings = s;
    s += cfg->n;
    *s = (struct xldm__setting){ .key = strndup(key, len) };
    if (!s->key)
        return NULL;
    cfg->n++;
    return s;
}

static bool add_line(struct xldm__setting *s, int line)
{
    int *lines = make_room(s->lines, s->nlines, sizeof(*lines));

    if (!lines)
        return false;
    s->lines = lines;
    s->lines[s->nlines++] = line;
    return true;
}

/* The value behind a key's mark, to its end. */
static bool scan_value(struct scan *s, struct xldm__setting *set)
{
    enum word w = next(s);
    unsigned depth = 0;

    set->loc = here(s);
    set->list = w == OPEN;
    for (; set->list; w = next(s)) {
        s->key = false;
        if (w == NEWLINE)
            s->line++;
        if (w == ATOM || w == OPEN) {
            if (depth == 1 && !add_line(set, s->line))
                return false;
        }
        depth += w == OPEN;
        depth -= w == CLOSE;
        if (w == END)
            s->cfg->open = set->loc;
        if (!depth || w == END)
            return true;
    }
    if (w == NEWLINE)
        s->line++;
    return true;
}

/* The value was set before; what += and = make of that. */
static void set_again(struct scan *s, const struct xldm__setting *set,
                      bool adds, bool list, struct xldm_loc before, int line)
{
    struct xldm_loc loc = { s->file, line };

    if (!adds)
        xldm__warning(s->ctx, loc, "'%s' is set again, and this value counts",
                      set->key);
    else if (list == set->list || !count_bad(s, line))
        return;
    else
        xldm__error(s->ctx, loc, "'%s' is a %s, to which no %s can be added",
                    set->key, list ? "list" : "single value",
                    set->list ? "list" : "single value");
    xldm__note(s->ctx, before, "'%s' was set here", set->key);
}

static bool scan_setting(struct scan *s, struct xldm__cfg *cfg,
                         unsigned *count)
{
    const char *key = s->start;
    size_t len = (size_t)(s->p - key);
    struct xldm__setting *set;
    const char *mark;
    int line = s->line;
    struct xldm_loc before;
    bool list;

    if (next(s) != MARK || *s->start == ',' || *s->start == ';') {
        s->p = s->start; /* libxlutil will say what is wrong */
        return true;
    }
    mark = s->start;
    if (++*count > MAX_SETTINGS)
        return xldm__error(cfg->ctx, here(s), "more than %d settings",
                           MAX_SETTINGS);
    set = setting(cfg, key, len);
    if (!set)
        return xldm__oom(cfg->ctx);
    before = set->loc;
    list = set->list;
    if (*mark == '=')
        set->nlines = 0;
    if (!scan_value(s, set))
        return xldm__oom(cfg->ctx);
    if (before.line)
        set_again(s, set, *mark == '+', list, before, line);
    return true;
}

bool xldm__cfg_scan(struct xldm__cfg *cfg, char *text, size_t size)
{
    struct scan s = { .ctx = cfg->ctx, .cfg = cfg, .file = cfg->dom->file,
                      .p = text, .end = text + size, .line = 1, .key = true };
    unsigned count = 0;
    enum word w;

    while ((w = next(&s)) != END && cfg->nbad < XLDM__CFG_ERRORS) {
        if (w == NEWLINE)
            s.line++;
        if (w == KEY && !scan_setting(&s, cfg, &count))
            return false;
    }
    if (cfg->nbad == XLDM__CFG_ERRORS)
        xldm__error(cfg->ctx, here(&s), "too many errors: there may be more");
    if (s.python)
        xldm__note(cfg->ctx, (struct xldm_loc){ s.file, 0 },
                   "it looks like Python code, which xl has not read since "
                   "xm");
    return cfg->nbad < XLDM__CFG_ERRORS;
}

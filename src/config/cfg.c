/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole description from xl.cfg, as xl 4.17's parse_config_data(). */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/xml.h"

#define SOURCE "xl.cfg" /* the file's name, as libxlutil is told */

/* ------------------------------------------------------- messages ---- */

#define AT_END "config parsing error near "

/* After such an error libxlutil gives up. */
#define LAST ", expecting $end"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

/* What is wrong there was said already. */
static bool is_bad(const struct xldm__cfg *cfg, int line)
{
    for (unsigned i = 0; i < cfg->nbad; i++)
        if (cfg->bad_lines[i] == line)
            return true;
    return false;
}

/* "xl.cfg:12: warning: text": the line, if it says one, is better than loc */
static void relay_line(struct xldm__cfg *cfg, enum xldm_severity severity,
                       struct xldm_loc loc, char *text, const char *after)
{
    size_t n = strlen(SOURCE ":");
    char *end;
    long line;

    if (!strncmp(text, SOURCE ":", n)) {
        text += n;
        line = strtol(text, &end, 10);
        if (end != text && *end == ':') {
            loc.line = (int)line;
            text = end + 1;
        }
    }
    text += strspn(text, " ");
    /* libxlutil takes off one too many when a line's end is the word */
    if (!strncmp(text, AT_END "<newline>", strlen(AT_END "<newline>")) ||
        !strncmp(text, AT_END "`#", strlen(AT_END "`#")))
        loc.line++;
    if (ends_with(text, LAST))
        cfg->end = loc.line;
    if (is_bad(cfg, loc.line) || ends_with(text, XLDM__CFG_NO_SUM))
        return;
    if (!strncmp(text, "warning: ", 9))
        text += 9;
    if (severity == XLDM_ERROR)
        xldm__error(cfg->ctx, loc, "%s%s", text, after);
    if (severity == XLDM_ERROR && cfg->open.line &&
        strstr(text, ": syntax error, unexpected $end"))
        xldm__note(cfg->ctx, cfg->open,
                   "the list that is not closed opens "
                   "here");
    if (severity != XLDM_ERROR)
        xldm__warning(cfg->ctx, loc, "%s%s", text, after);
}

void xldm__cfg_relay(struct xldm__cfg *cfg, enum xldm_severity severity,
                     struct xldm_loc loc, const char *after)
{
    fflush(cfg->report);
    while (cfg->read < cfg->size) {
        char *line = cfg->said + cfg->read, *nl = strchr(line, '\n');
        char *copy = strndup(line, nl ? (size_t)(nl - line) : strlen(line));

        cfg->read = nl ? (size_t)(nl - cfg->said) + 1 : cfg->size;
        if (copy && *copy)
            relay_line(cfg, severity, loc, copy, after);
        free(copy);
    }
}

/* ----------------------------------------------------------- keys ---- */

const struct xldm__setting *xldm__cfg_find(const struct xldm__cfg *cfg,
                                           const char *key)
{
    for (size_t i = 0; i < cfg->n; i++)
        if (xldm__is(cfg->settings[i].key, key))
            return &cfg->settings[i];
    return NULL;
}

struct xldm_loc xldm__cfg_loc(const struct xldm__cfg *cfg, const char *key)
{
    const struct xldm__setting *s = xldm__cfg_find(cfg, key);

    return s ? s->loc : cfg->dom->loc;
}

static const struct xldm__key *row_in(const struct xldm__key *rows,
                                      const char *key)
{
    for (; rows && rows->key; rows++)
        if (xldm__is(rows->key, key))
            return rows;
    return NULL;
}

static const struct xldm__key *row_of(const char *key)
{
    const struct xldm__key *row = row_in(xldm__machine_keys, key);

    for (size_t i = 0; !row && xldm__classes[i]; i++)
        row = row_in(xldm__classes[i]->keys, key);
    return row;
}

static bool apply_settings(struct xldm__cfg *cfg)
{
    bool ok = true;

    for (size_t i = 0; i < cfg->n; i++) {
        const struct xldm__setting *s = &cfg->settings[i];
        const struct xldm__key *row = row_of(s->key);

        if (row)
            ok &= xldm__cfg_apply(cfg, s, row);
        else
            xldm__warning(cfg->ctx, s->loc, "unknown key '%s' has no effect",
                          s->key);
    }
    return ok;
}

static bool read_settings(struct xldm__cfg *cfg)
{
    bool ok;

    if (!xldm__machine_type(cfg))
        return false; /* keys of another type of guest mean other things */
    ok = apply_settings(cfg);
    ok &= xldm__machine_finish(cfg);
    for (size_t i = 0; xldm__classes[i]; i++)
        if (xldm__classes[i]->from_cfg)
            ok &= xldm__classes[i]->from_cfg(cfg);
    ok &= xldm__cfg_groups(cfg);
    ok = xldm__domain_finish(cfg->ctx, cfg->dom) && ok;
    return xldm__cfg_device_models(cfg, ok);
}

/* ------------------------------------------------------ the whole ---- */

static ssize_t hear(void *arg, const char *text, size_t size)
{
    struct xldm__cfg *cfg = arg;
    char *said = realloc(cfg->said, cfg->size + size + 1);

    if (!said)
        return 0;
    memcpy(said + cfg->size, text, size);
    cfg->said = said;
    cfg->size += size;
    said[cfg->size] = '\0';
    return (ssize_t)size;
}

/* open_memstream() would take room for what is hardly ever said. */
static bool open_reader(struct xldm__cfg *cfg)
{
    cfg->report =
        fopencookie(cfg, "w", (cookie_io_functions_t){ .write = hear });
    if (cfg->report)
        cfg->xlu = xlu_cfg_init(cfg->report, SOURCE);
    return cfg->xlu || xldm__oom(cfg->ctx);
}

static void close_reader(struct xldm__cfg *cfg)
{
    if (cfg->xlu)
        xlu_cfg_destroy(cfg->xlu);
    if (cfg->report)
        fclose(cfg->report);
    free(cfg->said);
    for (size_t i = 0; i < cfg->n; i++) {
        free(cfg->settings[i].key);
        free(cfg->settings[i].lines);
    }
    free(cfg->settings);
}

static bool is_one_of(const char *const *keys, const char *key)
{
    return (keys[0] && !strcmp(keys[0], key)) ||
           (keys[1] && !strcmp(keys[1], key));
}

static void show(struct xldm__cfg *cfg)
{
    const struct xldm__cfg_view *view = cfg->view;

    for (size_t i = 0; view && i < cfg->n; i++) {
        struct xldm__setting *s = &cfg->settings[i];
        const char *text = NULL;

        if (view->setting) {
            xlu_cfg_get_string(cfg->xlu, s->key, &text, 1);
            view->setting(view->arg, s->key, text, s->loc);
        }
        if (!is_one_of(view->without, s->key))
            continue;
        free(s->key);
        free(s->lines);
        memmove(s, s + 1, (--cfg->n - i) * sizeof(*s));
        i--;
    }
}

static void blank_lines(char *text, int lines)
{
    for (; *text && lines; text++) {
        if (*text == '\n')
            lines--;
        else
            *text = ' ';
    }
}

/* Once libxlutil has found errors: all of them, though it give up often. */
static void relay_syntax(struct xldm__cfg *cfg, char *text, size_t size)
{
    for (unsigned i = 0; i < XLDM__CFG_ERRORS; i++) {
        cfg->end = 0;
        xldm__cfg_relay(cfg, XLDM_ERROR, cfg->dom->loc, "");
        if (!cfg->end)
            return;
        blank_lines(text, cfg->end);
        xlu_cfg_destroy(cfg->xlu);
        cfg->xlu = xlu_cfg_init(cfg->report, SOURCE);
        if (!cfg->xlu) {
            xldm__oom(cfg->ctx);
            return;
        }
        if (!xlu_cfg_readdata(cfg->xlu, text, (int)size))
            return;
    }
    xldm__error(cfg->ctx, (struct xldm_loc){ cfg->dom->file, cfg->end },
                "too many errors: there may be more");
}

static bool read_text(struct xldm__cfg *cfg, char *text, size_t size)
{
    if (!xldm__cfg_scan(cfg, text, size))
        return false;
    if (xlu_cfg_readdata(cfg->xlu, text, (int)size)) {
        relay_syntax(cfg, text, size);
        return false;
    }
    if (cfg->nbad)
        return false;
    show(cfg);
    return read_settings(cfg);
}

struct xldm_domain *xldm__cfg_read_memory(struct xldm_ctx *ctx,
                                          const char *text, size_t size,
                                          const char *file)
{
    return xldm__cfg_read_view(ctx, text, size, file, NULL);
}

struct xldm_domain *xldm__cfg_read_view(struct xldm_ctx *ctx, const char *text,
                                        size_t size, const char *file,
                                        const struct xldm__cfg_view *view)
{
    struct xldm__cfg cfg = { .ctx = ctx,
                             .dom = xldm__domain_new(file),
                             .view = view };
    bool ok = false;
    char *copy;

    if (!cfg.dom) {
        xldm__oom(ctx);
        return NULL;
    }
    cfg.dom->loc.line = 1;
    copy = xldm__cfg_text_new(ctx, text, size, cfg.dom->file, &size);
    if (copy && open_reader(&cfg))
        ok = read_text(&cfg, copy, size);
    close_reader(&cfg);
    free(copy);
    if (!ok) {
        xldm_domain_free(cfg.dom);
        return NULL;
    }
    return cfg.dom;
}

/* XML begins with '<', after a byte order mark and blanks. */
bool xldm__is_xml(const char *text, size_t size)
{
    size_t i = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (i < size && strchr(" \t\r\n", text[i]) && text[i])
        i++;
    return i < size && text[i] == '<';
}

typedef struct xldm_domain *reader_fn(struct xldm_ctx *ctx, const char *text,
                                      size_t size, const char *file);

static struct xldm_domain *read_by(struct xldm_ctx *ctx, const char *path,
                                   reader_fn *reader)
{
    size_t size;
    char *text = xldm__given(ctx, path, "file")
                     ? xldm__file_read(ctx, path, &size)
                     : NULL;
    struct xldm_domain *dom = NULL;

    if (text && !reader)
        reader = xldm__is_xml(text, size) ? xldm__domain_read_memory
                                          : xldm__cfg_read_memory;
    if (text)
        dom = reader(ctx, text, size, strcmp(path, "-") ? path : "<stdin>");
    free(text);
    return dom;
}

struct xldm_domain *xldm_domain_read(struct xldm_ctx *ctx, const char *path)
{
    return read_by(ctx, path, NULL);
}

struct xldm_domain *xldm_domain_read_xml(struct xldm_ctx *ctx, const char *path)
{
    return read_by(ctx, path, xldm__domain_read_memory);
}

struct xldm_domain *xldm_domain_read_cfg(struct xldm_ctx *ctx, const char *path)
{
    return read_by(ctx, path, xldm__cfg_read_memory);
}

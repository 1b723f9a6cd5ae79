/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xl.cfg into XML, and the proof that nothing is lost. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/convert.h"
#include "config/write.h"

/* ------------------------------------------------------- the same? ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : !a == !b;
}

static bool same_affinity(const xldm_dm_affinity *a,
                          const xldm_dm_affinity *b)
{
    return same_text(a->group, b->group) &&
           same_text(a->emulator, b->emulator) &&
           a->on_crash == b->on_crash && a->restrict_ == b->restrict_;
}

static const struct xldm__device *find(const struct xldm_domain *dom,
                                       const struct xldm__device *like)
{
    char buf[64], buf2[64];
    const char *id = xldm__device_identity(like, buf, sizeof(buf));

    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        if (!strcmp(d->class->kind, like->class->kind) &&
            !strcmp(id, xldm__device_identity(d, buf2, sizeof(buf2))))
            return d;
    }
    return NULL;
}

/* Those of a are in b as well. */
static bool same_groups(const struct xldm_domain *a,
                        const struct xldm_domain *b, char **difference)
{
    static const xldm_dm_affinity none;

    for (const struct xldm__device *d = a->devices; d; d = d->next) {
        const struct xldm__device *other = find(b, d);

        bool affinity = same_affinity(&d->affinity,
                                      other ? &other->affinity : &none);

        if (affinity && d->pin == (other ? other->pin : 0))
            continue;
        if (asprintf(difference, "the %s of '%s'",
                     affinity ? "PCI address" : "group", d->id) < 0)
            *difference = NULL;
        return false;
    }
    return true;
}

static char *first_difference(const char *a, const char *b)
{
    size_t i = 0, start = 0;
    char *text;

    for (; a[i] && a[i] == b[i]; i++)
        if (a[i] == '\n')
            start = i + 1;
    while (a[start] == ' ' && b[start] == ' ')
        start++;
    if (asprintf(&text, "%.*s became %.*s", (int)strcspn(a + start, "\n"),
                 a + start, (int)strcspn(b + start, "\n"), b + start) < 0)
        return NULL;
    return text;
}

bool xldm__same_domain(struct xldm_domain *a, struct xldm_domain *b,
                       char **difference)
{
    char *x = libxl_domain_config_to_json(NULL, &a->cfg);
    char *y = libxl_domain_config_to_json(NULL, &b->cfg);
    bool same = x && y && !strcmp(x, y);

    *difference = x && y && !same ? first_difference(x, y) : NULL;
    free(x);
    free(y);
    if (!same)
        return false;
    if (a->isolate != b->isolate ||
        !same_affinity(&a->primary, &b->primary) ||
        !same_text(a->emulator, b->emulator)) {
        *difference = strdup("what concerns all groups");
        return false;
    }
    return same_groups(a, b, difference) && same_groups(b, a, difference);
}

/* ------------------------------------------------------ conversion ---- */

struct listener {
    struct xldm_ctx *ctx;
    struct xldm__conversion *c;
};

/* Passes it on, and keeps what the report will say of a key. */
static void on_message(void *arg, const struct xldm_diag *diag)
{
    struct listener *l = arg;
    struct xldm__conversion *c = l->c;
    struct xldm__said *said;

    if (diag->severity == XLDM_ERROR)
        xldm__error(l->ctx, diag->loc, "%s", diag->text);
    else if (diag->severity == XLDM_WARNING)
        xldm__warning(l->ctx, diag->loc, "%s", diag->text);
    else
        xldm__note(l->ctx, diag->loc, "%s", diag->text);
    if (diag->severity != XLDM_WARNING)
        return;
    said = xldm__grow(&c->said, &c->nsaid, sizeof(*said));
    if (!said)
        return;
    said->line = diag->loc.line;
    said->text = strdup(diag->text);
}

static bool read_any(struct xldm_ctx *ctx, const char *path,
                     struct xldm__conversion *c)
{
    struct listener l = { ctx, c };
    struct xldm_ctx *own = xldm__ctx_inner(ctx, on_message, &l);

    if (!own)
        return xldm__oom(ctx);
    c->file = strdup(strcmp(path, "-") ? path : "<stdin>");
    c->cfg = xldm__file_read(own, path, &c->cfg_size);
    if (c->cfg && c->file && !xldm__is_xml(c->cfg, c->cfg_size))
        c->before = xldm__cfg_read_memory(own, c->cfg, c->cfg_size, c->file);
    else if (c->cfg && c->file && c->to_cfg)
        c->before = xldm__domain_read_memory(own, c->cfg, c->cfg_size,
                                             c->file);
    else if (c->cfg && c->file)
        xldm__error(own, (struct xldm_loc){ c->file, 1 },
                    "is XML already; accepted: xl.cfg");
    xldm_ctx_free(own);
    return c->before != NULL;
}

/* ------------------------------------------- what cannot be said ---- */

struct unsaid { /* an error of the writer, and the key it goes with */
    struct xldm__conversion *c;
    const char *text;
    bool there;
    struct xldm_loc loc;
};

static void look(void *arg, const struct xldm_diag *diag)
{
    struct unsaid *u = arg;

    u->there |= !strcmp(diag->text, u->text);
}

/* Is it this key without which the error is gone? */
static void try_key(void *arg, const char *key, const char *text,
                    struct xldm_loc loc)
{
    struct unsaid *u = arg;
    struct xldm_ctx *ctx = xldm__ctx_inner(u->c->ctx, look, u);
    struct xldm_ctx *silent = xldm__ctx_inner(u->c->ctx, NULL, NULL);
    struct xldm__cfg_view view = { .without = { key, NULL } };
    struct xldm__tree tree = { 0 };
    struct xldm_domain *dom;

    (void)text;
    dom = silent && ctx ? xldm__cfg_read_view(silent, u->c->cfg,
                                              u->c->cfg_size, u->c->file,
                                              &view)
                        : NULL;
    u->there = false;
    if (dom)
        xldm__domain_to_tree(ctx, dom, &tree);
    xldm__tree_dispose(&tree);
    if (dom && !u->there)
        u->loc = (struct xldm_loc){ u->c->file, loc.line };
    xldm_domain_free(dom);
    xldm_ctx_free(silent);
    xldm_ctx_free(ctx);
}

/* The writer knows the line of a device, but not of a key. */
static void on_unsaid(void *arg, const struct xldm_diag *diag)
{
    struct listener *l = arg;
    struct unsaid u = { l->c, diag->text, false, diag->loc };
    struct xldm__cfg_view view = { .setting = try_key, .arg = &u };
    struct xldm_ctx *silent = xldm__ctx_inner(l->ctx, NULL, NULL);

    if (silent && diag->loc.line == l->c->before->loc.line)
        xldm_domain_free(xldm__cfg_read_view(silent, l->c->cfg,
                                             l->c->cfg_size, l->c->file,
                                             &view));
    xldm__error(l->ctx, u.loc, "%s", diag->text);
    xldm_ctx_free(silent);
}

static bool to_tree(struct xldm_ctx *ctx, struct xldm__conversion *c,
                    struct xldm__tree *tree)
{
    struct listener l = { ctx, c };
    struct xldm_ctx *own = xldm__ctx_inner(ctx, on_unsaid, &l);
    bool ok = own ? xldm__domain_to_tree(own, c->before, tree)
                  : xldm__oom(ctx);

    xldm_ctx_free(own);
    return ok;
}

static bool write_tree(struct xldm_ctx *ctx, struct xldm__conversion *c,
                       struct xldm__tree *tree)
{
    struct xldm__text text = xldm__tree_text(tree);

    c->text = text.v ? strdup(text.v) : NULL;
    c->size = text.n;
    return c->text || xldm__oom(ctx);
}

/* ----------------------------------------------------------- whole ---- */

static void complain(void *arg, const struct xldm_diag *diag)
{
    struct listener *l = arg;

    if (diag->severity == XLDM_ERROR)
        xldm__error(l->ctx, l->c->before->loc, "cannot be said in XML: %s",
                    diag->text);
}

/* What was written, read again. */
static bool read_back(struct xldm_ctx *ctx, struct xldm__conversion *c,
                      const struct xldm__tree *tree)
{
    struct listener l = { ctx, c };
    struct xldm_ctx *own = xldm__ctx_inner(ctx, complain, &l);

    if (own)
        c->after = xldm__domain_read_tree(own, tree->root, c->file);
    else
        xldm__oom(ctx);
    xldm_ctx_free(own);
    return c->after != NULL;
}

bool xldm__convert(struct xldm_ctx *ctx, const char *path,
                   struct xldm__conversion *c)
{
    struct xldm__tree tree = { 0 };
    char *difference = NULL;
    bool ok;

    memset(c, 0, sizeof(*c));
    c->ctx = ctx;
    ok = read_any(ctx, path, c) && to_tree(ctx, c, &tree) &&
         write_tree(ctx, c, &tree) && read_back(ctx, c, &tree);
    xldm__tree_dispose(&tree);
    if (!ok || xldm__same_domain(c->before, c->after, &difference))
        return ok;
    xldm__error(ctx, c->before->loc, "cannot be said in XML: %s",
                difference ? difference : "out of memory");
    free(difference);
    return false;
}

bool xldm__convert_to_cfg(struct xldm_ctx *ctx, const char *path,
                          struct xldm__conversion *c)
{
    struct listener l = { ctx, c };
    struct xldm_ctx *own;
    FILE *out;
    bool ok;

    memset(c, 0, sizeof(*c));
    c->ctx = ctx;
    c->to_cfg = true;
    if (!read_any(ctx, path, c))
        return false;
    own = xldm__ctx_inner(ctx, on_message, &l);
    out = open_memstream(&c->text, &c->size);
    ok = own && out && xldm_domain_write_cfg(own, c->before, out);
    if (!own || !out)
        xldm__oom(ctx);
    if (out && fclose(out))
        ok = xldm__oom(ctx);
    if (ok) /* which the writer has proved but for what it warned about */
        c->after = xldm__cfg_read_memory(own, c->text, c->size, c->file);
    xldm_ctx_free(own);
    return c->after != NULL;
}

void xldm__conversion_dispose(struct xldm__conversion *c)
{
    for (int i = 0; i < c->nsaid; i++)
        free(c->said[i].text);
    free(c->said);
    free(c->text);
    free(c->cfg);
    free(c->file);
    xldm_domain_free(c->before);
    xldm_domain_free(c->after);
}

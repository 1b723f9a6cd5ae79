/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* device_models = [ "name=net,vifs=nic1", ... ] of 2012 becomes affinities. */
#include <stdlib.h>
#include <string.h>

#include "config/dialects.h"
#include "config/xml.h"

static const char *const about[] = {
    ['A'] = "A, of March 2012: pci=, mmio= and pio=",
    ['B'] = "B, of August 2012: capabilities, and vifs by their id=",
    ['C'] = "C, of January 2013: capabilities, and vifs by their vifname=",
};

/* ----------------------------------------------------------- words ---- */

static bool set_name(struct xldm__models *m, struct xldm__model_word *w)
{
    struct xldm_ctx *ctx = m->cfg->ctx;
    struct xldm__model *d = w->model;

    d->name = w->value;
    if (!xldm__group_name_ok(d->name) || !strcmp(d->name, "own"))
        return xldm__error(ctx, d->loc, KEY ": name '%s' is not accepted; "
                           "accepted: 1 to 64 of A-Z a-z 0-9 _ . -, and not "
                           "'own'", d->name);
    for (const struct xldm__model *e = m->v; e < d; e++) {
        if (!e->name || strcmp(e->name, d->name))
            continue;
        xldm__error(ctx, d->loc, KEY ": '%s' is there twice", d->name);
        xldm__note(ctx, e->loc, "'%s' is here", e->name);
        return false;
    }
    return true;
}

static bool set_path(struct xldm__models *m, struct xldm__model_word *w)
{
    w->model->path = w->value;
    return *w->value == '/' ||
           xldm__error(m->cfg->ctx, w->model->loc,
                       KEY ": path '%s' is not an absolute path", w->value);
}

static const char *group_of(const struct xldm__models *m,
                            const struct xldm__model *d)
{
    return d == m->primary ? "primary" : d->name;
}

bool xldm__models_put(struct xldm__models *m, struct xldm__model_word *w,
                      struct xldm__device *dev)
{
    const char *group = group_of(m, w->model);
    struct xldm_ctx *ctx = m->cfg->ctx;

    if (dev->affinity.group && strcmp(dev->affinity.group, group)) {
        xldm__error(ctx, w->model->loc, KEY ": '%s' makes '%s' a device of "
                    "'%s', but it is in group '%s' already", w->text, dev->id,
                    group, dev->affinity.group);
        xldm__note(ctx, dev->affinity_loc, "it was put there here");
        return false;
    }
    w->model->devices++;
    dev->affinity_loc = w->model->loc;
    return xldm__string_set(ctx, &dev->affinity.group, group) &&
           (w->model == m->primary || !w->model->path ||
            xldm__string_set(ctx, &dev->affinity.emulator, w->model->path));
}

static bool put_capability(struct xldm__models *m, struct xldm__model_word *w)
{
    struct xldm_ctx *ctx = m->cfg->ctx;
    bool ok = true;

    for (const struct xldm__model_word *o = m->words; o < w; o++) {
        if (o->row != w->row || o->model == w->model)
            continue;
        xldm__error(ctx, w->model->loc, KEY ": '%s' is claimed twice",
                    w->text);
        xldm__note(ctx, o->model->loc, "it was claimed here");
        return false;
    }
    for (struct xldm__device *d = m->cfg->dom->devices; d; d = d->next)
        if (d->class->group_name &&
            !strcmp(d->class->group_name, w->row->classes))
            ok &= xldm__models_put(m, w, d);
    return ok;
}

/* ------------------------------------------------------------ read ---- */

static const struct xldm__word_row rows[] = {
    { "name", 0, set_name, 0, NULL },
    { "path", 0, set_path, 0, NULL },
    { "pci", 'A', xldm__models_range, XLDM_PCI, NULL },
    { "mmio", 'A', xldm__models_range, XLDM_MEMORY, NULL },
    { "pio", 'A', xldm__models_range, XLDM_PORT, NULL },
    { "vifs", 'B', xldm__models_vifs, 0, NULL },
    { "ui", 'B', put_capability, 0, "ui" },
    { "ide", 'B', put_capability, 0, "storage" },
    { "serial", 'B', put_capability, 0, "serial" },
    { "audio", 'B', put_capability, 0, "sound" },
    { 0 },
};

static void add_word(struct xldm__models *m, struct xldm__model *d,
                     char *text)
{
    struct xldm__model_word *w = &m->words[m->nwords++];
    char *mark = strchr(text, '=');

    *w = (struct xldm__model_word){ .model = d };
    w->text = xldm__strdup(&m->arena, text);
    if (mark) {
        *mark = '\0';
        w->value = xldm__cfg_trim(mark + 1);
    }
    text = xldm__cfg_trim(text);
    for (const struct xldm__word_row *r = rows; r->name; r++)
        if (!strcmp(r->name, text) && !r->classes == !!mark)
            w->row = r;
}

static bool add_model(struct xldm__models *m, const char *text,
                      struct xldm_loc loc)
{
    struct xldm__model *d = &m->v[m->n++];
    char *copy = xldm__strdup(&m->arena, text), *save = NULL;

    d->loc = loc;
    for (char *p = copy ? strtok_r(copy, ",", &save) : NULL; p;
         p = strtok_r(NULL, ",", &save))
        add_word(m, d, p + strspn(p, " "));
    return !m->arena.failed;
}

/* cfg and what stands in it, as words. */
static bool read_models(struct xldm__models *m, const struct xldm__setting *s)
{
    XLU_ConfigList *list;
    size_t words = 1;
    const char *text;
    int n;

    if (xlu_cfg_get_list(m->cfg->xlu, KEY, &list, &n, 0)) {
        xldm__cfg_relay(m->cfg, XLDM_ERROR, s->loc, "");
        return false;
    }
    for (int i = 0; (text = xlu_cfg_get_listitem(list, i)); i++)
        words += strlen(text) / 2 + 1;
    m->v = xldm__alloc(&m->arena, ((size_t)n + 1) * sizeof(*m->v));
    m->words = xldm__alloc(&m->arena, words * sizeof(*m->words));
    for (int i = 0; i < n && !m->arena.failed; i++) {
        struct xldm_loc loc = s->loc;

        loc.line = s->lines[i];
        text = xlu_cfg_get_listitem(list, i);
        if (!text)
            return xldm__error(m->cfg->ctx, loc, KEY ": a list is not "
                               "accepted as an item");
        add_model(m, text, loc);
    }
    return !m->arena.failed || xldm__oom(m->cfg->ctx);
}

/* ---------------------------------------------------------- dialect ---- */

static const struct xldm__model_word *first_of(const struct xldm__models *m,
                                               char dialect)
{
    for (size_t i = 0; i < m->nwords; i++)
        if (m->words[i].row && m->words[i].row->dialect == dialect)
            return &m->words[i];
    return NULL;
}

/* The words say which; if none does, who was to read them. */
static bool find_dialect(struct xldm__models *m, const struct xldm__setting *s)
{
    const char *version = xldm__cfg_text(m->cfg, "device_model_version");
    const struct xldm__model_word *a = first_of(m, 'A'), *b = first_of(m, 'B');
    struct xldm_ctx *ctx = m->cfg->ctx;
    bool multiple = version && !strcmp(version, "multiple-qemu-xen");
    const libxl_defbool *spice = &m->cfg->dom->cfg.b_info.u.hvm.spice.enable;

    if (a && b) {
        xldm__error(ctx, b->model->loc, KEY ": '%s' is of dialect B or C, but "
                    "'%s' of dialect A", b->text, a->text);
        xldm__note(ctx, a->model->loc, "'%s' is here", a->text);
        return false;
    }
    if (a || (multiple && !b))
        m->dialect = 'A';
    else
        m->dialect = !xldm__models_any_vif(m, "id") && xldm__models_any_vif(m, "vifname") ? 'C'
                                                                      : 'B';
    xldm__note(ctx, s->loc, KEY " is of dialect %s",
               about[(int)m->dialect]);
    if (multiple != (m->dialect == 'A') || !version)
        xldm__warning(ctx, s->loc, KEY " had no effect in its time without "
                      "device_model_version = \"%s\"; here it has",
                      m->dialect == 'A' ? "multiple-qemu-xen" : "qemu-xen");
    if (m->dialect != 'A' && !libxl_defbool_is_default(*spice) &&
        libxl_defbool_val(*spice))
        xldm__warning(ctx, xldm__cfg_loc(m->cfg, "spice"), "spice was given "
                      "to each of " KEY " in its time; here it is the "
                      "primary's");
    return true;
}

static bool unknown_word(const struct xldm__models *m,
                         const struct xldm__model_word *w)
{
    struct xldm_ctx *ctx = m->cfg->ctx;

    if (m->dialect == 'C' && !w->value)
        return xldm__error(ctx, w->model->loc, KEY ": '%s' is not accepted; "
                           "accepted: name=, path=, vifs=, ui, ide, serial, "
                           "audio", w->text);
    if (m->dialect == 'A' && !w->value)
        xldm__warning(ctx, w->model->loc, KEY ": unknown '%s' has no effect; "
                      "in 2012 what follows had none either, here it has",
                      w->text);
    else
        xldm__warning(ctx, w->model->loc, KEY ": unknown '%s' has no effect",
                      w->text);
    return true;
}

/* ------------------------------------------------------------ apply ---- */

static const char *name_of(const struct xldm__model *d)
{
    return d->name ? d->name : "(without a name)";
}

/* The one with ui, else the first: it takes what no other names. */
static bool find_primary(struct xldm__models *m)
{
    const struct xldm__model_word *ui = NULL;
    struct xldm_domain *dom = m->cfg->dom;

    for (size_t i = 0; i < m->nwords && !ui; i++)
        if (m->words[i].row && m->words[i].row->classes &&
            !strcmp(m->words[i].row->classes, "ui"))
            ui = &m->words[i];
    m->primary = ui ? ui->model : m->v;
    dom->primary_loc = m->primary->loc;
    xldm__note(m->cfg->ctx, m->primary->loc, "'%s' %s: it is the primary, "
               "which has all that no other names", name_of(m->primary),
               ui ? "has ui" : "is the first");
    for (size_t i = 0; i < m->nwords; i++) {
        if (m->words[i].model != m->primary || !m->words[i].row ||
            m->words[i].row->dialect != 'A')
            continue;
        xldm__warning(m->cfg->ctx, m->primary->loc, "'%s' has more than it "
                      "names, since it is the first; with an entry of a name "
                      "alone before it, it has no more", name_of(m->primary));
        break;
    }
    return !m->primary->path ||
           (xldm__string_set(m->cfg->ctx, &dom->primary.group, "primary") &&
            xldm__string_set(m->cfg->ctx, &dom->primary.emulator,
                             m->primary->path));
}

static bool check_names(const struct xldm__models *m)
{
    bool ok = true;

    for (const struct xldm__model *d = m->v; d < m->v + m->n; d++) {
        if (!d->name && (d != m->primary || d->path))
            ok = xldm__error(m->cfg->ctx, d->loc, KEY ": an entry lacks "
                             "name=");
        else if (d != m->primary && !strcmp(d->name, "primary"))
            ok = xldm__error(m->cfg->ctx, d->loc, KEY ": 'primary' is the "
                             "name of the group of '%s'",
                             name_of(m->primary));
    }
    return ok;
}

/* names: name= and path=, which say who has the others. */
static bool apply_words(struct xldm__models *m, bool names)
{
    bool ok = true;

    for (size_t i = 0; i < m->nwords; i++) {
        struct xldm__model_word *w = &m->words[i];

        if (w->row && !w->row->dialect == names)
            ok &= w->row->apply(m, w);
        else if (!w->row && names)
            ok &= unknown_word(m, w);
    }
    return ok;
}

static bool apply(struct xldm__models *m, const struct xldm__setting *s,
                  bool whole)
{
    bool ok = find_dialect(m, s) && apply_words(m, true);

    ok = ok && find_primary(m) && check_names(m);
    if (!ok || !whole)
        return false;
    ok = apply_words(m, false);
    for (const struct xldm__model *d = m->v; ok && d < m->v + m->n; d++)
        if (d != m->primary && !d->devices)
            xldm__warning(m->cfg->ctx, d->loc, KEY ": '%s' has no device: it "
                          "gets no QEMU", d->name);
    if (ok && m->dialect != 'A')
        xldm__models_warn_vifs(m);
    return ok;
}

bool xldm__cfg_device_models(struct xldm__cfg *cfg, bool whole)
{
    static const char *const beside[] = { "dm_groups", "dm_isolate" };
    const struct xldm__setting *s = xldm__cfg_find(cfg, KEY);
    struct xldm__models m = { .cfg = cfg };
    bool ok = true;

    if (!s)
        return whole;
    for (size_t i = 0; i < 2; i++)
        if (xldm__cfg_find(cfg, beside[i]))
            ok = xldm__error(cfg->ctx, s->loc, KEY " cannot be beside %s: "
                             "they say the same", beside[i]);
    ok = ok && read_models(&m, s);
    if (ok && m.n)
        ok = apply(&m, s, whole);
    else if (ok)
        xldm__warning(cfg->ctx, s->loc, KEY " is empty: one QEMU has it all");
    xldm_plan_free(m.plan);
    xldm__arena_dispose(&m.arena);
    return ok && whole;
}

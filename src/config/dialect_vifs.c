/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dialects B and C: network cards by a name that the vif has. */
#include <string.h>

#include "config/dialects.h"

/* The value of a word of the i-th vif, into buf; NULL: it has none. */
static const char *vif_word(const struct xldm__models *m, int i,
                            const char *key, char *buf, size_t size)
{
    XLU_ConfigList *list;
    const char *text = NULL;

    if (!xlu_cfg_get_list(m->cfg->xlu, "vif", &list, NULL, 1))
        text = xlu_cfg_get_listitem(list, i);
    for (; text; text = strchr(text, ',') ? strchr(text, ',') + 1 : NULL) {
        size_t n = strlen(key);

        text += strspn(text, " ");
        if (strncmp(text, key, n) || text[n] != '=')
            continue;
        snprintf(buf, size, "%.*s", (int)strcspn(text + n + 1, ","),
                 text + n + 1);
        return buf;
    }
    return NULL;
}

static const char *link_key(const struct xldm__models *m)
{
    return m->dialect == 'C' ? "vifname" : "id";
}

/* The device of the i-th vif */
static struct xldm__device *card(const struct xldm__models *m, int i)
{
    struct xldm__device *d = m->cfg->dom->devices;

    for (; d; d = d->next)
        if (d->key && !strcmp(d->key, "vif") && !i--)
            return d;
    return NULL;
}

static struct xldm__device *find_vif(const struct xldm__models *m,
                                     const char *name, char *list,
                                     size_t size)
{
    struct xldm__device *d;
    char buf[64];
    size_t n = 0;

    *list = '\0';
    for (int i = 0; (d = card(m, i)); i++) {
        const char *have = vif_word(m, i, link_key(m), buf, sizeof(buf));

        if (have && !strcmp(have, name))
            return d;
        if (have && n < size)
            n += (size_t)snprintf(list + n, size - n, "%s%s", n ? ", " : "",
                                  have);
    }
    return NULL;
}

bool xldm__models_vifs(struct xldm__models *m, struct xldm__model_word *w)
{
    char *save = NULL, list[512];
    bool ok = true;

    for (char *name = strtok_r(w->value, ";", &save); name;
         name = strtok_r(NULL, ";", &save)) {
        struct xldm__device *d;

        name = xldm__cfg_trim(name);
        d = find_vif(m, name, list, sizeof(list));
        if (d)
            ok &= xldm__models_put(m, w, d);
        else
            ok = xldm__error(m->cfg->ctx, w->model->loc, KEY ": there is no "
                             "vif with %s=%s; there are: %s", link_key(m),
                             name, *list ? list : "none");
    }
    return ok;
}

/* What became of a card that no entry names. */
void xldm__models_warn_vifs(const struct xldm__models *m)
{
    struct xldm__device *d;
    bool linked = false;
    char id[64];

    for (size_t i = 0; i < m->nwords; i++)
        linked |= m->words[i].row && m->words[i].row->apply == xldm__models_vifs;
    for (int i = 0; linked && (d = card(m, i)); i++) {
        const char *have = vif_word(m, i, link_key(m), id, sizeof(id));

        if (d->affinity.group)
            continue;
        if (m->dialect == 'B' && have)
            xldm__warning(m->cfg->ctx, d->loc, "vif id=%s is in no entry of "
                          KEY ": in 2012 the guest was without this card, "
                          "here it is the primary's", have);
        if (m->dialect == 'C' && !have)
            xldm__warning(m->cfg->ctx, d->loc, "vif has no vifname: in 2013 "
                          "the first name of vifs= took it, here it is the "
                          "primary's");
    }
}

bool xldm__models_any_vif(const struct xldm__models *m, const char *key)
{
    char buf[64];

    for (int i = 0; card(m, i); i++)
        if (vif_word(m, i, key, buf, sizeof(buf)))
            return true;
    return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dialect A: who answers a range or a PCI function of the unsplit domain. */
#include <stdlib.h>
#include <string.h>

#include "config/dialects.h"

/* ------------------------------------------------------------ values ---- */

/* "00:04.0", in hex */
static bool read_bdf(const char *text, struct xldm_range *r)
{
    unsigned bus, dev, func;
    int end = 0;

    if (sscanf(text, "%2x:%2x.%1x%n", &bus, &dev, &func, &end) != 3 ||
        text[end] || dev > 0x1f || func > 7)
        return false;
    r->first = r->last = bus << 8 | dev << 3 | func;
    return true;
}

/* "B" or "B-E", as C writes numbers */
static bool read_range(const char *text, struct xldm_range *r)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    r->first = r->last = strtoull(text, &end, 0);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        r->last = strtoull(end + 1, &end, 0);
    return !*end && r->first <= r->last;
}

static const char *accepted(enum xldm_space space)
{
    return space == XLDM_PCI ? "BB:DD.F in hex, as 00:04.0"
                             : "B or B-E, as 0x1f0-0x1f7";
}

/* ------------------------------------------------------------ answers ---- */

static bool answers(const struct xldm__planned *p, struct xldm_range r)
{
    if (r.space == XLDM_PCI)
        return p->devfn >= 0 && (uint64_t)p->devfn == r.first;
    for (size_t i = 0; i < 2; i++)
        for (const struct xldm__claim *c = p->claims[i]; c && c->source; c++)
            if (c->space == r.space && c->first <= r.last &&
                r.first <= c->last)
                return true;
    return false;
}

static struct xldm__device *device_of(const struct xldm_domain *dom,
                                      const struct xldm__planned *p)
{
    struct xldm__device *d = dom->devices;

    while (d && (d->class != p->class || strcmp(d->id, p->id)))
        d = d->next;
    return d;
}

/* "00:03.0 vga, 00:04.0 nic0" or "0x1f0-0x1f7 hda" */
static size_t list_one(const struct xldm__planned *p, enum xldm_space space,
                       char *to, size_t size)
{
    size_t n = 0;

    if (space == XLDM_PCI && p->devfn >= 0)
        return (size_t)snprintf(to, size, "00:%02x.%x %s, ",
                                (unsigned)p->devfn >> 3,
                                (unsigned)p->devfn & 7, p->id);
    for (size_t i = 0; i < 2 && space != XLDM_PCI; i++)
        for (const struct xldm__claim *c = p->claims[i];
             c && c->source && n < size; c++)
            if (c->space == space)
                n += (size_t)snprintf(to + n, size - n, "0x%llx-0x%llx %s, ",
                                      (unsigned long long)c->first,
                                      (unsigned long long)c->last, p->id);
    return n;
}

static bool no_answer(struct xldm__models *m, const struct xldm__model_word *w,
                      const char *text)
{
    char list[1024] = "none";
    size_t n = 0;

    for (size_t i = 0; i < m->plan->ndevices && n < sizeof(list); i++)
        n += list_one(&m->plan->devices[i], w->row->space, list + n,
                      sizeof(list) - n);
    if (n > 1 && n < sizeof(list))
        list[n - 2] = '\0';
    return xldm__error(m->cfg->ctx, w->model->loc, KEY ": no device answers "
                       "%s=%s; there are: %s%s", w->row->name, text, list,
                       w->row->space == XLDM_MEMORY
                           ? "; where PCI devices have their memory the "
                             "guest says: pci= names them" : "");
}

static bool put_range(struct xldm__models *m, struct xldm__model_word *w,
                      const char *text, struct xldm_range r)
{
    const struct xldm_plan *plan = m->plan;
    bool found = false, ok = true;

    for (size_t i = 0; i < plan->ndevices; i++) {
        struct xldm__device *d = device_of(m->cfg->dom, &plan->devices[i]);

        if (!d || !answers(&plan->devices[i], r))
            continue;
        found = true;
        ok &= xldm__models_put(m, w, d);
    }
    if (found || (w->model == m->primary &&
                  xldm__ranges_meet(&plan->groups[0].claims, r)))
        return ok;
    if (!xldm__ranges_meet(&plan->groups[0].claims, r))
        return no_answer(m, w, text);
    return xldm__error(m->cfg->ctx, w->model->loc, KEY ": %s=%s is the "
                       "platform's, which is the primary's", w->row->name,
                       text);
}

/* ------------------------------------------------------------- words ---- */

/* Without any group: what it says of that, the real one says again. */
static bool make_plan(struct xldm__models *m)
{
    struct xldm_ctx *silent = m->plan ? NULL : xldm__ctx_inner(m->cfg->ctx, NULL, NULL);

    if (silent)
        m->plan = xldm_plan_new(silent, m->cfg->dom, -1);
    xldm_ctx_free(silent);
    return m->plan != NULL;
}

bool xldm__models_range(struct xldm__models *m, struct xldm__model_word *w)
{
    char *save = NULL;
    bool ok = true;

    if (!make_plan(m))
        return true;
    for (char *text = strtok_r(w->value, ";", &save); text;
         text = strtok_r(NULL, ";", &save)) {
        struct xldm_range r = { .space = w->row->space };

        text = xldm__cfg_trim(text);
        if (r.space == XLDM_PCI ? read_bdf(text, &r) : read_range(text, &r))
            ok &= put_range(m, w, text, r);
        else
            ok = xldm__error(m->cfg->ctx, w->model->loc, KEY ": %s=%s is not "
                             "accepted; accepted: %s", w->row->name, text,
                             accepted(r.space));
    }
    return ok;
}

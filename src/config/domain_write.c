/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole description as XML: the platform, each device, and then what the
 * reader would not find in them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/platform.h"
#include "config/write.h"

/* ------------------------------------------------------- platform ---- */

static bool of_devices(const struct xldm__field *f)
{
    return *f->path == 'd' && !strncmp(f->path, "devices/", 8);
}

static bool of_space(const struct xldm__field *f)
{
    return *f->path == 'x' &&
           (!strncmp(f->path, "xen:", 4) || !strncmp(f->path, "xldm:", 5));
}

static bool of_libvirt(const struct xldm__field *f)
{
    return !of_devices(f) && !of_space(f);
}

static void write_platform(struct xldm__writer *w, struct xldm__node *root,
                           const struct xldm_domain *blank,
                           bool (*wanted)(const struct xldm__field *f))
{
    struct xldm__platform p = { .dom = (struct xldm_domain *)w->dom };
    struct xldm__platform none = { .dom = (struct xldm_domain *)blank };

    xldm__write_rows(w, root, xldm__platform_fields, &p, &none, wanted);
    xldm__write_rows(w, root, xldm__domain_fields, w->dom, blank, wanted);
    xldm__write_rows(w, root, xldm__ignored_fields, &p, &none, wanted);
}

/* -------------------------------------------------------- devices ---- */

static const struct xldm__device *find_device(const struct xldm_domain *dom,
                                              const struct xldm__device *dev)
{
    char buf[64], buf2[64];
    const char *id = xldm__device_identity(dev, buf, sizeof(buf));

    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        if (!xldm__is(d->class->kind, dev->class->kind))
            continue;
        if (!strcmp(id, xldm__device_identity(d, buf2, sizeof(buf2))))
            return d;
    }
    return NULL;
}

static bool take_affinity(struct xldm_ctx *ctx, struct xldm__device *to,
                          const xldm_dm_affinity *from)
{
    to->affinity.on_crash = from->on_crash;
    to->affinity.restrict_ = from->restrict_;
    return (!from->group ||
            xldm__string_set(ctx, &to->affinity.group, from->group)) &&
           (!from->emulator ||
            xldm__string_set(ctx, &to->affinity.emulator, from->emulator));
}

/* Those of libxl's config, as XML has them. */
static bool make_devices(struct xldm__writer *w, struct xldm_domain *to)
{
    bool ok = true;

    for (size_t i = 0; xldm__classes[i]; i++)
        if (xldm__classes[i]->from_libxl)
            ok &= xldm__classes[i]->from_libxl(w->ctx, &w->dom->cfg, to);
    for (struct xldm__device *d = to->devices; d; d = d->next) {
        const struct xldm__device *old = find_device(w->dom, d);

        d->loc = old ? old->loc : w->dom->loc;
        if (!old)
            continue;
        if (!d->class->places && old->pin)
            d->pin = old->pin;
        ok &= take_affinity(w->ctx, d, &old->affinity);
    }
    return ok;
}

static bool is_libxls(const struct xldm__device *d)
{
    return d->class->is_libxls ? d->class->is_libxls(d)
                               : d->class->from_libxl != NULL;
}

static void write_devices(struct xldm__writer *w, struct xldm__node *root,
                          const struct xldm_domain *made)
{
    struct xldm__node *devices = xldm__write_element(w, root, "devices", 0);

    if (!devices)
        return;
    for (const struct xldm__device *d = made->devices; d; d = d->next) {
        w->loc = d->loc;
        xldm__write_device(w, devices, d);
    }
    /* what is in no config of libxl's: a keyboard, the controller of disks */
    for (const struct xldm__device *d = w->dom->devices; d; d = d->next) {
        if ((d->key && !d->class->imply) || is_libxls(d))
            continue;
        w->loc = d->loc;
        xldm__write_device(w, devices, d);
    }
    w->loc = w->dom->loc;
}

/* ---------------------------------------------------------- whole ---- */

/* Errors in what we wrote ourselves: their lines mean nothing. */
static void relay(void *arg, const struct xldm_diag *diag)
{
    struct xldm__writer *w = arg;

    if (diag->severity == XLDM_ERROR)
        xldm__error(w->ctx, w->loc, "cannot be said in XML: %s", diag->text);
}

static void write_exact(struct xldm__writer *w, struct xldm__node *root)
{
    struct xldm_ctx *silent = xldm__ctx_inner(w->ctx, relay, w);
    struct xldm_domain *plain =
        silent ? xldm__domain_read_tree(silent, root, w->dom->file) : NULL;

    if (plain)
        xldm__exact_write(w, root, plain);
    else
        w->ok = false;
    xldm_domain_free(plain);
    xldm_ctx_free(silent);
}

static void write_whole(struct xldm__writer *w, struct xldm__node *root,
                        struct xldm_domain *made)
{
    write_platform(w, root, made, of_libvirt);
    xldm__write_element(w, root, "devices", 0);
    write_platform(w, root, made, of_devices);
    w->ok = make_devices(w, made) && w->ok;
    if (w->ok)
        write_devices(w, root, made);
    write_platform(w, root, made, of_space);
    if (w->ok && !w->tree->arena.failed)
        write_exact(w, root);
    if (w->ok && w->tree->arena.failed)
        w->ok = xldm__oom(w->ctx);
}

bool xldm__domain_to_tree(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                          struct xldm__tree *tree)
{
    struct xldm__writer w = {
        .ctx = ctx, .dom = dom, .tree = tree, .loc = dom->loc, .ok = true
    };
    struct xldm_domain *made = xldm__domain_new(dom->file);
    struct xldm__node *root = xldm__node_add(tree, NULL, "domain", 6);

    if (root && made)
        write_whole(&w, root, made);
    else
        w.ok = xldm__oom(ctx);
    xldm_domain_free(made);
    return w.ok;
}

bool xldm_domain_write_xml(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                           FILE *out)
{
    struct xldm__tree tree = { 0 };
    struct xldm__text text;
    bool ok = xldm__given(ctx, dom, "domain") &&
              xldm__given(ctx, out, "file") &&
              xldm__domain_to_tree(ctx, dom, &tree);

    if (ok) {
        text = xldm__tree_text(&tree);
        if (!text.v)
            ok = xldm__oom(ctx);
        else if (fwrite(text.v, 1, text.n, out) != text.n)
            ok = xldm__error(ctx, XLDM__NONE, "cannot write: %s",
                             strerror(errno));
    }
    xldm__tree_dispose(&tree);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm attach, detach, restart: a device as XML, or by its name. */
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "toolstack/device.h"
#include "toolstack/show.h"

#define RESTART_MS 60000

/* ------------------------------------------------------ DEVICE.xml ---- */

/* The element within a domain, where the reader of those finds it. */
static const char around[] =
    "<domain type='xen'><name>device</name><memory unit='MiB'>64</memory>"
    "<os><type>hvm</type></os><devices/></domain>";

struct xldm_domain *xldm__device_read(struct xldm_ctx *ctx, const char *text,
                                      size_t size, const char *file)
{
    struct xldm__tree tree = { 0 }, domain = { 0 };
    struct xldm_domain *dom = NULL;
    struct xldm__node *devices;

    if (xldm__tree_parse(ctx, text, size, file, &tree) &&
        xldm__tree_parse(ctx, around, strlen(around), file, &domain)) {
        devices = xldm__node_child(domain.root, "devices");
        devices->children = devices->last = tree.root;
        tree.root->parent = devices;
        dom = xldm__domain_read_tree(ctx, domain.root, file);
    }
    xldm__tree_dispose(&tree);
    xldm__tree_dispose(&domain);
    return dom;
}

static void *one_of(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                    const struct xldm__api *api, const char *id)
{
    int n = 0, found = -1;
    char *list = xldm__domain_device_list(ctx, dom, api, &n), *one = NULL;
    char name[64], want[64];
    const char *wanted =
        id ? xldm__class_identity(api->class, id, want, sizeof(want)) : NULL;

    for (int i = 0; list && found < 0 && i < n; i++) {
        xldm__api_identity(api, list + (size_t)i * api->whole, name);
        if (!id || !strcmp(name, wanted))
            found = i;
    }
    if (found >= 0 && (one = calloc(1, api->whole)) &&
        !xldm__api_copy(ctx, api, one, list + (size_t)found * api->whole)) {
        free(one);
        one = NULL;
    }
    xldm__api_list_free(api, list, n);
    return one;
}

const struct xldm__api *
xldm__device_of(struct xldm_ctx *ctx, const struct xldm_domain *dom, void **dev)
{
    const struct xldm__device *d = dom->devices;

    for (size_t i = 0; d && xldm__apis[i]; i++) {
        if (strcmp(d->class->kind, xldm__apis[i]->class->kind))
            continue;
        *dev = one_of(ctx, dom, xldm__apis[i], NULL);
        if (*dev)
            return xldm__apis[i];
        break; /* as SPICE, which libxl has no struct for */
    }
    xldm__error(ctx, d ? d->loc : dom->loc,
                "%s%scannot be plugged into a guest that runs; accepted: "
                "<disk>, <interface>, <hostdev type='pci'>; USB by xl "
                "usbctrl-attach, usbdev-attach",
                d ? xldm__device_word(d).text : "this ", d ? " " : "");
    return NULL;
}

const struct xldm__api *xldm__device_named(struct xldm_ctx *ctx,
                                           const struct xldm_domain *dom,
                                           const char *id, void **dev)
{
    char list[512] = "";
    size_t n = 0;

    for (size_t i = 0; xldm__apis[i]; i++) {
        *dev = one_of(ctx, dom, xldm__apis[i], id);
        if (*dev)
            return xldm__apis[i];
    }
    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        if (!strcmp(d->id, id)) {
            xldm__error(ctx, XLDM__NONE,
                        "%s '%s' cannot be unplugged from a guest that runs",
                        d->class->kind, id);
            return NULL;
        }
        if (n < sizeof(list))
            n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
                                  n ? ", " : "", d->id);
    }
    xldm__error(ctx, XLDM__NONE, "there is no device '%s'; there are: %s", id,
                list);
    return NULL;
}

/* --------------------------------------------------------- public ---- */

static bool find_domain(struct xldm_ctx *ctx, const char *domain,
                        uint32_t *domid)
{
    struct xldm__libxl t;
    bool ok = xldm__libxl_open(&t, ctx) && xldm__domain_find(&t, domain, domid);

    xldm__libxl_close(&t);
    return ok;
}

/* A nic that names no number is given the next one, not the file's first. */
static void unnumber(const struct xldm__api *api, void *dev)
{
    if (api == &xldm__nic_api && !((xldm_device_nic *)dev)->libxl.devid)
        ((xldm_device_nic *)dev)->libxl.devid = -1;
}

bool xldm_domain_attach(struct xldm_ctx *ctx, const char *domain,
                        const char *path)
{
    struct xldm_domain *dom = NULL;
    const struct xldm__api *api = NULL;
    char *text = NULL;
    void *dev = NULL;
    size_t size = 0;
    uint32_t domid;
    bool ok = false;

    if (xldm__given(ctx, domain, "domain") && xldm__given(ctx, path, "file"))
        text = xldm__file_read(ctx, path, &size);
    if (text)
        dom = xldm__device_read(ctx, text, size,
                                strcmp(path, "-") ? path : "<stdin>");
    if (dom)
        api = xldm__device_of(ctx, dom, &dev);
    if (api) {
        unnumber(api, dev);
        ok = find_domain(ctx, domain, &domid) &&
             xldm__running_add(ctx, domid, api, dev, NULL);
        xldm__api_dispose(api, dev);
    }
    free(dev);
    xldm_domain_free(dom);
    free(text);
    return ok;
}

bool xldm_domain_detach(struct xldm_ctx *ctx, const char *domain,
                        const char *id)
{
    struct xldm__libxl t = { 0 };
    struct xldm_domain *dom = NULL;
    const struct xldm__api *api = NULL;
    void *dev = NULL;
    uint32_t domid;
    bool ok = false;

    if (xldm__given(ctx, domain, "domain") &&
        xldm__given(ctx, id, "device's name") && xldm__libxl_open(&t, ctx) &&
        xldm__domain_find(&t, domain, &domid))
        dom = xldm__running_domain(&t, domid);
    if (dom)
        api = xldm__device_named(ctx, dom, id, &dev);
    if (api) {
        ok = xldm__running_remove(ctx, domid, api, dev, NULL);
        xldm__api_dispose(api, dev);
    }
    free(dev);
    xldm_domain_free(dom);
    xldm__libxl_close(&t);
    return ok;
}

bool xldm_domain_restart_group(struct xldm_ctx *ctx, const char *domain,
                               const char *group)
{
    json_t *reply, *arguments;
    uint32_t domid;

    if (!xldm__given(ctx, domain, "domain") ||
        !xldm__given(ctx, group, "group") || !find_domain(ctx, domain, &domid))
        return false;
    if (!xldm__running_split(domid))
        return xldm__error(ctx, XLDM__NONE,
                           "domain %u runs in one QEMU without xldm-dm, which "
                           "cannot be restarted",
                           domid);
    arguments = json_pack("{ss}", "group", group);
    if (!arguments)
        return xldm__error(ctx, XLDM__NONE, "'%s' is not a group's name",
                           group);
    reply = xldm__dm_ask(ctx, domid, "x-xldm-restart", arguments, RESTART_MS);
    json_decref(reply);
    return reply != NULL;
}

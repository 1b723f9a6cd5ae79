/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB devices of the host, on a controller of libxl's usbctrl list; and what
 * else -usbdevice can say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/foreign.h"
#include "devices/usb.h"

/* ------------------------------------------------------- argv side ---- */

/* input.c has taken the tablets and mice. */
static bool usbdev_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    char bus[32] = "";
    unsigned n;

    p->controller = "usb";
    if (xldm__option_is(o, "usbdevice", NULL) && o->value) {
        p->owner = XLDM__NAMED;
        p->id = xldm__fmt(p->arena, "%.60s", o->value);
    } else if (xldm__option_is(o, "device", NULL) && o->value &&
               !strncmp(o->value, "usb-", 4) &&
               !xldm__option_is(o, "device", "usb-ehci")) {
        xldm__option_get(o, "bus", bus, sizeof(bus));
        if (sscanf(bus, "xenusb-%u.", &n) == 1) /* libxl plugs it in */
            p->controller = xldm__fmt(p->arena, "usb%u", n);
        else if (*bus && strcmp(bus, "usb.0"))
            return false;
        p->owner = XLDM__SHARED; /* or it is somebody's extra argument */
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------ description side ---- */

#define USBDEV(member) .offset = offsetof(struct xldm__usbdev_device, member)

static bool set_number(struct xldm_ctx *ctx, const char *what, uint8_t *where,
                       const char *value, struct xldm_loc loc)
{
    unsigned n;

    if (!xldm__hex(value, 255, &n) || !n)
        return xldm__error(ctx, loc,
                           "<hostdev> source/address/@%s: '%s' is not "
                           "accepted; accepted: 1 to 255",
                           what, value);
    *where = (uint8_t)n;
    return true;
}

static bool set_bus(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__usbdev_device *u = object;

    return set_number(ctx, "bus", &u->libxl.u.hostdev.hostbus, value, loc);
}

static bool set_device(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__usbdev_device *u = object;

    return set_number(ctx, "device", &u->libxl.u.hostdev.hostaddr, value,
                      loc);
}

static const char *get_bus(struct xldm__arena *a, const void *object,
                           size_t i)
{
    const struct xldm__usbdev_device *u = object;

    return i ? NULL : xldm__fmt(a, "%u", u->libxl.u.hostdev.hostbus);
}

static const char *get_device(struct xldm__arena *a, const void *object,
                              size_t i)
{
    const struct xldm__usbdev_device *u = object;

    return i ? NULL : xldm__fmt(a, "%u", u->libxl.u.hostdev.hostaddr);
}

static const char *get_ctrl(struct xldm__arena *a, const void *object,
                            size_t i)
{
    const struct xldm__usbdev_device *u = object;

    return i || libxl_defbool_is_default(u->placed)
               ? NULL : xldm__fmt(a, "%d", u->libxl.ctrl);
}

static const struct xldm__name mode_names[] = { { "subsystem", 0 },
                                                { NULL, 0 } };
static const struct xldm__name type_names[] = { { "usb", 0 }, { NULL, 0 } };

static const struct xldm__field fields[] = {
    { .path = "@mode", .kind = XLDM__ENUM, USBDEV(fixed),
      .names = mode_names },
    { .path = "@type", .kind = XLDM__ENUM, USBDEV(fixed),
      .names = type_names, .required = true },
    { .path = "@managed", .kind = XLDM__IGNORED,
      .why = "libxl takes a USB device from the host's driver itself" },
    { .path = "source/address/@bus", .kind = XLDM__CUSTOM, .set = set_bus,
      .get = get_bus, .required = true },
    { .path = "source/address/@device", .kind = XLDM__CUSTOM,
      .set = set_device, .get = get_device, .required = true },
    { .path = "source/@startupPolicy", .kind = XLDM__IGNORED,
      .why = "the device has to be there" },
    { .path = "source/vendor/@id", .kind = XLDM__IGNORED,
      .why = "libxl takes a USB device by its place on the host, as lsusb "
             "shows it" },
    { .path = "source/product/@id", .kind = XLDM__IGNORED,
      .why = "the address says which device it is" },
    { .path = "address", .kind = XLDM__PRESENT, USBDEV(placed) },
    { .path = "address/@type", .kind = XLDM__ENUM, USBDEV(fixed),
      .names = type_names, .completes = true },
    { .path = "address/@bus", .kind = XLDM__INT, USBDEV(libxl.ctrl),
      .get = get_ctrl, .completes = true },
    { .path = "address/@port", .kind = XLDM__INT, USBDEV(libxl.port) },
    { 0 },
};

static void usbdev_init(struct xldm__device *base)
{
    struct xldm__usbdev_device *u = (struct xldm__usbdev_device *)base;

    libxl_device_usbdev_init(&u->libxl);
    libxl_device_usbdev_init_type(&u->libxl, LIBXL_USBDEV_TYPE_HOSTDEV);
    u->libxl.ctrl = -1;
}

static void usbdev_dispose(struct xldm__device *base)
{
    libxl_device_usbdev_dispose(&((struct xldm__usbdev_device *)base)->libxl);
}

static bool usbdev_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                          unsigned index)
{
    struct xldm__usbdev_device *u = (struct xldm__usbdev_device *)base;

    u->said_ctrl = u->libxl.ctrl;
    u->said_port = u->libxl.port;
    if (u->libxl.ctrl >= -1 && u->libxl.port >= 0) {
        snprintf(base->id, sizeof(base->id), "usbdev%u", index);
        return true;
    }
    return xldm__error(ctx, base->loc,
                       "<hostdev> address: bus %d, port %d is no place on a "
                       "USB controller of the domain",
                       u->libxl.ctrl, u->libxl.port);
}

/* -------------------------------------------------------- its place ---- */

static const struct xldm__usbdev_device *at(const struct xldm_domain *dom, int ctrl,
                               int port)
{
    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        const struct xldm__usbdev_device *u = (const struct xldm__usbdev_device *)d;

        if (d->class == &xldm__usbdev && u->libxl.ctrl == ctrl &&
            u->libxl.port == port)
            return u;
    }
    return NULL;
}

/* The first free port of c, or 0. */
static int free_port(const struct xldm_domain *dom,
                     const libxl_device_usbctrl *c)
{
    for (int port = 1; port <= c->ports; port++)
        if (!at(dom, c->devid, port))
            return port;
    return 0;
}

/* libxl adds a controller when there is no free port. */
static struct xldm__device *add_controller(struct xldm_ctx *ctx,
                                           struct xldm_domain *dom,
                                           const struct xldm__device *for_)
{
    struct xldm__device *d = xldm__usbctrl_add(ctx, dom);

    if (!d)
        return NULL;
    d->loc = for_->loc;
    d->affinity_loc = for_->affinity_loc;
    d->key = "usbctrl"; /* for libxl's config: it adds it there itself */
    xldm__note(ctx, for_->loc, "'%s' gets a USB controller, '%s'", for_->id,
               d->id);
    return d;
}

static bool place(struct xldm_ctx *ctx, struct xldm_domain *dom,
                  struct xldm__usbdev_device *u)
{
    const libxl_device_usbctrl *c;
    struct xldm__device *d;

    for (d = dom->devices; d; d = d->next) {
        c = xldm__usbctrl_get(d);
        if (c && *d->id &&
            (u->libxl.ctrl == c->devid ||
             (u->libxl.ctrl == -1 && free_port(dom, c))))
            break;
    }
    if (!d && u->libxl.ctrl != -1)
        return xldm__error(ctx, u->base.loc,
                           "%s '%s': there is no USB controller %d of libxl's "
                           "list",
                           xldm__device_word(&u->base).text, u->base.id,
                           u->libxl.ctrl);
    if (!d)
        d = add_controller(ctx, dom, &u->base);
    if (!d)
        return false;
    c = xldm__usbctrl_get(d);
    u->libxl.ctrl = c->devid;
    u->qusb = c->type == LIBXL_USBCTRL_TYPE_QUSB;
    if (!u->libxl.port)
        u->libxl.port = free_port(dom, c);
    if (u->libxl.port < 1 || u->libxl.port > c->ports)
        return xldm__error(ctx, u->base.loc,
                           "%s has no place on USB controller '%s', which has "
                           "%d ports",
                           xldm__device_word(&u->base).text, d->id, c->ports);
    memcpy(u->base.controller, d->controller, sizeof(d->controller));
    return true;
}

static bool usbdev_check(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const struct xldm__usbdev_device *other;
    bool ok = true;

    for (struct xldm__device *d = dom->devices; d; d = d->next) {
        struct xldm__usbdev_device *u = (struct xldm__usbdev_device *)d;

        if (d->class != &xldm__usbdev || !*d->id)
            continue;
        if (!place(ctx, dom, u)) {
            ok = false;
            continue;
        }
        other = at(dom, u->libxl.ctrl, u->libxl.port);
        if (other == u)
            continue;
        xldm__note(ctx, other->base.loc, "%s '%s' is here",
                   xldm__device_word(d).text, other->base.id);
        ok = xldm__error(ctx, d->loc,
                         "%s '%s' is on port %d of USB controller %d, and so "
                         "is '%s'",
                         xldm__device_word(d).text, d->id, u->libxl.port, u->libxl.ctrl,
                         other->base.id);
    }
    return ok;
}

static bool usbdev_to_libxl(struct xldm_ctx *ctx,
                            const struct xldm__device *base,
                            libxl_domain_config *cfg)
{
    const struct xldm__usbdev_device *u = (const struct xldm__usbdev_device *)base;
    libxl_device_usbdev *to = xldm__grow(&cfg->usbdevs, &cfg->num_usbdevs,
                                         sizeof(*to));

    if (!to)
        return xldm__oom(ctx);
    libxl_device_usbdev_init(to);
    libxl_device_usbdev_init_type(to, LIBXL_USBDEV_TYPE_HOSTDEV);
    to->ctrl = u->said_ctrl; /* libxl places it by the same rule */
    to->port = u->said_port;
    to->u.hostdev = u->libxl.u.hostdev;
    return true;
}

static bool usbdev_pv_by_qemu(const struct xldm__device *base)
{
    return ((const struct xldm__usbdev_device *)base)->qusb;
}

static bool usbdev_from_libxl(struct xldm_ctx *ctx,
                              const libxl_domain_config *cfg,
                              struct xldm_domain *to)
{
    for (int i = 0; i < cfg->num_usbdevs; i++) {
        const libxl_device_usbdev *from = &cfg->usbdevs[i];
        struct xldm__usbdev_device *u =
            (void *)xldm__domain_add(to, &xldm__usbdev);

        if (!u)
            return xldm__oom(ctx);
        u->libxl.ctrl = from->ctrl;
        u->libxl.port = from->port;
        u->libxl.u.hostdev = from->u.hostdev;
        if (from->ctrl != -1 || from->port)
            libxl_defbool_set(&u->placed, true);
        snprintf(u->base.id, sizeof(u->base.id), "usbdev%d", i);
    }
    return true;
}

const struct xldm__class xldm__usbdev = {
    .kind = "usbdev",
    .group_name = "usb",
    .repeats = true,
    .host = true,
    .options = (const char *const[]){ "usbdevice", "device", NULL },
    .classify = usbdev_classify,
    .element = "hostdev",
    .when = { .attribute = "type", .value = "usb" },
    .size = sizeof(struct xldm__usbdev_device),
    .fields = fields,
    .foreign = xldm__host_foreign,
    .keys = xldm__usbdev_keys,
    .init = usbdev_init,
    .dispose = usbdev_dispose,
    .finish = usbdev_finish,
    .check = usbdev_check,
    .to_libxl = usbdev_to_libxl,
    .from_libxl = usbdev_from_libxl,
    .pv_by_qemu = usbdev_pv_by_qemu,
};

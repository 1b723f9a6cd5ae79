/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB controllers of libxl's config: its defaults, and as <controller>. */
#include <stdio.h>

#include "config/xml.h"
#include "devices/usb.h"

#define TYPE(n) LIBXL_USBCTRL_TYPE_##n

/* As libxl__device_usbctrl_setdefault(). */
bool xldm__usbctrl_complete(struct xldm_ctx *ctx,
                            struct xldm__usbctrl_device *u)
{
    static const int fixed_ports[] = { 0, 2, 6, 0 };
    libxl_device_usbctrl *c = &u->libxl;
    bool emulated = c->type == TYPE(AUTO) || c->type == TYPE(DEVICEMODEL);
    int last = emulated ? 3 : 2, ports = emulated ? 15 : 31, def = 8;

    if (!c->version)
        c->version = 2;
    if (c->version < 1 || c->version > last)
        return xldm__error(ctx, u->base.loc,
                           "%s of USB %d: libxl has USB 1 to %d of this type",
                           xldm__device_word(&u->base).text, c->version, last);
    if (emulated && fixed_ports[c->version])
        ports = def = fixed_ports[c->version];
    if (!c->ports)
        c->ports = def;
    if (c->ports < 1 || c->ports > ports ||
        (emulated && fixed_ports[c->version] && c->ports != ports))
        return xldm__error(ctx, u->base.loc,
                           "%s ports: %d is not accepted; accepted: %s%d",
                           xldm__device_word(&u->base).text, c->ports, ports == def ? "" : "1 to ", ports);
    c->type = c->type == TYPE(AUTO) ? TYPE(DEVICEMODEL) : c->type;
    c->devid = u->index;
    snprintf(u->base.id, sizeof(u->base.id), "usb%d", u->index);
    if (emulated)
        snprintf(u->base.controller, sizeof(u->base.controller), "%s",
                 u->base.id);
    return true;
}

static struct xldm__usbctrl_device *make(struct xldm_domain *to, int model,
                                         int index)
{
    struct xldm__usbctrl_device *u =
        (void *)xldm__domain_add(to, &xldm__usbctrl);

    if (!u)
        return NULL;
    u->model = model;
    if (model > XLDM__OF_LIST) {
        snprintf(u->base.id, sizeof(u->base.id), "usb");
        return u;
    }
    u->index = index;
    snprintf(u->base.id, sizeof(u->base.id), "usb%d", index);
    return u;
}

static bool make_of_list(struct xldm_ctx *ctx, const libxl_device_usbctrl *c,
                         struct xldm_domain *to)
{
    bool named = c->type == TYPE(QUSB) &&
                 (c->version == 1 || c->version == 2);
    struct xldm__usbctrl_device *u =
        make(to, !named ? XLDM__USB_BY_DEFAULT : c->version == 1 ? XLDM__USB_QUSB1 : XLDM__USB_QUSB2,
             c->devid);

    if (!u)
        return xldm__oom(ctx);
    u->libxl.ports = c->ports;
    if (named)
        return true;
    libxl_defbool_set(&u->typed, true);
    u->libxl.type = c->type;
    u->libxl.version = c->version;
    return true;
}

/* The PC's is where its QEMU argument is: xldm__usbctrl_from_cfg() */
static bool make_pc(struct xldm_ctx *ctx, const libxl_domain_build_info *b,
                    struct xldm_domain *to)
{
    static const int models[] = { XLDM__UHCI, XLDM__EHCI, XLDM__XHCI };
    int version = b->u.hvm.usbversion;
    struct xldm__usbctrl_device *u;

    if (xldm__usb_legacy(b))
        version = 1;
    else if (!version && xldm__usb_redirections(b) > 0)
        version = 2;
    if (version < 1 || version > 3)
        return true;
    u = make(to, models[version - 1], 0);
    if (!u)
        return xldm__oom(ctx);
    if (xldm__usb_legacy(b))
        u->base.pin = XLDM__OF_PIIX3;
    return true;
}

bool xldm__usbctrl_from_libxl(struct xldm_ctx *ctx,
                              const libxl_domain_config *cfg,
                              struct xldm_domain *to)
{
    bool ok = make_pc(ctx, &cfg->b_info, to);

    for (int i = 0; i < cfg->num_usbctrls; i++)
        ok &= make_of_list(ctx, &cfg->usbctrls[i], to);
    return ok;
}

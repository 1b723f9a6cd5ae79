/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * USB controllers.  The one of a PC ("usb": libxl's usb and usbversion) is in
 * QEMU's command line; those of libxl's usbctrl list ("usbN") are plugged in
 * over QMP after the start, or are paravirtual.
 */
#include <stdio.h>
#include <string.h>
#include "config/xml.h"
#include "devices/usb.h"

/* ------------------------------------------------------- argv side ---- */

bool xldm__usb_legacy(const libxl_domain_build_info *b)
{
    return xldm__is_on(b->u.hvm.usb, false) || b->u.hvm.usbdevice ||
           (b->u.hvm.usbdevice_list && *b->u.hvm.usbdevice_list);
}

/* libxl: channels for redirection need SPICE, and bring a USB 2 controller. */
int xldm__usb_redirections(const libxl_domain_build_info *b)
{
    return xldm__is_on(b->u.hvm.spice.enable, false)
               ? b->u.hvm.spice.usbredirection
               : 0;
}

static void add_device(struct xldm__emit *e, const char *value)
{
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, value);
}

static void emit_usb(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    int version = b->u.hvm.usbversion;

    if (!version && xldm__usb_redirections(b) > 0)
        version = 2;
    if (xldm__usb_legacy(b)) {
        xldm__argv_add(e->argv, "-usb");
    } else if (version == 1) {
        add_device(e, "piix3-usb-uhci,id=usb");
    } else if (version == 2) {
        add_device(e, "ich9-usb-ehci1,id=usb,addr=0x1d.0x7,multifunction=on");
        for (int i = 0; i < 3; i++) /* libxl's %#x writes no 0x before 0 */
            add_device(e, xldm__fmt(e->argv->arena,
                                    "ich9-usb-uhci%d,masterbus=usb.0,"
                                    "firstport=%d,addr=0x1d.%#x,"
                                    "multifunction=on",
                                    i + 1, 2 * i, (unsigned)i));
    } else if (version == 3) {
        add_device(e, "nec-usb-xhci,id=usb");
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_USB, emit_usb, XLDM__EVERY },
    { 0 },
};

/* XLDM__UHCI has an I/O BAR, XLDM__EHCI and xHCI a memory BAR: nothing fixed. */
static const struct xldm__controller controllers[] = {
    { .name = "usb", .devfn = -1 },
    { 0 },
};

#define ICH9_SLOT 0x1d

static bool is_controller(const struct xldm__option *o)
{
    char driver[24], id[8];

    if (!xldm__option_is(o, "device", NULL) ||
        !xldm__option_get(o, "", driver, sizeof(driver)))
        return false;
    if (!strncmp(driver, "ich9-usb-uhci", 13))
        return xldm__option_get(o, "masterbus", id, sizeof(id)) &&
               !strcmp(id, "usb.0");
    return (!strcmp(driver, "piix3-usb-uhci") ||
            !strcmp(driver, "ich9-usb-ehci1") ||
            !strcmp(driver, "nec-usb-xhci")) &&
           xldm__option_get(o, "id", id, sizeof(id)) && !strcmp(id, "usb");
}

/* PIIX3's own XLDM__UHCI is function 2 of the slot that PIIX3 has.  Whoever has
 * it: that slot's other functions stay where they are. */
/* "usb0" of those that libxl plugs in, as xenusb-0; NULL: it is none */
static const char *plugged_name(struct xldm__part *p)
{
    char id[32];

    if (!xldm__option_get(p->option, "id", id, sizeof(id)) ||
        strncmp(id, "xenusb-", 7) || id[7 + strspn(id + 7, "0123456789")])
        return NULL;
    return xldm__fmt(p->arena, "usb%s", id + 7);
}

static bool usbctrl_classify(struct xldm__part *p)
{
    const char *name = plugged_name(p);

    if (xldm__option_is(p->option, "usb", NULL))
        p->devfn = XLDM__OF_PIIX3;
    else if (name || is_controller(p->option))
        p->pci = true;
    else
        return false;
    p->owner = XLDM__NAMED;
    p->id = p->controller = name ? name : "usb";
    return true;
}

static bool usbctrl_later(const char *id, char *controller, size_t size)
{
    size_t n = strncmp(id, "usb", 3) ? 0 : strspn(id + 3, "0123456789");

    if (!n || id[3 + n])
        return false;
    snprintf(controller, size, "%s", id);
    return true;
}

/* ------------------------------------------------ description side ---- */

#define USB(member) .offset = offsetof(struct xldm__usbctrl_device, member)
#define TYPE(n) LIBXL_USBCTRL_TYPE_##n

const libxl_device_usbctrl *xldm__usbctrl_get(const struct xldm__device *base)
{
    const struct xldm__usbctrl_device *u = (const struct xldm__usbctrl_device *)base;

    return base->class == &xldm__usbctrl && u->model <= XLDM__OF_LIST ? &u->libxl
                                                                : NULL;
}

/* How libvirt names them. */
static const struct xldm__name model_names[] = {
    { "qusb1", XLDM__USB_QUSB1 },          { "qusb2", XLDM__USB_QUSB2 },
    { "piix3-uhci", XLDM__UHCI },      { "ich9-ehci1", XLDM__EHCI },
    { "ich9-uhci1", XLDM__COMPANION }, { "ich9-uhci2", XLDM__COMPANION },
    { "ich9-uhci3", XLDM__COMPANION }, { "nec-xhci", XLDM__XHCI },
    { "none", XLDM__NO_USB },          { NULL, 0 },
};
static const struct xldm__name controller_names[] = { { "usb", 0 },
                                                      { NULL, 0 } };
static const struct xldm__name type_names[] = {
    { "auto", TYPE(AUTO) },
    { "pv", TYPE(PV) },
    { "devicemodel", TYPE(DEVICEMODEL) },
    { "qusb", TYPE(QUSB) },
    { NULL, 0 },
};

static const char *get_type(struct xldm__arena *a, const void *object,
                            size_t i)
{
    const struct xldm__usbctrl_device *u = object;

    (void)a;
    return i || libxl_defbool_is_default(u->typed)
               ? NULL : libxl_usbctrl_type_to_string(u->libxl.type);
}

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, USB(fixed),
      .names = controller_names, .required = true },
    { .path = "@index", .kind = XLDM__INT, USB(index) },
    { .path = "@model", .kind = XLDM__ENUM, USB(model),
      .names = model_names },
    { .path = "@ports", .kind = XLDM__INT, USB(libxl.ports) },
    { .path = "master", .kind = XLDM__PRESENT, USB(master) },
    { .path = "master/@startport", .kind = XLDM__INT, USB(fixed) },
    { .path = "xldm:usbctrl", .kind = XLDM__PRESENT, USB(typed) },
    { .path = "xldm:usbctrl/@type", .kind = XLDM__ENUM, USB(libxl.type),
      .names = type_names, .get = get_type, .completes = true },
    { .path = "xldm:usbctrl/@version", .kind = XLDM__INT,
      USB(libxl.version) },
    { 0 },
};

static void usbctrl_init(struct xldm__device *base)
{
    struct xldm__usbctrl_device *u = (struct xldm__usbctrl_device *)base;

    libxl_device_usbctrl_init(&u->libxl);
    u->model = XLDM__USB_BY_DEFAULT;
}

static void usbctrl_dispose(struct xldm__device *base)
{
    libxl_device_usbctrl_dispose(&((struct xldm__usbctrl_device *)base)->libxl);
}

static bool usbctrl_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                           unsigned index)
{
    struct xldm__usbctrl_device *u = (struct xldm__usbctrl_device *)base;
    bool typed = !libxl_defbool_is_default(u->typed);

    (void)index;
    if (u->index < 0 || u->index > 255)
        return xldm__error(ctx, base->loc,
                           "<controller> @index: %d is not accepted; "
                           "accepted: 0 to 255",
                           u->index);
    if (typed && u->model == XLDM__USB_BY_DEFAULT)
        u->model = XLDM__OF_LIST;
    if (typed && u->model != XLDM__OF_LIST)
        return xldm__error(ctx, base->loc,
                           "<xldm:usbctrl> is for a <controller> without "
                           "model");
    if (u->model == XLDM__COMPANION && base->pin &&
        base->pin >> 3 != ICH9_SLOT)
        return xldm__error(ctx, base->pin_loc,
                           "<controller> address/@slot: 0x%x is not accepted; "
                           "accepted: 0x%x, where libxl puts the USB 2 "
                           "controller and its companions",
                           base->pin >> 3, ICH9_SLOT);
    if (u->model == XLDM__COMPANION || u->model == XLDM__NO_USB)
        return !base->affinity.group ||
               xldm__error(ctx, base->affinity_loc,
                           "<devicemodel> is not accepted here: this "
                           "<controller> is part of another, or none; name "
                           "the group there");
    if (u->model > XLDM__OF_LIST) {
        snprintf(base->id, sizeof(base->id), "usb");
        if (u->model == XLDM__UHCI && base->pin == XLDM__OF_PIIX3) {
            u->of_piix3 = true; /* which one it is, rather than where */
            base->pin = 0;
        }
        return true;
    }
    if (u->model != XLDM__OF_LIST) {
        u->libxl.type = TYPE(QUSB);
        u->libxl.version = u->model == XLDM__USB_QUSB1 ? 1 : 2;
    }
    u->said = u->libxl;
    return xldm__usbctrl_complete(ctx, u);
}

struct xldm__device *xldm__usbctrl_add(struct xldm_ctx *ctx,
                                       struct xldm_domain *dom)
{
    struct xldm__usbctrl_device *u;
    int next = 0;

    for (struct xldm__device *d = dom->devices; d; d = d->next) {
        const libxl_device_usbctrl *c = xldm__usbctrl_get(d);

        if (c && c->devid >= next)
            next = c->devid + 1;
    }
    u = (struct xldm__usbctrl_device *)xldm__domain_add(dom, &xldm__usbctrl);
    if (!u) {
        xldm__oom(ctx);
        return NULL;
    }
    u->model = XLDM__OF_LIST;
    u->index = next;
    return xldm__usbctrl_complete(ctx, u) ? &u->base : NULL;
}

/* libxl has USB tablets and mice on PIIX3's own controller only. */
static bool usbctrl_check(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    struct xldm__usbctrl_device *u = NULL;
    const struct xldm__device *input = NULL;

    for (struct xldm__device *d = dom->devices; d; d = d->next) {
        if (d->class == &xldm__usbctrl && !strcmp(d->id, "usb"))
            u = (struct xldm__usbctrl_device *)d;
        if (d->class == &xldm__input && *d->id && !*d->controller)
            input = d;
    }
    if (!u || !input || u->base.key)
        return true;
    if (u->model == XLDM__UHCI) {
        u->of_piix3 = true;
        return true;
    }
    xldm__note(ctx, u->base.loc, "the <controller> is here");
    return xldm__error(ctx, input->loc,
                       "<input> '%s' needs the USB 1 controller "
                       "(piix3-uhci), and libxl has one kind in a domain",
                       input->id);
}

static bool usbctrl_to_libxl(struct xldm_ctx *ctx,
                             const struct xldm__device *base,
                             libxl_domain_config *cfg)
{
    const struct xldm__usbctrl_device *u = (const struct xldm__usbctrl_device *)base;
    libxl_device_usbctrl *to;

    if (u->model == XLDM__UHCI && u->of_piix3) {
        libxl_defbool_set(&cfg->b_info.u.hvm.usb, true);
        return true;
    }
    if (u->model > XLDM__OF_LIST) {
        cfg->b_info.u.hvm.usbversion = u->model == XLDM__UHCI ? 1
                                       : u->model == XLDM__EHCI ? 2
                                                          : 3;
        return true;
    }
    to = xldm__grow(&cfg->usbctrls, &cfg->num_usbctrls, sizeof(*to));
    if (!to)
        return xldm__oom(ctx);
    libxl_device_usbctrl_init(to);
    to->type = u->said.type;
    to->devid = u->libxl.devid;
    to->version = u->said.version;
    to->ports = u->said.ports;
    return true;
}

static bool usbctrl_pv_by_qemu(const struct xldm__device *base)
{
    const libxl_device_usbctrl *c = xldm__usbctrl_get(base);

    return c && c->type == TYPE(QUSB);
}

const struct xldm__class xldm__usbctrl = {
    .kind = "usbctrl",
    .group_name = "usb",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "usb", "device", NULL },
    .classify = usbctrl_classify,
    .later = usbctrl_later,
    .element = "controller",
    .when = { .attribute = "type", .value = "usb" },
    .size = sizeof(struct xldm__usbctrl_device),
    .fields = fields,
    .keys = xldm__usbctrl_keys,
    .from_cfg = xldm__usbctrl_from_cfg,
    .init = usbctrl_init,
    .dispose = usbctrl_dispose,
    .finish = usbctrl_finish,
    .check = usbctrl_check,
    .to_libxl = usbctrl_to_libxl,
    .from_libxl = xldm__usbctrl_from_libxl,
    .pv_by_qemu = usbctrl_pv_by_qemu,
};

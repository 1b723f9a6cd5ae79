/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keyboard, mouse and tablet: on PS/2, as every PC has them, or on USB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/usb.h"

/* ------------------------------------------------------- argv side ---- */

/* All of libxl's -usbdevice, whatever they are. */
static void emit_inputs(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    char **s = b->u.hvm.usbdevice_list;

    if (b->u.hvm.usbdevice) {
        xldm__argv_add(e->argv, "-usbdevice");
        xldm__argv_add(e->argv, b->u.hvm.usbdevice);
        return;
    }
    for (; s && *s; s++) {
        xldm__argv_add(e->argv, "-usbdevice");
        xldm__argv_add(e->argv, *s);
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_USB, emit_inputs, XLDM__EVERY },
    { 0 },
};

static const struct xldm__name type_names[] = {
    { "mouse", 0 },
    { "tablet", 1 },
    { "keyboard", 2 },
    { NULL, 0 },
};

static bool input_classify(struct xldm__part *p)
{
    for (const struct xldm__name *n = type_names; n->name; n++) {
        if (!xldm__option_is(p->option, "usbdevice", n->name))
            continue;
        p->owner = XLDM__NAMED;
        p->id = n->name;
        p->controller = "usb";
        return true;
    }
    return false;
}

/* The i8042 is there without any argument, with the display. */
static bool input_later(const char *id, char *controller, size_t size)
{
    if (strcmp(id, "ps2-mouse") && strcmp(id, "ps2-keyboard"))
        return false;
    snprintf(controller, size, "ui");
    return true;
}

/* ------------------------------------------------ description side ---- */

enum { BUS_BY_TYPE, BUS_PS2, BUS_USB };

struct input {
    struct xldm__device base;
    int type, bus;
};

#define INPUT(member) .offset = offsetof(struct input, member)

static const struct xldm__name bus_names[] = {
    { "ps2", BUS_PS2 },
    { "usb", BUS_USB },
    { NULL, 0 },
};

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, INPUT(type), .names = type_names,
      .required = true },
    { .path = "@bus", .kind = XLDM__ENUM, INPUT(bus), .names = bus_names },
    { 0 },
};

static bool input_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                         unsigned index)
{
    struct input *input = (struct input *)base;
    const char *type = type_names[input->type].name;

    (void)index;
    if (!input->bus)
        input->bus = strcmp(type, "tablet") ? BUS_PS2 : BUS_USB;
    if (input->bus == BUS_USB) {
        snprintf(base->id, sizeof(base->id), "%s", type);
        return true;
    }
    if (!strcmp(type, "tablet"))
        return xldm__error(ctx, base->loc,
                           "<input> of type 'tablet' is not accepted on bus "
                           "'ps2'; accepted: usb");
    snprintf(base->id, sizeof(base->id), "ps2-%s", type);
    snprintf(base->controller, sizeof(base->controller), "ui");
    return true;
}

static bool input_to_libxl(struct xldm_ctx *ctx,
                           const struct xldm__device *base,
                           libxl_domain_config *cfg)
{
    const struct input *input = (const struct input *)base;

    return input->bus != BUS_USB ||
           xldm__list_add(ctx, &cfg->b_info.u.hvm.usbdevice_list,
                          type_names[input->type].name);
}

static bool make(struct xldm_ctx *ctx, const char *text,
                 struct xldm_domain *to)
{
    const struct xldm__name *n = type_names;
    struct input *input;

    while (n->name && strcmp(n->name, text))
        n++;
    if (!n->name)
        return true; /* not one that a description has: <xldm:config> */
    input = (struct input *)xldm__domain_add(to, &xldm__input);
    if (!input)
        return xldm__oom(ctx);
    input->type = n->value;
    input->bus = BUS_USB;
    snprintf(input->base.id, sizeof(input->base.id), "%s", text);
    xldm__device_number(to, &input->base);
    return true;
}

static bool input_from_libxl(struct xldm_ctx *ctx,
                             const libxl_domain_config *cfg,
                             struct xldm_domain *to)
{
    const libxl_domain_build_info *b = &cfg->b_info;
    char **list = b->u.hvm.usbdevice_list;
    bool ok = true;

    if (b->u.hvm.usbdevice)
        return make(ctx, b->u.hvm.usbdevice, to);
    for (; list && *list; list++)
        ok &= make(ctx, *list, to);
    return ok;
}

/* On PS/2 they are in no config of libxl's. */
static bool input_is_libxls(const struct xldm__device *base)
{
    return !*base->controller;
}

static void input_imply(struct xldm__device *base)
{
    struct input *input = (struct input *)base;
    const struct xldm__name *n = type_names;

    while (n->name && strcmp(n->name, base->id + strlen("ps2-")))
        n++;
    input->type = n->value;
    input->bus = BUS_PS2;
}

const struct xldm__class xldm__input = {
    .kind = "input",
    .group_name = "usb",
    .repeats = true,
    .emitters = emitters,
    .options = (const char *const[]){ "usbdevice", NULL },
    .classify = input_classify,
    .later = input_later,
    .imply = input_imply,
    .element = "input",
    .size = sizeof(struct input),
    .fields = fields,
    .keys = xldm__input_keys,
    .from_cfg = xldm__input_from_cfg,
    .finish = input_finish,
    .to_libxl = input_to_libxl,
    .from_libxl = input_from_libxl,
    .is_libxls = input_is_libxls,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The display's host side: VNC or SDL, and the keyboard layout. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/class.h"

/* ------------------------------------------------------- argv side ---- */

/* libxl's defaults: on, 127.0.0.1:0, next free display. */
static void emit_vnc(struct xldm__emit *e)
{
    const libxl_vnc_info *vnc = &e->cfg->b_info.u.hvm.vnc;
    const char *listen = vnc->listen ? vnc->listen : "127.0.0.1";
    bool on = libxl_defbool_is_default(vnc->enable) ||
              libxl_defbool_val(vnc->enable);
    bool to = libxl_defbool_is_default(vnc->findunused) ||
              libxl_defbool_val(vnc->findunused);
    struct xldm__arena *a = e->argv->arena;

    xldm__argv_add(e->argv, "-vnc");
    if (!on) {
        xldm__argv_add(e->argv, "none");
        return;
    }
    listen = xldm__escape(a, listen);
    if (!strchr(listen, ':'))
        listen = xldm__fmt(a, "%s:%d", listen, vnc->display);
    xldm__argv_addf(e->argv, "%s%s%s", listen,
                    vnc->passwd && *vnc->passwd ? ",password=on" : "",
                    to ? ",to=99" : "");
}

static void emit_display(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;

    emit_vnc(e);
    xldm__argv_add(e->argv, "-display");
    xldm__argv_add(e->argv, "none");
    if (!libxl_defbool_is_default(b->u.hvm.sdl.enable) &&
        libxl_defbool_val(b->u.hvm.sdl.enable)) {
        xldm__argv_add(e->argv, "-display");
        xldm__argv_add(e->argv, "sdl");
    }
    if (b->u.hvm.keymap) {
        xldm__argv_add(e->argv, "-k");
        xldm__argv_add(e->argv, b->u.hvm.keymap);
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_DISPLAY, emit_display },
    { 0, NULL },
};

static const struct xldm__claim ps2_claims[] = {
    { XLDM_PORT, 0x60, 0x60, "QEMU hw/input/pckbd.c, i8042 data" },
    { XLDM_PORT, 0x64, 0x64, "QEMU hw/input/pckbd.c, i8042 command" },
    { 0, 0, 0, NULL },
};

/* Keys and pointer come from the display's window, so the i8042 goes with
 * it. */
static const struct xldm__controller controllers[] = {
    { "ui", true, -1, ps2_claims },
    { NULL, false, -1, NULL },
};

static bool vfb_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    const char *id = NULL;

    if (xldm__option_is(o, "vnc", NULL) && o->value &&
        strcmp(o->value, "none"))
        id = "vnc";
    else if (xldm__option_is(o, "display", "sdl") ||
             xldm__option_is(o, "sdl", NULL))
        id = "sdl";
    else if (!xldm__option_is(o, "k", NULL))
        return false;
    p->owner = id ? XLDM__NAMED : XLDM__SHARED;
    snprintf(p->id, sizeof(p->id), "%s", id ? id : "");
    snprintf(p->controller, sizeof(p->controller), "ui");
    return true;
}

/* ------------------------------------------------ description side ---- */

#define VNC_PORT 5900

struct vfb {
    struct xldm__device base;
    libxl_device_vfb libxl;
    libxl_defbool autoport;
    int port; /* 0: absent, -1: any */
    char *address; /* of <listen> */
    struct xldm_loc listen_loc;
    int fixed;
};

#define VFB(member) .offset = offsetof(struct vfb, member)

static const struct xldm__name type_names[] = { { "vnc", 0 }, { NULL, 0 } };
static const struct xldm__name listen_names[] = { { "address", 0 },
                                                  { NULL, 0 } };

static bool set_port(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct vfb *vfb = object;
    int64_t n;

    if (!xldm__number(value, -1, 65535, &n) || (n >= 0 && n < VNC_PORT))
        return xldm__error(ctx, loc,
                           "<graphics> port: '%s' is not accepted; accepted: "
                           "-1 (any), %d to 65535",
                           value, VNC_PORT);
    vfb->port = (int)n;
    return true;
}

static bool set_address(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct vfb *vfb = object;

    vfb->listen_loc = loc;
    if (!*value || strpbrk(value, ", /"))
        return xldm__error(ctx, loc,
                           "<graphics> listen: '%s' is not an address", value);
    return xldm__string_set(ctx, &vfb->address, value);
}

static bool set_listen(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct vfb *vfb = object;

    if (!*value || strpbrk(value, ", /"))
        return xldm__error(ctx, loc,
                           "<graphics> listen: '%s' is not an address", value);
    return xldm__string_set(ctx, &vfb->libxl.vnc.listen, value);
}

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, VFB(fixed), .names = type_names,
      .required = true },
    { .path = "@port", .kind = XLDM__CUSTOM, .set = set_port },
    { .path = "@autoport", .kind = XLDM__DEFBOOL, VFB(autoport) },
    { .path = "@listen", .kind = XLDM__CUSTOM, .set = set_listen },
    { .path = "@passwd", .kind = XLDM__STRING, VFB(libxl.vnc.passwd) },
    { .path = "@keymap", .kind = XLDM__STRING, VFB(libxl.keymap) },
    { .path = "listen/@type", .kind = XLDM__ENUM, VFB(fixed),
      .names = listen_names, .completes = true },
    { .path = "listen/@address", .kind = XLDM__CUSTOM, .set = set_address },
    { 0 },
};

static void vfb_init(struct xldm__device *base)
{
    libxl_device_vfb_init(&((struct vfb *)base)->libxl);
}

static void vfb_dispose(struct xldm__device *base)
{
    struct vfb *vfb = (struct vfb *)base;

    libxl_device_vfb_dispose(&vfb->libxl);
    free(vfb->address);
}

/* A port of its own is taken as it is; else libxl looks for a free one. */
static bool finish_port(struct xldm_ctx *ctx, struct vfb *vfb)
{
    libxl_vnc_info *vnc = &vfb->libxl.vnc;
    bool said = !libxl_defbool_is_default(vfb->autoport);
    bool any = said ? libxl_defbool_val(vfb->autoport) : vfb->port <= 0;

    if (said && !any && vfb->port == -1)
        return xldm__error(ctx, vfb->base.loc,
                           "<graphics> port -1 means any port, but autoport "
                           "is off");
    if (said || !any)
        libxl_defbool_set(&vnc->findunused, any);
    if (!any && vfb->port > 0)
        vnc->display = vfb->port - VNC_PORT;
    return true;
}

static bool vfb_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index)
{
    struct vfb *vfb = (struct vfb *)base;
    libxl_vnc_info *vnc = &vfb->libxl.vnc;
    bool ok = finish_port(ctx, vfb);

    (void)index;
    snprintf(base->id, sizeof(base->id), "vnc");
    if (vfb->address && vnc->listen && strcmp(vfb->address, vnc->listen))
        return xldm__error(ctx, vfb->listen_loc,
                           "<graphics> listen '%s' and <listen address='%s'> "
                           "say different things",
                           vnc->listen, vfb->address);
    return (!vfb->address ||
            xldm__string_set(ctx, &vnc->listen, vfb->address)) && ok;
}

static bool vfb_to_libxl(struct xldm_ctx *ctx, const struct xldm__device *base,
                         libxl_domain_config *cfg)
{
    const libxl_device_vfb *from = &((const struct vfb *)base)->libxl;
    libxl_domain_build_info *b = &cfg->b_info;
    libxl_vnc_info *to = &b->u.hvm.vnc;

    /* of an HVM guest libxl asks b_info, not the vfbs */
    libxl_defbool_set(&to->enable, true);
    to->display = from->vnc.display;
    to->findunused = from->vnc.findunused;
    return (!from->vnc.listen ||
            xldm__string_set(ctx, &to->listen, from->vnc.listen)) &&
           (!from->vnc.passwd ||
            xldm__string_set(ctx, &to->passwd, from->vnc.passwd)) &&
           (!from->keymap ||
            xldm__string_set(ctx, &b->u.hvm.keymap, from->keymap));
}

const struct xldm__class xldm__vfb = {
    .kind = "vfb",
    .group_name = "ui",
    .emitters = emitters,
    .controllers = controllers,
    .classify = vfb_classify,
    .element = "graphics",
    .size = sizeof(struct vfb),
    .fields = fields,
    .init = vfb_init,
    .dispose = vfb_dispose,
    .finish = vfb_finish,
    .to_libxl = vfb_to_libxl,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The display's host side: VNC or SDL, and the keyboard layout. */
#include <stdio.h>
#include <string.h>
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

const struct xldm__class xldm__vfb = {
    .kind = "vfb",
    .group_name = "ui",
    .emitters = emitters,
    .controllers = controllers,
    .classify = vfb_classify,
    .element = "graphics",
};

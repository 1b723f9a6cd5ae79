/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The display's host side: VNC, SDL and SPICE, and the keyboard layout. */
#include <stdio.h>
#include <string.h>
#include "devices/vfb_xml.h"
#include "devices/foreign.h"

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

static bool value(libxl_defbool b, bool def)
{
    return libxl_defbool_is_default(b) ? def : libxl_defbool_val(b);
}

static void emit_spice(struct xldm__emit *e)
{
    const libxl_spice_info *s = &e->cfg->b_info.u.hvm.spice;
    struct xldm__arena *a = e->argv->arena;
    const char *text;

    if (!value(s->enable, false))
        return;
    text = xldm__fmt(a, "port=%d,tls-port=%d", s->port, s->tls_port);
    if (s->host)
        text = xldm__fmt(a, "%s,addr=%s", text, xldm__escape(a, s->host));
    if (value(s->disable_ticketing, false))
        text = xldm__fmt(a, "%s,disable-ticketing=on", text);
    else
        text = xldm__fmt(a, "%s,password=%s", text,
                         xldm__escape(a, s->passwd ? s->passwd : ""));
    text = xldm__fmt(a, "%s,agent-mouse=%s%s", text,
                     value(s->agent_mouse, true) ? "on" : "off",
                     value(s->clipboard_sharing, false)
                         ? "" : ",disable-copy-paste=on");
    if (s->image_compression)
        text = xldm__fmt(a, "%s,image-compression=%s", text,
                         xldm__escape(a, s->image_compression));
    if (s->streaming_video)
        text = xldm__fmt(a, "%s,streaming-video=%s", text,
                         xldm__escape(a, s->streaming_video));
    xldm__argv_add(e->argv, "-spice");
    xldm__argv_add(e->argv, text);
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_DISPLAY, emit_display, XLDM__EVERY },
    { XLDM__AT_SPICE, emit_spice, XLDM__EVERY },
    { 0 },
};

static const struct xldm__claim ps2_claims[] = {
    { XLDM_PORT, 0x60, 0x60, "QEMU hw/input/pckbd.c, i8042 data" },
    { XLDM_PORT, 0x64, 0x64, "QEMU hw/input/pckbd.c, i8042 command" },
    { 0, 0, 0, NULL },
};

/* Keys and pointer come from the display's window, so the i8042 goes with
 * it. */
static const struct xldm__controller controllers[] = {
    { .name = "ui", .builtin = true, .devfn = -1, .claims = ps2_claims },
    { 0 },
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
    else if (xldm__option_is(o, "spice", NULL) && o->value)
        id = "spice";
    else if (!xldm__option_is(o, "k", NULL))
        return false;
    p->owner = id ? XLDM__NAMED : XLDM__SHARED;
    p->id = id;
    p->controller = "ui";
    return true;
}

const struct xldm__class xldm__vfb = {
    .kind = "vfb",
    .group_name = "ui",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "vnc", "display", "sdl", "spice", "k", NULL },
    .classify = vfb_classify,
    .element = "graphics",
    .size = sizeof(struct xldm__vfb_device),
    .fields = xldm__vfb_fields,
    .foreign = xldm__vfb_foreign,
    .keys = xldm__vfb_keys,
    .from_cfg = xldm__vfb_from_cfg,
    .init = xldm__vfb_init,
    .dispose = xldm__vfb_dispose,
    .finish = xldm__vfb_finish,
    .to_libxl = xldm__vfb_to_libxl,
    .from_libxl = xldm__vfb_from_libxl,
};

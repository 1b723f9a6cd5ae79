/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Displays in a description. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/vfb_xml.h"

#define VNC_PORT 5900

#define VFB(member) .offset = offsetof(struct xldm__vfb_device, member)

static const struct xldm__name type_names[] = {
    { "vnc", XLDM__VNC },
    { "sdl", XLDM__SDL },
    { "spice", XLDM__SPICE },
    { NULL, 0 },
};
static const struct xldm__name listen_names[] = { { "address", 0 },
                                                  { "network", 0 },
                                                  { NULL, 0 } };
static const struct xldm__name mouse_names[] = { { "client", 1 },
                                                 { "server", 2 },
                                                 { NULL, 0 } };
static const struct xldm__name compression_names[] = {
    { "auto_glz", 1 }, { "auto_lz", 2 }, { "quic", 3 }, { "glz", 4 },
    { "lz", 5 },       { "off", 6 },     { NULL, 0 },
};
static const struct xldm__name streaming_names[] = {
    { "filter", 1 },
    { "all", 2 },
    { "off", 3 },
    { NULL, 0 },
};

static int value_of(const struct xldm__name *names, const char *text)
{
    for (; text && names->name; names++)
        if (!strcmp(names->name, text))
            return names->value;
    return 0;
}

int xldm__vfb_compression(const char *text)
{
    return value_of(compression_names, text);
}

int xldm__vfb_streaming(const char *text)
{
    return value_of(streaming_names, text);
}

/* ----------------------------------------------------------- rows ---- */

#define GET_PORT(name, member)                                                \
    static const char *get_##name(struct xldm__arena *a, const void *object,  \
                                  size_t i)                                   \
    {                                                                         \
        int n = ((const struct xldm__vfb_device *)object)->member;            \
                                                                              \
        return i || !n ? NULL : xldm__fmt(a, "%d", n);                        \
    }
#define GET_TEXT(name, member)                                                \
    static const char *get_##name(struct xldm__arena *a, const void *object,  \
                                  size_t i)                                   \
    {                                                                         \
        (void)a;                                                              \
        return i ? NULL                                                       \
                 : ((const struct xldm__vfb_device *)object)->member;         \
    }

GET_PORT(port, port)
GET_PORT(tls_port, tls_port)
GET_TEXT(listen, listen)
GET_TEXT(passwd, passwd)
GET_TEXT(address, address)

static bool set_a_port(struct xldm_ctx *ctx, const char *what, int *where,
                       const char *value, struct xldm_loc loc)
{
    int64_t n;

    if (!xldm__number(value, -1, 65535, &n))
        return xldm__error(ctx, loc,
                           "<graphics> %s: '%s' is not accepted; accepted: "
                           "-1 (any), 1 to 65535",
                           what, value);
    *where = (int)n;
    return true;
}

static bool set_port(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    return set_a_port(ctx, "port",
                      &((struct xldm__vfb_device *)object)->port, value, loc);
}

static bool set_tls_port(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc)
{
    return set_a_port(ctx, "tlsPort",
                      &((struct xldm__vfb_device *)object)->tls_port, value,
                      loc);
}

static bool set_passwd(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__vfb_device *vfb = object;

    (void)loc; /* an empty one is none, to libvirt and libxl */
    return !*value || xldm__string_set(ctx, &vfb->passwd, value);
}

static bool set_an_address(struct xldm_ctx *ctx, char **where,
                           const char *value, struct xldm_loc loc)
{
    if (!*value || strpbrk(value, ", /"))
        return xldm__error(ctx, loc,
                           "<graphics> listen: '%s' is not an address", value);
    return xldm__string_set(ctx, where, value);
}

static bool set_address(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__vfb_device *vfb = object;

    vfb->listen_loc = loc;
    return set_an_address(ctx, &vfb->address, value, loc);
}

static bool set_listen(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__vfb_device *vfb = object;

    return set_an_address(ctx, &vfb->listen, value, loc);
}

const struct xldm__field xldm__vfb_fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, VFB(type), .names = type_names,
      .required = true },
    { .path = "@port", .kind = XLDM__CUSTOM, .set = set_port,
      .get = get_port },
    { .path = "@tlsPort", .kind = XLDM__CUSTOM, .set = set_tls_port,
      .get = get_tls_port },
    { .path = "@autoport", .kind = XLDM__DEFBOOL, VFB(autoport) },
    { .path = "@listen", .kind = XLDM__CUSTOM, .set = set_listen,
      .get = get_listen },
    { .path = "@passwd", .kind = XLDM__CUSTOM, .set = set_passwd,
      .get = get_passwd },
    { .path = "@keymap", .kind = XLDM__STRING, VFB(libxl.keymap) },
    { .path = "@display", .kind = XLDM__STRING, VFB(libxl.sdl.display) },
    { .path = "@xauth", .kind = XLDM__STRING, VFB(libxl.sdl.xauthority) },
    { .path = "@fullscreen", .kind = XLDM__IGNORED,
      .why = "libxl has no such option" },
    { .path = "listen/@type", .kind = XLDM__ENUM, VFB(fixed),
      .names = listen_names, .completes = true },
    { .path = "listen/@address", .kind = XLDM__CUSTOM, .set = set_address,
      .get = get_address },
    { .path = "gl/@enable", .kind = XLDM__DEFBOOL, VFB(libxl.sdl.opengl),
      .completes = true },
    { .path = "mouse/@mode", .kind = XLDM__ENUM, VFB(mouse),
      .names = mouse_names, .completes = true },
    { .path = "clipboard/@copypaste", .kind = XLDM__DEFBOOL,
      VFB(spice.clipboard_sharing), .completes = true },
    { .path = "image/@compression", .kind = XLDM__ENUM, VFB(compression),
      .names = compression_names, .completes = true },
    { .path = "streaming/@mode", .kind = XLDM__ENUM, VFB(streaming),
      .names = streaming_names, .completes = true },
    { .path = "filetransfer", .kind = XLDM__IGNORED,
      .why = "libxl has no such option" },
    { 0 },
};

void xldm__vfb_init(struct xldm__device *base)
{
    struct xldm__vfb_device *vfb = (struct xldm__vfb_device *)base;

    libxl_device_vfb_init(&vfb->libxl);
    libxl_spice_info_init(&vfb->spice);
}

void xldm__vfb_dispose(struct xldm__device *base)
{
    struct xldm__vfb_device *vfb = (struct xldm__vfb_device *)base;

    libxl_device_vfb_dispose(&vfb->libxl);
    libxl_spice_info_dispose(&vfb->spice);
    free(vfb->passwd);
    free(vfb->address);
    free(vfb->listen);
}

/* --------------------------------------------------------- finish ---- */

/* A port of its own is taken as it is; else libxl looks for a free one. */
static bool finish_vnc(struct xldm_ctx *ctx, struct xldm__vfb_device *vfb,
                       bool any)
{
    libxl_vnc_info *vnc = &vfb->libxl.vnc;

    if (vfb->port > 0 && vfb->port < VNC_PORT)
        return xldm__error(ctx, vfb->base.loc,
                           "<graphics> port: '%d' is not accepted; accepted: "
                           "-1 (any), %d to 65535",
                           vfb->port, VNC_PORT);
    if (!libxl_defbool_is_default(vfb->autoport) || !any)
        libxl_defbool_set(&vnc->findunused, any);
    if (!any && vfb->port > 0)
        vnc->display = vfb->port - VNC_PORT;
    return true;
}

static bool finish_spice(struct xldm_ctx *ctx, struct xldm__vfb_device *vfb,
                         bool any)
{
    libxl_spice_info *s = &vfb->spice;

    s->port = any || vfb->port < 0 ? 0 : vfb->port;
    s->tls_port = any || vfb->tls_port < 0 ? 0 : vfb->tls_port;
    if (!s->port && !s->tls_port) {
        s->port = VNC_PORT;
        xldm__note(ctx, vfb->base.loc,
                   "<graphics> of type 'spice' takes port %d: libxl does not "
                   "look for a free one",
                   VNC_PORT);
    }
    libxl_defbool_set(&s->enable, true);
    libxl_defbool_set(&s->disable_ticketing, !vfb->passwd);
    if (vfb->mouse)
        libxl_defbool_set(&s->agent_mouse, vfb->mouse == 1);
    return true;
}

/* What is of another type has no effect. */
static void note_foreign(struct xldm_ctx *ctx,
                         const struct xldm__vfb_device *vfb)
{
    const libxl_sdl_info *sdl = &vfb->libxl.sdl;
    bool of_spice = vfb->tls_port || vfb->mouse || vfb->compression ||
                    vfb->streaming ||
                    !libxl_defbool_is_default(vfb->spice.clipboard_sharing);
    bool of_sdl = sdl->display || sdl->xauthority ||
                  !libxl_defbool_is_default(sdl->opengl);
    bool of_server = vfb->port || vfb->passwd || vfb->listen || vfb->address;

    if ((of_spice && vfb->type != XLDM__SPICE) || (of_sdl && vfb->type != XLDM__SDL) ||
        (of_server && vfb->type == XLDM__SDL))
        xldm__note(ctx, vfb->base.loc,
                   "<graphics> of type '%s': what is another type's has no "
                   "effect",
                   xldm__name_of(type_names, vfb->type));
}

bool xldm__vfb_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                      unsigned index)
{
    struct xldm__vfb_device *vfb = (struct xldm__vfb_device *)base;
    bool said = !libxl_defbool_is_default(vfb->autoport);
    bool any = said ? libxl_defbool_val(vfb->autoport) : vfb->port <= 0;
    bool ok = true;

    (void)index;
    snprintf(base->id, sizeof(base->id), "%s",
             xldm__name_of(type_names, vfb->type));
    note_foreign(ctx, vfb);
    if (vfb->address && vfb->listen && strcmp(vfb->address, vfb->listen))
        ok = xldm__error(ctx, vfb->listen_loc,
                         "<graphics> listen '%s' and <listen address='%s'> "
                         "say different things",
                         vfb->listen, vfb->address);
    if (said && !any && vfb->port == -1)
        return xldm__error(ctx, base->loc,
                           "<graphics> port -1 means any port, but autoport "
                           "is off");
    if (vfb->type == XLDM__SPICE)
        ok &= finish_spice(ctx, vfb, said ? any : vfb->tls_port <= 0 && any);
    if (vfb->type == XLDM__VNC)
        ok &= finish_vnc(ctx, vfb, any);
    return ok;
}

/* -------------------------------------------------------- outside ---- */

static bool set(struct xldm_ctx *ctx, char **to, const char *from)
{
    return !from || xldm__string_set(ctx, to, from);
}

static bool spice_to_libxl(struct xldm_ctx *ctx,
                           const struct xldm__vfb_device *vfb,
                           libxl_spice_info *to)
{
    const libxl_spice_info *from = &vfb->spice;

    to->enable = from->enable;
    to->port = from->port;
    to->tls_port = from->tls_port;
    to->disable_ticketing = from->disable_ticketing;
    to->agent_mouse = from->agent_mouse;
    to->clipboard_sharing = from->clipboard_sharing;
    return set(ctx, &to->host, vfb->address ? vfb->address : vfb->listen) &&
           set(ctx, &to->passwd, vfb->passwd) &&
           set(ctx, &to->image_compression,
               xldm__name_of(compression_names, vfb->compression)) &&
           set(ctx, &to->streaming_video,
               xldm__name_of(streaming_names, vfb->streaming));
}

/* Of an HVM guest libxl asks b_info, not the vfbs. */
bool xldm__vfb_to_libxl(struct xldm_ctx *ctx, const struct xldm__device *base,
                        libxl_domain_config *cfg)
{
    const struct xldm__vfb_device *vfb = (const void *)base;
    libxl_domain_build_info *b = &cfg->b_info;
    libxl_vnc_info *vnc = &b->u.hvm.vnc;
    libxl_sdl_info *sdl = &b->u.hvm.sdl;

    if (!set(ctx, &b->u.hvm.keymap, vfb->libxl.keymap))
        return false;
    if (vfb->type == XLDM__SPICE)
        return spice_to_libxl(ctx, vfb, &b->u.hvm.spice);
    if (vfb->type == XLDM__SDL) {
        libxl_defbool_set(&sdl->enable, true);
        sdl->opengl = vfb->libxl.sdl.opengl;
        return set(ctx, &sdl->display, vfb->libxl.sdl.display) &&
               set(ctx, &sdl->xauthority, vfb->libxl.sdl.xauthority);
    }
    libxl_defbool_set(&vnc->enable, true);
    vnc->display = vfb->libxl.vnc.display;
    vnc->findunused = vfb->libxl.vnc.findunused;
    return set(ctx, &vnc->listen,
               vfb->address ? vfb->address : vfb->listen) &&
           set(ctx, &vnc->passwd, vfb->passwd);
}

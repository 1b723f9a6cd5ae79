/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's displays as <graphics>. */
#include <stdio.h>
#include <string.h>

#include "config/xml.h"
#include "devices/vfb_xml.h"

/* Not libxl's ADDRESS:DISPLAY, which is none of libvirt's. */
static bool is_address(const char *s)
{
    const char *colon = s ? strchr(s, ':') : NULL;

    return s && *s && !strpbrk(s, ", /") && (!colon || strchr(colon + 1, ':'));
}

static bool is_word(const char *s)
{
    return s && *s && *s != ' ' && s[strlen(s) - 1] != ' ';
}

static bool give(struct xldm_ctx *ctx, bool plain, char **to,
                 const char *value)
{
    return !plain || xldm__string_set(ctx, to, value);
}

static struct xldm__vfb_device *make(struct xldm_domain *to, int type,
                                     const char *id)
{
    struct xldm__vfb_device *d = (void *)xldm__domain_add(to, &xldm__vfb);

    if (d) {
        d->type = type;
        snprintf(d->base.id, sizeof(d->base.id), "%s", id);
    }
    return d;
}

static bool make_vnc(struct xldm_ctx *ctx, const libxl_vnc_info *vnc,
                     struct xldm_domain *to)
{
    struct xldm__vfb_device *d = make(to, XLDM__VNC, "vnc");
    bool any = xldm__is_on(vnc->findunused, true);

    if (!d)
        return xldm__oom(ctx);
    libxl_defbool_set(&d->autoport, any);
    d->port = any || vnc->display < 0 || vnc->display > 65535 - 5900
                  ? -1 : 5900 + vnc->display;
    if (!any && d->port == -1)
        d->port = 5900;
    return give(ctx, is_address(vnc->listen), &d->listen, vnc->listen) &&
           give(ctx, is_address(vnc->listen), &d->address, vnc->listen) &&
           give(ctx, is_word(vnc->passwd), &d->passwd, vnc->passwd);
}

static bool make_sdl(struct xldm_ctx *ctx, const libxl_sdl_info *sdl,
                     struct xldm_domain *to)
{
    struct xldm__vfb_device *d = make(to, XLDM__SDL, "sdl");

    if (!d)
        return xldm__oom(ctx);
    d->libxl.sdl.opengl = sdl->opengl;
    return give(ctx, is_word(sdl->display), &d->libxl.sdl.display,
                sdl->display) &&
           give(ctx, is_word(sdl->xauthority), &d->libxl.sdl.xauthority,
                sdl->xauthority);
}

static int port_of(int port)
{
    return port > 0 && port <= 65535 ? port : 0;
}

static bool make_spice(struct xldm_ctx *ctx, const libxl_spice_info *spice,
                       struct xldm_domain *to)
{
    struct xldm__vfb_device *d = make(to, XLDM__SPICE, "spice");

    if (!d)
        return xldm__oom(ctx);
    d->port = port_of(spice->port);
    d->tls_port = port_of(spice->tls_port);
    libxl_defbool_set(&d->autoport, false);
    if (!libxl_defbool_is_default(spice->agent_mouse))
        d->mouse = libxl_defbool_val(spice->agent_mouse) ? 1 : 2;
    d->spice.clipboard_sharing = spice->clipboard_sharing;
    d->compression = xldm__vfb_compression(spice->image_compression);
    d->streaming = xldm__vfb_streaming(spice->streaming_video);
    return give(ctx, is_address(spice->host), &d->listen, spice->host) &&
           give(ctx, is_address(spice->host), &d->address, spice->host) &&
           give(ctx, is_word(spice->passwd), &d->passwd, spice->passwd);
}

bool xldm__vfb_from_libxl(struct xldm_ctx *ctx,
                          const libxl_domain_config *cfg,
                          struct xldm_domain *to)
{
    const libxl_domain_build_info *b = &cfg->b_info;
    struct xldm__vfb_device *first;
    bool ok = true;

    if (xldm__is_on(b->u.hvm.vnc.enable, true))
        ok &= make_vnc(ctx, &b->u.hvm.vnc, to);
    if (xldm__is_on(b->u.hvm.sdl.enable, false))
        ok &= make_sdl(ctx, &b->u.hvm.sdl, to);
    if (xldm__is_on(b->u.hvm.spice.enable, false))
        ok &= make_spice(ctx, &b->u.hvm.spice, to);
    for (struct xldm__device *d = to->devices; d; d = d->next) {
        first = (struct xldm__vfb_device *)d;
        if (d->class != &xldm__vfb || first->type == XLDM__SDL)
            continue; /* libvirt's sdl has no keymap */
        return ok && give(ctx, is_word(b->u.hvm.keymap), &first->libxl.keymap,
                          b->u.hvm.keymap);
    }
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm_device_vfb: the display of C programs.  Of an HVM guest libxl takes it
 * from b_info, and there is one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/api.h"

#define AT(member) offsetof(libxl_device_vfb, member)

static const size_t strings[] = {
    AT(backend_domname), AT(vnc.listen),     AT(vnc.passwd),
    AT(sdl.display),     AT(sdl.xauthority), AT(keymap),
};

static bool has_vnc(const libxl_device_vfb *vfb)
{
    return xldm__is_on(vfb->vnc.enable, !xldm__is_on(vfb->sdl.enable, false));
}

static void name(const void *dev, char *id, size_t size)
{
    snprintf(id, size, "%s", has_vnc(dev) ? "vnc" : "sdl");
}

static bool adopt(struct xldm__cfg *cfg, void *dev, const char *key,
                  struct xldm_loc loc)
{
    const libxl_device_vfb *vfb = dev;
    const bool has[] = { has_vnc(vfb), xldm__is_on(vfb->sdl.enable, false) };
    static const char *const ids[] = { "vnc", "sdl" };

    for (size_t i = 0; i < 2; i++) {
        struct xldm__device *d =
            has[i] ? xldm__cfg_device(cfg, &xldm__vfb, key, loc) : NULL;

        if (has[i] && !d)
            return false;
        if (d)
            snprintf(d->id, sizeof(d->id), "%s", ids[i]);
    }
    return true;
}

static bool set(struct xldm_ctx *ctx, char **to, const char *from)
{
    return !from || xldm__string_set(ctx, to, from);
}

static bool put(struct xldm__cfg *cfg, const void *dev, struct xldm_loc loc)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    libxl_vnc_info *vnc = &b->u.hvm.vnc;
    libxl_sdl_info *sdl = &b->u.hvm.sdl;
    const libxl_device_vfb *vfb = dev;
    struct xldm_ctx *ctx = cfg->ctx;

    if (xldm__is_on(vnc->enable, false) || xldm__is_on(sdl->enable, false))
        return xldm__error(ctx, loc,
                           "vfb: there is a display already; libxl has one a "
                           "guest");
    if (!has_vnc(vfb) && !xldm__is_on(vfb->sdl.enable, false))
        return xldm__error(ctx, loc, "vfb: neither vnc nor sdl is enabled");
    if (vfb->vnc.listen && vfb->vnc.display && strchr(vfb->vnc.listen, ':'))
        return xldm__error(ctx, loc,
                           "vfb: vnc.display is %d, but vnc.listen '%s' names "
                           "a display too",
                           vfb->vnc.display, vfb->vnc.listen);
    libxl_defbool_set(&vnc->enable, has_vnc(vfb));
    vnc->display = vfb->vnc.display;
    vnc->findunused = vfb->vnc.findunused;
    sdl->enable = vfb->sdl.enable;
    sdl->opengl = vfb->sdl.opengl;
    return set(ctx, &vnc->listen, vfb->vnc.listen) &&
           set(ctx, &vnc->passwd, vfb->vnc.passwd) &&
           set(ctx, &sdl->display, vfb->sdl.display) &&
           set(ctx, &sdl->xauthority, vfb->sdl.xauthority) &&
           set(ctx, &b->u.hvm.keymap, vfb->keymap);
}

/* Without a word libxl would make a VNC server. */
static void take(struct xldm_domain *dom)
{
    libxl_domain_build_info *b = &dom->cfg.b_info;

    libxl_vnc_info_dispose(&b->u.hvm.vnc);
    libxl_vnc_info_init(&b->u.hvm.vnc);
    libxl_sdl_info_dispose(&b->u.hvm.sdl);
    libxl_sdl_info_init(&b->u.hvm.sdl);
    libxl_defbool_set(&b->u.hvm.vnc.enable, false);
    free(b->u.hvm.keymap);
    b->u.hvm.keymap = NULL;
}

static bool get(const libxl_domain_config *cfg, void *dev)
{
    const libxl_domain_build_info *b = &cfg->b_info;
    libxl_device_vfb *vfb = dev;

    vfb->vnc = b->u.hvm.vnc;
    libxl_defbool_set(&vfb->vnc.enable, xldm__is_on(b->u.hvm.vnc.enable, true));
    vfb->sdl = b->u.hvm.sdl;
    vfb->keymap = b->u.hvm.keymap;
    vfb->devid = 0;
    return libxl_defbool_val(vfb->vnc.enable) || xldm__is_on(vfb->sdl.enable, false);
}

XLDM__API_LIBXL(vfb)
XLDM__API_PUBLIC(vfb)

const struct xldm__api xldm__vfb_api = {
    XLDM__API_ROWS(vfb), .name = name, .adopt = adopt,
    .put = put,          .take = take, .get = get,
};

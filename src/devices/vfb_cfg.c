/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Displays in xl.cfg. */
#include <stdlib.h>
#include <string.h>

#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/vfb_xml.h"

/* ---------------------------------- vfb = [ "vnc=1,...", ... ]: PV ---- */

#define VFB(member) .offset = offsetof(libxl_device_vfb, member)

static const struct word {
    const char *name;
    enum { TEXT, NUMBER, BOOL } kind;
    size_t offset;
} words[] = {
    { "vnc", BOOL, VFB(vnc.enable) },
    { "vnclisten", TEXT, VFB(vnc.listen) },
    { "vncpasswd", TEXT, VFB(vnc.passwd) },
    { "vncdisplay", NUMBER, VFB(vnc.display) },
    { "vncunused", BOOL, VFB(vnc.findunused) },
    { "keymap", TEXT, VFB(keymap) },
    { "sdl", BOOL, VFB(sdl.enable) },
    { "opengl", BOOL, VFB(sdl.opengl) },
    { "display", TEXT, VFB(sdl.display) },
    { "xauthority", TEXT, VFB(sdl.xauthority) },
};

static bool set(struct xldm__cfg *cfg, struct xldm_loc loc,
                libxl_device_vfb *vfb, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        void *where = (char *)vfb + words[i].offset;

        if (strcmp(words[i].name, name))
            continue;
        if (words[i].kind == TEXT)
            return xldm__string_set(cfg->ctx, where, value);
        if (words[i].kind == NUMBER)
            *(int *)where = atoi(value);
        else
            libxl_defbool_set(where, atoi(value) != 0);
        return true;
    }
    xldm__warning(cfg->ctx, loc, "vfb: '%s' has no effect", name);
    return true;
}

/* xl drops what stands behind a word without '='. */
static bool set_all(struct xldm__cfg *cfg, struct xldm_loc loc,
                    libxl_device_vfb *vfb, char *text)
{
    char *save = NULL;
    bool ok = true;

    for (char *p = strtok_r(text, ",", &save); p;
         p = strtok_r(NULL, ",", &save)) {
        char *mark = strchr(p, '=');

        p += strspn(p, " ");
        if (!mark) {
            xldm__warning(cfg->ctx, loc, "vfb: '%s' has no '='; xl drops it "
                          "and what follows", p);
            break;
        }
        *mark = '\0';
        ok &= set(cfg, loc, vfb, p, mark + 1);
    }
    return ok;
}

static bool read_vfb(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_vfb *vfb = xldm__grow(&c->vfbs, &c->num_vfbs, sizeof(*vfb));
    libxl_device_vkb *vkb = xldm__grow(&c->vkbs, &c->num_vkbs, sizeof(*vkb));
    char *copy = strdup(text);
    bool ok;

    if (vfb)
        libxl_device_vfb_init(vfb);
    if (vkb)
        libxl_device_vkb_init(vkb);
    if (!vfb || !vkb || !copy) {
        free(copy);
        return xldm__oom(cfg->ctx);
    }
    vfb->devid = c->num_vfbs - 1;
    vkb->devid = c->num_vkbs - 1;
    if (c->num_vfbs == 1)
        xldm__note(cfg->ctx, s->loc, "vfb is the display of PV guests: the "
                   "emulated one of this guest takes vnc, sdl and the like "
                   "from the top");
    ok = set_all(cfg, loc, vfb, copy);
    free(copy);
    return ok;
}

static const char *get_vfb(struct xldm__arena *a,
                           const libxl_domain_config *cfg, size_t i)
{
    const libxl_device_vfb *vfb;
    const char *all = "", *text;

    if (i >= (size_t)cfg->num_vfbs)
        return NULL;
    vfb = &cfg->vfbs[i];
    for (size_t k = 0; all && k < sizeof(words) / sizeof(*words); k++) {
        const void *where = (const char *)vfb +
                            words[k].offset;
        const libxl_defbool *b = where;

        text = NULL;
        if (words[k].kind == TEXT)
            text = *(char *const *)where;
        else if (words[k].kind == NUMBER && *(const int *)where)
            text = xldm__fmt(a, "%d", *(const int *)where);
        else if (words[k].kind == BOOL && !libxl_defbool_is_default(*b))
            text = libxl_defbool_val(*b) ? "1" : "0";
        if (text)
            all = xldm__fmt(a, "%s%s%s=%s", all, *all ? "," : "",
                            words[k].name, text);
    }
    return all;
}

/* ----------------------------------------------------- the emulated ---- */

#define VNC(name, type, member)                                               \
    { .key = name, .kind = XLDM__KEY_##type,                                  \
      XLDM__CFG(b_info.u.hvm.vnc.member) }
#define SDL(name, type, member)                                               \
    { .key = name, .kind = XLDM__KEY_##type,                                  \
      XLDM__CFG(b_info.u.hvm.sdl.member) }
#define SPICE(name, type, member)                                             \
    { .key = name, .kind = XLDM__KEY_##type,                                  \
      XLDM__CFG(b_info.u.hvm.spice.member) }

const struct xldm__key xldm__vfb_keys[] = {
    VNC("vnc", DEFBOOL, enable),
    VNC("vnclisten", STRING, listen),
    VNC("vncpasswd", STRING, passwd),
    VNC("vncdisplay", LONG, display),
    VNC("vncunused", DEFBOOL, findunused),
    SDL("sdl", DEFBOOL, enable),
    SDL("opengl", DEFBOOL, opengl),
    SDL("display", STRING, display),
    SDL("xauthority", STRING, xauthority),
    SPICE("spice", DEFBOOL, enable),
    SPICE("spiceport", LONG, port),
    SPICE("spicetls_port", LONG, tls_port),
    SPICE("spicehost", STRING, host),
    SPICE("spicedisable_ticketing", DEFBOOL, disable_ticketing),
    SPICE("spicepasswd", STRING, passwd),
    SPICE("spiceagent_mouse", DEFBOOL, agent_mouse),
    SPICE("spicevdagent", DEFBOOL, vdagent),
    SPICE("spice_clipboard_sharing", DEFBOOL, clipboard_sharing),
    SPICE("spiceusbredirection", LONG, usbredirection),
    SPICE("spice_image_compression", STRING, image_compression),
    SPICE("spice_streaming_video", STRING, streaming_video),
    { .key = "keymap", .kind = XLDM__KEY_STRING,
      XLDM__CFG(b_info.u.hvm.keymap) },
    { .key = "nographic", .kind = XLDM__KEY_DEFBOOL,
      XLDM__CFG(b_info.u.hvm.nographic) },
    { .key = "vfb", .kind = XLDM__KEY_ITEMS, .item = read_vfb,
      .get = get_vfb },
    { 0 },
};

static bool is_on(libxl_defbool b, bool def)
{
    return libxl_defbool_is_default(b) ? def : libxl_defbool_val(b);
}

/* VNC is there without a key, too */
static struct xldm_loc loc_of(const struct xldm__cfg *cfg, const char *id)
{
    static const char *const vnc[] = { "vnc", "vnclisten", "vncdisplay",
                                       "vncpasswd", "vncunused" };

    for (size_t i = 0; !strcmp(id, "vnc") && i < 5; i++)
        if (xldm__cfg_find(cfg, vnc[i]))
            return xldm__cfg_loc(cfg, vnc[i]);
    return xldm__cfg_loc(cfg, id);
}

static bool add(struct xldm__cfg *cfg, const char *id)
{
    struct xldm__device *d = xldm__cfg_device(cfg, &xldm__vfb, id,
                                              loc_of(cfg, id));

    if (d)
        snprintf(d->id, sizeof(d->id), "%s", id);
    return d != NULL;
}

/* As libxl's dm_spice_options() */
static bool check_spice(struct xldm__cfg *cfg, const libxl_spice_info *spice)
{
    struct xldm_loc loc = xldm__cfg_loc(cfg, "spice");

    if (!spice->port && !spice->tls_port)
        return xldm__error(cfg->ctx, loc, "spice needs spiceport or "
                           "spicetls_port");
    if (!is_on(spice->disable_ticketing, false) &&
        (!spice->passwd || !*spice->passwd))
        return xldm__error(cfg->ctx, loc, "spice needs spicepasswd or "
                           "spicedisable_ticketing = 1");
    return true;
}

bool xldm__vfb_from_cfg(struct xldm__cfg *cfg)
{
    const libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const libxl_vnc_info *vnc = &b->u.hvm.vnc;
    bool spice = is_on(b->u.hvm.spice.enable, false);

    if (vnc->listen && vnc->display && strchr(vnc->listen, ':'))
        return xldm__error(cfg->ctx, xldm__cfg_loc(cfg, "vncdisplay"),
                           "vncdisplay is %d, but vnclisten '%s' names a "
                           "display too", vnc->display, vnc->listen);
    return (!is_on(vnc->enable, true) || add(cfg, "vnc")) &&
           (!is_on(b->u.hvm.sdl.enable, false) || add(cfg, "sdl")) &&
           (!spice || (add(cfg, "spice") &&
                       check_spice(cfg, &b->u.hvm.spice)));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's channels as <channel>. */
#include <stdio.h>
#include <string.h>

#include "config/xml.h"
#include "devices/channel.h"

static bool is_word(const char *s)
{
    return *s && *s != ' ' && s[strlen(s) - 1] != ' ';
}

static bool on(libxl_defbool b)
{
    return !libxl_defbool_is_default(b) && libxl_defbool_val(b);
}

static bool make(struct xldm_ctx *ctx, const libxl_device_channel *from,
                 struct xldm_domain *to)
{
    struct xldm__channel_device *c = (struct xldm__channel_device *)xldm__domain_add(to,
                                                           &xldm__channel);
    const char *name = from->name ? from->name : "", *path = NULL;
    bool plain = is_word(name) && strlen(name) < sizeof(c->base.id) &&
                 !strchr(name, '/');

    if (!c)
        return xldm__oom(ctx);
    if (from->connection == LIBXL_CHANNEL_CONNECTION_SOCKET)
        path = from->u.socket.path;
    c->type = from->connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? XLDM__CHANNEL_UNIX
                                                                  : XLDM__CHANNEL_PTY;
    c->target = XLDM__TO_XEN;
    if (*name)
        snprintf(c->base.id, sizeof(c->base.id), "%.63s", name);
    else
        snprintf(c->base.id, sizeof(c->base.id), "channel%d", from->devid);
    return xldm__string_set(ctx, plain ? &c->name : &c->raw_name, name) &&
           (!path || xldm__string_set(ctx, is_word(path) ? &c->path
                                                         : &c->raw_path,
                                      path)) &&
           (!from->backend_domname ||
            xldm__string_set(ctx, &c->backend, from->backend_domname));
}

bool xldm__channel_from_libxl(struct xldm_ctx *ctx,
                              const libxl_domain_config *cfg,
                              struct xldm_domain *to)
{
    const libxl_spice_info *spice = &cfg->b_info.u.hvm.spice;
    struct xldm__channel_device *c;
    bool ok = true;

    for (int i = 0; i < cfg->num_channels; i++)
        ok &= make(ctx, &cfg->channels[i], to);
    if (!on(spice->enable) || !on(spice->vdagent))
        return ok;
    c = (struct xldm__channel_device *)xldm__domain_add(to, &xldm__channel);
    if (!c)
        return xldm__oom(ctx);
    c->type = XLDM__CHANNEL_SPICEVMC;
    c->target = XLDM__TO_VIRTIO;
    snprintf(c->base.id, sizeof(c->base.id), XLDM__AGENT);
    return xldm__string_set(ctx, &c->name, XLDM__AGENT) && ok;
}

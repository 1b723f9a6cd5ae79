/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Channels between guest and host: Xen's own, and SPICE's agent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/channel.h"

/* ------------------------------------------------------- argv side ---- */

/* The PV half's host side: whoever takes the PV backends has it. */
static void emit_channels(struct xldm__emit *e)
{
    struct xldm__arena *a = e->argv->arena;

    for (int i = 0; i < e->cfg->num_channels; i++) {
        const libxl_device_channel *c = &e->cfg->channels[i];
        int devid = c->devid < 0 ? i + 1 : c->devid;

        xldm__argv_add(e->argv, "-chardev");
        if (c->connection == LIBXL_CHANNEL_CONNECTION_SOCKET)
            xldm__argv_addf(e->argv,
                            "socket,id=libxl-channel%d,path=%s,server=on,"
                            "wait=off",
                            devid,
                            xldm__escape(a, c->u.socket.path
                                                ? c->u.socket.path : ""));
        else
            xldm__argv_addf(e->argv, "pty,id=libxl-channel%d", devid);
    }
}

static bool on(libxl_defbool b)
{
    return !libxl_defbool_is_default(b) && libxl_defbool_val(b);
}

static void emit_agent(struct xldm__emit *e)
{
    const libxl_spice_info *spice = &e->cfg->b_info.u.hvm.spice;

    if (!on(spice->enable) || !on(spice->vdagent))
        return;
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, "virtio-serial");
    xldm__argv_add(e->argv, "-chardev");
    xldm__argv_add(e->argv, "spicevmc,id=vdagent,name=vdagent");
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, "virtserialport,chardev=vdagent,name=" XLDM__AGENT);
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_CHANNEL, emit_channels, XLDM__EVERY },
    { XLDM__AT_SPICE, emit_agent, XLDM__EVERY },
    { 0 },
};

static const struct xldm__controller controllers[] = {
    { .name = "virtio-serial0", .devfn = -1, .type = "virtio-serial" },
    { 0 },
};

/* The agent's other end is in the SPICE server of the same process. */
static bool channel_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    bool device = xldm__option_is(o, "device", NULL), card;
    char id[16];

    card = device && o->value && !strcmp(o->value, "virtio-serial");
    if (!card &&
        !(device && xldm__option_is(o, "device", "virtserialport") &&
          xldm__option_get(o, "chardev", id, sizeof(id)) &&
          !strcmp(id, "vdagent")) &&
        !(xldm__option_is(o, "chardev", "spicevmc") &&
          xldm__option_get(o, "id", id, sizeof(id)) &&
          !strcmp(id, "vdagent")))
        return false;
    p->owner = card ? XLDM__SHARED : XLDM__NAMED;
    p->pci = card;
    p->id = card ? NULL : XLDM__AGENT;
    p->controller = "virtio-serial0";
    p->with = "ui";
    return true;
}

/* ------------------------------------------------ description side ---- */

#define CHANNEL(member) .offset = offsetof(struct xldm__channel_device, member)

static const struct xldm__name type_names[] = {
    { "pty", XLDM__CHANNEL_PTY },
    { "unix", XLDM__CHANNEL_UNIX },
    { "spicevmc", XLDM__CHANNEL_SPICEVMC },
    { NULL, 0 },
};
static const struct xldm__name target_names[] = {
    { "xen", XLDM__TO_XEN },
    { "virtio", XLDM__TO_VIRTIO },
    { NULL, 0 },
};
static const struct xldm__name mode_names[] = { { "bind", 0 }, { NULL, 0 } };

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, CHANNEL(type),
      .names = type_names, .required = true },
    { .path = "@tty", .kind = XLDM__IGNORED,
      .why = "each start opens another terminal" },
    { .path = "source/@mode", .kind = XLDM__ENUM, CHANNEL(mode),
      .names = mode_names },
    { .path = "source/@path", .kind = XLDM__STRING, CHANNEL(path) },
    { .path = "target/@type", .kind = XLDM__ENUM, CHANNEL(target),
      .names = target_names, .required = true },
    { .path = "target/@name", .kind = XLDM__STRING, CHANNEL(name) },
    { .path = "xldm:channel/@backend", .kind = XLDM__TEXT,
      CHANNEL(backend) },
    { .path = "xldm:channel/@name", .kind = XLDM__TEXT, CHANNEL(raw_name) },
    { .path = "xldm:channel/@path", .kind = XLDM__TEXT, CHANNEL(raw_path) },
    { .path = "target/@state", .kind = XLDM__IGNORED,
      .why = "it tells of a running domain" },
    { 0 },
};

static void channel_dispose(struct xldm__device *base)
{
    struct xldm__channel_device *c = (struct xldm__channel_device *)base;

    free(c->name);
    free(c->path);
    free(c->backend);
    free(c->raw_name);
    free(c->raw_path);
}

static bool finish_agent(struct xldm_ctx *ctx, struct xldm__channel_device *c)
{
    snprintf(c->base.id, sizeof(c->base.id), XLDM__AGENT);
    if (c->target == XLDM__TO_VIRTIO && !c->path &&
        (!c->name || !strcmp(c->name, XLDM__AGENT)))
        return true;
    return xldm__error(ctx, c->base.loc,
                       "<channel> of type 'spicevmc' is libxl's SPICE agent; "
                       "accepted: <target type='virtio' name='" XLDM__AGENT "'>");
}

static bool channel_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                           unsigned index)
{
    struct xldm__channel_device *c = (struct xldm__channel_device *)base;

    if (c->type == XLDM__CHANNEL_SPICEVMC)
        return finish_agent(ctx, c);
    if (c->target != XLDM__TO_XEN)
        return xldm__error(ctx, base->loc,
                           "<channel> target/@type: 'virtio' is not accepted "
                           "of this type; accepted: xen");
    if ((c->raw_name && !xldm__string_set(ctx, &c->name, c->raw_name)) ||
        (c->raw_path && !xldm__string_set(ctx, &c->path, c->raw_path)))
        return false;
    if (!c->raw_name && (!c->name || strlen(c->name) >= sizeof(base->id) ||
                         strchr(c->name, '/')))
        return xldm__error(ctx, base->loc,
                           "<channel> lacks <target name='...'>, 1 to %zu "
                           "characters without '/'",
                           sizeof(base->id) - 1);
    if (c->type == XLDM__CHANNEL_PTY && c->path)
        xldm__note(ctx, base->loc,
                   "<channel> source/@path has no effect: each start opens "
                   "another terminal");
    snprintf(base->id, sizeof(base->id), "%.63s", c->name);
    if (!*c->name) { /* xl takes one without */
        free(c->name);
        c->name = NULL;
        snprintf(base->id, sizeof(base->id), "channel%u", index);
    }
    return true;
}

/* A socket without a path gets one, as libvirt does it. */
static bool channel_check(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const struct xldm__device *agent = NULL;
    bool spice = false, ok = true;

    for (struct xldm__device *d = dom->devices; d; d = d->next) {
        struct xldm__channel_device *c = (struct xldm__channel_device *)d;

        spice |= d->class == &xldm__vfb && !strcmp(d->id, "spice");
        if (d->class != &xldm__channel || !*d->id)
            continue;
        if (c->type == XLDM__CHANNEL_SPICEVMC)
            agent = d;
        if (c->type != XLDM__CHANNEL_UNIX || c->path)
            continue;
        if (asprintf(&c->path, "/var/run/xen/channel-%s-%s",
                     dom->cfg.c_info.name ? dom->cfg.c_info.name : "",
                     c->name) < 0) {
            c->path = NULL;
            ok = xldm__oom(ctx);
        }
    }
    if (agent && !spice)
        return xldm__error(ctx, agent->loc,
                           "<channel> of type 'spicevmc' needs a <graphics "
                           "type='spice'>");
    return ok;
}

static bool channel_to_libxl(struct xldm_ctx *ctx,
                             const struct xldm__device *base,
                             libxl_domain_config *cfg)
{
    const struct xldm__channel_device *c = (const struct xldm__channel_device *)base;
    libxl_device_channel *to;

    if (c->type == XLDM__CHANNEL_SPICEVMC) {
        libxl_defbool_set(&cfg->b_info.u.hvm.spice.vdagent, true);
        return true;
    }
    to = xldm__grow(&cfg->channels, &cfg->num_channels, sizeof(*to));
    if (!to)
        return xldm__oom(ctx);
    libxl_device_channel_init(to);
    libxl_device_channel_init_connection(
        to, c->type == XLDM__CHANNEL_UNIX ? LIBXL_CHANNEL_CONNECTION_SOCKET
                            : LIBXL_CHANNEL_CONNECTION_PTY);
    to->devid = cfg->num_channels - 1;
    return (!c->name || xldm__string_set(ctx, &to->name, c->name)) &&
           (!c->backend ||
            xldm__string_set(ctx, &to->backend_domname, c->backend)) &&
           (c->type != XLDM__CHANNEL_UNIX ||
            xldm__string_set(ctx, &to->u.socket.path, c->path));
}

static bool channel_pv_by_qemu(const struct xldm__device *base)
{
    return ((const struct xldm__channel_device *)base)->type != XLDM__CHANNEL_SPICEVMC;
}

/* ----------------------------------------------------------- xl.cfg ---- */

static bool channel_word(struct xldm__cfg *cfg, libxl_device_channel *to,
                         char **path, char *word, struct xldm_loc loc)
{
    char *value = strchr(word, '=');

    if (value)
        *value++ = '\0';
    word = xldm__cfg_trim(word);
    if (!value || !*value)
        return xldm__error(cfg->ctx, loc, "channel: '%s' has no value", word);
    value[strcspn(value, "=")] = '\0'; /* so xl takes it */
    value = xldm__cfg_trim(value);
    if (!strcmp(word, "backend"))
        return xldm__string_set(cfg->ctx, &to->backend_domname, value);
    if (!strcmp(word, "name"))
        return xldm__string_set(cfg->ctx, &to->name, value);
    if (!strcmp(word, "path"))
        return xldm__string_set(cfg->ctx, path, value);
    if (strcmp(word, "connection")) {
        xldm__warning(cfg->ctx, loc, "channel: unknown '%s' has no effect",
                      word);
        return true;
    }
    if (strcmp(value, "pty") && strcmp(value, "socket"))
        return xldm__error(cfg->ctx, loc, "channel connection: '%s' is not "
                           "accepted; accepted: pty, socket", value);
    libxl_device_channel_init_connection(
        to, *value == 'p' ? LIBXL_CHANNEL_CONNECTION_PTY
                          : LIBXL_CHANNEL_CONNECTION_SOCKET);
    return true;
}

static bool keep(struct xldm__cfg *cfg, const libxl_device_channel *to,
                 struct xldm_loc loc)
{
    struct xldm__channel_device *c =
        (void *)xldm__cfg_device(cfg, &xldm__channel, "channel", loc);

    if (!c)
        return false;
    c->type = to->connection == LIBXL_CHANNEL_CONNECTION_PTY ? XLDM__CHANNEL_PTY : XLDM__CHANNEL_UNIX;
    if (to->name)
        snprintf(c->base.id, sizeof(c->base.id), "%.63s", to->name);
    else
        snprintf(c->base.id, sizeof(c->base.id), "channel%d", to->devid);
    return c->type == XLDM__CHANNEL_PTY ||
           xldm__string_set(cfg->ctx, &c->path, to->u.socket.path);
}

static bool finish_connection(struct xldm__cfg *cfg, libxl_device_channel *to,
                              char **path, struct xldm_loc loc)
{
    if (!to->connection)
        return xldm__error(cfg->ctx, loc, "channel lacks connection=; "
                           "accepted: pty, socket");
    if (to->connection == LIBXL_CHANNEL_CONNECTION_PTY)
        return true;
    if (!*path)
        return xldm__error(cfg->ctx, loc, "channel connection=socket lacks "
                           "path=");
    to->u.socket.path = *path;
    *path = NULL;
    return true;
}

static bool read_channel(struct xldm__cfg *cfg, const struct xldm__setting *s,
                         const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_channel *to = xldm__grow(&c->channels, &c->num_channels,
                                          sizeof(*to));
    char *copy = strdup(text), *save = NULL, *path = NULL;
    bool ok = to && copy;

    (void)s;
    if (to) {
        libxl_device_channel_init(to);
        to->devid = c->num_channels - 1;
    }
    if (!ok)
        xldm__oom(cfg->ctx);
    for (char *w = ok ? strtok_r(copy, ",", &save) : NULL; w;
         w = strtok_r(NULL, ",", &save))
        ok &= channel_word(cfg, to, &path, w, loc);
    ok = ok && finish_connection(cfg, to, &path, loc) && keep(cfg, to, loc);
    free(path);
    free(copy);
    return ok;
}

static bool channel_from_cfg(struct xldm__cfg *cfg)
{
    const libxl_spice_info *spice = &cfg->dom->cfg.b_info.u.hvm.spice;
    struct xldm__channel_device *c;

    if (!on(spice->enable) || !on(spice->vdagent))
        return true;
    c = (void *)xldm__cfg_device(cfg, &xldm__channel, "spicevdagent",
                                 xldm__cfg_loc(cfg, "spicevdagent"));
    if (!c)
        return false;
    c->type = XLDM__CHANNEL_SPICEVMC;
    snprintf(c->base.id, sizeof(c->base.id), XLDM__AGENT);
    return true;
}

static void write_channels(struct xldm__cfg_out *o,
                           const struct xldm__key *row)
{
    const libxl_domain_config *c = &o->dom->cfg;

    for (int i = 0; i < c->num_channels; i++) {
        const libxl_device_channel *from = &c->channels[i];
        bool pty = from->connection == LIBXL_CHANNEL_CONNECTION_PTY;
        struct xldm_loc loc = xldm__write_loc(o, i);

        xldm__write_wordf(o, "connection=%s", pty ? "pty" : "socket");
        xldm__write_word(o, loc, "name", from->name, ",=");
        xldm__write_word(o, loc, "path", pty ? NULL : from->u.socket.path,
                         ",=");
        xldm__write_word(o, loc, "backend", from->backend_domname, ",=");
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

static const struct xldm__key keys[] = {
    { .key = "channel", .kind = XLDM__KEY_ITEMS, .item = read_channel,
      .write = write_channels },
    { 0 },
};

const struct xldm__class xldm__channel = {
    .kind = "channel",
    .group_name = "ui",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "device", "chardev", NULL },
    .classify = channel_classify,
    .element = "channel",
    .size = sizeof(struct xldm__channel_device),
    .fields = fields,
    .keys = keys,
    .from_cfg = channel_from_cfg,
    .dispose = channel_dispose,
    .finish = channel_finish,
    .check = channel_check,
    .to_libxl = channel_to_libxl,
    .from_libxl = xldm__channel_from_libxl,
    .pv_by_qemu = channel_pv_by_qemu,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Serial ports: ISA UARTs at the four usual places. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/foreign.h"
#include "devices/serial.h"

/* ------------------------------------------------------- argv side ---- */

static void emit_serial(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;

    if (b->u.hvm.serial) {
        xldm__argv_add(e->argv, "-serial");
        xldm__argv_add(e->argv, b->u.hvm.serial);
        return;
    }
    for (char **s = b->u.hvm.serial_list; s && *s; s++) {
        xldm__argv_add(e->argv, "-serial");
        xldm__argv_add(e->argv, *s);
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_SERIAL, emit_serial, XLDM__EVERY },
    { 0 },
};

#define UART(base)                                                            \
    {                                                                         \
        { XLDM_PORT, base, base + 7, "QEMU hw/char/serial-isa.c" },           \
        {                                                                     \
            0, 0, 0, NULL                                                     \
        }                                                                     \
    }
static const struct xldm__claim uarts[4][2] = {
    UART(0x3f8), UART(0x2f8), UART(0x3e8), UART(0x2e8),
};

static const struct xldm__controller controllers[] = {
    { .name = "serial", .devfn = -1 },
    { 0 },
};

static bool serial_classify(struct xldm__part *p)
{
    if (!xldm__option_is(p->option, "serial", NULL) || !p->option->value)
        return false;
    if (!strcmp(p->option->value, "none")) {
        p->owner = XLDM__PRIMARY; /* QEMU gives it no port and no index */
        return true;
    }
    p->owner = XLDM__NAMED;
    p->id = xldm__fmt(p->arena, "serial%u", p->seen);
    p->controller = "serial";
    p->claims = p->seen < 4 ? uarts[p->seen] : NULL;
    return true;
}

/* ------------------------------------------------ description side ---- */

#define SERIAL(member) .offset = offsetof(struct xldm__serial_device, member)

const struct xldm__name xldm__serial_names[] = {
    { "pty", XLDM__SERIAL_PTY }, { "null", XLDM__SERIAL_NUL }, { "stdio", XLDM__SERIAL_STDIO }, { "file", XLDM__SERIAL_FILE_ },
    { "dev", XLDM__SERIAL_DEV }, { "pipe", XLDM__SERIAL_PIPE }, { "tcp", XLDM__SERIAL_TCP },    { "udp", XLDM__SERIAL_UDP },
    { "unix", XLDM__SERIAL_UNIX }, { NULL, 0 },
};
static const struct xldm__name mode_names[] = {
    { "connect", 0 },
    { "bind", 1 },
    { NULL, 0 },
};
static const struct xldm__name protocol_names[] = {
    { "raw", 0 },
    { "telnet", 1 },
    { NULL, 0 },
};
static const struct xldm__name target_names[] = {
    { "serial", 0 },
    { "isa-serial", 0 },
    { NULL, 0 },
};

void xldm__serial_end_dispose(struct xldm__serial_end *e)
{
    free(e->host);
    free(e->service);
    free(e->path);
    memset(e, 0, sizeof(*e));
}

/* Comes after the attributes of each <source>. */
static bool set_source(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__serial_device *s = object;
    struct xldm__serial_end *end = s->now.bind ? &s->bind : &s->connect;

    if (*value)
        return xldm__error(ctx, loc, "text is not accepted in <source>: '%s'",
                           value);
    if (end->host || end->service || end->path)
        s->second = loc;
    xldm__serial_end_dispose(end);
    *end = s->now;
    memset(&s->now, 0, sizeof(s->now));
    return true;
}

/* Which of the two ends is the i-th <source>. */
static const struct xldm__serial_end *end_of(const struct xldm__serial_device *s, size_t i)
{
    const struct xldm__serial_end *ends[] = { &s->connect, &s->bind };

    for (size_t k = 0; k < 2; k++)
        if ((ends[k]->host || ends[k]->service || ends[k]->path) && !i--)
            return ends[k];
    return NULL;
}

static const char *get_mode(struct xldm__arena *a, const void *object,
                            size_t i)
{
    const struct xldm__serial_device *s = object;
    const struct xldm__serial_end *end = end_of(s, i);

    (void)a;
    return !end             ? NULL
           : s->type != XLDM__SERIAL_TCP && s->type != XLDM__SERIAL_UDP && s->type != XLDM__SERIAL_UNIX ? xldm__skip
           : end == &s->bind ? "bind"
                             : "connect";
}

#define GET_END(member)                                                       \
    static const char *get_##member(struct xldm__arena *a,                    \
                                    const void *object, size_t i)             \
    {                                                                         \
        const struct xldm__serial_end *end = end_of(object, i);                            \
                                                                              \
        (void)a;                                                              \
        return !end ? NULL : end->member ? end->member : xldm__skip;          \
    }

GET_END(host)
GET_END(service)
GET_END(path)

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, SERIAL(type), .names = xldm__serial_names,
      .required = true },
    { .path = "@tty", .kind = XLDM__IGNORED,
      .why = "each start opens another terminal" },
    { .path = "source", .kind = XLDM__CUSTOM, .set = set_source,
      .many = true },
    { .path = "source/@mode", .kind = XLDM__ENUM, SERIAL(now.bind),
      .names = mode_names, .get = get_mode },
    { .path = "source/@host", .kind = XLDM__STRING, SERIAL(now.host),
      .get = get_host },
    { .path = "source/@service", .kind = XLDM__STRING, SERIAL(now.service),
      .get = get_service },
    { .path = "source/@path", .kind = XLDM__STRING, SERIAL(now.path),
      .get = get_path },
    { .path = "protocol/@type", .kind = XLDM__ENUM, SERIAL(telnet),
      .names = protocol_names, .completes = true },
    { .path = "target/@port", .kind = XLDM__INT, SERIAL(port) },
    { .path = "target/@type", .kind = XLDM__ENUM, SERIAL(fixed),
      .names = target_names },
    { .path = "target/model", .kind = XLDM__IGNORED,
      .why = "all serial ports are ISA's" },
    { 0 },
};

static void serial_init(struct xldm__device *base)
{
    ((struct xldm__serial_device *)base)->port = -1;
}

static void serial_dispose(struct xldm__device *base)
{
    struct xldm__serial_device *s = (struct xldm__serial_device *)base;

    xldm__serial_end_dispose(&s->now);
    xldm__serial_end_dispose(&s->connect);
    xldm__serial_end_dispose(&s->bind);
    free(s->text);
}

static bool check_end(struct xldm_ctx *ctx, const struct xldm__serial_device *s,
                      const struct xldm__serial_end *e, bool path, bool net)
{
    const char *type = xldm__serial_names[s->type].name;

    if (path && !e->path)
        return xldm__error(ctx, s->base.loc,
                           "<serial> of type '%s' lacks <source path='...'>",
                           type);
    if (net && !(e->host && e->service))
        return xldm__error(ctx, s->base.loc,
                           "<serial> of type '%s' lacks <source host='...' "
                           "service='...'>",
                           type);
    if (!net && (e->host || e->service))
        return xldm__error(ctx, s->base.loc,
                           "<serial> of type '%s' takes no host and service",
                           type);
    if (net && e->path)
        return xldm__error(ctx, s->base.loc,
                           "<serial> of type '%s' takes no path", type);
    if ((net && (strchr(e->host, ',') || strchr(e->service, ','))) ||
        (s->type == XLDM__SERIAL_UNIX && strchr(e->path, ',')))
        return xldm__error(ctx, s->base.loc,
                           "<serial> source: ',' is not accepted in '%s'",
                           e->path ? e->path : e->host);
    return true;
}

/* As libvirt's libxlMakeChrdevStr() writes them. */
static int make_text(struct xldm__serial_device *s, const struct xldm__serial_end *e)
{
    const char *server = e == &s->bind ? ",server,nowait" : "";

    switch (s->type) {
    case XLDM__SERIAL_FILE_:
        return asprintf(&s->text, "file:%s", e->path);
    case XLDM__SERIAL_PIPE:
        return asprintf(&s->text, "pipe:%s", e->path);
    case XLDM__SERIAL_DEV:
        return asprintf(&s->text, "%s", e->path);
    case XLDM__SERIAL_UNIX:
        return asprintf(&s->text, "unix:%s%s", e->path, server);
    case XLDM__SERIAL_TCP:
        return asprintf(&s->text, "%s:%s:%s%s", s->telnet ? "telnet" : "tcp",
                        e->host, e->service, server);
    case XLDM__SERIAL_UDP:
        return asprintf(&s->text, "udp:%s:%s@%s:%s", s->connect.host,
                        s->connect.service, s->bind.host ? s->bind.host : "",
                        s->bind.service ? s->bind.service : "0");
    default:
        return asprintf(&s->text, "%s", xldm__serial_names[s->type].name);
    }
}

static bool serial_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                          unsigned index)
{
    struct xldm__serial_device *s = (struct xldm__serial_device *)base;
    bool path = s->type == XLDM__SERIAL_FILE_ || s->type == XLDM__SERIAL_DEV || s->type == XLDM__SERIAL_UNIX ||
                s->type == XLDM__SERIAL_PIPE;
    bool net = s->type == XLDM__SERIAL_TCP || s->type == XLDM__SERIAL_UDP;
    bool bound = s->bind.host || s->bind.service || s->bind.path;
    bool connected = s->connect.host || s->connect.service || s->connect.path;
    const struct xldm__serial_end *e = bound && s->type != XLDM__SERIAL_UDP ? &s->bind : &s->connect;
    bool ok = true;

    snprintf(base->id, sizeof(base->id), "serial%u", index);
    if (index >= XLDM__SERIAL_PORTS)
        ok = xldm__error(ctx, base->loc,
                         "'serial%u' is one too many: a PC has %d serial "
                         "ports", index, XLDM__SERIAL_PORTS);
    if (s->port >= 0 && (unsigned)s->port != index)
        ok = xldm__error(ctx, base->loc,
                         "<serial> target/@port: %d is not accepted; "
                         "accepted: %u, for ports count up from 0",
                         s->port, index);
    if (s->second.line)
        ok = xldm__error(ctx, s->second,
                         "<serial> takes one <source> of a mode");
    else if (bound && connected && s->type != XLDM__SERIAL_UDP)
        ok = xldm__error(ctx, base->loc,
                         "<serial> of type '%s' takes one <source>",
                         xldm__serial_names[s->type].name);
    if (s->type == XLDM__SERIAL_PTY && e->path)
        xldm__note(ctx, base->loc,
                   "<serial> source/@path has no effect: each start opens "
                   "another terminal");
    if (!check_end(ctx, s, e, path, net) ||
        (s->type == XLDM__SERIAL_UDP && bound && !check_end(ctx, s, &s->bind, false, true)))
        return false;
    if (make_text(s, e) < 0) {
        s->text = NULL;
        return xldm__oom(ctx);
    }
    return ok;
}

/* One port is libxl's serial, several are its serial_list. */
static bool serial_to_libxl(struct xldm_ctx *ctx,
                            const struct xldm__device *base,
                            libxl_domain_config *cfg)
{
    const struct xldm__serial_device *s = (const struct xldm__serial_device *)base;
    char **one = &cfg->b_info.u.hvm.serial, *copy = strdup(s->text);
    libxl_string_list *list = &cfg->b_info.u.hvm.serial_list;
    int n = 0;

    if (!copy)
        return xldm__oom(ctx);
    if (!*one && !*list) {
        *one = copy;
        return true;
    }
    if (!*list) {
        *list = calloc(XLDM__SERIAL_PORTS + 1, sizeof(**list));
        if (!*list) {
            free(copy);
            return xldm__oom(ctx);
        }
        (*list)[0] = *one;
        *one = NULL;
    }
    while ((*list)[n])
        n++;
    (*list)[n] = copy; /* finish() lets no more than XLDM__SERIAL_PORTS pass */
    return true;
}

/* ----------------------------------------------------------- xl.cfg ---- */

static bool cfg_serial(struct xldm__cfg *cfg, const struct xldm__setting *s)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const char *text = xldm__cfg_text(cfg, s->list ? "" : s->key);
    char **one = (char *[]){ (char *)text, NULL };
    unsigned n = 0;

    if (s->list ? !xldm__cfg_strings(cfg, s, &b->u.hvm.serial_list)
                : text && !xldm__string_set(cfg->ctx, &b->u.hvm.serial, text))
        return false;
    for (char **p = s->list ? b->u.hvm.serial_list : one; *p; p++) {
        struct xldm__device *d;
        struct xldm_loc loc = s->loc;

        if (s->list)
            loc.line = s->lines[p - b->u.hvm.serial_list];
        if (!strcmp(*p, "none"))
            continue; /* QEMU gives it no port and no index */
        d = xldm__cfg_device(cfg, &xldm__serial, "serial", loc);
        if (!d)
            return false;
        snprintf(d->id, sizeof(d->id), "serial%u", n);
        if (n++ >= XLDM__SERIAL_PORTS)
            xldm__warning(cfg->ctx, loc, "serial: a PC has %d serial ports; "
                          "'%s' is none", XLDM__SERIAL_PORTS, *p);
    }
    return true;
}

static void write_serial(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    const libxl_domain_build_info *b = &o->dom->cfg.b_info;

    xldm__write_strings(o, row->key, b->u.hvm.serial, b->u.hvm.serial_list);
}

static const struct xldm__key keys[] = {
    { .key = "serial", .kind = XLDM__KEY_CUSTOM, .set = cfg_serial,
      .as = XLDM__KEY_STRING, XLDM__CFG(b_info.u.hvm.serial),
      .write = write_serial },
    { 0 },
};

const struct xldm__class xldm__serial = {
    .kind = "serial",
    .group_name = "serial",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "serial", NULL },
    .classify = serial_classify,
    .element = "serial",
    .size = sizeof(struct xldm__serial_device),
    .fields = fields,
    .foreign = xldm__serial_foreign,
    .keys = keys,
    .init = serial_init,
    .dispose = serial_dispose,
    .finish = serial_finish,
    .to_libxl = serial_to_libxl,
    .from_libxl = xldm__serial_from_libxl,
};

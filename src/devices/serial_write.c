/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libxl's serial ports, which are QEMU's own words, as <serial>. */
#include <stdio.h>
#include <string.h>

#include "config/xml.h"
#include "devices/serial.h"

static bool copy_part(char **to, const char *from, size_t n)
{
    *to = n && from[0] != ' ' && from[n - 1] != ' ' ? strndup(from, n) : NULL;
    return *to != NULL;
}

/* "HOST:SERVICE[,server,nowait]" */
static bool parse_net(struct xldm__serial_device *s, const char *text)
{
    size_t n = strcspn(text, ","), colon;
    bool server = !strcmp(text + n, ",server,nowait");
    struct xldm__serial_end *end = server ? &s->bind : &s->connect;

    if (text[n] && !server)
        return false;
    for (colon = n; colon && text[colon - 1] != ':'; colon--)
        ;
    return colon > 1 && copy_part(&end->host, text, colon - 1) &&
           copy_part(&end->service, text + colon, n - colon);
}

static bool parse_path(struct xldm__serial_device *s, const char *text)
{
    size_t n = s->type == XLDM__SERIAL_UNIX ? strcspn(text, ",") : strlen(text);
    bool server = !strcmp(text + n, ",server,nowait");

    return (!text[n] || server) &&
           copy_part(server ? &s->bind.path : &s->connect.path, text, n);
}

static const struct kind {
    const char *prefix;
    int type;
    bool (*rest)(struct xldm__serial_device *s, const char *text);
} kinds[] = {
    { "file:", XLDM__SERIAL_FILE_, parse_path }, { "pipe:", XLDM__SERIAL_PIPE, parse_path },
    { "unix:", XLDM__SERIAL_UNIX, parse_path },  { "tcp:", XLDM__SERIAL_TCP, parse_net },
    { "telnet:", XLDM__SERIAL_TCP, parse_net },  { "/dev/", XLDM__SERIAL_DEV, NULL },
};

/* False: libvirt has no such end; it is then in <xldm:config>. */
static bool parse_text(struct xldm__serial_device *s, const char *text)
{
    for (s->type = XLDM__SERIAL_PTY; s->type <= XLDM__SERIAL_STDIO; s->type++)
        if (!strcmp(xldm__serial_names[s->type].name, text))
            return true;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        size_t n = strlen(kinds[i].prefix);

        if (strncmp(kinds[i].prefix, text, n))
            continue;
        s->type = kinds[i].type;
        s->telnet = kinds[i].prefix[1] == 'e';
        return kinds[i].rest ? kinds[i].rest(s, text + n)
                             : parse_path(s, text);
    }
    return false;
}

static bool make(struct xldm_ctx *ctx, const char *text, unsigned *n,
                 struct xldm_domain *to)
{
    struct xldm__serial_device *s;

    if (!strcmp(text, "none") || *n >= XLDM__SERIAL_PORTS)
        return true;
    s = (struct xldm__serial_device *)xldm__domain_add(to, &xldm__serial);
    if (!s)
        return xldm__oom(ctx);
    snprintf(s->base.id, sizeof(s->base.id), "serial%u", (*n)++);
    if (!parse_text(s, text)) {
        xldm__serial_end_dispose(&s->connect);
        xldm__serial_end_dispose(&s->bind);
        s->type = XLDM__SERIAL_NUL;
        s->telnet = 0;
    }
    return true;
}

bool xldm__serial_from_libxl(struct xldm_ctx *ctx,
                             const libxl_domain_config *cfg,
                             struct xldm_domain *to)
{
    char **list = cfg->b_info.u.hvm.serial_list;
    unsigned n = 0;
    bool ok = true;

    if (cfg->b_info.u.hvm.serial)
        return make(ctx, cfg->b_info.u.hvm.serial, &n, to);
    for (; list && *list; list++)
        ok &= make(ctx, *list, &n, to);
    return ok;
}

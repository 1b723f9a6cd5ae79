/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB in xl.cfg: usb, usbversion, usbdevice, usbctrl and usbdev. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "devices/usb.h"

/* -------------------------------------------- usb, usbversion: "usb" ---- */

static const char *usb_key(const struct xldm__cfg *cfg)
{
    static const char *const keys[] = { "usbversion", "usb", "usbdevice" };

    for (size_t i = 0; i < 3; i++)
        if (xldm__cfg_find(cfg, keys[i]))
            return keys[i];
    return "spiceusbredirection";
}

static bool add_pc_controller(struct xldm__cfg *cfg, int model)
{
    const char *key = usb_key(cfg);
    struct xldm__usbctrl_device *u = (void *)xldm__cfg_device(
        cfg, &xldm__usbctrl, key, xldm__cfg_loc(cfg, key));

    if (!u)
        return false;
    u->model = model;
    snprintf(u->base.id, sizeof(u->base.id), "usb");
    return true;
}

/* As libxl__domain_build_info_setdefault() */
bool xldm__usbctrl_from_cfg(struct xldm__cfg *cfg)
{
    static const int models[] = { XLDM__UHCI, XLDM__EHCI, XLDM__XHCI };
    const libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    int version = b->u.hvm.usbversion, redirections;
    struct xldm_loc loc = xldm__cfg_loc(cfg, usb_key(cfg));
    bool legacy = xldm__usb_legacy(b) || b->u.hvm.usbdevice_list;

    redirections = xldm__usb_redirections(b);
    if (redirections < 0 || redirections > 4)
        return xldm__error(cfg->ctx,
                           xldm__cfg_loc(cfg, "spiceusbredirection"),
                           "spiceusbredirection: %d is not accepted; "
                           "accepted: 0 to 4", redirections);
    if (version < 0 || version > 3)
        return xldm__error(cfg->ctx, loc, "usbversion: %d is not accepted; "
                           "accepted: 1, 2, 3", version);
    if (legacy && (version || redirections))
        return xldm__error(cfg->ctx, loc, "usbversion and "
                           "spiceusbredirection cannot be beside usb and "
                           "usbdevice: libxl has one kind of controller in a "
                           "domain");
    if (redirections && !version)
        version = 2;
    if (!version && !xldm__usb_legacy(b))
        return true;
    return add_pc_controller(cfg, version ? models[version - 1]
                                          : XLDM__UHCI);
}

bool xldm__redirdev_from_cfg(struct xldm__cfg *cfg)
{
    static const char key[] = "spiceusbredirection";
    int n = xldm__usb_redirections(&cfg->dom->cfg.b_info);

    for (int i = 1; i <= n && i <= 4; i++) {
        struct xldm__device *d = xldm__cfg_device(cfg, &xldm__redirdev, key,
                                                  xldm__cfg_loc(cfg, key));

        if (!d)
            return false;
        snprintf(d->id, sizeof(d->id), "usbrc%d", i);
    }
    return true;
}

/* --------------------------------------------------------- usbdevice ---- */

static bool set_usbdevice(struct xldm__cfg *cfg,
                          const struct xldm__setting *s)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const char *text;

    if (s->list) /* an empty one says nothing */
        return !s->nlines ||
               xldm__cfg_strings(cfg, s, &b->u.hvm.usbdevice_list);
    return !xldm__cfg_string(cfg, s, &text) ||
           xldm__string_set(cfg->ctx, &b->u.hvm.usbdevice, text);
}

static bool add_usbdevice(struct xldm__cfg *cfg, const char *text,
                          struct xldm_loc loc)
{
    struct xldm__device *d;

    if (strcmp(text, "tablet") && strcmp(text, "mouse") &&
        strcmp(text, "keyboard"))
        return true; /* no device of a description: it goes with "usb" */
    d = xldm__cfg_device(cfg, &xldm__input, "usbdevice", loc);
    if (!d)
        return false;
    snprintf(d->id, sizeof(d->id), "%s", text);
    xldm__device_number(cfg->dom, d);
    return true;
}

bool xldm__input_from_cfg(struct xldm__cfg *cfg)
{
    const libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const struct xldm__setting *s = xldm__cfg_find(cfg, "usbdevice");
    char **list = b->u.hvm.usbdevice_list;
    bool ok = true;

    if (b->u.hvm.usbdevice)
        return add_usbdevice(cfg, b->u.hvm.usbdevice, s->loc);
    for (size_t i = 0; list && list[i]; i++) {
        struct xldm_loc loc = s->loc;

        loc.line = s->lines[i];
        ok &= add_usbdevice(cfg, list[i], loc);
    }
    return ok;
}

static void write_usbdevice(struct xldm__cfg_out *o,
                            const struct xldm__key *row)
{
    const libxl_domain_build_info *b = &o->dom->cfg.b_info;

    xldm__write_strings(o, row->key, b->u.hvm.usbdevice,
                        b->u.hvm.usbdevice_list);
}

const struct xldm__key xldm__input_keys[] = {
    { .key = "usbdevice", .kind = XLDM__KEY_CUSTOM, .set = set_usbdevice,
      .as = XLDM__KEY_STRING, XLDM__CFG(b_info.u.hvm.usbdevice),
      .write = write_usbdevice },
    { 0 },
};

/* --------------------------------------------------- usbctrl, usbdev ---- */

static bool unknown(struct xldm__cfg *cfg, const char *key, const char *word,
                    const char *accepted, struct xldm_loc loc)
{
    return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; accepted: %s",
                       key, word, accepted);
}

static bool usbctrl_word(struct xldm__cfg *cfg, libxl_device_usbctrl *c,
                         const char *word, struct xldm_loc loc)
{
    int v;

    if (!strncmp(word, "version=", 8)) {
        c->version = atoi(word + 8);
    } else if (!strncmp(word, "ports=", 6)) {
        c->ports = atoi(word + 6);
    } else if (!strncmp(word, "type=", 5)) {
        v = xldm__cfg_name(libxl_usbctrl_type_string_table, word + 5);
        if (v < 0)
            return xldm__cfg_not_accepted(cfg, loc, "usbctrl type", word + 5,
                                          libxl_usbctrl_type_string_table);
        c->type = (libxl_usbctrl_type)v;
    } else {
        return unknown(cfg, "usbctrl", word, "type=, version=, ports=", loc);
    }
    return true;
}

static bool usbdev_word(struct xldm__cfg *cfg, libxl_device_usbdev *d,
                        const char *word, struct xldm_loc loc)
{
    const char *value = strchr(word, '=');
    size_t n = value ? (size_t)(value++ - word) : 0;
    unsigned long v = value ? strtoul(value, NULL, 0) : 0;

    if (n == 4 && !strncmp(word, "type", n)) {
        if (!strcasecmp(value, "hostdev"))
            return true;
        return unknown(cfg, "usbdev type", value, "hostdev", loc);
    }
    if (n == 7 && !strncmp(word, "hostbus", n) && v >= 1 && v <= 255)
        d->u.hostdev.hostbus = (uint8_t)v;
    else if (n == 8 && !strncmp(word, "hostaddr", n) && v >= 1 && v <= 255)
        d->u.hostdev.hostaddr = (uint8_t)v;
    else if (n == 10 && !strncmp(word, "controller", n))
        d->ctrl = atoi(value);
    else if (n == 4 && !strncmp(word, "port", n))
        d->port = atoi(value);
    else
        return unknown(cfg, "usbdev", word, "hostbus=1 to 255, hostaddr=1 to "
                       "255, controller=, port=, type=hostdev", loc);
    return true;
}

static bool read_usbctrl(struct xldm__cfg *cfg, const struct xldm__setting *s,
                         const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_usbctrl *to = xldm__grow(&c->usbctrls, &c->num_usbctrls,
                                          sizeof(*to));
    struct xldm__usbctrl_device *u =
        (void *)xldm__cfg_device(cfg, &xldm__usbctrl, "usbctrl", loc);
    char *copy = strdup(text), *save = NULL;
    bool ok = true;

    (void)s;
    if (!to || !u || !copy) {
        free(copy);
        return u ? xldm__oom(cfg->ctx) : false;
    }
    libxl_device_usbctrl_init(to);
    to->devid = c->num_usbctrls - 1;
    for (char *w = strtok_r(copy, ",", &save); w;
         w = strtok_r(NULL, ",", &save))
        ok &= usbctrl_word(cfg, to, w + strspn(w, " "), loc);
    free(copy);
    u->libxl = *to;
    u->model = XLDM__OF_LIST;
    u->index = to->devid;
    return ok && xldm__usbctrl_complete(cfg->ctx, u);
}

static bool read_usbdev(struct xldm__cfg *cfg, const struct xldm__setting *s,
                        const char *text, struct xldm_loc loc)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    libxl_device_usbdev *to = xldm__grow(&c->usbdevs, &c->num_usbdevs,
                                         sizeof(*to));
    struct xldm__usbdev_device *u =
        (void *)xldm__cfg_device(cfg, &xldm__usbdev, "usbdev", loc);
    char *copy = strdup(text), *save = NULL;
    bool ok = true;

    (void)s;
    if (!to || !u || !copy) {
        free(copy);
        return u ? xldm__oom(cfg->ctx) : false;
    }
    libxl_device_usbdev_init(to);
    libxl_device_usbdev_init_type(to, LIBXL_USBDEV_TYPE_HOSTDEV);
    for (char *w = strtok_r(copy, ",", &save); w;
         w = strtok_r(NULL, ",", &save))
        ok &= usbdev_word(cfg, to, w + strspn(w, " "), loc);
    free(copy);
    u->libxl.ctrl = to->ctrl;
    u->libxl.port = to->port;
    u->libxl.u.hostdev = to->u.hostdev;
    snprintf(u->base.id, sizeof(u->base.id), "usbdev%d", c->num_usbdevs - 1);
    if (ok && (!to->u.hostdev.hostbus || !to->u.hostdev.hostaddr))
        ok = xldm__error(cfg->ctx, loc, "usbdev needs hostbus= and "
                         "hostaddr=");
    return ok;
}

static struct xldm_loc where(const struct xldm_domain *dom, int devid)
{
    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        const libxl_device_usbctrl *c = xldm__usbctrl_get(d);

        if (c && c->devid == devid)
            return d->loc;
    }
    return dom->loc;
}

static void write_usbctrls(struct xldm__cfg_out *o,
                           const struct xldm__key *row)
{
    const libxl_domain_config *c = &o->dom->cfg;

    for (int i = 0; i < c->num_usbctrls; i++) {
        const libxl_device_usbctrl *u = &c->usbctrls[i];

        if (u->devid != i)
            o->unsaid = !xldm__error(
                o->ctx, where(o->dom, u->devid), "xl.cfg cannot say that "
                "USB controller %d has index %d: xl counts them from 0 up",
                i, u->devid);
        if (u->type)
            xldm__write_wordf(o, "type=%s", libxl_usbctrl_type_to_string(
                                                u->type));
        if (u->version)
            xldm__write_wordf(o, "version=%d", u->version);
        if (u->ports)
            xldm__write_wordf(o, "ports=%d", u->ports);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

static void write_usbdevs(struct xldm__cfg_out *o,
                          const struct xldm__key *row)
{
    const libxl_domain_config *c = &o->dom->cfg;

    for (int i = 0; i < c->num_usbdevs; i++) {
        const libxl_device_usbdev *u = &c->usbdevs[i];

        xldm__write_wordf(o, "type=hostdev,hostbus=%u,hostaddr=%u",
                          u->u.hostdev.hostbus, u->u.hostdev.hostaddr);
        if (u->ctrl >= 0)
            xldm__write_wordf(o, "controller=%d", u->ctrl);
        if (u->port)
            xldm__write_wordf(o, "port=%d", u->port);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
}

const struct xldm__key xldm__usbctrl_keys[] = {
    { .key = "usb", .kind = XLDM__KEY_DEFBOOL, XLDM__CFG(b_info.u.hvm.usb) },
    { .key = "usbversion", .kind = XLDM__KEY_LONG,
      XLDM__CFG(b_info.u.hvm.usbversion) },
    { .key = "usbctrl", .kind = XLDM__KEY_ITEMS, .item = read_usbctrl,
      .write = write_usbctrls },
    { 0 },
};

const struct xldm__key xldm__usbdev_keys[] = {
    { .key = "usbdev", .kind = XLDM__KEY_ITEMS, .item = read_usbdev,
      .write = write_usbdevs },
    { 0 },
};

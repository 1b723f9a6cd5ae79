/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* USB redirection: devices of whoever looks on over SPICE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "devices/usb.h"

#define MAX_CHANNELS 4 /* libxl's */

/* ------------------------------------------------------- argv side ---- */

static void emit_channels(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    int n = xldm__usb_redirections(b);

    for (int i = 1; i <= n && n <= MAX_CHANNELS && !xldm__usb_legacy(b);
         i++) {
        xldm__argv_add(e->argv, "-chardev");
        xldm__argv_addf(e->argv, "spicevmc,name=usbredir,id=usbrc%d", i);
        xldm__argv_add(e->argv, "-device");
        xldm__argv_addf(e->argv, "usb-redir,chardev=usbrc%d,id=usbrc%d", i,
                        i);
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_USB, emit_channels, XLDM__EVERY },
    { 0 },
};

/* It is on the USB controller, and its other end is in the SPICE server of
 * the same process. */
static bool redirdev_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;
    char id[16];

    if (!(xldm__option_is(o, "chardev", "spicevmc") ||
          xldm__option_is(o, "device", "usb-redir")) ||
        !xldm__option_get(o, "id", id, sizeof(id)) ||
        strncmp(id, "usbrc", 5))
        return false;
    p->owner = XLDM__NAMED;
    p->id = xldm__strdup(p->arena, id);
    p->controller = "usb";
    p->with = "ui";
    return true;
}

/* ------------------------------------------------ description side ---- */

struct redirdev {
    struct xldm__device base;
    int fixed;
};

#define REDIR(member) .offset = offsetof(struct redirdev, member)

static const struct xldm__name bus_names[] = { { "usb", 0 }, { NULL, 0 } };
static const struct xldm__name type_names[] = { { "spicevmc", 0 },
                                                { NULL, 0 } };

static const struct xldm__field fields[] = {
    { .path = "@bus", .kind = XLDM__ENUM, REDIR(fixed), .names = bus_names,
      .required = true },
    { .path = "@type", .kind = XLDM__ENUM, REDIR(fixed),
      .names = type_names, .required = true },
    { 0 },
};

static bool redirdev_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                            unsigned index)
{
    snprintf(base->id, sizeof(base->id), "usbrc%u", index + 1);
    return index < MAX_CHANNELS ||
           xldm__error(ctx, base->loc,
                       "<redirdev> %u: libxl has %d of them at most",
                       index + 1, MAX_CHANNELS);
}

static bool redirdev_check(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const struct xldm__device *redir = NULL, *input = NULL;
    bool spice = false;

    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        if (d->class == &xldm__redirdev && !redir)
            redir = d;
        if (d->class == &xldm__input && *d->id && !*d->controller)
            input = d;
        spice |= d->class == &xldm__vfb && !strcmp(d->id, "spice");
    }
    if (redir && !spice)
        return xldm__error(ctx, redir->loc,
                           "<redirdev> needs a <graphics type='spice'>");
    if (!redir || !input)
        return true;
    xldm__note(ctx, input->loc, "<input> '%s' is here", input->id);
    return xldm__error(ctx, redir->loc,
                       "<redirdev> cannot be beside an <input> on USB: "
                       "libxl has the one on USB 2 or 3, the other on USB 1");
}

static bool redirdev_to_libxl(struct xldm_ctx *ctx,
                              const struct xldm__device *base,
                              libxl_domain_config *cfg)
{
    (void)ctx, (void)base;
    cfg->b_info.u.hvm.spice.usbredirection++;
    return true;
}

static bool redirdev_from_libxl(struct xldm_ctx *ctx,
                                const libxl_domain_config *cfg,
                                struct xldm_domain *to)
{
    int n = xldm__usb_redirections(&cfg->b_info);

    for (int i = 1; i <= n && i <= MAX_CHANNELS; i++) {
        struct xldm__device *d = xldm__domain_add(to, &xldm__redirdev);

        if (!d)
            return xldm__oom(ctx);
        snprintf(d->id, sizeof(d->id), "usbrc%d", i);
    }
    return true;
}

const struct xldm__class xldm__redirdev = {
    .kind = "redirdev",
    .group_name = "usb",
    .emitters = emitters,
    .options = (const char *const[]){ "chardev", "device", NULL },
    .classify = redirdev_classify,
    .element = "redirdev",
    .size = sizeof(struct redirdev),
    .fields = fields,
    .from_cfg = xldm__redirdev_from_cfg,
    .finish = redirdev_finish,
    .check = redirdev_check,
    .to_libxl = redirdev_to_libxl,
    .from_libxl = redirdev_from_libxl,
};

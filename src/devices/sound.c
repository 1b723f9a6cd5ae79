/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sound card: libxl gives a domain one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/foreign.h"

/* ---------------------------------------------------------- models ---- */

static const struct xldm__claim adlib_claims[] = {
    { XLDM_PORT, 0x220, 0x223, "QEMU hw/audio/adlib.c, iobase" },
    { XLDM_PORT, 0x228, 0x229, "QEMU hw/audio/adlib.c, iobase + 8" },
    { XLDM_PORT, 0x388, 0x38b, "QEMU hw/audio/adlib.c" },
    { 0, 0, 0, NULL },
};
static const struct xldm__claim cs4231a_claims[] = {
    { XLDM_PORT, 0x534, 0x537, "QEMU hw/audio/cs4231a.c" },
    { 0, 0, 0, NULL },
};
static const struct xldm__claim gus_claims[] = {
    { XLDM_PORT, 0x240, 0x240, "QEMU hw/audio/gus.c, gus_portio_list1" },
    { XLDM_PORT, 0x246, 0x24f, "QEMU hw/audio/gus.c, gus_portio_list1" },
    { XLDM_PORT, 0x300, 0x301, "QEMU hw/audio/gus.c, gus_portio_list2" },
    { XLDM_PORT, 0x340, 0x347, "QEMU hw/audio/gus.c, gus_portio_list1" },
    { 0, 0, 0, NULL },
};
static const struct xldm__claim sb16_claims[] = {
    { XLDM_PORT, 0x224, 0x226, "QEMU hw/audio/sb16.c, sb16_ioport_list" },
    { XLDM_PORT, 0x22a, 0x22a, "QEMU hw/audio/sb16.c, sb16_ioport_list" },
    { XLDM_PORT, 0x22c, 0x22f, "QEMU hw/audio/sb16.c, sb16_ioport_list" },
    { 0, 0, 0, NULL },
};

/* libxl__qemu_soundhw of libxl_types_internal.idl; ISA ones have claims. */
static const struct model {
    const char *name, *driver, *codec;
    const struct xldm__claim *isa;
} models[] = {
    { "ac97", "ac97", NULL, NULL },
    { "adlib", "adlib", NULL, adlib_claims },
    { "cs4231a", "cs4231a", NULL, cs4231a_claims },
    { "es1370", "es1370", NULL, NULL },
    { "gus", "gus", NULL, gus_claims },
    { "hda", "intel-hda", "hda-duplex", NULL },
    { "sb16", "sb16", NULL, sb16_claims },
};
#define NMODELS (sizeof(models) / sizeof(*models))

/* libxl does not look at the case. */
static const struct model *model_of(const char *name)
{
    for (size_t i = 0; name && i < NMODELS; i++)
        if (!strcasecmp(models[i].name, name))
            return &models[i];
    return NULL;
}

/* ------------------------------------------------------- argv side ---- */

static void emit_sound(struct xldm__emit *e)
{
    const struct model *m = model_of(e->cfg->b_info.u.hvm.soundhw);

    if (!m)
        return;
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, m->driver);
    if (!m->codec)
        return;
    xldm__argv_add(e->argv, "-device");
    xldm__argv_add(e->argv, m->codec);
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_SOUND, emit_sound, XLDM__EVERY },
    { 0 },
};

static const struct xldm__controller controllers[] = {
    { .name = "sound", .devfn = -1 },
    { .name = "isa-sound", .devfn = -1,
      .primary = "it is an ISA card, and ISA's DMA controller is the "
                 "primary's" },
    { 0 },
};

/* One card, whose name on the command line is "sound": "hda" is a disk. */
static bool sound_classify(struct xldm__part *p)
{
    for (size_t i = 0; i < NMODELS; i++) {
        const struct model *m = &models[i];
        bool card = xldm__option_is(p->option, "device", m->driver);

        if (!card && !(m->codec &&
                       xldm__option_is(p->option, "device", m->codec)))
            continue;
        p->owner = XLDM__NAMED;
        p->pci = card && !m->isa;
        p->claims = m->isa;
        p->id = "sound";
        p->controller = m->isa ? "isa-sound" : "sound";
        return true;
    }
    return false;
}

static bool sound_canonical(const char *name, char *id, size_t size)
{
    if (!model_of(name))
        return false;
    snprintf(id, size, "sound");
    return true;
}

/* ------------------------------------------------ description side ---- */

struct sound {
    struct xldm__device base;
    int model; /* index of models */
    int codec; /* 0: absent */
    int own;   /* in place of model; 0: absent */
};

#define SOUND(member) .offset = offsetof(struct sound, member)

#define NOT_OF_LIBXL (-1) /* libvirt's for other hypervisors */

static const struct xldm__name model_names[] = {
    { "sb16", 6 }, { "es1370", 3 },  { "ac97", 0 }, { "ich6", 5 },
    { "hda", 5 },  { "cs4231a", 2 }, { "gus", 4 },  { "adlib", 1 },
    { "pcspk", NOT_OF_LIBXL }, { "ich7", NOT_OF_LIBXL },
    { "ich9", NOT_OF_LIBXL },  { "usb", NOT_OF_LIBXL },
    { NULL, 0 },
};
/* Of these libvirt knows nothing. */
static const struct xldm__name own_names[] = {
    { "adlib", 1 }, { "cs4231a", 2 }, { "gus", 4 }, { NULL, 0 },
};
static const struct xldm__name codec_names[] = { { "duplex", 1 },
                                                 { NULL, 0 } };

static const struct xldm__field fields[] = {
    { .path = "@model", .kind = XLDM__ENUM, SOUND(model),
      .names = model_names, .required = true },
    { .path = "codec/@type", .kind = XLDM__ENUM, SOUND(codec),
      .names = codec_names, .completes = true },
    { .path = "xldm:sound/@model", .kind = XLDM__ENUM, SOUND(own),
      .names = own_names, .completes = true },
    { 0 },
};

static bool sound_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                         unsigned index)
{
    struct sound *s = (struct sound *)base;
    bool ok = true;

    if (s->own)
        s->model = s->own;
    if (index) {
        xldm__warning(ctx, base->loc,
                      "second <sound> has no effect: libxl gives a domain "
                      "one sound card");
        return true;
    }
    if (s->model == NOT_OF_LIBXL)
        return xldm__error(ctx, base->loc,
                           "<sound> model: libxl has no such card; accepted: "
                           "sb16, es1370, ac97, hda, cs4231a, gus, adlib");
    snprintf(base->id, sizeof(base->id), "%s", models[s->model].name);
    if (s->codec && !models[s->model].codec)
        ok = xldm__error(ctx, base->loc,
                         "<sound> of model '%s' has no <codec>", base->id);
    return ok;
}

static bool sound_to_libxl(struct xldm_ctx *ctx,
                           const struct xldm__device *base,
                           libxl_domain_config *cfg)
{
    const struct sound *s = (const struct sound *)base;

    return xldm__string_set(ctx, &cfg->b_info.u.hvm.soundhw,
                            models[s->model].name);
}

static bool sound_from_libxl(struct xldm_ctx *ctx,
                             const libxl_domain_config *cfg,
                             struct xldm_domain *to)
{
    const struct model *m = model_of(cfg->b_info.u.hvm.soundhw);
    struct sound *s;

    if (!m)
        return true;
    s = (struct sound *)xldm__domain_add(to, &xldm__sound);
    if (!s)
        return xldm__oom(ctx);
    s->model = (int)(m - models);
    for (const struct xldm__name *n = own_names; n->name; n++)
        if (n->value == s->model)
            s->own = s->model;
    if (s->own)
        s->model = model_names[0].value; /* so that libvirt takes it */
    snprintf(s->base.id, sizeof(s->base.id), "%s", m->name);
    return true;
}

/* ----------------------------------------------------------- xl.cfg ---- */

static bool cfg_sound(struct xldm__cfg *cfg, const struct xldm__setting *s)
{
    const char *text;
    char list[128] = "";
    struct xldm__device *d;

    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    for (size_t i = 0, n = 0; i < NMODELS; i++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
                              i ? ", " : "", models[i].name);
    if (!model_of(text))
        return xldm__error(cfg->ctx, s->loc, "soundhw: '%s' is not accepted; "
                           "accepted: one of %s", text, list);
    d = xldm__cfg_device(cfg, &xldm__sound, "soundhw", s->loc);
    if (d)
        snprintf(d->id, sizeof(d->id), "%s", model_of(text)->name);
    return d && xldm__string_set(cfg->ctx, &cfg->dom->cfg.b_info.u.hvm.soundhw,
                                 text);
}

static const struct xldm__key keys[] = {
    { .key = "soundhw", .kind = XLDM__KEY_CUSTOM, .set = cfg_sound,
      .as = XLDM__KEY_STRING, XLDM__CFG(b_info.u.hvm.soundhw) },
    { 0 },
};

const struct xldm__class xldm__sound = {
    .kind = "sound",
    .group_name = "sound",
    .emitters = emitters,
    .controllers = controllers,
    .options = (const char *const[]){ "device", NULL },
    .classify = sound_classify,
    .canonical = sound_canonical,
    .element = "sound",
    .size = sizeof(struct sound),
    .fields = fields,
    .foreign = xldm__sound_foreign,
    .keys = keys,
    .finish = sound_finish,
    .to_libxl = sound_to_libxl,
    .from_libxl = sound_from_libxl,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Graphics cards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/foreign.h"
#include "devices/video.h"

/* ------------------------------------------------------- argv side ---- */

/* libxl__domain_build_info_setdefault(): cirrus; 8, 16 or 128 MiB. */
static const struct card {
    libxl_vga_interface_type kind;
    const char *driver;
    unsigned default_mib;
} cards[] = {
    { LIBXL_VGA_INTERFACE_TYPE_UNKNOWN, "cirrus-vga", 8 },
    { LIBXL_VGA_INTERFACE_TYPE_CIRRUS, "cirrus-vga", 8 },
    { LIBXL_VGA_INTERFACE_TYPE_STD, "VGA", 16 },
    { LIBXL_VGA_INTERFACE_TYPE_QXL, "qxl-vga", 128 },
    { LIBXL_VGA_INTERFACE_TYPE_NONE, NULL, 0 },
};

static const struct card *card_of(const libxl_domain_build_info *b)
{
    for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++)
        if (cards[i].kind == b->u.hvm.vga.kind)
            return &cards[i];
    return &cards[0];
}

uint64_t xldm__video_memkb(const libxl_domain_build_info *b)
{
    if (b->video_memkb != LIBXL_MEMKB_DEFAULT)
        return b->video_memkb;
    return card_of(b)->default_mib * 1024ull;
}

static void emit_video(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    const struct card *card = card_of(b);

    if (!card->driver)
        return;
    xldm__argv_add(e->argv, "-device");
    if (card->kind == LIBXL_VGA_INTERFACE_TYPE_QXL) {
        unsigned long long half = xldm__video_memkb(b) / 2 / 1024;

        xldm__argv_addf(e->argv, "%s,vram_size_mb=%llu,ram_size_mb=%llu",
                        card->driver, half, half);
        return;
    }
    xldm__argv_addf(e->argv, "%s,vgamem_mb=%llu", card->driver,
                    (unsigned long long)(xldm__video_memkb(b) + 1023) / 1024);
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_VGA, emit_video, XLDM__EVERY },
    { 0 },
};

static const struct xldm__claim vga_claims[] = {
    { XLDM_PORT, 0x3b4, 0x3b5, "QEMU hw/display/vga.c, MDA CRTC" },
    { XLDM_PORT, 0x3ba, 0x3ba, "QEMU hw/display/vga.c, MDA status" },
    { XLDM_PORT, 0x3c0, 0x3cf, "QEMU hw/display/vga.c, VGA" },
    { XLDM_PORT, 0x3d4, 0x3d5, "QEMU hw/display/vga.c, CRTC" },
    { XLDM_PORT, 0x3da, 0x3da, "QEMU hw/display/vga.c, status" },
    { XLDM_MEMORY, 0xa0000, 0xbffff, "VGA window" },
    /* 1ce, 1d0: a 2-byte access must lie wholly inside; 1d1 is mapped */
    { XLDM_PORT, 0x1ce, 0x1d1, "QEMU hw/display/vga.c, Bochs VBE" },
    { 0, 0, 0, NULL },
};

static const struct xldm__claim cirrus_claims[] = {
    { XLDM_PORT, 0x3b0, 0x3df, "QEMU hw/display/cirrus_vga.c, one region" },
    { XLDM_MEMORY, 0xa0000, 0xbffff, "VGA window" },
    { 0, 0, 0, NULL },
};

/* MiB of a property, as QEMU rounds them up. */
static uint64_t mib_of(const struct xldm__option *o, const char *key,
                       uint64_t mib)
{
    char text[16];
    uint64_t size = 1 << 20;

    if (xldm__option_get(o, key, text, sizeof(text)))
        mib = strtoull(text, NULL, 10);
    while (size >> 20 < mib && size < 1ull << 40)
        size <<= 1;
    return size;
}

static bool video_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;

    if (xldm__option_is(o, "device", "VGA") ||
        xldm__option_is(o, "device", "qxl-vga"))
        p->claims = vga_claims;
    else if (xldm__option_is(o, "device", "cirrus-vga"))
        p->claims = cirrus_claims;
    else
        return false;
    p->owner = XLDM__NAMED;
    p->pci = true;
    p->id = "vga";
    p->controller = "ui";
    p->ram = 1 << 20; /* its BIOS: 64 KiB */
    if (xldm__option_is(o, "device", "qxl-vga")) /* and a ROM of its own */
        p->ram += (1 << 20) + mib_of(o, "ram_size_mb", 64) +
                  mib_of(o, "vram_size_mb", 64);
    else
        p->ram += mib_of(o, "vgamem_mb", 16);
    return true;
}

/* ------------------------------------------------ description side ---- */

struct video {
    struct xldm__device base;
    int kind;      /* libxl_vga_interface_type */
    uint64_t vram; /* KiB; 0: absent */
};

#define VIDEO(member) .offset = offsetof(struct video, member)

static const struct xldm__name kind_names[] = {
    { "vga", LIBXL_VGA_INTERFACE_TYPE_STD },
    { "cirrus", LIBXL_VGA_INTERFACE_TYPE_CIRRUS },
    { "qxl", LIBXL_VGA_INTERFACE_TYPE_QXL },
    { "xen", LIBXL_VGA_INTERFACE_TYPE_STD }, /* as libvirt takes it */
    { "none", LIBXL_VGA_INTERFACE_TYPE_NONE },
    { NULL, 0 },
};

static const struct xldm__field fields[] = {
    { .path = "model/@type", .kind = XLDM__ENUM, VIDEO(kind),
      .names = kind_names, .required = true },
    { .path = "model/@vram", .kind = XLDM__U64, VIDEO(vram) },
    { .path = "model/@ram", .kind = XLDM__IGNORED,
      .why = "libxl makes half of vram the card's ram" },
    { .path = "model/@vgamem", .kind = XLDM__IGNORED,
      .why = "libxl leaves it to QEMU" },
    { .path = "model/@heads", .kind = XLDM__IGNORED,
      .why = "the card has one head" },
    { .path = "model/@primary", .kind = XLDM__IGNORED,
      .why = "there is one card" },
    { 0 },
};

/* As libvirt: cards have a power of two. */
static uint64_t whole(uint64_t kib)
{
    uint64_t n = 1;

    while (n < kib && n < 1ull << 40)
        n *= 2;
    return n;
}

static bool video_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                         unsigned index)
{
    struct video *video = (struct video *)base;
    uint64_t min = 0;

    if (index) {
        xldm__warning(ctx, base->loc,
                      "second <video> has no effect: libxl gives a domain "
                      "one graphics card");
        return true;
    }
    snprintf(base->id, sizeof(base->id), "vga");
    for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++)
        if ((int)cards[i].kind == video->kind)
            min = cards[i].default_mib * 1024ull;
    if (!video->vram || !min)
        return true;
    if (whole(video->vram) != video->vram) {
        xldm__note(ctx, base->loc,
                   "<video> model/@vram is %llu KiB, the next power of two",
                   (unsigned long long)whole(video->vram));
        video->vram = whole(video->vram);
    }
    if (video->vram >= min && video->vram <= 256 * 1024)
        return true;
    return xldm__error(ctx, base->loc,
                       "<video> model/@vram: %llu KiB is not accepted; "
                       "accepted: %llu to %u",
                       (unsigned long long)video->vram,
                       (unsigned long long)min, 256 * 1024);
}

static bool video_to_libxl(struct xldm_ctx *ctx,
                           const struct xldm__device *base,
                           libxl_domain_config *cfg)
{
    const struct video *video = (const struct video *)base;

    (void)ctx;
    cfg->b_info.u.hvm.vga.kind = (libxl_vga_interface_type)video->kind;
    if (video->vram && video->kind != LIBXL_VGA_INTERFACE_TYPE_NONE)
        cfg->b_info.video_memkb = video->vram;
    return true;
}

static bool video_from_libxl(struct xldm_ctx *ctx,
                             const libxl_domain_config *cfg,
                             struct xldm_domain *to)
{
    const libxl_domain_build_info *b = &cfg->b_info;
    const struct card *card = card_of(b);
    struct video *video = (struct video *)xldm__domain_add(to, &xldm__video);

    if (!video)
        return xldm__oom(ctx);
    snprintf(video->base.id, sizeof(video->base.id), "vga");
    video->kind = card->kind ? (int)card->kind
                             : LIBXL_VGA_INTERFACE_TYPE_CIRRUS;
    if (card->driver && b->video_memkb != LIBXL_MEMKB_DEFAULT &&
        b->video_memkb >= card->default_mib * 1024ull &&
        b->video_memkb <= 256 * 1024)
        video->vram = b->video_memkb;
    return true;
}

/* ----------------------------------------------------------- xl.cfg ---- */

static const libxl_enum_string_table cfg_names[] = {
    { "stdvga", LIBXL_VGA_INTERFACE_TYPE_STD },
    { "cirrus", LIBXL_VGA_INTERFACE_TYPE_CIRRUS },
    { "none", LIBXL_VGA_INTERFACE_TYPE_NONE },
    { "qxl", LIBXL_VGA_INTERFACE_TYPE_QXL },
    { NULL, -1 },
};

static void write_kind(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    const char *name = xldm__cfg_name_of(
        cfg_names, (int)o->dom->cfg.b_info.u.hvm.vga.kind);

    if (name)
        xldm__write_text(o, row->key, name);
}

static const struct xldm__key keys[] = {
    { .key = "vga", .kind = XLDM__KEY_LATER, .as = XLDM__KEY_ENUM,
      .names = libxl_vga_interface_type_string_table,
      XLDM__CFG(b_info.u.hvm.vga.kind),
      .write = write_kind },
    { .key = "stdvga", .kind = XLDM__KEY_LATER },
    { .key = "videoram", .kind = XLDM__KEY_MIB,
      XLDM__CFG(b_info.video_memkb) },
    { 0 },
};

static bool read_kind(struct xldm__cfg *cfg, libxl_vga_interface_type *kind)
{
    const char *vga = xldm__cfg_text(cfg, "vga");
    const struct xldm__setting *std = xldm__cfg_find(cfg, "stdvga");
    long n;

    if (vga && std)
        xldm__warning(cfg->ctx, std->loc, "stdvga has no effect beside vga");
    if (!vga) {
        if (std && xldm__cfg_long(cfg, std, &n))
            *kind = n ? LIBXL_VGA_INTERFACE_TYPE_STD
                      : LIBXL_VGA_INTERFACE_TYPE_CIRRUS;
        return true;
    }
    for (const libxl_enum_string_table *t = cfg_names; t->s; t++) {
        if (strcmp(t->s, vga))
            continue;
        *kind = (libxl_vga_interface_type)t->v;
        return true;
    }
    return xldm__cfg_not_accepted(cfg, xldm__cfg_loc(cfg, "vga"), "vga", vga,
                                  cfg_names);
}

static bool video_from_cfg(struct xldm__cfg *cfg)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    struct xldm__device *d;
    uint64_t min;

    if (!read_kind(cfg, &b->u.hvm.vga.kind))
        return false;
    min = card_of(b)->default_mib * 1024ull;
    if (b->video_memkb != LIBXL_MEMKB_DEFAULT && b->video_memkb < min)
        return xldm__error(cfg->ctx, xldm__cfg_loc(cfg, "videoram"),
                           "videoram: %llu is not accepted; accepted: %llu "
                           "and more (MiB)",
                           (unsigned long long)b->video_memkb / 1024,
                           (unsigned long long)min / 1024);
    if (b->u.hvm.vga.kind == LIBXL_VGA_INTERFACE_TYPE_NONE)
        return true;
    d = xldm__cfg_device(cfg, &xldm__video, "vga",
                         xldm__cfg_loc(cfg, xldm__cfg_find(cfg, "vga")
                                                ? "vga" : "stdvga"));
    if (d)
        snprintf(d->id, sizeof(d->id), "vga");
    return d != NULL;
}

const struct xldm__class xldm__video = {
    .kind = "video",
    .group_name = "ui",
    .emitters = emitters,
    .options = (const char *const[]){ "device", NULL },
    .classify = video_classify,
    .element = "video",
    .size = sizeof(struct video),
    .fields = fields,
    .foreign = xldm__video_foreign,
    .keys = keys,
    .from_cfg = video_from_cfg,
    .finish = video_finish,
    .to_libxl = video_to_libxl,
    .from_libxl = video_from_libxl,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys of xl.cfg whose values need more than a table's row. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libxl_utils.h>
#include <xenctrl.h>
#include <xen/hvm/e820.h>
#include <xen/hvm/params.h>

#include "config/write_cfg.h"
#include "config/xml.h"

/* libxl's types of this file's keys; a string table ends with s NULL */
static const libxl_enum_string_table isolate_names[] = {
    { "none", XLDM__ISOLATE_NONE },
    { "class", XLDM__ISOLATE_CLASS },
    { "controller", XLDM__ISOLATE_CONTROLLER },
    { NULL, -1 },
};

static libxl_domain_build_info *b_info(struct xldm__cfg *cfg)
{
    return &cfg->dom->cfg.b_info;
}

XLDM__SET(isolate)
{
    const char *text;
    int v;

    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    v = xldm__cfg_name(isolate_names, text);
    if (v < 0)
        return xldm__cfg_not_accepted(cfg, s->loc, s->key, text,
                                      isolate_names);
    cfg->dom->isolate = (enum xldm__isolate)v;
    return true;
}

XLDM__WRITE(isolate)
{
    if (o->dom->isolate)
        xldm__write_text(o, row->key,
                         xldm__cfg_name_of(isolate_names,
                                             (int)o->dom->isolate));
}

XLDM__SET(uuid)
{
    const char *text;

    if (xldm__cfg_string(cfg, s, &text) &&
        libxl_uuid_from_string(&cfg->dom->cfg.c_info.uuid, text))
        return xldm__error(cfg->ctx, s->loc,
                           "uuid: '%s' is not a UUID; accepted: 32 hex "
                           "digits, as 8-4-4-4-12", text);
    return true;
}

XLDM__SET(frames)
{
    static const struct {
        const char *key;
        size_t offset;
    } rows[] = {
        { "max_grant_frames",
          offsetof(libxl_domain_build_info, max_grant_frames) },
        { "max_maptrack_frames",
          offsetof(libxl_domain_build_info, max_maptrack_frames) },
        { "max_grant_version",
          offsetof(libxl_domain_build_info, max_grant_version) },
    };
    long n;

    if (xlu_cfg_get_bounded_long(cfg->xlu, s->key, 0, INT_MAX, &n, 1))
        return xldm__error(cfg->ctx, s->loc, "%s is not a number; accepted: 0 "
                           "to %d", s->key, INT_MAX);
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(rows[i].key, s->key))
            *(int *)((char *)b_info(cfg) + rows[i].offset) = (int)n;
    return true;
}

XLDM__SET(bootloader_args)
{
    libxl_string_list *list = &b_info(cfg)->bootloader_args;
    const char *text;
    char *copy, *save = NULL;
    int n = 0;

    if (s->list)
        return xldm__cfg_strings(cfg, s, list);
    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    xldm__warning(cfg->ctx, s->loc, "bootloader_args as a string is "
                  "deprecated: a list is accepted");
    copy = strdup(text);
    *list = calloc(strlen(text) + 2, sizeof(**list));
    for (char *w = copy && *list ? strtok_r(copy, " \t\n", &save) : NULL; w;
         w = strtok_r(NULL, " \t\n", &save))
        (*list)[n++] = strdup(w);
    free(copy);
    return *list || xldm__oom(cfg->ctx);
}

/* ------------------------------------------------------------ HVM ---- */

static bool make_bitmap(struct xldm__cfg *cfg, libxl_bitmap *map, int bits)
{
    libxl_bitmap_dispose(map);
    map->map = calloc((size_t)(bits + 7) / 8, 1);
    if (!map->map)
        return xldm__oom(cfg->ctx);
    map->size = (uint32_t)(bits + 7) / 8;
    return true;
}

static bool one_viridian(struct xldm__cfg *cfg, const struct xldm__setting *s,
                         const char *text, struct xldm_loc loc)
{
    libxl_bitmap *set = &b_info(cfg)->u.hvm.viridian_enable;
    libxl_bitmap *reset = &b_info(cfg)->u.hvm.viridian_disable, *other = set;
    bool no = *text == '!';
    int v;

    if (!strcmp(text, "all")) {
        libxl_bitmap_set_any(set);
        return true;
    }
    if (!strcmp(text, "defaults")) {
        libxl_defbool_set(&b_info(cfg)->u.hvm.viridian, true);
        return true;
    }
    if (no) {
        set = reset;
        reset = other;
    }
    v = xldm__cfg_name(libxl_viridian_enlightenment_string_table, text + no);
    if (v < 0)
        return xldm__cfg_not_accepted(
            cfg, loc, s->key, text,
            libxl_viridian_enlightenment_string_table);
    libxl_bitmap_set(set, v);
    libxl_bitmap_reset(reset, v);
    return true;
}

XLDM__SET(viridian)
{
    static const struct xldm__key row = { .item = one_viridian };
    const int width = LIBXL_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE_WIDTH;
    long n;

    if (s->list)
        return !s->nlines ||
               (make_bitmap(cfg, &b_info(cfg)->u.hvm.viridian_enable, width) &&
                make_bitmap(cfg, &b_info(cfg)->u.hvm.viridian_disable,
                            width) && xldm__cfg_items(cfg, s, &row));
    if (xldm__cfg_long(cfg, s, &n))
        libxl_defbool_set(&b_info(cfg)->u.hvm.viridian, n != 0);
    return true;
}

XLDM__SET(mmio_hole)
{
    const long min = HVM_BELOW_4G_MMIO_LENGTH >> 20;
    const long max = HVM_BELOW_4G_MMIO_START >> 20;
    long n;

    if (!xldm__cfg_long(cfg, s, &n))
        return true;
    if (n < min || n > max)
        return xldm__error(cfg->ctx, s->loc, "mmio_hole: %ld is not accepted; "
                           "accepted: %ld to %ld (MiB)", n, min, max);
    b_info(cfg)->u.hvm.mmio_hole_memkb = (uint64_t)n * 1024;
    return true;
}

XLDM__SET(altp2mhvm)
{
    long n;

    xldm__warning(cfg->ctx, s->loc, "altp2mhvm is deprecated: altp2m is "
                  "the key");
    if (xldm__cfg_long(cfg, s, &n))
        libxl_defbool_set(&b_info(cfg)->u.hvm.altp2m, n != 0);
    return true;
}

XLDM__SET(msr_relaxed)
{
    long n;

    if (!xldm__cfg_long(cfg, s, &n))
        return true;
    xldm__warning(cfg->ctx, s->loc, "msr_relaxed will be removed from Xen; "
                  "tell xen-devel@lists.xenproject.org what it is needed "
                  "for");
    libxl_defbool_set(&b_info(cfg)->arch_x86.msr_relaxed, n != 0);
    return true;
}

XLDM__SET(ms_vm_genid)
{
    libxl_ms_vm_genid *id = &b_info(cfg)->u.hvm.ms_vm_genid;
    const char *text;

    if (!xldm__cfg_string(cfg, s, &text) || !strcmp(text, "none"))
        return true;
    if (strcmp(text, "generate"))
        return xldm__error(cfg->ctx, s->loc, "ms_vm_genid: '%s' is not "
                           "accepted; accepted: generate, none", text);
    if (getrandom(id->bytes, sizeof(id->bytes), 0) != sizeof(id->bytes))
        return xldm__error(cfg->ctx, s->loc, "ms_vm_genid: no random "
                           "numbers: %s", strerror(errno));
    return true;
}

XLDM__ITEM(mca_caps)
{
    if (strcmp(text, "lmce"))
        return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; "
                           "accepted: lmce", s->key, text);
    b_info(cfg)->u.hvm.mca_caps |= XEN_HVM_MCA_CAP_LMCE;
    return true;
}

XLDM__GET(mca_caps)
{
    (void)a;
    return !i && cfg->b_info.u.hvm.mca_caps & XEN_HVM_MCA_CAP_LMCE ? "lmce"
                                                                   : NULL;
}

/* A short word for bios, or the path of a firmware. */
XLDM__SET(firmware)
{
    const char *text;
    int v;

    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    v = xldm__cfg_name(libxl_bios_type_string_table, text);
    if (v < 0 && !strncmp(text, "uefi", strlen(text)))
        v = LIBXL_BIOS_TYPE_OVMF;
    if (v < 0 && strncmp(text, "bios", strlen(text)))
        return xldm__string_set(cfg->ctx, &b_info(cfg)->u.hvm.firmware, text);
    if (v >= 0)
        b_info(cfg)->u.hvm.bios = (libxl_bios_type)v;
    return true;
}

XLDM__SET(gfx_passthru)
{
    libxl_domain_build_info *b = b_info(cfg);
    const char *text;
    long n = 1;
    int v;

    if (xlu_cfg_get_long(cfg->xlu, s->key, &n, 1)) {
        if (!xldm__cfg_string(cfg, s, &text))
            return true;
        v = xldm__cfg_name(libxl_gfx_passthru_kind_string_table, text);
        if (v < 0)
            return xldm__cfg_not_accepted(
                cfg, s->loc, s->key, text,
                libxl_gfx_passthru_kind_string_table);
        b->u.hvm.gfx_passthru_kind = (libxl_gfx_passthru_kind)v;
    }
    libxl_defbool_set(&b->u.hvm.gfx_passthru, n != 0);
    return true;
}

/* --------------------------------------------------- device model ---- */

XLDM__SET(device_model)
{
    xldm__warning(cfg->ctx, s->loc, "device_model has no effect: "
                  "device_model_override names another QEMU");
    return true;
}

XLDM__SET(device_model_version)
{
    const char *text;

    if (!xldm__cfg_string(cfg, s, &text) || !strcmp(text, "qemu-xen"))
        return true;
    if (!strcmp(text, "multiple-qemu-xen")) {
        xldm__note(cfg->ctx, s->loc, "device_model_version: "
                   "'multiple-qemu-xen' of 2012 is qemu-xen here, split as "
                   "device_models says");
        return true;
    }
    return xldm__error(cfg->ctx, s->loc, "device_model_version: '%s' is not "
                       "accepted; accepted: qemu-xen", text);
}

XLDM__SET(stubdomain)
{
    long n;

    if (!xldm__cfg_long(cfg, s, &n))
        return true;
    libxl_defbool_set(&b_info(cfg)->device_model_stubdomain, false);
    return !n || xldm__error(cfg->ctx, s->loc, "%s: QEMU in a domain of its "
                             "own is not supported", s->key);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys of xl.cfg that are no device's, and need more than a table's row. */
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/write_cfg.h"

static const libxl_domain_build_info *b_info(const struct xldm__cfg_out *o)
{
    return &o->dom->cfg.b_info;
}

XLDM__WRITE(type)
{
    xldm__write_text(o, row->key, "hvm");
}

XLDM__WRITE(uuid)
{
    const libxl_uuid *uuid = &o->dom->cfg.c_info.uuid;

    if (!libxl_uuid_is_nil(uuid))
        fprintf(o->out, "%s = \"" LIBXL_UUID_FMT "\"\n", row->key,
                LIBXL_UUID_BYTES(*uuid));
}

/* Alone, the domain's; after init_seclabel, what it becomes. */
XLDM__WRITE(init_seclabel)
{
    if (b_info(o)->exec_ssid_label)
        xldm__write_string(o, row);
}

XLDM__WRITE(seclabel)
{
    const char *label = o->dom->cfg.c_info.ssid_label;
    const char *becomes = b_info(o)->exec_ssid_label;

    if (label || becomes)
        xldm__write_text(o, row->key, becomes ? becomes : label);
}

XLDM__WRITE(kernel)
{
    const char *kernel = b_info(o)->kernel;
    const char *slash = kernel ? strrchr(kernel, '/') : NULL;

    if (kernel && !strcmp(slash ? slash + 1 : kernel, "hvmloader"))
        o->unsaid = !xldm__error(o->ctx, o->dom->loc, "xl.cfg cannot say "
                                 "kernel '%s': xl boots none of the name "
                                 "hvmloader", kernel);
    xldm__write_string(o, row);
}

/* ------------------------------------------------------- viridian ---- */

static void write_flags(struct xldm__cfg_out *o, const char *key,
                        const libxl_bitmap *yes, const libxl_bitmap *no,
                        bool in_no, const char *mark)
{
    const libxl_enum_string_table *t =
        libxl_viridian_enlightenment_string_table;

    for (; t->s; t++) {
        if (!libxl_bitmap_test(yes, t->v) ||
            (bool)libxl_bitmap_test(no, t->v) != in_no)
            continue;
        xldm__write_wordf(o, "%s%s", mark, t->s);
        xldm__write_item(o, key);
    }
}

/* "all" sets what has no name, too, and takes nothing from the others. */
XLDM__WRITE(viridian)
{
    const libxl_domain_build_info *b = b_info(o);
    const libxl_bitmap *yes = &b->u.hvm.viridian_enable;
    const libxl_bitmap *no = &b->u.hvm.viridian_disable;
    bool all = yes->size && libxl_bitmap_test(yes, (int)yes->size * 8 - 1);

    if (!yes->size || (libxl_bitmap_is_empty(yes) &&
                       libxl_bitmap_is_empty(no))) {
        xldm__write_flag(o, row->key, b->u.hvm.viridian);
        return;
    }
    if (!libxl_defbool_is_default(b->u.hvm.viridian)) {
        xldm__write_wordf(o, "defaults");
        xldm__write_item(o, row->key);
    }
    write_flags(o, row->key, no, yes, true, "!");
    if (all) {
        xldm__write_wordf(o, "all");
        xldm__write_item(o, row->key);
    } else {
        write_flags(o, row->key, yes, no, false, "");
    }
    write_flags(o, row->key, no, yes, false, "!");
    xldm__write_close(o);
}

XLDM__WRITE(ms_vm_genid)
{
    static const libxl_ms_vm_genid none;

    if (memcmp(&b_info(o)->u.hvm.ms_vm_genid, &none, sizeof(none)))
        xldm__write_text(o, row->key, "generate");
}

XLDM__WRITE(gfx_passthru)
{
    const libxl_domain_build_info *b = b_info(o);

    if (b->u.hvm.gfx_passthru_kind != LIBXL_GFX_PASSTHRU_KIND_DEFAULT)
        xldm__write_text(o, row->key,
                         xldm__cfg_name_of(
                             libxl_gfx_passthru_kind_string_table,
                             (int)b->u.hvm.gfx_passthru_kind));
    else
        xldm__write_flag(o, row->key, b->u.hvm.gfx_passthru);
}

XLDM__WRITE(rdm)
{
    if (b_info(o)->u.hvm.rdm.strategy == LIBXL_RDM_RESERVE_STRATEGY_HOST)
        xldm__write_text(o, row->key, "strategy=host");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unsplit command line: every class's emitters, stage by stage. */
#include "dm/plan.h"

void xldm__emit_argv(const struct xldm_ctx *ctx, const libxl_domain_config *cfg,
                     const char *emulator, int domid, struct xldm__argv *argv)
{
    struct xldm__emit e = { .cfg = cfg, .domid = "@DOMID@", .argv = argv };

    if (domid >= 0)
        e.domid = xldm__fmt(argv->arena, "%d", domid);
    xldm__argv_add(argv, emulator);
    for (int stage = 0; stage < XLDM__AT_END; stage++)
        for (const struct xldm__class *const *c = xldm__classes; *c; c++)
            for (const struct xldm__emitter *t = (*c)->emitters; t && t->emit;
                 t++)
                if ((int)t->stage == stage &&
                    xldm__version_in(ctx->libxl, t->libxl))
                    t->emit(&e);
}

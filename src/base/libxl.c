/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which libxl: its name, and the rows of tables that are about it. */
#include <string.h>
#include "base/base.h"

#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS /* libxl has no version number */
#define BUILT XLDM_LIBXL_4_20
#else
#define BUILT XLDM_LIBXL_4_17
#endif

void xldm_ctx_set_libxl(struct xldm_ctx *ctx, enum xldm_libxl version)
{
    if (!ctx)
        return;
    ctx->libxl = version == XLDM_LIBXL_BUILT ? BUILT : version;
}

void xldm_ctx_use_libxl(struct xldm_ctx *ctx, libxl_ctx *libxl)
{
    if (ctx)
        ctx->libxl_ctx = libxl;
}

bool xldm__version_in(enum xldm_libxl version, struct xldm__versions in)
{
    return version >= in.from && (!in.below || version < in.below);
}

bool xldm__version_named(const char *name, enum xldm_libxl *version_out)
{
    static const struct {
        const char *name;
        enum xldm_libxl version;
    } names[] = {
        { "4.17", XLDM_LIBXL_4_17 },
        { "4.20", XLDM_LIBXL_4_20 },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(names[i].name, name))
            continue;
        *version_out = names[i].version;
        return true;
    }
    return false;
}

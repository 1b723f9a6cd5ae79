/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the first byte is the default for devices that the map
 * does not name, then the map and the arguments, each ended by NUL.  Every
 * plan must keep one owner for everything, and travel through its own map.
 */
#include <stdlib.h>
#include <string.h>

#include "dm/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_claims(const struct xldm_plan *plan)
{
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__ranges *claims = &plan->groups[i].claims;

        for (size_t j = 0; j < claims->n; j++) {
            for (size_t k = i + 1; k < plan->ngroups; k++) {
                if (xldm__ranges_meet(&plan->groups[k].claims, claims->v[j]))
                    abort();
            }
        }
    }
}

/* As xldm__plan_split(), which must say what is wrong if it makes nothing. */
static struct xldm_plan *split(struct xldm_ctx *ctx,
                               const struct xldm__split *in)
{
    unsigned before = ctx->errors;
    struct xldm_plan *plan = xldm__plan_split(ctx, in);

    if (!plan != (ctx->errors > before))
        abort();
    return plan;
}

static void run(struct xldm_ctx *ctx, struct xldm__arena *arena,
                const char *map, struct xldm__split *in)
{
    struct xldm__wish *wishes = NULL;
    struct xldm_plan *plan;
    char *text = NULL;
    size_t size;
    FILE *out;

    if (!xldm__map_read(ctx, arena, map, XLDM__MAP_OPTION, XLDM__NONE,
                         &wishes, &in->nwishes))
        return;
    in->wishes = wishes;
    plan = split(ctx, in);
    if (!plan)
        return;
    check_claims(plan);
    out = open_memstream(&text, &size);
    if (out) {
        for (int format = XLDM_FORMAT_TEXT; format <= XLDM_FORMAT_ARGV;
             format++)
            xldm_plan_print(plan, (enum xldm_format)format, out);
        fclose(out);
        free(text);
    }
    /* what we write we read */
    if (!xldm__map_read(ctx, arena, xldm__map_write(arena, plan),
                         XLDM__MAP_OPTION, XLDM__NONE, &wishes,
                        &in->nwishes))
        abort();
    xldm_plan_free(plan);
    in->wishes = wishes;
    xldm_plan_free(split(ctx, in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xldm__arena arena = { 0 };
    struct xldm__argv argv = { .arena = &arena };
    struct xldm__split in = { .domain = "web", .emulator = "/usr/bin/qemu" };
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    char *text = xldm__alloc(&arena, size + 1);
    const char *map = "";

    if (!ctx || !text || size < 1)
        goto out;
    in.isolate = (enum xldm__isolate)(data[0] % 3);
    memcpy(text, data + 1, size - 1);
    xldm__argv_add(&argv, "qemu");
    for (size_t at = 0; at < size - 1; at += strlen(text + at) + 1) {
        if (at)
            xldm__argv_add(&argv, text + at);
        else
            map = text;
    }
    in.argv = argv.v;
    in.argc = argv.n;
    run(ctx, &arena, map, &in);
out:
    xldm_ctx_free(ctx);
    xldm__arena_dispose(&arena);
    return 0;
}

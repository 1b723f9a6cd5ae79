/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More of platform_set.c: timers, CPU features, arguments, limits. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxl_utils.h>

#include "config/platform.h"
#include "dm/plan.h"

/* Comes after the attributes of each <timer>. */
bool xldm__set_timer(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    libxl_domain_build_info *b = &p->dom->cfg.b_info;

    if (*value)
        return xldm__error(ctx, loc, "text is not accepted in <timer>: '%s'",
                           value);
    if (p->timer.name == 1) /* tsc */
        b->tsc_mode = (libxl_tsc_mode)p->timer.mode;
    else if (!libxl_defbool_is_default(p->timer.present)) /* hpet */
        b->u.hvm.hpet = p->timer.present;
    memset(&p->timer, 0, sizeof(p->timer));
    return true;
}

bool xldm__set_feature_name(struct xldm_ctx *ctx, void *object,
                            const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    if (!n || value[n] || n >= sizeof(p->feature.name))
        return xldm__error(ctx, loc,
                           "cpu/feature/@name: '%s' is not a CPU feature",
                           value);
    memcpy(p->feature.name, value, n + 1);
    return true;
}

/* libvirt's names of features that libxl names otherwise */
static const char *libxl_feature(const char *name)
{
    static const char *const names[][2] = {
        { "cx16", "cmpxchg16" },    { "cid", "cntxid" },
        { "ds_cpl", "dscpl" },      { "pclmuldq", "pclmulqdq" },
        { "pni", "sse3" },          { "ht", "htt" },
        { "pn", "psn" },            { "clflush", "clfsh" },
        { "sep", "sysenter" },      { "cx8", "cmpxchg8" },
        { "nodeid_msr", "nodeid" }, { "cr8legacy", "altmovcr8" },
        { "lahf_lm", "lahfsahf" },  { "cmp_legacy", "cmplegacy" },
        { "fxsr_opt", "ffxsr" },    { "pdpe1gb", "page1gb" },
        { "sse4.1", "sse4_1" },     { "sse4.2", "sse4_2" },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!strcmp(names[i][0], name))
            return names[i][1];
    return name;
}

/* Comes after the attributes of each <feature>; as libvirt takes them. */
bool xldm__set_feature(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    int on = p->feature.policy;
    char text[48];

    if (*value)
        return xldm__error(ctx, loc,
                           "text is not accepted in <feature>: '%s'", value);
    if (!*p->feature.name)
        return true; /* reported */
    if (p->custom_cpu) {
        xldm__note(ctx, loc,
                   "<feature> has no effect: of mode 'host-passthrough' it is "
                   "Xen's");
        return true;
    }
    if (!strcmp(p->feature.name, "vmx") || !strcmp(p->feature.name, "svm")) {
        libxl_defbool_set(&b->nested_hvm, on != 0);
        return true;
    }
    if (on == 2) /* what the host has, as always */
        return true;
    snprintf(text, sizeof(text), "%s=%d", libxl_feature(p->feature.name),
             on);
    if (libxl_cpuid_parse_config(&b->cpuid, text) && !p->feature_loc.line) {
        memcpy(p->unknown_feature, p->feature.name, sizeof(p->feature.name));
        p->feature_loc = loc;
    }
    p->feature.name[0] = '\0';
    return true;
}

/* Where the affinity map is, for messages. */
static void note_map(struct xldm_domain *dom, const char *value,
                     struct xldm_loc loc)
{
    if (!strncmp(value, XLDM__MAP_OPTION, strlen(XLDM__MAP_OPTION)))
        dom->map_loc = loc;
}

/* xl's device_model_args, as libvirt: before -machine */
bool xldm__set_argument(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    note_map(p->dom, value, loc);
    return xldm__list_add(ctx, &p->dom->cfg.b_info.extra, value);
}

/* xl's device_model_args_hvm: behind it */
bool xldm__set_argument_hvm(struct xldm_ctx *ctx, void *object,
                               const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    note_map(p->dom, value, loc);
    return xldm__list_add(ctx, &p->dom->cfg.b_info.extra_hvm, value);
}

/* An element that has attributes only. */
bool xldm__set_nothing(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    (void)object;
    return !*value || xldm__error(ctx, loc, "text is not accepted here: '%s'",
                                  value);
}

static bool set_limit(struct xldm_ctx *ctx, uint32_t *where, const char *what,
                      const char *value, struct xldm_loc loc)
{
    int64_t n;

    if (!xldm__number(value, 1, INT_MAX, &n))
        return xldm__error(ctx, loc,
                           "<controller> %s: '%s' is not accepted; accepted: "
                           "1 to %d",
                           what, value, INT_MAX);
    *where = (uint32_t)n;
    return true;
}

bool xldm__set_grant_frames(struct xldm_ctx *ctx, void *object,
                            const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return set_limit(ctx, &p->dom->cfg.b_info.max_grant_frames,
                     "maxGrantFrames", value, loc);
}

bool xldm__set_event_channels(struct xldm_ctx *ctx, void *object,
                              const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return set_limit(ctx, &p->dom->cfg.b_info.event_channels,
                     "maxEventChannels", value, loc);
}

bool xldm__set_acpi_table(struct xldm_ctx *ctx, void *object,
                          const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    if (*value != '/')
        return xldm__error(ctx, loc, "os/acpi/table: '%s' is not an absolute "
                           "path", value);
    return xldm__string_set(ctx, &p->dom->cfg.b_info.u.hvm.acpi_firmware,
                            value);
}

/* -------------------------------------------------- <xldm:config> ---- */

bool xldm__set_config_unset(struct xldm_ctx *ctx, void *object,
                            const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    char *copy = strdup(value), *save = NULL;
    bool ok = copy || xldm__oom(ctx);

    for (char *w = ok ? strtok_r(copy, " ", &save) : NULL; w;
         w = strtok_r(NULL, " ", &save))
        ok &= xldm__exact_add(ctx, p->dom, XLDM__EXACT_UNSET, w, "", loc);
    free(copy);
    return ok;
}

bool xldm__set_config_list(struct xldm_ctx *ctx, void *object,
                           const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return xldm__string_set(ctx, &p->list, value) &&
           xldm__exact_add(ctx, p->dom, XLDM__EXACT_LIST, value, "", loc);
}

bool xldm__set_config_item(struct xldm_ctx *ctx, void *object,
                           const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return !p->list || /* reported */
           xldm__exact_add(ctx, p->dom, XLDM__EXACT_ITEM, p->list, value,
                           loc);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* More of platform_get.c: clock, CPU, arguments, limits. */
#include <limits.h>
#include <string.h>

#include "config/platform.h"

#define PLATFORM                                                              \
    const struct xldm__platform *p = object;                                  \
    const libxl_domain_build_info *b = &p->dom->cfg.b_info

/* ---------------------------------------------------------- clock ---- */

static bool is_local(const libxl_domain_build_info *b)
{
    return !libxl_defbool_is_default(b->localtime) &&
           libxl_defbool_val(b->localtime);
}

static bool has_tsc(const libxl_domain_build_info *b)
{
    return b->tsc_mode != LIBXL_TSC_MODE_DEFAULT;
}

static bool has_hpet(const libxl_domain_build_info *b)
{
    return !libxl_defbool_is_default(b->u.hvm.hpet);
}

XLDM__GETTER(offset)
{
    PLATFORM;

    (void)a;
    if (i)
        return NULL;
    if (b->rtc_timeoffset)
        return "variable";
    if (is_local(b))
        return "localtime";
    return !libxl_defbool_is_default(b->localtime) || has_tsc(b) ||
                   has_hpet(b) ? "utc" : NULL;
}

XLDM__GETTER(basis)
{
    PLATFORM;

    (void)a;
    if (i || !b->rtc_timeoffset)
        return NULL;
    return is_local(b) ? "localtime" : "utc";
}

XLDM__GETTER(adjustment)
{
    PLATFORM;

    return i || !b->rtc_timeoffset
               ? NULL : xldm__fmt(a, "%d", (int)b->rtc_timeoffset);
}

/* tsc, then hpet */
static bool is_hpet(const libxl_domain_build_info *b, size_t i)
{
    return i == has_tsc(b) && has_hpet(b);
}

XLDM__GETTER(timer_name)
{
    PLATFORM;

    (void)a;
    return !i && has_tsc(b) ? "tsc" : is_hpet(b, i) ? "hpet" : NULL;
}

XLDM__GETTER(timer_mode)
{
    PLATFORM;
    static const char *const names[] = {
        [LIBXL_TSC_MODE_DEFAULT] = "auto",
        [LIBXL_TSC_MODE_ALWAYS_EMULATE] = "emulate",
        [LIBXL_TSC_MODE_NATIVE] = "native",
        [LIBXL_TSC_MODE_NATIVE_PARAVIRT] = "paravirt",
    };

    (void)a;
    return i || !has_tsc(b) ? NULL : names[b->tsc_mode];
}

XLDM__GETTER(timer_present)
{
    PLATFORM;

    (void)a;
    if (!i && has_tsc(b))
        return xldm__skip;
    if (!is_hpet(b, i))
        return NULL;
    return libxl_defbool_val(b->u.hvm.hpet) ? "yes" : "no";
}

/* ------------------------------------------------------------ CPU ---- */

XLDM__GETTER(cpu_mode)
{
    PLATFORM;

    (void)a;
    return i || libxl_defbool_is_default(b->nested_hvm) ? NULL
                                                        : "host-passthrough";
}

XLDM__GETTER(feature_name)
{
    return xldm__get_cpu_mode(a, object, i) ? "vmx" : NULL;
}

XLDM__GETTER(feature_policy)
{
    PLATFORM;

    if (!xldm__get_cpu_mode(a, object, i))
        return NULL;
    return libxl_defbool_val(b->nested_hvm) ? "require" : "disable";
}

/* ------------------------------------------------------ arguments ---- */

static const char *item(char **list, size_t i)
{
    for (; list && *list; list++)
        if (!i--)
            return *list;
    return NULL;
}

XLDM__GETTER(argument)
{
    PLATFORM;

    (void)a;
    return item(b->extra, i);
}

XLDM__GETTER(argument_hvm)
{
    PLATFORM;

    (void)a;
    return item(b->extra_hvm, i);
}

/* --------------------------------------------------------- limits ---- */

static const char *limit(struct xldm__arena *a, uint32_t n)
{
    return n && n <= INT_MAX ? xldm__fmt(a, "%u", n) : NULL;
}

XLDM__GETTER(grant_frames)
{
    PLATFORM;

    return i ? NULL : limit(a, (uint32_t)b->max_grant_frames);
}

XLDM__GETTER(event_channels)
{
    PLATFORM;

    return i ? NULL : limit(a, (uint32_t)b->event_channels);
}

XLDM__GETTER(controller)
{
    return xldm__get_grant_frames(a, object, i) ||
                   xldm__get_event_channels(a, object, i) ? "xenbus" : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where vCPUs run, the IOMMU's page tables, the label: both ways. */
#include <stdlib.h>
#include <string.h>
#include <libxl_utils.h>

#include "config/cfg.h"
#include "config/platform.h"

#define PLATFORM                                                               \
    const struct xldm__platform *p = object;                                   \
    const libxl_domain_build_info *b = &p->dom->cfg.b_info

/* ----------------------------------------------------------- vCPUs ---- */

bool xldm__set_cpuset(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->cpuset_loc = loc;
    return xldm__string_set(ctx, &p->cpuset, value);
}

bool xldm__set_pin_cpuset(struct xldm_ctx *ctx, void *object, const char *value,
                          struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    (void)loc;
    return xldm__string_set(ctx, &p->pin.cpuset, value);
}

/* Comes after the attributes of each <vcpupin>. */
bool xldm__set_pin(struct xldm_ctx *ctx, void *object, const char *value,
                   struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    struct xldm__pin *pin = xldm__grow(&p->pins, &p->npins, sizeof(*pin));

    if (!pin)
        return xldm__oom(ctx);
    *pin = p->pin;
    pin->loc = loc;
    memset(&p->pin, 0, sizeof(p->pin));
    return xldm__set_nothing(ctx, object, value, loc);
}

static bool parse(struct xldm_ctx *ctx, struct xldm_domain *dom,
                  const char *path, const char *text, struct xldm_loc loc,
                  libxl_bitmap *map)
{
    struct xldm__cfg cfg = { .ctx = ctx, .dom = dom };

    return xldm__cfg_cpus(&cfg, path, text, loc, map);
}

/* As many as there are vCPUs; those that nobody sets have no map. */
static bool make_room(struct xldm_ctx *ctx, libxl_domain_build_info *b, int n)
{
    while (b->num_vcpu_hard_affinity < n)
        if (!xldm__grow(&b->vcpu_hard_affinity, &b->num_vcpu_hard_affinity,
                        sizeof(libxl_bitmap)))
            return xldm__oom(ctx);
    return true;
}

static bool apply_pin(struct xldm_ctx *ctx, struct xldm_domain *dom,
                      const struct xldm__pin *pin)
{
    libxl_domain_build_info *b = &dom->cfg.b_info;
    int max = b->max_vcpus ? b->max_vcpus : 1;

    if (pin->vcpu < 0 || pin->vcpu >= max)
        return xldm__error(ctx, pin->loc,
                           "vcpupin/@vcpu: '%d' is not "
                           "accepted; accepted: 0 to %d",
                           pin->vcpu, max - 1);
    if (!make_room(ctx, b, pin->vcpu + 1))
        return false;
    if (b->vcpu_hard_affinity[pin->vcpu].map)
        return xldm__error(ctx, pin->loc, "second <vcpupin> of vcpu %d",
                           pin->vcpu);
    return parse(ctx, dom, "vcpupin/@cpuset", pin->cpuset, pin->loc,
                 &b->vcpu_hard_affinity[pin->vcpu]);
}

/* libvirt: @cpuset of <vcpu> is for those without a <vcpupin>.  xl: a place for
 * each vCPU turns libxl's own placement off. */
bool xldm__platform_cpus(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    libxl_bitmap rest = { 0, NULL }, *map;
    bool ok = true;

    for (int i = 0; i < p->npins; i++)
        if (p->pins[i].cpuset)
            ok &= apply_pin(ctx, p->dom, &p->pins[i]);
    if (p->npins)
        libxl_defbool_set(&b->numa_placement, false);
    if (p->cpuset)
        ok &= parse(ctx, p->dom, "vcpu/@cpuset", p->cpuset, p->cpuset_loc,
                    &rest) &&
              make_room(ctx, b, b->max_vcpus ? b->max_vcpus : 1);
    for (int i = 0; ok && i < b->num_vcpu_hard_affinity; i++) {
        map = &b->vcpu_hard_affinity[i];
        if (map->map)
            continue;
        ok = parse(ctx, p->dom, "vcpu", "all", XLDM__NONE, map);
        if (ok && rest.map)
            memcpy(map->map, rest.map, map->size);
    }
    libxl_bitmap_dispose(&rest);
    return ok;
}

void xldm__platform_cpus_dispose(struct xldm__platform *p)
{
    for (int i = 0; i < p->npins; i++)
        free(p->pins[i].cpuset);
    free(p->pins);
    free(p->pin.cpuset);
    free(p->cpuset);
}

/* libvirt has none that may run nowhere. */
static bool can_pin(const libxl_domain_build_info *b)
{
    bool can = b->num_vcpu_hard_affinity <= b->max_vcpus;

    for (int i = 0; can && i < b->num_vcpu_hard_affinity; i++)
        can = !libxl_bitmap_is_empty(&b->vcpu_hard_affinity[i]);
    return can;
}

static bool all_alike(const libxl_domain_build_info *b)
{
    const libxl_bitmap *first = b->vcpu_hard_affinity;

    for (int i = 1; i < b->num_vcpu_hard_affinity; i++)
        if (!libxl_bitmap_equal(first, &first[i], 0))
            return false;
    return b->num_vcpu_hard_affinity == b->max_vcpus;
}

XLDM__GETTER(cpuset)
{
    PLATFORM;

    return i || !b->num_vcpu_hard_affinity || !can_pin(b) || !all_alike(b)
               ? NULL
               : xldm__bits_text(a, b->vcpu_hard_affinity, NULL);
}

/* One that is none at the first is asked for no more. */
static bool has_pin(const libxl_domain_build_info *b, size_t i)
{
    return i < (size_t)b->num_vcpu_hard_affinity &&
           (i || (can_pin(b) && !all_alike(b)));
}

XLDM__GETTER(pin_vcpu)
{
    PLATFORM;

    return has_pin(b, i) ? xldm__fmt(a, "%u", (unsigned)i) : NULL;
}

XLDM__GETTER(pin_cpuset)
{
    PLATFORM;

    return has_pin(b, i) ? xldm__bits_text(a, &b->vcpu_hard_affinity[i], NULL)
                         : NULL;
}

/* ----------------------------------------------------------- IOMMU ---- */

/* Comes after the attributes of <passthrough>. */
bool xldm__set_passthrough(struct xldm_ctx *ctx, void *object,
                           const char *value, struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    bool on = libxl_defbool_is_default(p->passthrough.state) ||
              libxl_defbool_val(p->passthrough.state);

    if (*value)
        return xldm__error(ctx, loc,
                           "text is not accepted in <passthrough>: "
                           "'%s'",
                           value);
    p->dom->cfg.c_info.passthrough =
        !on                   ? LIBXL_PASSTHROUGH_DISABLED
        : p->passthrough.mode ? (libxl_passthrough)p->passthrough.mode
                              : LIBXL_PASSTHROUGH_ENABLED;
    return true;
}

XLDM__GETTER(passthrough_state)
{
    const struct xldm__platform *p = object;

    (void)a;
    switch (p->dom->cfg.c_info.passthrough) {
    case LIBXL_PASSTHROUGH_DISABLED:
        return i ? NULL : "off";
    case LIBXL_PASSTHROUGH_ENABLED:
    case LIBXL_PASSTHROUGH_SYNC_PT:
    case LIBXL_PASSTHROUGH_SHARE_PT:
        return i ? NULL : "on";
    default:
        return NULL;
    }
}

XLDM__GETTER(passthrough_mode)
{
    const struct xldm__platform *p = object;
    int mode = (int)p->dom->cfg.c_info.passthrough;

    (void)a;
    for (const struct xldm__name *n = xldm__passthrough_names; n->name; n++)
        if (!i && n->value == mode)
            return n->name;
    return NULL;
}

/* ----------------------------------------------------------- label ---- */

/* Comes between the attributes of each <seclabel> and its <label>. */
bool xldm__set_seclabel(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->label.counts = p->label.is_static && !p->label.foreign;
    p->label.is_static = p->label.foreign = 0;
    return xldm__set_nothing(ctx, object, value, loc);
}

bool xldm__set_label(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    if (p->label.counts && *value)
        return xldm__string_set(ctx, &p->dom->cfg.c_info.ssid_label, value);
    xldm__note(ctx, loc,
               "<label> has no effect: of type 'static' and model "
               "'flask' it is Xen's");
    return true;
}

XLDM__GETTER(label)
{
    const struct xldm__platform *p = object;
    const char *label = p->dom->cfg.c_info.ssid_label;

    (void)a;
    return i || !label || !*label ? NULL : label;
}

XLDM__GETTER(label_type)
{
    return xldm__get_label(a, object, i) ? "static" : NULL;
}

XLDM__GETTER(label_model)
{
    return xldm__get_label(a, object, i) ? "flask" : NULL;
}

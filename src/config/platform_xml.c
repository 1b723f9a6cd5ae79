/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML of what is no device: name, memory, vCPUs, boot, features, events. */
#include <stdlib.h>
#include <string.h>

#include "config/platform.h"
#include "devices/video.h"

#define MAX_ERRORS 100 /* in one file */

/* -------------------------------------------------------- meaning ---- */

static bool apply_memory(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;

    b->max_memkb = p->memory;
    b->target_memkb = p->current ? p->current : p->memory;
    if (p->memory && p->current > p->memory)
        return xldm__error(ctx, p->current_loc,
                           "currentMemory: %llu KiB is more than the "
                           "%llu KiB of <memory>",
                           (unsigned long long)p->current,
                           (unsigned long long)p->memory);
    return true;
}

static bool apply_vcpus(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    int vcpus = p->vcpus;
    int online = p->online ? p->online : vcpus;

    if (!vcpus)
        return true; /* libxl's default: one */
    if (online > vcpus)
        return xldm__error(ctx, p->vcpu_loc,
                           "vcpu/@current: %d is more than the %d of <vcpu>",
                           online, vcpus);
    b->max_vcpus = vcpus;
    b->avail_vcpus.map = calloc((size_t)(vcpus + 7) / 8, 1);
    if (!b->avail_vcpus.map)
        return xldm__oom(ctx);
    b->avail_vcpus.size = (uint32_t)(vcpus + 7) / 8;
    for (int i = 0; i < online; i++)
        b->avail_vcpus.map[i / 8] |= (uint8_t)(1 << i % 8);
    return true;
}

static bool apply_boot(struct xldm_ctx *ctx, struct xldm__platform *p)
{
    libxl_domain_build_info *b = &p->dom->cfg.b_info;
    const char *slash = p->loader ? strrchr(p->loader, '/') : NULL,
               *name = slash ? slash + 1 : "";

    if (p->boot_loc.line)
        return xldm__error(ctx, p->boot_loc,
                           "<os> names the same <boot dev='...'> twice");
    if (*p->boot && !xldm__string_set(ctx, &b->u.hvm.boot, p->boot))
        return false;
    if (!b->kernel && (b->ramdisk || b->cmdline))
        return xldm__error(ctx, p->dom->loc,
                           "<initrd> and <cmdline> need a <kernel>");
    if (p->pflash || p->efi) { /* libxl knows one OVMF, whatever the path */
        b->u.hvm.bios = LIBXL_BIOS_TYPE_OVMF;
        return true;
    }
    if (!*name || !strcmp(name, "hvmloader"))
        return true; /* what libxl loads anyway */
    return xldm__string_set(ctx, &b->u.hvm.firmware, p->loader);
}

/* libvirt: once there is <features>, what it does not name is off; but
 * x86_64 always has PAE. */
static void apply_features(struct xldm__platform *p)
{
    libxl_domain_config *cfg = &p->dom->cfg;
    libxl_domain_build_info *b = &cfg->b_info;

    if (!libxl_defbool_is_default(p->hap))
        libxl_defbool_set(&cfg->c_info.hap,
                          libxl_defbool_is_default(p->hap_state) ||
                              libxl_defbool_val(p->hap_state));
    if (libxl_defbool_is_default(p->features))
        return;
    libxl_defbool_setdefault(&b->acpi, false);
    libxl_defbool_setdefault(&b->apic, false);
    libxl_defbool_setdefault(&b->u.hvm.pae, !p->i686);
}

static bool check_cpu(struct xldm_ctx *ctx, const struct xldm__platform *p)
{
    return !p->feature_loc.line ||
           xldm__error(ctx, p->feature_loc,
                       "cpu/feature/@name: libxl knows no CPU feature '%s'",
                       p->unknown_feature);
}

static bool apply_emulator(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    xldm__emulator_normalise(&dom->emulator);
    return !dom->emulator ||
           xldm__string_set(ctx, &dom->cfg.b_info.device_model,
                            dom->emulator);
}

/* libvirt: no <graphics> is no display, and if there is no <video> either,
 * no graphics card. */
static void absent_devices(struct xldm_domain *dom)
{
    libxl_domain_build_info *b = &dom->cfg.b_info;
    bool display = false, card = false;

    for (const struct xldm__device *d = dom->devices; d; d = d->next) {
        display |= d->class == &xldm__vfb;
        card |= d->class == &xldm__video;
    }
    libxl_defbool_set(&b->u.hvm.vnc.enable, false); /* VNC's turns it on */
    if (display || card)
        return;
    libxl_defbool_set(&b->u.hvm.nographic, true);
    b->u.hvm.vga.kind = LIBXL_VGA_INTERFACE_TYPE_NONE;
}

bool xldm__platform_read(struct xldm_ctx *ctx, struct xldm_domain *dom,
                         const struct xldm__node *root, xldm__device_fn *device,
                         bool *shape)
{
    struct xldm__platform p = { .dom = dom, .cell.id = -1 };
    struct xldm__reader r = {
        .ctx = ctx,
        .dom = dom,
        .tables = { { xldm__platform_fields, &p },
                    { xldm__domain_fields, dom },
                    { xldm__ignored_fields, &p } },
        .device = device,
        .limit = ctx->errors + MAX_ERRORS,
    };
    bool ok = xldm__xml_read(&r, root);

    *shape = ok;
    if (ctx->errors >= r.limit)
        xldm__error(ctx, dom->loc, "too many errors: there may be more");

    ok &= apply_memory(ctx, &p);
    ok &= apply_vcpus(ctx, &p) && xldm__platform_cpus(ctx, &p) &&
          (!*shape || xldm__platform_numa(ctx, &p));
    ok &= apply_boot(ctx, &p);
    ok &= apply_emulator(ctx, dom);
    ok &= check_cpu(ctx, &p);
    apply_features(&p);
    absent_devices(dom);
    free(p.loader);
    free(p.list);
    xldm__platform_cpus_dispose(&p);
    xldm__platform_numa_dispose(&p);
    if (dom->primary.emulator || dom->primary.restrict_)
        ok &= xldm__string_set(ctx, &dom->primary.group, "primary");
    return ok;
}

/* libxl takes the card's memory from the guest's. */
bool xldm__platform_finish(struct xldm_ctx *ctx,
                           const struct xldm_domain *dom)
{
    const libxl_domain_build_info *b = &dom->cfg.b_info;
    uint64_t video = xldm__video_memkb(b), memory = b->max_memkb;

    if (!libxl_defbool_is_default(b->device_model_stubdomain) &&
        libxl_defbool_val(b->device_model_stubdomain))
        return xldm__error(ctx, dom->loc,
                           "device_model_stubdomain_override: QEMU in a domain "
                           "of its own is not supported");
    if (memory == LIBXL_MEMKB_DEFAULT)
        memory = 32 * 1024;
    if (!memory /* reported */ || memory > video)
        return true;
    return xldm__error(ctx, dom->memory_loc,
                       "memory: %llu KiB is not more than the %llu KiB of the "
                       "graphics card",
                       (unsigned long long)memory, (unsigned long long)video);
}

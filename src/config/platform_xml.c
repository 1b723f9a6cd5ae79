/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML of what is no device: name, memory, vCPUs, boot, features, events. */
#include <stdlib.h>
#include <string.h>

#include "config/platform.h"
#include "devices/video.h"

#define MAX_ERRORS 100 /* in one file */

/* --------------------------------------------------------- tables ---- */

#define ACTION(n) LIBXL_ACTION_ON_SHUTDOWN_##n

static const struct xldm__name action_names[] = {
    { "destroy", ACTION(DESTROY) },
    { "restart", ACTION(RESTART) },
    { "preserve", ACTION(PRESERVE) },
    { "rename-restart", ACTION(RESTART_RENAME) },
    { "coredump-destroy", ACTION(COREDUMP_DESTROY) },
    { "coredump-restart", ACTION(COREDUMP_RESTART) },
    { "soft-reset", ACTION(SOFT_RESET) },
    { NULL, 0 },
};
static const struct xldm__name isolate_names[] = {
    { "none", XLDM__ISOLATE_NONE },
    { "class", XLDM__ISOLATE_CLASS },
    { "controller", XLDM__ISOLATE_CONTROLLER },
    { NULL, 0 },
};
static const struct xldm__name arch_names[] = {
    { "x86_64", 0 },
    { "i686", 1 },
    { NULL, 0 },
};
static const struct xldm__name loader_names[] = {
    { "rom", 0 },
    { "pflash", 1 },
    { NULL, 0 },
};

static const struct xldm__name vendor_names[] = {
    { "none", LIBXL_VENDOR_DEVICE_NONE },
    { "xenserver", LIBXL_VENDOR_DEVICE_XENSERVER },
    { NULL, 0 },
};
static const struct xldm__name timer_names[] = {
    { "tsc", 1 },
    { "hpet", 2 },
    { NULL, 0 },
};
static const struct xldm__name tsc_names[] = {
    { "auto", LIBXL_TSC_MODE_DEFAULT },
    { "native", LIBXL_TSC_MODE_NATIVE },
    { "emulate", LIBXL_TSC_MODE_ALWAYS_EMULATE },
    { "paravirt", LIBXL_TSC_MODE_NATIVE_PARAVIRT },
    { NULL, 0 },
};
static const struct xldm__name cpu_names[] = {
    { "host-passthrough", 0 },
    { "host-model", 0 },
    { NULL, 0 },
};
static const struct xldm__name policy_names[] = {
    { "force", 1 },    { "require", 1 }, { "optional", 2 },
    { "disable", 0 }, { "forbid", 0 },  { NULL, 0 },
};

#define ONLY(word) (const struct xldm__name[]){ { word, 0 }, { NULL, 0 } }

#define DOM(member) .offset = offsetof(struct xldm_domain, member)

/* Rows that go straight into the description. */
static const struct xldm__field domain_fields[] = {
    { .path = "os/kernel", .kind = XLDM__STRING, DOM(cfg.b_info.kernel) },
    { .path = "os/initrd", .kind = XLDM__STRING, DOM(cfg.b_info.ramdisk) },
    { .path = "os/cmdline", .kind = XLDM__STRING, DOM(cfg.b_info.cmdline) },
    { .path = "features/acpi", .kind = XLDM__PRESENT, DOM(cfg.b_info.acpi) },
    { .path = "features/apic", .kind = XLDM__PRESENT, DOM(cfg.b_info.apic) },
    { .path = "features/pae", .kind = XLDM__PRESENT,
      DOM(cfg.b_info.u.hvm.pae) },
    { .path = "features/viridian", .kind = XLDM__PRESENT,
      DOM(cfg.b_info.u.hvm.viridian) },
    { .path = "xldm:platform/@xenPlatformPci", .kind = XLDM__DEFBOOL,
      DOM(cfg.b_info.u.hvm.xen_platform_pci) },
    { .path = "xldm:platform/@mmioHole", .kind = XLDM__U64,
      DOM(cfg.b_info.u.hvm.mmio_hole_memkb) },
    { .path = "xldm:platform/@gfxPassthru", .kind = XLDM__DEFBOOL,
      DOM(cfg.b_info.u.hvm.gfx_passthru) },
    { .path = "xldm:platform/@vendorDevice", .kind = XLDM__ENUM,
      .names = vendor_names, DOM(cfg.b_info.u.hvm.vendor_device) },
    { .path = "xldm:devicemodel/@restrict", .kind = XLDM__DEFBOOL,
      DOM(cfg.b_info.dm_restrict) },
    { .path = "xldm:devicemodel/@user", .kind = XLDM__STRING,
      DOM(cfg.b_info.device_model_user) },
    { .path = "on_poweroff", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_poweroff) },
    { .path = "on_reboot", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_reboot) },
    { .path = "on_crash", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_crash) },
    { .path = "devices/devicemodel/@isolate", .kind = XLDM__ENUM,
      .names = isolate_names, DOM(isolate), .completes = true },
    { 0 },
};

#define PLATFORM(member) .offset = offsetof(struct xldm__platform, member)
#define CUSTOM(name) .kind = XLDM__CUSTOM, .set = xldm__set_##name
#define FIXED(word)                                                           \
    .kind = XLDM__ENUM, .names = ONLY(word), PLATFORM(fixed)
#define IGNORED(reason) .kind = XLDM__IGNORED, .why = reason

/* Rows that mean something only together. */
static const struct xldm__field platform_fields[] = {
    { .path = "@type", FIXED("xen"), .required = true },
    { .path = "name", CUSTOM(name), .required = true },
    { .path = "uuid", CUSTOM(uuid) },
    { .path = "memory", CUSTOM(memory), .required = true },
    { .path = "memory/@unit", CUSTOM(unit) },
    { .path = "currentMemory", CUSTOM(current) },
    { .path = "currentMemory/@unit", CUSTOM(unit) },
    { .path = "vcpu", CUSTOM(vcpus) },
    { .path = "vcpu/@current", CUSTOM(online) },
    { .path = "vcpu/@placement", FIXED("static") },
    { .path = "os/type", FIXED("hvm"), .required = true },
    { .path = "os/type/@arch", .kind = XLDM__ENUM, .names = arch_names,
      PLATFORM(i686) },
    { .path = "os/type/@machine", FIXED("xenfv") },
    { .path = "os/boot/@dev", CUSTOM(boot), .completes = true, .many = true },
    { .path = "os/loader", CUSTOM(loader) },
    { .path = "os/loader/@type", .kind = XLDM__ENUM, .names = loader_names,
      PLATFORM(pflash) },
    { .path = "os/loader/@readonly", FIXED("yes") },
    { .path = "features", .kind = XLDM__PRESENT, PLATFORM(features) },
    { .path = "features/hap", .kind = XLDM__PRESENT, PLATFORM(hap) },
    { .path = "features/hap/@state", .kind = XLDM__DEFBOOL,
      PLATFORM(hap_state) },
    { .path = "clock/@offset", CUSTOM(offset), .completes = true },
    { .path = "clock/@basis", CUSTOM(basis) },
    { .path = "clock/@adjustment", CUSTOM(adjustment) },
    { .path = "clock/timer/@name", .kind = XLDM__ENUM, .names = timer_names,
      PLATFORM(timer.name), .completes = true, .many = true },
    { .path = "clock/timer/@mode", .kind = XLDM__ENUM, .names = tsc_names,
      PLATFORM(timer.mode) },
    { .path = "clock/timer/@present", .kind = XLDM__DEFBOOL,
      PLATFORM(timer.present) },
    { .path = "clock/timer", CUSTOM(timer), .many = true },
    { .path = "cpu/@mode", .kind = XLDM__ENUM, .names = cpu_names,
      PLATFORM(fixed) },
    { .path = "cpu/@check", IGNORED("libxl checks it") },
    { .path = "cpu/@migratable", IGNORED("libxl decides it") },
    { .path = "cpu/feature/@name", CUSTOM(feature_name), .completes = true,
      .many = true },
    { .path = "cpu/feature/@policy", .kind = XLDM__ENUM,
      .names = policy_names, PLATFORM(feature.policy), .completes = true },
    { .path = "cpu/feature", CUSTOM(feature), .many = true },
    { .path = "xen:commandline/xen:arg/@value", CUSTOM(argument),
      .completes = true },
    { .path = "xen:commandline/xen:arg", CUSTOM(nothing), .many = true },
    { .path = "xldm:commandline/xldm:arg/@value", CUSTOM(argument_hvm),
      .completes = true },
    { .path = "xldm:commandline/xldm:arg", CUSTOM(nothing), .many = true },
    { .path = "devices/controller/@maxGrantFrames", CUSTOM(grant_frames) },
    { .path = "devices/controller/@maxEventChannels",
      CUSTOM(event_channels) },
    { .path = "devices/emulator", CUSTOM(emulator) },
    { 0 },
};

/* What libvirt writes into every Xen domain and libxl does anyway. */
static const struct xldm__field ignored_fields[] = {
    { .path = "@id", IGNORED("Xen gives each start a new one") },
    { .path = "title", IGNORED("it is for people") },
    { .path = "description", IGNORED("it is for people") },
    { .path = "cpu/@match", IGNORED("the CPU is the host's") },
    { .path = "cpu/model", IGNORED("the CPU is the host's") },
    { .path = "cpu/vendor", IGNORED("the CPU is the host's") },
    { .path = "cpu/topology", IGNORED("libxl has no such option") },
    { .path = "cpu/numa", IGNORED("xldm builds no virtual NUMA nodes") },
    { .path = "features/xen", IGNORED("libxl's defaults stand") },
    { .path = "memoryBacking", IGNORED("Xen gives a guest its memory whole") },
    { .path = "cputune", IGNORED("xldm sets no CPU affinity and weight") },
    { .path = "vcpu/@cpuset", IGNORED("xldm sets no CPU affinity") },
    { .path = "seclabel", IGNORED("xldm sets no security label") },
    { .path = "metadata", IGNORED("it is for other programs") },
    { .path = "devices/memballoon/@model", FIXED("xen"), .completes = true },
    { .path = "devices/memballoon/alias", IGNORED("it is no device") },
    { .path = "devices/controller/@type", CUSTOM(controller),
      .completes = true, .many = true },
    { .path = "devices/controller/@index", .kind = XLDM__INT,
      PLATFORM(fixed) },
    { .path = "devices/controller/@model", .kind = XLDM__ENUM,
      .names = (const struct xldm__name[]){ { "lsilogic", 0 },
                                            { "pci-root", 0 },
                                            { NULL, 0 } },
      PLATFORM(fixed) },
    { .path = "devices/controller/@ports",
      IGNORED("the devices on it say how many") },
    { .path = "devices/controller/@vectors",
      IGNORED("libxl leaves it to QEMU") },
    { .path = "devices/controller/alias",
      IGNORED("the disks say which controllers there are") },
    { .path = "devices/console",
      IGNORED("every Xen domain has its console, and a <serial> that it "
              "repeats stands for itself"),
      .many = true },
    { 0 },
};

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
    int vcpus = p->vcpus ? p->vcpus : 1;
    int online = p->online ? p->online : vcpus;

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
    if (p->pflash) { /* libxl knows one OVMF, whatever the path */
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

/* xldm-dm as <emulator>: its QEMU is libxl's own. */
static bool apply_emulator(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const char *name = dom->emulator ? strrchr(dom->emulator, '/') : NULL;

    if (name && !strcmp(name, "/xldm-dm")) {
        free(dom->emulator);
        dom->emulator = NULL;
    }
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
                         const xmlNode *root, xldm__device_fn *device,
                         bool *shape)
{
    struct xldm__platform p = { .dom = dom };
    struct xldm__reader r = {
        .ctx = ctx,
        .dom = dom,
        .tables = { { platform_fields, &p },
                    { domain_fields, dom },
                    { ignored_fields, &p } },
        .device = device,
        .limit = ctx->errors + MAX_ERRORS,
    };
    bool ok = xldm__xml_read(&r, root);

    *shape = ok;
    if (ctx->errors >= r.limit)
        xldm__error(ctx, dom->loc, "too many errors: there may be more");

    ok &= apply_memory(ctx, &p);
    ok &= apply_vcpus(ctx, &p);
    ok &= apply_boot(ctx, &p);
    ok &= apply_emulator(ctx, dom);
    ok &= check_cpu(ctx, &p);
    apply_features(&p);
    absent_devices(dom);
    free(p.loader);
    return ok;
}

/* libxl takes the card's memory from the guest's. */
bool xldm__platform_finish(struct xldm_ctx *ctx, struct xldm_domain *dom)
{
    const libxl_domain_build_info *b = &dom->cfg.b_info;
    uint64_t video = xldm__video_memkb(b), memory = b->max_memkb;

    if (memory == LIBXL_MEMKB_DEFAULT)
        memory = 32 * 1024;
    if (!memory /* reported */ || memory > video)
        return true;
    return xldm__error(ctx, dom->memory_loc,
                       "memory: %llu KiB is not more than the %llu KiB of the "
                       "graphics card",
                       (unsigned long long)memory, (unsigned long long)video);
}

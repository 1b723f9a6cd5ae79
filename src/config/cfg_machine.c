/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of xl.cfg that are no device's, and what they mean together. */
#include <stdlib.h>
#include <string.h>

#include "config/write_cfg.h"
#include "config/xml.h"
#include "devices/video.h"

#define ACTION(n) LIBXL_ACTION_ON_SHUTDOWN_##n

/* xl's own spelling; libxl has another one */
static const libxl_enum_string_table action_names[] = {
    { "destroy", ACTION(DESTROY) },
    { "restart", ACTION(RESTART) },
    { "rename-restart", ACTION(RESTART_RENAME) },
    { "preserve", ACTION(PRESERVE) },
    { "coredump-destroy", ACTION(COREDUMP_DESTROY) },
    { "coredump-restart", ACTION(COREDUMP_RESTART) },
    { "soft-reset", ACTION(SOFT_RESET) },
    { NULL, -1 },
};

#define KEY(name, type, member)                                               \
    { .key = name, .kind = XLDM__KEY_##type, XLDM__CFG(member) }
#define ENUM(name, type, member, table)                                       \
    { .key = name, .kind = XLDM__KEY_##type, XLDM__CFG(member),               \
      .names = table }
#define NAMES(type) libxl_##type##_string_table
#define ACTIONS(name) ENUM(#name, ENUM, name, action_names)
#define CUSTOM(name, fn)                                                      \
    { .key = name, .kind = XLDM__KEY_CUSTOM, .set = xldm__cfg_set_##fn }
#define ITEMS(name, fn)                                                       \
    { .key = name, .kind = XLDM__KEY_ITEMS, .item = xldm__cfg_item_##fn,      \
      .get = xldm__cfg_get_##fn }
#define LATER(name) { .key = name, .kind = XLDM__KEY_LATER }
/* and how XML says what it makes */
#define LATER_AS(name, type, member)                                          \
    { .key = name, .kind = XLDM__KEY_LATER, .as = XLDM__KEY_##type,           \
      XLDM__CFG(member) }
#define CUSTOM_AS(name, fn, type, member)                                     \
    { .key = name, .kind = XLDM__KEY_CUSTOM, .set = xldm__cfg_set_##fn,       \
      .as = XLDM__KEY_##type, XLDM__CFG(member) }
#define LATER_ITEMS(name, fn)                                                 \
    { .key = name, .kind = XLDM__KEY_LATER, .item = xldm__cfg_item_##fn,      \
      .get = xldm__cfg_get_##fn }
/* and how xl.cfg does, where that does not follow */
#define AS(fn) .write = xldm__write_##fn
#define IGNORED(name, text)                                                   \
    { .key = name, .kind = XLDM__KEY_IGNORED, .why = text }
#define REFUSED(name, text)                                                   \
    { .key = name, .kind = XLDM__KEY_REFUSED, .why = text }
#define NUMBERED "a number is deprecated here; it stands for"
#define LEGACY(name) IGNORED(name, "xl has not read it since xm")
#define PVH(name) IGNORED(name, "it is for PVH guests")
#define NOT_YET(name) REFUSED(name, "is not supported yet")

const struct xldm__key xldm__machine_keys[] = {
    { .key = "type", .kind = XLDM__KEY_LATER, AS(type) },
    LATER("builder"), KEY("name", STRING, c_info.name),
    { .key = "uuid", .kind = XLDM__KEY_CUSTOM, .set = xldm__cfg_set_uuid,
      AS(uuid) },
    { .key = "dm_groups", .kind = XLDM__KEY_LATER, AS(groups) },
    { .key = "dm_isolate", .kind = XLDM__KEY_CUSTOM,
      .set = xldm__cfg_set_isolate, AS(isolate) },
    LATER("root"), LATER("extra"),
    { .key = "init_seclabel", .kind = XLDM__KEY_LATER, .as = XLDM__KEY_STRING,
      XLDM__CFG(c_info.ssid_label), AS(init_seclabel) },
    { .key = "seclabel", .kind = XLDM__KEY_LATER, .as = XLDM__KEY_STRING,
      XLDM__CFG(b_info.exec_ssid_label), AS(seclabel) },
    LATER_AS("cmdline", STRING, b_info.cmdline),
    { .key = "vcpus", .kind = XLDM__KEY_LATER, .as = XLDM__KEY_BITMAP,
      XLDM__CFG(b_info.avail_vcpus), AS(vcpus) },
    { .key = "cpus", .kind = XLDM__KEY_LATER, .item = xldm__cfg_item_cpus,
      .get = xldm__cfg_get_cpus, AS(cpus) },
    LATER_ITEMS("cpus_soft", cpus_soft),
    { .key = "vnuma", .kind = XLDM__KEY_LATER, .item = xldm__cfg_item_vnuma,
      .get = xldm__cfg_get_vnuma, AS(vnuma) },
    KEY("pool", STRING, c_info.pool_name),
    KEY("hap", DEFBOOL, c_info.hap), KEY("oos", DEFBOOL, c_info.oos),
    KEY("driver_domain", DEFBOOL, c_info.driver_domain),
    KEY("xend_suspend_evtchn_compat", DEFBOOL,
        c_info.xend_suspend_evtchn_compat),
    ENUM("passthrough", ENUM, c_info.passthrough, NAMES(passthrough)),

    KEY("cpu_weight", LONG, b_info.sched_params.weight),
    KEY("cap", LONG, b_info.sched_params.cap),
    KEY("period", LONG, b_info.sched_params.period),
    KEY("slice", LONG, b_info.sched_params.slice),
    KEY("latency", LONG, b_info.sched_params.latency),
    KEY("extratime", LONG, b_info.sched_params.extratime),
    KEY("memory", MIB, b_info.target_memkb),
    KEY("maxmem", MIB, b_info.max_memkb),
    { .key = "maxvcpus", .kind = XLDM__KEY_LONG, XLDM__CFG(b_info.max_vcpus),
      AS(maxvcpus) },
    CUSTOM_AS("max_grant_frames", frames, LONG, b_info.max_grant_frames),
    CUSTOM_AS("max_maptrack_frames", frames, LONG,
              b_info.max_maptrack_frames),
    CUSTOM_AS("max_grant_version", frames, LONG, b_info.max_grant_version),
    { .key = "cpuid", .kind = XLDM__KEY_CUSTOM, .set = xldm__cfg_set_cpuid,
      .item = xldm__cfg_item_cpuid, .get = xldm__cfg_get_cpuid },
    ACTIONS(on_poweroff), ACTIONS(on_reboot), ACTIONS(on_watchdog),
    ACTIONS(on_crash), ACTIONS(on_soft_reset),
    KEY("shadow_memory", MIB, b_info.shadow_memkb),
    KEY("nomigrate", DEFBOOL, b_info.disable_migrate),
    { .key = "tsc_mode", .kind = XLDM__KEY_MODE, XLDM__CFG(b_info.tsc_mode),
      .names = NAMES(tsc_mode), .why = NUMBERED },
    { .key = "timer_mode", .kind = XLDM__KEY_MODE,
      XLDM__CFG(b_info.timer_mode), .names = NAMES(timer_mode),
      .why = NUMBERED },
    ENUM("altp2m", MODE, b_info.altp2m, NAMES(altp2m_mode)),
    KEY("rtc_timeoffset", LONG, b_info.rtc_timeoffset),
    KEY("localtime", DEFBOOL, b_info.localtime),
    KEY("max_event_channels", LONG, b_info.event_channels),
    KEY("vmtrace_buf_kb", LONG, b_info.vmtrace_buf_kb),
    KEY("vpmu", DEFBOOL, b_info.vpmu),
    ITEMS("ioports", ioports), ITEMS("irqs", irqs), ITEMS("iomem", iomem),
    ITEMS("dtdev", dtdev), 
    { .key = "rdm", .kind = XLDM__KEY_CUSTOM, .set = xldm__cfg_set_rdm,
      AS(rdm) },

    { .key = "kernel", .kind = XLDM__KEY_STRING, XLDM__CFG(b_info.kernel),
      AS(kernel) },
    KEY("ramdisk", STRING, b_info.ramdisk),
    KEY("device_tree", STRING, b_info.device_tree),
    KEY("bootloader", STRING, b_info.bootloader),
    CUSTOM_AS("bootloader_args", bootloader_args, LIST,
              b_info.bootloader_args),
    KEY("boot", STRING, b_info.u.hvm.boot),
    KEY("firmware_override", STRING, b_info.u.hvm.firmware),
    KEY("bios_path_override", STRING, b_info.u.hvm.system_firmware),
    ENUM("bios", ENUM, b_info.u.hvm.bios, NAMES(bios_type)),
    LATER("firmware"),
    KEY("smbios_firmware", STRING, b_info.u.hvm.smbios_firmware),
    KEY("acpi_firmware", STRING, b_info.u.hvm.acpi_firmware),
    { .key = "ms_vm_genid", .kind = XLDM__KEY_CUSTOM,
      .set = xldm__cfg_set_ms_vm_genid, AS(ms_vm_genid) },

    KEY("nestedhvm", DEFBOOL, b_info.nested_hvm),
    KEY("acpi", DEFBOOL, b_info.acpi), KEY("apic", DEFBOOL, b_info.apic),
    KEY("pae", DEFBOOL, b_info.u.hvm.pae),
    KEY("acpi_s3", DEFBOOL, b_info.u.hvm.acpi_s3),
    KEY("acpi_s4", DEFBOOL, b_info.u.hvm.acpi_s4),
    KEY("acpi_laptop_slate", DEFBOOL, b_info.u.hvm.acpi_laptop_slate),
    KEY("nx", DEFBOOL, b_info.u.hvm.nx),
    KEY("hpet", DEFBOOL, b_info.u.hvm.hpet),
    KEY("vpt_align", DEFBOOL, b_info.u.hvm.vpt_align),
    KEY("rdm_mem_boundary", MIB, b_info.u.hvm.rdm_mem_boundary_memkb),
    KEY("xen_platform_pci", DEFBOOL, b_info.u.hvm.xen_platform_pci),
    ENUM("vendor_device", ENUM, b_info.u.hvm.vendor_device,
         NAMES(vendor_device)),
    { .key = "viridian", .kind = XLDM__KEY_CUSTOM,
      .set = xldm__cfg_set_viridian, .as = XLDM__KEY_DEFBOOL,
      XLDM__CFG(b_info.u.hvm.viridian), AS(viridian) },
    CUSTOM_AS("mmio_hole", mmio_hole, KIB, b_info.u.hvm.mmio_hole_memkb),
    CUSTOM_AS("altp2mhvm", altp2mhvm, DEFBOOL, b_info.u.hvm.altp2m),
    CUSTOM_AS("msr_relaxed", msr_relaxed, DEFBOOL,
              b_info.arch_x86.msr_relaxed),
    { .key = "gfx_passthru", .kind = XLDM__KEY_CUSTOM,
      .set = xldm__cfg_set_gfx_passthru, .as = XLDM__KEY_DEFBOOL,
      XLDM__CFG(b_info.u.hvm.gfx_passthru), AS(gfx_passthru) },
    ITEMS("mca_caps", mca_caps),

    CUSTOM("device_model", device_model),
    KEY("device_model_override", STRING, b_info.device_model),
    CUSTOM("device_model_version", device_model_version),
    CUSTOM_AS("device_model_stubdomain_override", stubdomain, DEFBOOL,
              b_info.device_model_stubdomain),
    KEY("device_model_stubdomain_seclabel", STRING,
        b_info.device_model_ssid_label),
    KEY("device_model_user", STRING, b_info.device_model_user),
    KEY("device_model_args", LIST, b_info.extra),
    KEY("device_model_args_pv", LIST, b_info.extra_pv),
    KEY("device_model_args_hvm", LIST, b_info.extra_hvm),
    KEY("dm_restrict", DEFBOOL, b_info.dm_restrict),
    KEY("stubdomain_kernel", STRING, b_info.stubdomain_kernel),
    KEY("stubdomain_cmdline", STRING, b_info.stubdomain_cmdline),
    KEY("stubdomain_ramdisk", STRING, b_info.stubdomain_ramdisk),
    KEY("stubdomain_memory", MIB, b_info.stubdomain_memkb),

    ENUM("vuart", ENUM, b_info.arch_arm.vuart, NAMES(vuart_type)),
    ENUM("gic_version", ENUM, b_info.arch_arm.gic_version,
         NAMES(gic_version)),
    ENUM("tee", ENUM, b_info.tee, NAMES(tee_type)),

    KEY("vkb_device", DEFBOOL, b_info.u.hvm.vkb_device),
    LATER_ITEMS("vkb", vkb), ITEMS("p9", p9), ITEMS("vtpm", vtpm),
    ITEMS("pvcalls", pvcallsif),
    LATER("device_models"), NOT_YET("vdispl"), NOT_YET("vsnd"),

    IGNORED("max_servers", "a domain has as many device models as it has "
            "groups, at most 7"),
    IGNORED("vncviewer", "xl opens a viewer only for its option -V"),
    IGNORED("e820_host", "it is for PV guests"),
    PVH("pvshim"), PVH("pvshim_path"), PVH("pvshim_cmdline"),
    PVH("pvshim_extra"),
    IGNORED("parallel", "libxl gives no guest a parallel port"),
    LEGACY("monitor"), LEGACY("arch"), LEGACY("maxcpus"), LEGACY("audio"),
    LEGACY("ne2000"), LEGACY("vncconsole"), LEGACY("on_xend_start"),
    LEGACY("on_xend_stop"), LEGACY("cpu"), LEGACY("nics"),
    { 0 },
};

/* ----------------------------------------------------------- type ---- */

/* As xl: any beginning of the word will do, even "". */
static bool is_word(struct xldm__cfg *cfg, const char *key, const char *text,
                    const char *word)
{
    if (strncmp(text, word, strlen(text)))
        return false;
    if (strcmp(text, word))
        xldm__warning(cfg->ctx, xldm__cfg_loc(cfg, key),
                      "%s: xl takes '%s' for '%s'", key, text, word);
    return true;
}

bool xldm__machine_type(struct xldm__cfg *cfg)
{
    const char *type = xldm__cfg_text(cfg, "type");
    const char *builder = xldm__cfg_text(cfg, "builder");
    const char *key = builder ? "builder" : "type";
    const char *text = builder ? builder : type;
    struct xldm_loc loc = xldm__cfg_loc(cfg, key);

    if (!text)
        return xldm__error(cfg->ctx, cfg->dom->loc,
                           "there is no type = \"hvm\": without, xl takes "
                           "the guest for PV, which has no emulated devices");
    cfg->dom->loc = loc;
    if (builder && type && is_word(cfg, "builder", builder, "hvm") !=
                               is_word(cfg, "type", type, "hvm"))
        return xldm__error(cfg->ctx, loc, "builder '%s' contradicts type "
                           "'%s'", builder, type);
    if (is_word(cfg, key, text, "hvm")) {
        if (builder)
            xldm__warning(cfg->ctx, loc, "builder is deprecated: type = "
                          "\"hvm\" is the key");
        return true;
    }
    return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; accepted: "
                       "hvm, for other guests have no emulated devices", key,
                       text);
}

/* --------------------------------------------------------- finish ---- */

static bool finish_labels(struct xldm__cfg *cfg)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    const char *init = xldm__cfg_text(cfg, "init_seclabel");
    const char *label = xldm__cfg_text(cfg, "seclabel");

    if (init && !xldm__string_set(cfg->ctx, &c->c_info.ssid_label, init))
        return false;
    return !label ||
           xldm__string_set(cfg->ctx, init ? &c->b_info.exec_ssid_label
                                           : &c->c_info.ssid_label, label);
}

static bool finish_cmdline(struct xldm__cfg *cfg)
{
    const char *cmdline = xldm__cfg_text(cfg, "cmdline");
    const char *root = xldm__cfg_text(cfg, "root");
    const char *extra = xldm__cfg_text(cfg, "extra");
    char **to = &cfg->dom->cfg.b_info.cmdline;

    if (cmdline && (root || extra))
        xldm__warning(cfg->ctx, xldm__cfg_loc(cfg, root ? "root" : "extra"),
                      "root and extra have no effect beside cmdline");
    if (cmdline || (extra && !root))
        return xldm__string_set(cfg->ctx, to, cmdline ? cmdline : extra);
    if (root && asprintf(to, "root=%s%s%s", root, extra ? " " : "",
                         extra ? extra : "") < 0) {
        *to = NULL;
        return xldm__oom(cfg->ctx);
    }
    return true;
}

static bool finish_kernel(struct xldm__cfg *cfg)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;
    const char *slash = b->kernel ? strrchr(b->kernel, '/') : NULL;
    const char *key = b->ramdisk                        ? "ramdisk"
                      : xldm__cfg_find(cfg, "cmdline") ? "cmdline"
                      : xldm__cfg_find(cfg, "root")    ? "root"
                                                       : "extra";

    if (b->kernel && !strcmp(slash ? slash + 1 : b->kernel, "hvmloader")) {
        xldm__warning(cfg->ctx, xldm__cfg_loc(cfg, "kernel"),
                      "kernel: hvmloader is not booted as a kernel; "
                      "firmware_override names another firmware");
        free(b->kernel);
        b->kernel = NULL;
    }
    if (b->kernel || (!b->ramdisk && !b->cmdline))
        return true;
    return xldm__error(cfg->ctx, xldm__cfg_loc(cfg, key),
                       "%s needs a kernel: libxl refuses it without", key);
}

static bool finish_memory(struct xldm__cfg *cfg)
{
    libxl_domain_build_info *b = &cfg->dom->cfg.b_info;

    if (b->max_memkb == LIBXL_MEMKB_DEFAULT)
        b->max_memkb = b->target_memkb;
    cfg->dom->memory_loc =
        xldm__cfg_loc(cfg, xldm__cfg_find(cfg, "maxmem") ? "maxmem"
                                                         : "memory");
    return true;
}

static bool finish_emulator(struct xldm__cfg *cfg)
{
    char **model = &cfg->dom->cfg.b_info.device_model;

    cfg->dom->emulator_loc = xldm__cfg_loc(cfg, "device_model_override");
    xldm__emulator_normalise(model);
    return !*model ||
           xldm__string_set(cfg->ctx, &cfg->dom->emulator, *model);
}

bool xldm__machine_finish(struct xldm__cfg *cfg)
{
    libxl_domain_config *c = &cfg->dom->cfg;
    static const struct xldm__key vkb_row = { .item = xldm__cfg_item_vkb };
    const struct xldm__setting *firmware = xldm__cfg_find(cfg, "firmware");
    const struct xldm__setting *vkb = xldm__cfg_find(cfg, "vkb");
    bool ok = finish_labels(cfg);

    ok &= finish_cmdline(cfg);
    if (firmware) /* beats bios and firmware_override */
        ok &= xldm__cfg_set_firmware(cfg, firmware);
    if (vkb) /* behind those of vfb */
        ok &= xldm__cfg_items(cfg, vkb, &vkb_row);
    ok &= finish_kernel(cfg);
    ok &= finish_emulator(cfg);
    ok &= xldm__cfg_vnuma(cfg) && finish_memory(cfg) && xldm__cfg_vcpus(cfg);
    if (c->b_info.u.hvm.bios == LIBXL_BIOS_TYPE_ROMBIOS)
        ok = xldm__error(cfg->ctx, xldm__cfg_loc(cfg, "bios"), "bios: "
                         "rombios is not accepted: qemu-xen has none; "
                         "accepted: seabios, ovmf");
    if (!c->c_info.name)
        ok = xldm__error(cfg->ctx, cfg->dom->loc, "there is no name = "
                         "\"...\"");
    if (c->b_info.u.hvm.system_firmware && !xldm__cfg_find(cfg, "bios"))
        xldm__warning(cfg->ctx, xldm__cfg_loc(cfg, "bios_path_override"),
                      "bios_path_override without bios");
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows of what is no device: name, memory, vCPUs, boot, events... */
#include <string.h>

#include "config/platform.h"
#include "dm/plan.h"

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
static const struct xldm__name firmware_names[] = {
    { "bios", 0 },
    { "efi", 1 },
    { NULL, 0 },
};
static const struct xldm__name placement_names[] = {
    { "static", 0 },
    { "auto", 0 }, /* libxl's own, too */
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
    { "custom", 1 },
    { NULL, 0 },
};
static const struct xldm__name policy_names[] = {
    { "force", 1 },    { "require", 1 }, { "optional", 2 },
    { "disable", 0 }, { "forbid", 0 },  { NULL, 0 },
};

const struct xldm__name xldm__passthrough_names[] = {
    { "sync_pt", LIBXL_PASSTHROUGH_SYNC_PT },
    { "share_pt", LIBXL_PASSTHROUGH_SHARE_PT },
    { NULL, 0 },
};
static const struct xldm__name label_type_names[] = {
    { "static", 1 },
    { "dynamic", 0 },
    { "none", 0 },
    { NULL, 0 },
};
static const struct xldm__name label_model_names[] = {
    { "flask", 0 }, { "selinux", 1 }, { "apparmor", 1 },
    { "dac", 1 },   { "none", 1 },    { NULL, 0 },
};

#define ONLY(word) (const struct xldm__name[]){ { word, 0 }, { NULL, 0 } }

#define DOM(member) .offset = offsetof(struct xldm_domain, member)

/* What libvirt has of them, which is what comes first. */
#define ON(event, n)                                                          \
    static const char *get_on_##event(struct xldm__arena *a,                  \
                                      const void *object, size_t i)           \
    {                                                                         \
        const struct xldm_domain *dom = object;                               \
                                                                              \
        (void)a;                                                              \
        for (int k = 0; !i && k < (n); k++)                                   \
            if (action_names[k].value == (int)dom->cfg.on_##event)            \
                return action_names[k].name;                                  \
        return NULL;                                                          \
    }

ON(poweroff, 4)
ON(reboot, 4)
ON(crash, 6)

/* Rows that go straight into the description. */
const struct xldm__field xldm__domain_fields[] = {
    { .path = "os/kernel", .kind = XLDM__STRING, DOM(cfg.b_info.kernel),
      .get = xldm__get_kernel },
    { .path = "os/initrd", .kind = XLDM__STRING, DOM(cfg.b_info.ramdisk),
      .get = xldm__get_initrd },
    { .path = "os/cmdline", .kind = XLDM__STRING, DOM(cfg.b_info.cmdline),
      .get = xldm__get_cmdline },
    { .path = "features/acpi", .kind = XLDM__PRESENT, DOM(cfg.b_info.acpi),
      .get = xldm__get_acpi },
    { .path = "features/apic", .kind = XLDM__PRESENT, DOM(cfg.b_info.apic),
      .get = xldm__get_apic },
    { .path = "features/pae", .kind = XLDM__PRESENT,
      DOM(cfg.b_info.u.hvm.pae), .get = xldm__get_pae },
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
    { .path = "xldm:primary/@emulator", .kind = XLDM__STRING,
      DOM(primary.emulator) },
    { .path = "xldm:primary/@restrict", .kind = XLDM__ENUM,
      .names = xldm__restrict_names, DOM(primary.restrict_) },
    { .path = "xldm:devicemodel/@user", .kind = XLDM__STRING,
      DOM(cfg.b_info.device_model_user) },
    { .path = "on_poweroff", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_poweroff), .get = get_on_poweroff },
    { .path = "on_reboot", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_reboot), .get = get_on_reboot },
    { .path = "on_crash", .kind = XLDM__ENUM, .names = action_names,
      DOM(cfg.on_crash), .get = get_on_crash },
    { .path = "devices/devicemodel/@isolate", .kind = XLDM__ENUM,
      .names = isolate_names, DOM(isolate), .completes = true },
    { 0 },
};

#define PLATFORM(member) .offset = offsetof(struct xldm__platform, member)
#define CUSTOM(name)                                                          \
    .kind = XLDM__CUSTOM, .set = xldm__set_##name, .get = xldm__get_##name
#define SETS(name) .kind = XLDM__CUSTOM, .set = xldm__set_##name
#define FIXED(word)                                                           \
    .kind = XLDM__ENUM, .names = ONLY(word), PLATFORM(fixed)
#define IGNORED(reason) .kind = XLDM__IGNORED, .why = reason

/* Rows that mean something only together. */
const struct xldm__field xldm__platform_fields[] = {
    { .path = "@type", FIXED("xen"), .required = true },
    { .path = "name", CUSTOM(name), .required = true },
    { .path = "uuid", CUSTOM(uuid) },
    { .path = "genid", CUSTOM(genid) },
    { .path = "memory", CUSTOM(memory), .required = true },
    { .path = "memory/@unit", CUSTOM(unit) },
    { .path = "currentMemory", CUSTOM(current) },
    { .path = "currentMemory/@unit", SETS(unit),
      .get = xldm__get_current_unit },
    { .path = "vcpu", CUSTOM(vcpus) },
    { .path = "vcpu/@current", CUSTOM(online) },
    { .path = "vcpu/@placement", .kind = XLDM__ENUM,
      .names = placement_names, PLATFORM(fixed) },
    { .path = "vcpu/@cpuset", CUSTOM(cpuset) },
    { .path = "cputune/vcpupin/@vcpu", .kind = XLDM__INT, PLATFORM(pin.vcpu),
      .completes = true, .many = true, .get = xldm__get_pin_vcpu },
    { .path = "cputune/vcpupin/@cpuset", CUSTOM(pin_cpuset),
      .completes = true },
    { .path = "cputune/vcpupin", SETS(pin), .many = true },
    { .path = "os/@firmware", .kind = XLDM__ENUM, .names = firmware_names,
      PLATFORM(efi) },
    { .path = "os/type", FIXED("hvm"), .required = true },
    { .path = "os/type/@arch", .kind = XLDM__ENUM, .names = arch_names,
      PLATFORM(i686) },
    { .path = "os/type/@machine", FIXED("xenfv") },
    { .path = "os/boot/@dev", CUSTOM(boot), .completes = true, .many = true },
    { .path = "os/loader", CUSTOM(loader) },
    { .path = "os/loader/@type", .kind = XLDM__ENUM, .names = loader_names,
      PLATFORM(pflash), .get = xldm__get_loader_type },
    { .path = "os/acpi/table", CUSTOM(acpi_table) },
    { .path = "os/acpi/table/@type", FIXED("slic"), .completes = true,
      .get = xldm__get_acpi_table_type },
    { .path = "os/loader/@readonly", FIXED("yes") },
    { .path = "features", .kind = XLDM__PRESENT, PLATFORM(features),
      .get = xldm__get_features },
    { .path = "features/hap", .kind = XLDM__PRESENT, PLATFORM(hap),
      .get = xldm__get_hap },
    { .path = "features/hap/@state", .kind = XLDM__DEFBOOL,
      PLATFORM(hap_state), .get = xldm__get_hap_state },
    { .path = "features/xen/passthrough/@state", .kind = XLDM__DEFBOOL,
      PLATFORM(passthrough.state), .get = xldm__get_passthrough_state },
    { .path = "features/xen/passthrough/@mode", .kind = XLDM__ENUM,
      .names = xldm__passthrough_names, PLATFORM(passthrough.mode),
      .get = xldm__get_passthrough_mode },
    { .path = "features/xen/passthrough", SETS(passthrough) },
    { .path = "clock/@offset", CUSTOM(offset), .completes = true },
    { .path = "clock/@basis", CUSTOM(basis) },
    { .path = "clock/@adjustment", CUSTOM(adjustment) },
    { .path = "clock/timer/@name", .kind = XLDM__ENUM, .names = timer_names,
      PLATFORM(timer.name), .completes = true, .many = true,
      .get = xldm__get_timer_name },
    { .path = "clock/timer/@mode", .kind = XLDM__ENUM, .names = tsc_names,
      PLATFORM(timer.mode), .get = xldm__get_timer_mode },
    { .path = "clock/timer/@present", .kind = XLDM__DEFBOOL,
      PLATFORM(timer.present), .get = xldm__get_timer_present },
    { .path = "clock/timer", SETS(timer), .many = true },
    { .path = "cpu/@mode", .kind = XLDM__ENUM, .names = cpu_names,
      PLATFORM(custom_cpu), .get = xldm__get_cpu_mode },
    { .path = "cpu/@check", IGNORED("libxl checks it") },
    { .path = "cpu/@migratable", IGNORED("libxl decides it") },
    { .path = "cpu/feature/@name", CUSTOM(feature_name), .completes = true,
      .many = true },
    { .path = "cpu/feature/@policy", .kind = XLDM__ENUM,
      .names = policy_names, PLATFORM(feature.policy), .completes = true,
      .get = xldm__get_feature_policy },
    { .path = "cpu/feature", SETS(feature), .many = true },
    { .path = "cpu/numa/cell/@id", .kind = XLDM__INT, PLATFORM(cell.id),
      .many = true },
    { .path = "cpu/numa/cell/@cpus", SETS(cell_cpus) },
    { .path = "cpu/numa/cell/@memory", SETS(cell_memory), .completes = true },
    { .path = "cpu/numa/cell/@unit", SETS(unit) },
    { .path = "cpu/numa/cell", SETS(cell), .many = true },
    { .path = "cpu/numa/cell/distances/sibling/@id", .kind = XLDM__INT,
      PLATFORM(distance.to), .completes = true, .many = true },
    { .path = "cpu/numa/cell/distances/sibling/@value", .kind = XLDM__INT,
      PLATFORM(distance.value), .completes = true },
    { .path = "cpu/numa/cell/distances/sibling", SETS(sibling),
      .many = true },
    { .path = "seclabel/@type", .kind = XLDM__ENUM,
      .names = label_type_names, PLATFORM(label.is_static), .many = true,
      .get = xldm__get_label_type },
    { .path = "seclabel/@model", .kind = XLDM__ENUM,
      .names = label_model_names, PLATFORM(label.foreign),
      .get = xldm__get_label_model },
    { .path = "seclabel/label", CUSTOM(label) },
    { .path = "seclabel", SETS(seclabel), .many = true },
    { .path = "xen:commandline/xen:arg/@value", CUSTOM(argument), .whole = true,
      .completes = true },
    { .path = "xen:commandline/xen:arg", SETS(nothing), .many = true },
    { .path = "xldm:commandline/xldm:arg/@value", CUSTOM(argument_hvm),
      .whole = true,
      .completes = true },
    { .path = "xldm:commandline/xldm:arg", SETS(nothing), .many = true },
    { .path = "devices/controller/@maxGrantFrames", CUSTOM(grant_frames) },
    { .path = "devices/controller/@maxEventChannels",
      CUSTOM(event_channels) },
    { .path = "devices/emulator", CUSTOM(emulator) },
    { .path = "xldm:config/@unset", SETS(config_unset) },
    { .path = "xldm:config/xldm:list/@key", SETS(config_list),
      .completes = true, .many = true },
    { .path = "xldm:config/xldm:list/xldm:item/@value", SETS(config_item),
      .completes = true, .whole = true },
    { .path = "xldm:config/xldm:list/xldm:item", SETS(nothing),
      .many = true },
    { 0 },
};

#define NO_OPTION "libxl has no such option"
#define HOST(name) { .path = name, IGNORED(NO_OPTION) }
#define FEATURE(name)                                                         \
    { .path = "features/" name, IGNORED("it is of another hypervisor") }
#define LOST(name)                                                            \
    { .path = "devices/" name, .kind = XLDM__LOST, .many = true,              \
      .why = "libxl gives no guest one" }

#define CPUTUNE(name)                                                         \
    { .path = "cputune/" #name, .many = true,                                 \
      IGNORED("<xldm:config> has weights and caps") }

/* What libvirt writes into every Xen domain and libxl does anyway. */
const struct xldm__field xldm__ignored_fields[] = {
    { .path = "@id", IGNORED("Xen gives each start a new one") },
    { .path = "title", IGNORED("it is for people") },
    { .path = "description", IGNORED("it is for people") },
    { .path = "cpu/@match", IGNORED("the CPU is the host's") },
    { .path = "cpu/model", IGNORED("the CPU is the host's") },
    { .path = "cpu/vendor", IGNORED("the CPU is the host's") },
    { .path = "cpu/topology", IGNORED("libxl has no such option") },
    { .path = "cpu/numa/cell/@memAccess", IGNORED(NO_OPTION) },
    { .path = "cpu/numa/cell/@discard", IGNORED(NO_OPTION) },
    { .path = "features/xen/e820_host", IGNORED("it is for PV guests") },
    { .path = "memoryBacking", IGNORED("Xen gives a guest its memory whole") },
    CPUTUNE(shares), CPUTUNE(period), CPUTUNE(quota),
    CPUTUNE(global_period), CPUTUNE(global_quota),
    CPUTUNE(emulator_period), CPUTUNE(emulator_quota),
    CPUTUNE(emulatorpin), CPUTUNE(emulatorsched),
    CPUTUNE(iothread_period), CPUTUNE(iothread_quota),
    CPUTUNE(iothreadpin), CPUTUNE(iothreadsched),
    CPUTUNE(vcpusched), CPUTUNE(cachetune), CPUTUNE(memorytune),
    { .path = "seclabel/@relabel", IGNORED("libxl labels no files") },
    { .path = "seclabel/baselabel", IGNORED("libxl labels no files") },
    { .path = "seclabel/imagelabel", IGNORED("libxl labels no files") },
    { .path = "metadata", IGNORED("it is for other programs") },
    { .path = "memory/@dumpCore", IGNORED(NO_OPTION) },
    HOST("blkiotune"), HOST("iothreads"), HOST("iothreadids"),
    HOST("memtune"), HOST("numatune"), HOST("on_lockfailure"),
    HOST("perf"), HOST("pm"), HOST("resource"),
    { .path = "sysinfo", .kind = XLDM__LOST,
      .why = "smbios_firmware of <xldm:config> has tables of one's own" },
    { .path = "os/firmware", IGNORED("libxl has one OVMF") },
    { .path = "os/smbios", IGNORED("the guest sees Xen's") },
    { .path = "os/bootmenu", IGNORED(NO_OPTION) },
    { .path = "os/bios", IGNORED(NO_OPTION) },
    { .path = "os/nvram", .kind = XLDM__LOST,
      .why = "the firmware's variables are not kept" },
    { .path = "os/loader/@secure", IGNORED(NO_OPTION) },
    { .path = "os/loader/@format", IGNORED(NO_OPTION) },
    { .path = "features/hyperv", IGNORED("<viridian/> is Xen's") },
    { .path = "features/apic/@eoi", IGNORED(NO_OPTION) },
    FEATURE("kvm"), FEATURE("vmport"), FEATURE("smm"), FEATURE("pmu"),
    FEATURE("ioapic"), FEATURE("privnet"), FEATURE("pvspinlock"),
    FEATURE("msrs"), FEATURE("vmcoreinfo"), FEATURE("capabilities"),
    { .path = "clock/timer/@frequency", IGNORED(NO_OPTION) },
    { .path = "cpu/cache", IGNORED("the CPU is the host's") },
    { .path = "cpu/maxphysaddr", IGNORED("the CPU is the host's") },
    LOST("audio"), LOST("crypto"), LOST("filesystem"), LOST("hub"),
    LOST("iommu"), LOST("lease"), LOST("nvram"), LOST("panic"),
    LOST("redirfilter"), LOST("rng"), LOST("shmem"), LOST("smartcard"),
    LOST("tpm"), LOST("vsock"), LOST("watchdog"),
    { .path = "devices/memballoon/@model", FIXED("xen"), .completes = true },
    { .path = "devices/memballoon/alias", IGNORED("it is no device") },
    { .path = "devices/memballoon/@autodeflate", IGNORED(NO_OPTION) },
    { .path = "devices/memballoon/@freePageReporting", IGNORED(NO_OPTION) },
    { .path = "devices/memballoon/stats", IGNORED(NO_OPTION) },
    { .path = "devices/memballoon/address", IGNORED("it is no device") },
    { .path = "devices/controller/@type", CUSTOM(controller),
      .completes = true, .many = true },
    { .path = "devices/controller/@index", .kind = XLDM__INT,
      PLATFORM(fixed) },
    { .path = "devices/controller/@model", .kind = XLDM__ENUM,
      .names = (const struct xldm__name[]){ { "lsilogic", 0 },
                                            { "pci-root", 0 },
                                            { "piix3", 0 },
                                            { NULL, 0 } },
      PLATFORM(fixed) },
    { .path = "devices/controller/driver", IGNORED(NO_OPTION) },
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


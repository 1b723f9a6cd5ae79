/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine itself: i440FX, PIIX3, ACPI PM, xen-platform, and every
 * argument that is no device's. */
#include <stdio.h>
#include <string.h>
#include <libxl_utils.h>
#include "devices/class.h"
#include "devices/video.h"

/* A defbool that libxl would default to def. */
static bool value(libxl_defbool b, bool def)
{
    return libxl_defbool_is_default(b) ? def : libxl_defbool_val(b);
}

static void add2(struct xldm__emit *e, const char *option, const char *arg)
{
    xldm__argv_add(e->argv, option);
    xldm__argv_add(e->argv, arg);
}

static void emit_head(struct xldm__emit *e)
{
    struct xldm__arena *a = e->argv->arena;

    add2(e, "-xen-domid", e->domid);
    xldm__argv_add(e->argv, "-no-shutdown");
    if (value(e->cfg->b_info.dm_restrict, false)) {
        add2(e, "-chardev",
             "socket,id=libxl-cmd,fd=@FD@,server=on,wait=off");
        xldm__argv_add(e->argv, "-S");
    } else {
        add2(e, "-chardev",
             xldm__fmt(a,
                       "socket,id=libxl-cmd,path=/var/run/xen/qmp-libxl-%s,"
                       "server=on,wait=off",
                       e->domid));
    }
    add2(e, "-mon", "chardev=libxl-cmd,mode=control");
    add2(e, "-chardev",
         xldm__fmt(a,
                   "socket,id=libxenstat-cmd,path=/var/run/xen/"
                   "qmp-libxenstat-%s,server=on,wait=off",
                   e->domid));
    add2(e, "-mon", "chardev=libxenstat-cmd,mode=control");
}

static void emit_name(struct xldm__emit *e)
{
    xldm__argv_add(e->argv, "-nodefaults");
    xldm__argv_add(e->argv, "-no-user-config");
    if (e->cfg->c_info.name)
        add2(e, "-name",
             xldm__escape(e->argv->arena, e->cfg->c_info.name));
}

static void emit_kernel(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;

    if (b->kernel)
        add2(e, "-kernel", b->kernel);
    if (b->ramdisk)
        add2(e, "-initrd", b->ramdisk);
    if (b->cmdline)
        add2(e, "-append", b->cmdline);
}

static void emit_nographic(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;

    if (value(b->u.hvm.nographic, false) && !value(b->u.hvm.vnc.enable, true) &&
        !value(b->u.hvm.sdl.enable, false))
        xldm__argv_add(e->argv, "-nographic");
}

static void emit_boot(struct xldm__emit *e)
{
    const char *boot = e->cfg->b_info.u.hvm.boot;

    xldm__argv_add(e->argv, "-boot");
    xldm__argv_addf(e->argv, "order=%s", boot ? boot : "cda");
}

static void emit_cpu(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    int online = 1;

    if (!value(b->acpi, true) || !value(b->u.hvm.acpi, true))
        xldm__argv_add(e->argv, "-no-acpi");
    if (b->max_vcpus <= 1)
        return;
    if (b->avail_vcpus.size)
        online = libxl_bitmap_count_set(&b->avail_vcpus);
    xldm__argv_add(e->argv, "-smp");
    xldm__argv_addf(e->argv, "%d,maxcpus=%d", online, b->max_vcpus);
}

static void emit_restrict(struct xldm__emit *e)
{
    if (value(e->cfg->b_info.dm_restrict, false))
        xldm__argv_add(e->argv, "-xen-domid-restrict");
}

static void add_chroot(struct xldm__emit *e, const char *option,
                       const char *key)
{
    if (!value(e->cfg->b_info.dm_restrict, false))
        return;
    xldm__argv_add(e->argv, option);
    xldm__argv_addf(e->argv, "%s/var/run/xen/qemu-root-%s", key, e->domid);
}

static void emit_chroot(struct xldm__emit *e)
{
    add_chroot(e, "-chroot", "");
}

static void emit_run_with_chroot(struct xldm__emit *e)
{
    add_chroot(e, "-run-with", "chroot=");
}

static void emit_list(struct xldm__emit *e, char *const *list)
{
    for (; list && *list; list++)
        xldm__argv_add(e->argv, *list);
}

static void emit_extra(struct xldm__emit *e)
{
    emit_list(e, e->cfg->b_info.extra);
}

/* libxl ignores a hole that would be smaller than the default one. */
#define BELOW_4G 0xf0000000u

static void emit_machine(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    struct xldm__arena *a = e->argv->arena;
    bool platform = value(b->u.hvm.xen_platform_pci, true);
    uint64_t hole = b->u.hvm.mmio_hole_memkb, ram = b->max_memkb;
    uint64_t end = (1ull << 32) - (hole << 10);
    const char *below = "";

    if (ram == LIBXL_MEMKB_DEFAULT)
        ram = 32 * 1024;
    ram -= xldm__video_memkb(b);
    if (hole && hole != LIBXL_MEMKB_DEFAULT && end <= BELOW_4G)
        below = xldm__fmt(a, ",max-ram-below-4g=%llu",
                          (unsigned long long)end);
    xldm__argv_add(e->argv, "-machine");
    xldm__argv_addf(e->argv, "%s,suppress-vmdesc=on%s%s",
                    platform ? "xenfv" : "pc,accel=xen", below,
                    value(b->u.hvm.gfx_passthru, false) ? ",igd-passthru=on"
                                                        : "");
    emit_list(e, b->extra_hvm);
    xldm__argv_add(e->argv, "-m");
    xldm__argv_addf(e->argv, "%llu", (unsigned long long)(ram + 1023) / 1024);
}

static void emit_pvdevice(struct xldm__emit *e)
{
    if (e->cfg->b_info.u.hvm.vendor_device == LIBXL_VENDOR_DEVICE_XENSERVER)
        add2(e, "-device", "xen-pvdevice,device-id=0xc000");
}

static void add_user(struct xldm__emit *e, const char *option,
                     const char *key)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;
    const char *user = b->device_model_user;

    if (!user && value(b->dm_restrict, false))
        user = "@RUNAS@";
    if (!user)
        return;
    xldm__argv_add(e->argv, option);
    xldm__argv_addf(e->argv, "%s%s", key,
                    *key ? xldm__escape(e->argv->arena, user) : user);
}

static void emit_runas(struct xldm__emit *e)
{
    add_user(e, "-runas", "");
}

static void emit_run_with_user(struct xldm__emit *e)
{
    add_user(e, "-run-with", "user=");
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_HEAD, emit_head, XLDM__EVERY },
    { XLDM__AT_NAME, emit_name, XLDM__EVERY },
    { XLDM__AT_KERNEL, emit_kernel, XLDM__EVERY },
    { XLDM__AT_SERIAL, emit_nographic, XLDM__EVERY },
    { XLDM__AT_BOOT, emit_boot, XLDM__EVERY },
    { XLDM__AT_CPU, emit_cpu, XLDM__EVERY },
    { XLDM__AT_RESTRICT, emit_restrict, XLDM__EVERY },
    { XLDM__AT_RESTRICT, emit_chroot, XLDM__BELOW(XLDM_LIBXL_4_20) },
    { XLDM__AT_RESTRICT, emit_run_with_chroot, XLDM__FROM(XLDM_LIBXL_4_20) },
    { XLDM__AT_EXTRA, emit_extra, XLDM__EVERY },
    { XLDM__AT_MACHINE, emit_machine, XLDM__EVERY },
    { XLDM__AT_PVDEVICE, emit_pvdevice, XLDM__EVERY },
    { XLDM__AT_RUNAS, emit_runas, XLDM__BELOW(XLDM_LIBXL_4_20) },
    { XLDM__AT_RUNAS, emit_run_with_user, XLDM__FROM(XLDM_LIBXL_4_20) },
    { 0 },
};

#define FUNCTION(slot, fn) XLDM_PCI, (slot) << 3 | (fn), (slot) << 3 | (fn)

/* What `info mtree -f` of QEMU 7.2 shows for a bare machine (FACTS.md,
 * section 2) less the controllers that can move: IDE and i8042. */
#define PC_CLAIMS                                                             \
    { XLDM_PORT, 0x00, 0x0f, "DMA 1" },                                       \
    { XLDM_PORT, 0x70, 0x71, "RTC" },                                         \
    { XLDM_PORT, 0x80, 0x83, "POST; DMA pages" },                             \
    { XLDM_PORT, 0x87, 0x87, "DMA page" },                                    \
    { XLDM_PORT, 0x89, 0x8b, "DMA pages" },                                   \
    { XLDM_PORT, 0x8f, 0x8f, "DMA page" },                                    \
    { XLDM_PORT, 0x92, 0x92, "fast A20" },                                    \
    { XLDM_PORT, 0xb2, 0xb3, "APM" },                                         \
    { XLDM_PORT, 0xc0, 0xdf, "DMA 2" },                                       \
    { XLDM_PORT, 0xf0, 0xf0, "FERR" },                                        \
    { XLDM_PORT, 0x3f1, 0x3f5, "floppy" },                                    \
    { XLDM_PORT, 0x3f7, 0x3f7, "floppy" },                                    \
    { XLDM_PORT, 0xcf8, 0xcff, "PCI configuration; reset at cf9" },           \
    { XLDM_PORT, 0xaf00, 0xaf1f, "PIIX4 CPU hotplug" },                       \
    { XLDM_PORT, 0xb100, 0xb13f, "PIIX4 SMBus" },                             \
    { XLDM_MEMORY, 0xfec00000, 0xfec00fff, "IO-APIC" },                       \
    { XLDM_MEMORY, 0xfed00000, 0xfed003ff, "HPET" },                          \
    { XLDM_MEMORY, 0xfee00000, 0xfeefffff, "MSI" },                           \
    { FUNCTION(0, 0), "i440FX" },                                             \
    { FUNCTION(1, 0), "PIIX3" },                                              \
    { FUNCTION(1, 3), "PIIX4 ACPI PM" }

/* Every QEMU has its own, for its own devices. */
#define HOTPLUG_CLAIMS                                                        \
    { XLDM_PORT, 0xae00, 0xae17, "PIIX4 PCI hotplug" },                       \
    { XLDM_PORT, 0xafe0, 0xafe3, "PIIX4 GPE0" }

static const struct xldm__claim pc_claims[] = { PC_CLAIMS, HOTPLUG_CLAIMS,
                                                { 0, 0, 0, NULL } };
static const struct xldm__claim xenfv_claims[] = {
    PC_CLAIMS,
    { FUNCTION(2, 0), "xen-platform" },
    { 0, 0, 0, NULL },
};
/* All 16: an access must lie wholly inside one range to reach its owner. */
static const struct xldm__claim xenfv_broadcast[] = {
    { XLDM_PORT, 0x10, 0x1f, "QEMU hw/i386/xen/xen_platform.c, xen-fixed" },
    HOTPLUG_CLAIMS,
    { 0, 0, 0, NULL },
};

/* First words that go to every QEMU as they are. */
static const char *const common[] = {
    "xen-domid", "no-shutdown", "nodefaults", "no-user-config", "name",
    "m",         "smp",         "S",          "no-acpi",        "audio",
    NULL,
};

static bool is_link(const struct xldm__option *o)
{
    bool chardev = xldm__option_is(o, "chardev", NULL);
    char id[32];

    return (chardev || xldm__option_is(o, "mon", NULL)) &&
           xldm__option_get(o, chardev ? "id" : "chardev", id, sizeof(id)) &&
           (!strcmp(id, "libxl-cmd") || !strcmp(id, "libxenstat-cmd"));
}

/* Drivers that sit on another bus than PCI. */
static bool off_pci(const struct xldm__option *o)
{
    static const char *const prefixes[] = {
        "ide-", "scsi-", "usb-", "isa-", "virtserialport", "hda-", "adlib",
        "cs4231a", "gus", "sb16", "ne2k_isa", "xen-disk", "xen-cdrom",
        "xen-backend", NULL,
    };
    size_t driver = o->value ? strcspn(o->value, ",") : 0;

    if (xldm__option_is(o, "device", "usb-ehci"))
        return false;
    if (driver > 4 && !strncmp(o->value + driver - 4, "-cpu", 4))
        return true;
    for (const char *const *p = prefixes; *p; p++)
        if (o->value && !strncmp(o->value, *p, strlen(*p)))
            return true;
    return false;
}

/* Everything is the platform's that no other class took. */
static bool platform_classify(struct xldm__part *p)
{
    const struct xldm__option *o = p->option;

    p->owner = XLDM__PRIMARY;
    if (is_link(o) || xldm__option_is(o, "incoming", NULL))
        p->owner = XLDM__LINK;
    if (xldm__option_is(o, "display", "none"))
        p->owner = XLDM__COMMON;
    for (const char *const *c = common; *c; c++)
        if (xldm__option_is(o, *c, NULL))
            p->owner = XLDM__COMMON;
    if (xldm__option_is(o, "machine", NULL)) {
        bool xenfv = o->value && !strncmp(o->value, "xenfv", 5);

        p->owner = XLDM__COMMON;
        p->claims = xenfv ? xenfv_claims : pc_claims;
        p->broadcast = xenfv ? xenfv_broadcast : NULL;
        p->slots = xenfv ? 7 : 3;
    }
    if (xldm__option_is(o, "device", NULL)) {
        p->pci = !off_pci(o);
        p->ram = p->pci ? 1 << 20 : 0;
    }
    return true;
}

const struct xldm__class xldm__platform = {
    .kind = "platform",
    .group_name = "primary",
    .emitters = emitters,
    .classify = platform_classify,
};

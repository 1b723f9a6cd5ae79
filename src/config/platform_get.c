/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other way of platform_set.c: what the platform's elements say of
 * libxl's config.  What they cannot say, or libvirt could not read, is left
 * out: <xldm:config> says it then. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include <libxl_utils.h>

#include "config/platform.h"

#define PLATFORM const struct xldm__platform *p = object
#define B_INFO const libxl_domain_build_info *b = &p->dom->cfg.b_info
#define MAX_KIB (1ull << 36)

/* ------------------------------------------------------- identity ---- */

/* libvirt takes no '/'. */
XLDM__GETTER(name)
{
    PLATFORM;
    const char *name = p->dom->cfg.c_info.name;
    char *copy = name ? xldm__fmt(a, "%.200s", name) : NULL;

    if (i || !copy)
        return NULL;
    for (char *s = copy; (s = strchr(s, '/')); s++)
        *s = '-';
    for (char *s = copy; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return name; /* reported there */
    return copy[strspn(copy, " ")] ? copy : "unnamed";
}

XLDM__GETTER(uuid)
{
    PLATFORM;
    static const libxl_uuid none;
    const libxl_uuid *uuid = &p->dom->cfg.c_info.uuid;

    return i || !memcmp(uuid, &none, sizeof(none))
               ? NULL : xldm__fmt(a, LIBXL_UUID_FMT,
                                  LIBXL_UUID_BYTES(*uuid));
}

XLDM__GETTER(genid)
{
    PLATFORM;
    static const libxl_ms_vm_genid none;
    const libxl_ms_vm_genid *id = &p->dom->cfg.b_info.u.hvm.ms_vm_genid;
    libxl_uuid uuid;

    if (i || !memcmp(id, &none, sizeof(none)))
        return NULL;
    memcpy(uuid.uuid, id->bytes, sizeof(uuid.uuid));
    return xldm__fmt(a, LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
}

/* --------------------------------------------------- memory, vCPU ---- */

/* What libxl would take. */
static uint64_t memory_of(const libxl_domain_build_info *b)
{
    if (b->max_memkb == LIBXL_MEMKB_DEFAULT || !b->max_memkb ||
        b->max_memkb > MAX_KIB)
        return 32 * 1024;
    return b->max_memkb;
}

static const char *amount(struct xldm__arena *a, uint64_t kib)
{
    return xldm__fmt(a, "%" PRIu64, kib % 1024 ? kib : kib / 1024);
}

static bool has_current(const libxl_domain_build_info *b)
{
    return b->target_memkb && b->target_memkb < memory_of(b);
}

XLDM__GETTER(memory)
{
    PLATFORM;
    B_INFO;

    return i ? NULL : amount(a, memory_of(b));
}

XLDM__GETTER(unit)
{
    PLATFORM;
    B_INFO;

    (void)a;
    return i ? NULL : memory_of(b) % 1024 ? "KiB" : "MiB";
}

XLDM__GETTER(current)
{
    PLATFORM;
    B_INFO;

    return i || !has_current(b) ? NULL : amount(a, b->target_memkb);
}

XLDM__GETTER(current_unit)
{
    PLATFORM;
    B_INFO;

    (void)a;
    return i || !has_current(b) ? NULL
           : b->target_memkb % 1024 ? "KiB" : "MiB";
}

XLDM__GETTER(vcpus)
{
    PLATFORM;
    B_INFO;

    return i || b->max_vcpus < 1 || b->max_vcpus > 512
               ? NULL : xldm__fmt(a, "%d", b->max_vcpus);
}

/* libxl starts one if it is not told. */
XLDM__GETTER(online)
{
    PLATFORM;
    B_INFO;
    int n = b->avail_vcpus.size ? libxl_bitmap_count_set(&b->avail_vcpus) : 0;

    if (i || b->max_vcpus < 1 || b->max_vcpus > 512 || n == b->max_vcpus)
        return NULL;
    return xldm__fmt(a, "%d", n && n < b->max_vcpus ? n : 1);
}

/* ----------------------------------------------------------- boot ---- */

static const char *boot_of(const libxl_domain_build_info *b)
{
    const char *boot = b->u.hvm.boot ? b->u.hvm.boot : "cda"; /* libxl's */

    for (const char *s = boot; *s; s++)
        if (!strchr("cdna", *s) || strchr(s + 1, *s))
            return "";
    return boot;
}

XLDM__GETTER(boot)
{
    PLATFORM;
    B_INFO;
    static const char *const names[] = { "hd", "cdrom", "network", "fd" };
    const char *boot = boot_of(b);

    (void)a;
    return i < strlen(boot) ? names[strchr("cdna", boot[i]) - "cdna"] : NULL;
}

static bool is_path(const char *s)
{
    return s && *s == '/' && s[1] && s[strlen(s) - 1] != ' ';
}

static bool has_firmware(const libxl_domain_build_info *b)
{
    const char *s = b->u.hvm.firmware;

    return is_path(s) && b->u.hvm.bios != LIBXL_BIOS_TYPE_OVMF &&
           strcmp(strrchr(s, '/'), "/hvmloader") && strrchr(s, '/')[1];
}

XLDM__GETTER(loader_type)
{
    PLATFORM;
    B_INFO;

    (void)a;
    if (i)
        return NULL;
    return b->u.hvm.bios == LIBXL_BIOS_TYPE_OVMF ? "pflash"
           : has_firmware(b)                     ? "rom"
                                                 : NULL;
}

XLDM__GETTER(loader)
{
    PLATFORM;
    B_INFO;
    const char *ovmf = b->u.hvm.system_firmware;

    (void)a;
    if (i)
        return NULL;
    if (b->u.hvm.bios == LIBXL_BIOS_TYPE_OVMF)
        return is_path(ovmf) ? ovmf : "/usr/lib/xen/boot/ovmf.bin";
    return has_firmware(b) ? b->u.hvm.firmware : NULL;
}

XLDM__GETTER(acpi_table)
{
    PLATFORM;
    const char *s = p->dom->cfg.b_info.u.hvm.acpi_firmware;

    (void)a;
    return i || !is_path(s) ? NULL : s;
}

XLDM__GETTER(acpi_table_type)
{
    return xldm__get_acpi_table(a, object, i) ? "slic" : NULL;
}

XLDM__GETTER(emulator)
{
    PLATFORM;
    const char *s = p->dom->cfg.b_info.device_model;

    (void)a;
    return i || !is_path(s) ? NULL : s;
}

/* Of these object is the description itself. */
#define DOMAIN                                                                \
    const struct xldm_domain *dom = object;                                   \
    const libxl_domain_build_info *b = &dom->cfg.b_info

XLDM__GETTER(kernel)
{
    DOMAIN;

    (void)a;
    return i || !is_path(b->kernel) ? NULL : b->kernel;
}

XLDM__GETTER(initrd)
{
    DOMAIN;

    (void)a;
    return i || !is_path(b->kernel) || !is_path(b->ramdisk) ? NULL
                                                            : b->ramdisk;
}

XLDM__GETTER(cmdline)
{
    DOMAIN;
    const char *s = b->cmdline;

    (void)a;
    return i || !is_path(b->kernel) || !s || !s[strspn(s, " ")] ? NULL : s;
}

/* ------------------------------------------------------- features ---- */

static const char *present(libxl_defbool b)
{
    return libxl_defbool_is_default(b) || libxl_defbool_val(b) ? "" : NULL;
}

/* On unless it is off: for libvirt, what <features> does not name is off. */
XLDM__GETTER(acpi)
{
    DOMAIN;

    (void)a;
    return i ? NULL : present(b->acpi);
}

XLDM__GETTER(apic)
{
    DOMAIN;

    (void)a;
    return i ? NULL : present(b->apic);
}

XLDM__GETTER(pae)
{
    DOMAIN;

    (void)a;
    return i ? NULL : present(b->u.hvm.pae);
}

XLDM__GETTER(features)
{
    (void)a, (void)object;
    return i ? NULL : "";
}

XLDM__GETTER(hap)
{
    PLATFORM;

    (void)a;
    return i || libxl_defbool_is_default(p->dom->cfg.c_info.hap) ? NULL : "";
}

XLDM__GETTER(hap_state)
{
    PLATFORM;

    if (!xldm__get_hap(a, object, i))
        return NULL;
    return libxl_defbool_val(p->dom->cfg.c_info.hap) ? "on" : "off";
}

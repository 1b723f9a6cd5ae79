/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of the platform's elements that need more than a table's row. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config/platform.h"

#define MAX_VCPUS 512 /* of XML; libxl and Xen have bounds of their own */

/* ------------------------------------------------------- identity ---- */

bool xldm__set_name(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    if (!*value || strchr(value, '/') || strlen(value) > 200)
        return xldm__error(ctx, loc,
                           "<name>: '%.220s' is not accepted; accepted: 1 to "
                           "200 characters without '/'",
                           value);
    return xldm__string_set(ctx, &p->dom->cfg.c_info.name, value);
}

/* Dashes anywhere or nowhere, as libvirt takes it. */
static bool set_uuid(struct xldm_ctx *ctx, const char *element, uint8_t *uuid,
                     const char *value, struct xldm_loc loc)
{
    if (!xldm__bytes(value, '-', false, uuid, 16))
        return xldm__error(ctx, loc,
                           "<%s>: '%s' is not a UUID; accepted: 32 hex "
                           "digits, as 8-4-4-4-12",
                           element, value);
    return true;
}

bool xldm__set_uuid(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return set_uuid(ctx, "uuid", p->dom->cfg.c_info.uuid.uuid, value, loc);
}

bool xldm__set_genid(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    libxl_ms_vm_genid *id = &p->dom->cfg.b_info.u.hvm.ms_vm_genid;

    if (!*value) /* libvirt: a new one */
        return getrandom(id->bytes, sizeof(id->bytes), 0) ==
                   (ssize_t)sizeof(id->bytes) ||
               xldm__error(ctx, loc, "<genid>: no random number is to be had");
    return set_uuid(ctx, "genid", id->bytes, value, loc);
}

/* --------------------------------------------------- memory, vCPU ---- */

bool xldm__set_unit(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {
        { "b", 1 },
        { "bytes", 1 },
        { "KB", 1000 },
        { "k", 1ull << 10 },
        { "KiB", 1ull << 10 },
        { "MB", 1000 * 1000 },
        { "M", 1ull << 20 },
        { "MiB", 1ull << 20 },
        { "GB", 1000ull * 1000 * 1000 },
        { "G", 1ull << 30 },
        { "GiB", 1ull << 30 },
        { "TB", 1000ull * 1000 * 1000 * 1000 },
        { "T", 1ull << 40 },
        { "TiB", 1ull << 40 },
    };
    struct xldm__platform *p = object;

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(units[i].name, value))
            continue;
        p->unit = units[i].bytes;
        return true;
    }
    return xldm__error(ctx, loc,
                       "unit of memory: '%s' is not accepted; accepted: b, "
                       "bytes, KB, k, KiB, MB, M, MiB, GB, G, GiB, TB, T, TiB",
                       value);
}

/* Rounds up to KiB, as libvirt does. */
bool xldm__memory_of(struct xldm_ctx *ctx, struct xldm__platform *p,
                     const char *element, uint64_t *kib, const char *value,
                     struct xldm_loc loc)
{
    uint64_t unit = p->unit ? p->unit : 1024, bytes;
    int64_t n;

    p->unit = 0;
    if (!xldm__number(value, 1, INT64_MAX, &n) ||
        __builtin_mul_overflow((uint64_t)n, unit, &bytes) || bytes > 1ull << 46)
        return xldm__error(ctx, loc,
                           "<%s>: '%s' is not an amount of memory; accepted: a "
                           "whole number from 1 up to 64 TiB",
                           element, value);
    *kib = (bytes + 1023) / 1024;
    return true;
}

bool xldm__set_memory(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->dom->memory_loc = loc;
    return xldm__memory_of(ctx, p, "memory", &p->memory, value, loc);
}

bool xldm__set_current(struct xldm_ctx *ctx, void *object, const char *value,
                       struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->current_loc = loc;
    return xldm__memory_of(ctx, p, "currentMemory", &p->current, value, loc);
}

static bool set_vcpus_of(struct xldm_ctx *ctx, const char *path, int *out,
                         const char *value, struct xldm_loc loc)
{
    int64_t n;

    if (!xldm__number(value, 1, MAX_VCPUS, &n))
        return xldm__error(ctx, loc,
                           "%s: '%s' is not accepted; accepted: 1 to %d", path,
                           value, MAX_VCPUS);
    *out = (int)n;
    return true;
}

bool xldm__set_vcpus(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->vcpu_loc = loc;
    return set_vcpus_of(ctx, "vcpu", &p->vcpus, value, loc);
}

bool xldm__set_online(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    return set_vcpus_of(ctx, "vcpu/@current", &p->online, value, loc);
}

/* ----------------------------------------------------------- boot ---- */

bool xldm__set_boot(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc)
{
    static const char *const names[] = { "hd", "cdrom", "network", "fd" };
    struct xldm__platform *p = object;
    size_t n = strlen(p->boot);

    for (size_t i = 0; i < 4; i++) {
        if (strcmp(names[i], value))
            continue;
        if (strchr(p->boot, "cdna"[i]))
            p->boot_loc = loc;
        else
            p->boot[n] = "cdna"[i];
        return true;
    }
    return xldm__error(ctx, loc,
                       "os/boot/@dev: '%s' is not accepted; accepted: hd, "
                       "cdrom, network, fd",
                       value);
}

bool xldm__set_loader(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    if (*value != '/' && strcmp(value, "hvmloader"))
        return xldm__error(ctx, loc, "<loader>: '%s' is not an absolute path",
                           value);
    return xldm__string_set(ctx, &p->loader, value);
}

bool xldm__set_emulator(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    p->dom->emulator_loc = loc;
    if (*value != '/')
        return xldm__error(
            ctx, loc, "<emulator>: '%s' is not an absolute path", value);
    return xldm__string_set(ctx, &p->dom->emulator, value);
}

/* ---------------------------------------------------------- clock ---- */

bool xldm__set_adjustment(struct xldm_ctx *ctx, void *object, const char *value,
                          struct xldm_loc loc)
{
    struct xldm__platform *p = object;
    int64_t n;

    if (!strcmp(value, "reset")) /* what starts anew */
        return true;
    if (!xldm__number(value, INT_MIN, INT_MAX, &n))
        return xldm__error(ctx, loc,
                           "clock/@adjustment: '%s' is not a number of "
                           "seconds",
                           value);
    p->dom->cfg.b_info.rtc_timeoffset = (uint32_t)n;
    return true;
}

bool xldm__set_basis(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__platform *p = object;

    if (strcmp(value, "utc") && strcmp(value, "localtime"))
        return xldm__error(ctx, loc,
                           "clock/@basis: '%s' is not accepted; accepted: "
                           "utc, localtime",
                           value);
    if (*value == 'l')
        libxl_defbool_set(&p->dom->cfg.b_info.localtime, true);
    return true;
}

bool xldm__set_offset(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    if (!strcmp(value, "variable"))
        return true; /* basis and adjustment say the rest */
    if (!strcmp(value, "utc") || !strcmp(value, "localtime"))
        return xldm__set_basis(ctx, object, value, loc);
    return xldm__error(ctx, loc,
                       "clock/@offset: '%s' is not accepted; accepted: utc, "
                       "localtime, variable",
                       value);
}

/* The disks decide; a controller without any does not exist. */
bool xldm__set_controller(struct xldm_ctx *ctx, void *object,
                          const char *value, struct xldm_loc loc)
{
    (void)object;
    if (!strcmp(value, "scsi") || !strcmp(value, "sata") ||
        !strcmp(value, "virtio-serial"))
        xldm__note(ctx, loc,
                   "<controller> type '%s' has no effect: it is there if a "
                   "device is on it",
                   value);
    else if (strcmp(value, "ide") && strcmp(value, "pci") &&
             strcmp(value, "xenbus"))
        return xldm__error(ctx, loc,
                           "<controller> type: '%s' is not accepted; "
                           "accepted: usb, ide, sata, scsi, pci, xenbus, "
                           "virtio-serial",
                           value);
    return true;
}

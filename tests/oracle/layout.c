/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a guest sees of a plan: each device once, unchanged, in the slot that
 * one QEMU would have given it, on its controller; and memory that no two
 * QEMUs share.  Knows of QEMU what the splitter must know, on purpose by
 * other means.
 */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

#define MAX_OPTIONS 256

static bool among(const char *s, const char *const *list)
{
    for (; *list; list++) {
        if (!strcmp(s, *list))
            return true;
    }
    return false;
}

/* Not a device's: every QEMU may have it, or none. */
static bool is_common(const struct xldm__option *o)
{
    static const char *const names[] = {
        "-xen-domid",
        "-no-shutdown",
        "-S",
        "-nodefaults",
        "-no-user-config",
        "-name",
        "-nographic",
        "-boot",
        "-smp",
        "-net",
        "-xen-domid-restrict",
        "-chroot",
        "-runas",
        "-run-with",
        "-machine",
        "-m",
        "-no-acpi",
        "-mon",
        NULL,
    };
    static const char *const sockets[] = { "libxl-cmd", "libxenstat-cmd",
                                           "xldm", NULL };
    char id[64];

    if (!strcmp(o->name, "-vnc"))
        return !o->value || !strcmp(o->value, "none");
    if (!strcmp(o->name, "-display"))
        return !o->value || !strcmp(o->value, "none");
    if (!strcmp(o->name, "-chardev"))
        return xldm__option_get(o, "id", id, sizeof(id)) && among(id, sockets);
    return among(o->name, names);
}

static bool on_pci(const struct xldm__option *o)
{
    static const char *const elsewhere[] = {
        "ide-cd", "ide-hd", "scsi-hd", "virtserialport", "usb-redir",
        "hda-duplex", "adlib", "cs4231a", "gus", "sb16", "isa-serial",
        NULL,
    };
    char driver[64];

    return !strcmp(o->name, "-device") &&
           xldm__option_get(o, "", driver, sizeof(driver)) &&
           !among(driver, elsewhere);
}

/* ---- each option once, in its slot ---- */

struct unsplit_option {
    struct xldm__option option;
    unsigned slot; /* 0: none */
    unsigned found;
};

/* Is value what makes device id? */
static bool makes(const char *value, const char *id)
{
    static const char *const others[][2] = {
        { "vga", "VGA," },        { "vga", "cirrus-vga," },
        { "vga", "qxl-vga," },    { "lsi0", "lsi53c895a" },
        { "sound", "ac97" },      { "sound", "es1370" },
        { "sound", "intel-hda" }, { "virtio-serial0", "virtio-serial" },
    };
    char nic[32];

    snprintf(nic, sizeof(nic), ",id=%s,", id);
    if (!strncmp(id, "nic", 3))
        return strstr(value, nic);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (!strcmp(others[i][0], id) &&
            !strncmp(value, others[i][1], strlen(others[i][1])))
            return true;
    }
    return false;
}

static unsigned pinned(const struct xldm__split *in, const char *value)
{
    for (size_t i = 0; i < in->nwishes; i++) {
        if (in->wishes[i].pin && makes(value, in->wishes[i].id))
            return in->wishes[i].pin >> 3;
    }
    return 0;
}

/* The options that belong to devices, with the slots of those that are
 * pinned, and those that one QEMU gives to the others. */
static size_t take_apart(const struct xldm__split *in,
                         struct unsplit_option *v)
{
    size_t n = 0, i = 1;
    bool used[64] = { true, true, true };

    for (i = 1; i < in->argc; i++) { /* without xen-platform 2 is free */
        if (!strncmp(in->argv[i], "pc,accel=xen,", 13))
            used[2] = false;
        if (strstr(in->argv[i], ",addr=0x1d."))
            used[0x1d] = true;
    }
    for (i = 1; i < in->argc && n < MAX_OPTIONS;) {
        struct xldm__option o = xldm__option_next(in->argv, in->argc, &i);

        if (is_common(&o))
            continue;
        v[n].option = o;
        v[n].slot = on_pci(&o) ? pinned(in, o.value) : 0;
        used[v[n].slot] = true;
        v[n++].found = 0;
    }
    for (i = 0; i < n; i++) {
        if (!on_pci(&v[i].option) || v[i].slot ||
            strstr(v[i].option.value, ",addr="))
            continue;
        while (used[v[i].slot])
            v[i].slot++;
        used[v[i].slot] = true;
    }
    return n;
}

/* Is b the value a, but for an addr= that was added? */
static bool same_value(const char *a, const char *b, unsigned slot)
{
    const char *addr;
    size_t n;
    char *end;

    if (!a || !b)
        return a == b;
    if (!strcmp(a, b))
        return !slot;
    n = strlen(a);
    if (!slot || strncmp(a, b, n) || strncmp(b + n, ",addr=", 6))
        return false;
    addr = b + n + 6;
    return strtoul(addr, &end, 16) == slot && (!*end || !strcmp(end, ".0"));
}

static struct unsplit_option *origin(struct unsplit_option *v, size_t n,
                                     const struct xldm__option *o, bool split)
{
    for (size_t i = 0; i < n; i++) {
        if (!v[i].found && !strcmp(v[i].option.name, o->name) &&
            same_value(v[i].option.value, o->value, split ? v[i].slot : 0))
            return &v[i];
    }
    return NULL;
}

void check_options(const struct xldm__split *in,
                   const struct xldm_plan *plan, struct findings *f)
{
    struct unsplit_option v[MAX_OPTIONS];
    size_t n = take_apart(in, v);
    bool split = plan->ngroups > 1 || plan->pinned;

    if (plan->ngroups > XLDM_MAX_GROUPS || plan->ngroups < 1)
        finding(f, "%zu groups", plan->ngroups);
    for (size_t g = 0; g < plan->ngroups; g++) {
        const struct xldm__argv *argv = &plan->groups[g].argv;

        for (size_t i = 1; i < argv->n;) {
            struct xldm__option o = xldm__option_next(argv->v, argv->n, &i);
            struct unsplit_option *from;

            if (is_common(&o))
                continue;
            from = origin(v, n, &o, split);
            if (from)
                from->found++;
            else
                finding(f, "%s has %s %s, which unsplit is not there",
                        plan->groups[g].name, o.name, o.value ? o.value : "");
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!v[i].found)
            finding(f, "%s %s (slot %u) is in no group", v[i].option.name,
                    v[i].option.value ? v[i].option.value : "", v[i].slot);
    }
}

/* ---- RAM windows ---- */

/* QEMU's xen_ram_init(): guest RAM below the hole, then from 4 GiB on. */
static unsigned long long ram_end(const struct xldm__argv *argv)
{
    unsigned long long bytes = 0, low = 0xf0000000;

    for (size_t i = 1; i < argv->n;) {
        struct xldm__option o = xldm__option_next(argv->v, argv->n, &i);
        char limit[32];

        if (!strcmp(o.name, "-m") && o.value)
            bytes = strtoull(o.value, NULL, 10) << 20;
        if (!strcmp(o.name, "-machine") &&
            xldm__option_get(&o, "max-ram-below-4g", limit, sizeof(limit)))
            low = strtoull(limit, NULL, 10);
    }
    return bytes > low ? (1ull << 32) + bytes - low : bytes;
}

void check_memory(const struct xldm_plan *plan, struct findings *f)
{
    for (size_t i = 0; i < plan->ngroups; i++) {
        const struct xldm__group *a = &plan->groups[i];

        if (a->ram_size && a->ram_first != ram_end(&a->argv))
            finding(f, "%s: window at %llx, -m says %llx", a->name,
                    (unsigned long long)a->ram_first, ram_end(&a->argv));
        if (ram_end(&a->argv) < ram_end(&plan->groups[0].argv))
            finding(f, "%s has less memory than the primary", a->name);
        for (size_t j = i + 1; j < plan->ngroups; j++) {
            const struct xldm__group *b = &plan->groups[j];

            if (a->ram_first < b->ram_first + b->ram_size &&
                b->ram_first < a->ram_first + a->ram_size)
                finding(f, "RAM blocks of %s and %s meet", a->name, b->name);
        }
    }
}

/* ---- what refers to what ---- */

/* Does argv define id with an option of this name? */
static bool defines(const struct xldm__argv *argv, const char *name,
                    const char *id)
{
    for (size_t i = 1; i < argv->n;) {
        struct xldm__option o = xldm__option_next(argv->v, argv->n, &i);
        char have[64];

        if (!strcmp(o.name, name) &&
            xldm__option_get(&o, "id", have, sizeof(have)) && !strcmp(have, id))
            return true;
    }
    return false;
}

static void check_references(const struct xldm__group *g,
                             const struct xldm__option *o, struct findings *f)
{
    char value[64], *dot;

    if (xldm__option_get(o, "drive", value, sizeof(value)) &&
        !defines(&g->argv, "-drive", value))
        finding(f, "%s lacks drive %s", g->name, value);
    if (xldm__option_get(o, "netdev", value, sizeof(value)) &&
        !defines(&g->argv, "-netdev", value))
        finding(f, "%s lacks netdev %s", g->name, value);
    if (xldm__option_get(o, "bus", value, sizeof(value)) &&
        strncmp(value, "ide.", 4)) {
        dot = strchr(value, '.');
        if (dot)
            *dot = '\0';
        if (!defines(&g->argv, "-device", value))
            finding(f, "%s lacks controller %s", g->name, value);
    }
}

void check_links(const struct xldm_plan *plan, struct findings *f)
{
    const struct xldm__group *ide = NULL;

    for (size_t g = 0; g < plan->ngroups; g++) {
        const struct xldm__argv *argv = &plan->groups[g].argv;

        for (size_t i = 1; i < argv->n;) {
            struct xldm__option o = xldm__option_next(argv->v, argv->n, &i);

            if (!o.value)
                continue;
            if (!strcmp(o.name, "-device"))
                check_references(&plan->groups[g], &o, f);
            if (!strstr(o.value, ",if=ide,") && !strstr(o.value, ",bus=ide."))
                continue;
            if (ide && ide != &plan->groups[g])
                finding(f, "IDE in %s and %s", ide->name, plan->groups[g].name);
            ide = &plan->groups[g];
        }
    }
    for (size_t i = 0; i < plan->ndevices; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct xldm__planned *a = &plan->devices[i],
                                       *b = &plan->devices[j];

            if (a->controller && b->controller && a->group != b->group &&
                !strcmp(a->controller, b->controller))
                finding(f, "%s and %s on %s are in two groups", a->id, b->id,
                        a->controller);
        }
    }
}

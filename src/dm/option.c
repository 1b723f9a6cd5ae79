/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes a QEMU command line apart, one option at a time. */
#include <stdlib.h>
#include <string.h>
#include "dm/option.h"

/* Options without a value, sorted.  From qemu-options.hx of QEMU 7.2 (rows
 * without HAS_ARG). */
static const char *const flags[] = {
    "-S",          "-daemonize",  "-enable-kvm",   "-enable-sync-profile",
    "-full-screen", "-h",         "-help",         "-no-acpi",
    "-no-fd-bootchk", "-no-hpet", "-no-quit",      "-no-reboot",
    "-no-shutdown", "-no-user-config", "-nodefaults", "-nographic",
    "-old-param",  "-only-migratable", "-portrait", "-preconfig",
    "-s",          "-semihosting", "-singlestep",  "-snapshot",
    "-usb",        "-version",    "-win2k-hack",   "-xen-attach",
    "-xen-domid-restrict",
};

/* Options whose value is free text, and may begin with a dash. */
static const char *const texts[] = { "-append", "-initrd", "-kernel",
                                     "-name", NULL };

static bool may_take(const char *name, const char *value)
{
    if (value[0] != '-' || !value[1])
        return true;
    for (const char *const *t = texts; *t; t++)
        if (!strcmp(*t, name))
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

struct xldm__option xldm__option_next(const char *const *argv, size_t argc,
                                      size_t *i)
{
    struct xldm__option o = { argv[(*i)++], NULL };
    const char *name = o.name;

    if (name[0] != '-')
        return o;
    if (name[1] == '-') /* --device is -device to QEMU */
        name++;
    if (*i >= argc || !may_take(name, argv[*i]) ||
        bsearch(name, flags, sizeof(flags) / sizeof(*flags), sizeof(*flags),
                compare))
        return o;
    o.value = argv[(*i)++];
    return o;
}

/* End of the item at s: the next comma that stands alone, or the end. */
static const char *item_end(const char *s)
{
    for (; *s; s++) {
        if (*s != ',')
            continue;
        if (s[1] != ',')
            break;
        s++;
    }
    return s;
}

bool xldm__option_is(const struct xldm__option *o, const char *name,
                     const char *first)
{
    const char *have = o->name;
    size_t n;

    if (have[0] == '-' && have[1] == '-')
        have++;
    /* the first letter settles most, and every class asks */
    if (have[0] != '-' || have[1] != name[0] || strcmp(have + 1, name))
        return false;
    if (!first)
        return true;
    n = strlen(first);
    return o->value && !strncmp(o->value, first, n) &&
           item_end(o->value) == o->value + n;
}

static char *unescape(const char *s, const char *end, char *buf, size_t size)
{
    size_t n = 0;

    for (; s < end; s++) {
        if (n + 1 >= size)
            return NULL;
        buf[n++] = *s;
        if (*s == ',' && s + 1 < end && s[1] == ',')
            s++;
    }
    buf[n] = '\0';
    return buf;
}

char *xldm__option_get(const struct xldm__option *o, const char *key,
                       char *buf, size_t size)
{
    size_t n = strlen(key);
    const char *s = o->value, *end;

    if (!s || !size)
        return NULL;
    if (!n)
        return unescape(s, item_end(s), buf, size);
    for (;; s = end + 1) {
        end = item_end(s);
        if (!strncmp(s, key, n) && s[n] == '=')
            return unescape(s + n + 1, end, buf, size);
        if (!*end)
            return NULL;
    }
}

const char *xldm__escape(struct xldm__arena *a, const char *value)
{
    size_t n = strlen(value), commas = 0;
    char *out, *p;

    for (const char *s = value; *s; s++)
        commas += *s == ',';
    if (!commas)
        return value;
    p = out = xldm__alloc(a, n + commas + 1);
    if (!out)
        return value;
    for (const char *s = value; *s; s++) {
        *p++ = *s;
        if (*s == ',')
            *p++ = ',';
    }
    return out;
}

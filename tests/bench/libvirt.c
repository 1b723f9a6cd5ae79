/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same text read by our XML reader and by libvirt's: microseconds of
 * each, the median of many, taken in turns.  libvirt's parser is no public
 * call, so it is looked up by name in its library (9.0 and later; no driver
 * and no daemon is needed).
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "config/xml.h"

#define ROUNDS 1000
#define INACTIVE 1 /* VIR_DOMAIN_DEF_PARSE_INACTIVE */

static struct {
    void *library, *xmlopt;
    int (*initialize)(void);
    const char *(*last_error)(void);
    void *(*xmlopt_new)(void *config, void *priv, void *xmlns, void *abi,
                        void *cookie, void *job);
    void *(*parse)(const char *xml, void *xmlopt, void *opaque,
                   unsigned flags);
    void (*free)(void *def);
} libvirt;

static bool find(const char *name, void *pointer)
{
    void *symbol = dlsym(libvirt.library, name);

    if (!symbol)
        fprintf(stderr, "libvirt: it has no %s\n", name);
    *(void **)pointer = symbol;
    return symbol;
}

static bool open_libvirt(void)
{
    libvirt.library = dlopen("libvirt.so.0", RTLD_NOW);
    if (!libvirt.library) {
        fprintf(stderr, "libvirt: %s\n", dlerror());
        return false;
    }
    if (!find("virInitialize", &libvirt.initialize) ||
        !find("virGetLastErrorMessage", &libvirt.last_error) ||
        !find("virDomainXMLOptionNew", &libvirt.xmlopt_new) ||
        !find("virDomainDefParseString", &libvirt.parse) ||
        !find("virDomainDefFree", &libvirt.free) || libvirt.initialize())
        return false;
    libvirt.xmlopt = libvirt.xmlopt_new(NULL, NULL, NULL, NULL, NULL, NULL);
    return libvirt.xmlopt;
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool read_ours(struct xldm_ctx *ctx, const char *text, size_t size,
                      double *us)
{
    double start = now_us();
    struct xldm_domain *dom = xldm__domain_read_memory(ctx, text, size, "-");

    xldm_domain_free(dom);
    *us = now_us() - start;
    return dom;
}

static bool read_theirs(const char *text, double *us)
{
    double start = now_us();
    void *def = libvirt.parse(text, libvirt.xmlopt, NULL, INACTIVE);

    if (def)
        libvirt.free(def);
    else
        fprintf(stderr, "libvirt: %s\n", libvirt.last_error());
    *us = now_us() - start;
    return def;
}

int main(int argc, char **argv)
{
    static double ours[ROUNDS], theirs[ROUNDS];
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    size_t size;
    char *text = ctx && argc == 2 ? xldm__file_read(ctx, argv[1], &size) : NULL;

    if (!text) {
        fprintf(stderr, "usage: libvirt FILE.xml\n");
        return 2;
    }
    if (!open_libvirt())
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        if (!read_ours(ctx, text, size, &ours[i]) ||
            !read_theirs(text, &theirs[i]))
            return 1;
    }
    qsort(ours, ROUNDS, sizeof(*ours), compare);
    qsort(theirs, ROUNDS, sizeof(*theirs), compare);
    printf("%.1f %.1f\n", ours[ROUNDS / 2], theirs[ROUNDS / 2]);
    free(text);
    xldm_ctx_free(ctx);
    return 0;
}

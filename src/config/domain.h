/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A description: libxl's config, and the devices with their affinities. */
#ifndef XLDM_DOMAIN_H
#define XLDM_DOMAIN_H

#include "devices/class.h"

enum xldm__isolate {
    XLDM__ISOLATE_NONE,
    XLDM__ISOLATE_CLASS,
    XLDM__ISOLATE_CONTROLLER,
};

/* One thing that <xldm:config> says. */
enum xldm__exact_kind {
    XLDM__EXACT_UNSET, /* libxl's default, whatever the elements mean */
    XLDM__EXACT_VALUE,
    XLDM__EXACT_LIST, /* in place of what there is; items follow */
    XLDM__EXACT_ITEM,
};

struct xldm__exact {
    enum xldm__exact_kind kind;
    char *key, *text;
    struct xldm_loc loc;
};

struct xldm_domain {
    libxl_domain_config cfg; /* complete: devices were copied into it */
    struct xldm__device *devices; /* in the file's order */
    char *file;
    struct xldm_loc loc; /* <domain> */
    struct xldm_loc memory_loc;
    enum xldm__isolate isolate;
    char *emulator;      /* QEMU of groups that name none; NULL: libxl's */
    struct xldm_loc emulator_loc;
    xldm_dm_affinity primary; /* of the primary as a whole; group: "primary",
                                 or NULL if nothing is said of it */
    struct xldm_loc primary_loc;
    struct xldm_loc map_loc; /* an affinity map among <xen:arg>s */
    struct xldm__exact *exact;
    int nexact;
};

/* libxl's defaults, and what xl sets of its own accord. */
void xldm__config_init(libxl_domain_config *cfg);
struct xldm_domain *xldm__domain_new(const char *file);

/* Could libxl build it?  What readers make sure of, and programs may not. */
bool xldm__domain_check(struct xldm_ctx *ctx, const struct xldm_domain *dom);
/* The QEMU of groups that name none. */
const char *xldm__domain_emulator(const struct xldm_domain *dom);

/* Appends a device of this class, initialised; NULL when out of memory. */
struct xldm__device *xldm__domain_add(struct xldm_domain *dom,
                                      const struct xldm__class *class);

/* The name of dev on the command line ("hda" for xvda); buf may hold it. */
const char *xldm__device_identity(const struct xldm__device *dev, char *buf,
                                  size_t size);

void xldm__domain_remove(struct xldm_domain *dom, struct xldm__device *dev);

/* finish()es every device and copies it into cfg; reports all that is
 * wrong with them. */
bool xldm__domain_finish(struct xldm_ctx *ctx, struct xldm_domain *dom);

/* Affinities that stand as a map among the device model's arguments. */
bool xldm__domain_map(struct xldm_ctx *ctx, struct xldm_domain *dom);

/* How messages call it: <disk>, or disk of xl.cfg. */
struct xldm__word {
    char text[64];
};
struct xldm__word xldm__device_word(const struct xldm__device *dev);

/* Tells its id from the same one of a device before it. */
void xldm__device_number(const struct xldm_domain *dom,
                         struct xldm__device *dev);

bool xldm__affinity_says(const xldm_dm_affinity *a); /* anything */
/* An emulator that is xldm-dm stands for libxl's own QEMU: frees it. */
void xldm__emulator_normalise(char **path);

void xldm__affinity_dispose(xldm_dm_affinity *a);

#endif

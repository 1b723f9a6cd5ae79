/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plan, and the splitter that makes it: one unsplit QEMU command line
 * (ours or libxl's) and a wish for each device, into one command line a
 * group.  Pure: no Xen, no clock, no environment.
 */
#ifndef XLDM_PLAN_H
#define XLDM_PLAN_H

#include "config/domain.h"
#include "dm/range.h"

/*
 * A group's argv is ready to run but for its placeholders.  With one group it
 * is the unsplit argv, with an addr= for each PCI -device if one is pinned.
 * With several, each has -S and one QMP socket of ours
 * ("socket,id=xldm,fd=@FD@"), every PCI -device an explicit addr=, and a
 * restricted secondary the sandbox of split.c, with @ROOT@ and @RUNAS@.
 */
struct xldm__group {
    const char *name;
    bool primary;
    bool restricted;      /* own uid, empty chroot, -xen-domid-restrict */
    const char *emulator; /* absolute path */
    enum xldm_on_crash on_crash;
    struct xldm__argv argv; /* argv[0] is the emulator */
    struct xldm__ranges claims;
    /* Window of its VRAM and ROMs, guest-physical bytes; size 0: none. */
    uint64_t ram_first, ram_size;
    uint64_t memory_mib; /* its -m */
};

/* Does its QEMU serve the PV halves of its own devices?  That takes rights
 * which a restricted one has not: /dev/xen/gntdev, xenstore. */
static inline bool xldm__group_serves(const struct xldm__group *g)
{
    return !g->primary && !g->restricted;
}

struct xldm__planned { /* one device */
    const struct xldm__class *class;
    const char *id;
    const char *controller;
    const struct xldm__group *group;
    int devfn; /* device << 3 | function on bus 0; -1: none */
    const struct xldm__claim *claims[2]; /* its controller's; its own; NULL */
    bool pinned; /* at the slot that was asked for */
    bool movable; /* has a slot of its own, which might be asked for */
    unsigned element; /* as in struct xldm__device */
    struct xldm_loc loc;
    const char *pv; /* group whose QEMU serves the PV half, or NULL */
};

struct xldm_plan {
    struct xldm__arena arena;
    struct xldm__arena source; /* of the unsplit argv, if we emitted it */
    const char *domain;
    struct xldm__group groups[XLDM_MAX_GROUPS]; /* primary first, then by name */
    size_t ngroups;
    struct xldm__planned *devices;
    size_t ndevices;
    bool pinned; /* a device is: one QEMU too must be told its slots */
    struct xldm__place { /* a controller that might be pinned */
        const struct xldm__controller *row;
        int devfn;
    } *places;
    size_t nplaces;
    /* Split only: what the broker of xldm-dm owns, and no group. */
    struct xldm__ranges broadcast;
    /* Split only: values of the -chardev options that are libxl's own
     * sockets.  They are in no group's argv: xldm-dm serves them. */
    const char *links[4];
    size_t nlinks;
};

struct xldm__wish {
    const char *id; /* as canonical() gives it; "": the primary as a whole */
    const xldm_dm_affinity *affinity;
    struct xldm_loc loc;
    const struct xldm__class *class; /* NULL: the id says it all */
    /* of a device that no argument tells of (struct xldm__device), else
     * NULL */
    const char *controller;
    unsigned pin; /* as in struct xldm__device */
    struct xldm_loc pin_loc;
};

struct xldm__split {
    const char *domain;         /* name, for messages */
    const char *const *argv;    /* unsplit, argv[0] included */
    size_t argc;
    const struct xldm__wish *wishes;
    size_t nwishes;
    enum xldm__isolate isolate;
    const char *emulator; /* of groups that name none */
};

/*
 * NULL once everything that is wrong has been reported.  A wish that no
 * device of argv has is a note.  The plan points into in's argv and wishes:
 * they must outlive it.
 */
struct xldm_plan *xldm__plan_split(struct xldm_ctx *ctx,
                                   const struct xldm__split *in);

/*
 * What one option is about; the index of its class.  seen: how many devices
 * each class has so far; NULL: none.
 */
size_t xldm__part_of(const struct xldm__option *option,
                     struct xldm__arena *arena, const unsigned *seen,
                     struct xldm__part *part);

/* [A-Za-z0-9_.-]{1,64} */
bool xldm__group_name_ok(const char *name);

/* The argv that ctx's libxl would build for cfg.  domid < 0: @DOMID@ */
void xldm__emit_argv(const struct xldm_ctx *ctx, const libxl_domain_config *cfg,
                     const char *emulator, int domid, struct xldm__argv *argv);

/*
 * The affinity map, as it travels in device_model_args_hvm after
 * XLDM__MAP_OPTION:  group=device,device;group=device,!emulator=PATH
 * with !onCrash= and !restrict= likewise.  device@SLOT, in hexadecimal, or
 * device@SLOT.FUNCTION: it is pinned to that PCI slot.  A value's ',' ';' '%'
 * '=' and '@' are written %XX.  Without a group it is about devices that name
 * none.
 */
#define XLDM__MAP_OPTION "-xldm-groups"
extern const struct xldm__name xldm__on_crash_names[];
extern const struct xldm__name xldm__restrict_names[];
const char *xldm__map_write(struct xldm__arena *arena,
                            const struct xldm_plan *plan);
/* Pieces of it: a value; "@5"; ",!word=value" for all that is said of a
 * group. */
const char *xldm__map_word(struct xldm__arena *a, const char *s);
const char *xldm__map_pin(struct xldm__arena *a, unsigned devfn);
/* "1d.7", "0x1d.0x7" or "5", all hexadecimal as QEMU reads them; or -1 */
int xldm__devfn_parse(const char *s);
const char *xldm__map_attributes(struct xldm__arena *a,
                                 const xldm_dm_affinity *affinity);
/* what and loc: of the map, for messages */
bool xldm__map_read(struct xldm_ctx *ctx, struct xldm__arena *arena,
                    const char *map, const char *what, struct xldm_loc loc,
                    struct xldm__wish **wishes, size_t *n);

/* A word that stands for what only the start knows: @DOMID@ @FD@ @RUNAS@
 * @ROOT@.  Returns s with it replaced. */
const char *xldm__substitute(struct xldm__arena *arena, const char *s,
                             const char *word, const char *value);

#endif

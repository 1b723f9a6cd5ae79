/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xldm.h: run the emulated devices of one Xen HVM guest in several QEMUs.
 *
 * Ownership: *_new() and *_read*() give the caller an object to free with the
 * matching *_free().  Any other pointer is borrowed from the object it was
 * asked of and dies with it.  *_free(NULL) does nothing.
 *
 * Errors: false or NULL means that at least one XLDM_ERROR went to the
 * handler; where an argument is NULL that may not be, too, though a NULL ctx has
 * no handler.  All independent errors of an input are reported, not only the
 * first.  The library never prints, never exits and keeps no global state.
 *
 * Threads: an xldm_ctx and what was made from it belong to one thread at a
 * time.
 *
 * Signals: what needs Xen lets libxl fork, in a libxl_ctx of its own if none was
 * lent (xldm_ctx_use_libxl()).  libxl ends a program that has a SIGCHLD handler
 * then; see libxl_childproc_setmode().
 *
 * Words (group, primary, dm-affinity, claim, plan): see doc/design.md.
 */
#ifndef XLDM_H
#define XLDM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <libxl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XLDM_API __attribute__((visibility("default")))

/*
 * QEMUs of one domain, the primary included.  Xen gives a domain 8 ioreq
 * servers (xen/include/xen/sched.h, MAX_NR_IOREQ_SERVERS); one of them is
 * kept for the unplug broker.
 */
#define XLDM_MAX_GROUPS 7

/* ------------------------------------------------------- messages ---- */

enum xldm_severity { XLDM_ERROR, XLDM_WARNING, XLDM_NOTE };

struct xldm_loc {
    const char *file; /* NULL: no file, as for a running domain */
    int line;         /* from 1; 0: unknown */
};

struct xldm_diag {
    enum xldm_severity severity;
    struct xldm_loc loc;
    const char *text; /* one line, without "error:", without newline */
};

/* Called once a message; diag and its strings live only during the call. */
typedef void xldm_diag_fn(void *arg, const struct xldm_diag *diag);

struct xldm_ctx;

/* report may be NULL: messages are then lost.  NULL when out of memory. */
XLDM_API struct xldm_ctx *xldm_ctx_new(xldm_diag_fn *report, void *arg);
XLDM_API void xldm_ctx_free(struct xldm_ctx *ctx);

/*
 * The libxl whose rules hold and whose command line is built.  4.20: with a
 * QEMU that has -run-with, as the one of the same Debian has.
 */
enum xldm_libxl {
    XLDM_LIBXL_BUILT, /* the one that this library was built against */
    XLDM_LIBXL_4_17,
    XLDM_LIBXL_4_20,
};

/* Before anything is read.  Without it: XLDM_LIBXL_BUILT. */
XLDM_API void xldm_ctx_set_libxl(struct xldm_ctx *ctx,
                                 enum xldm_libxl version);

/*
 * A program that has a libxl_ctx lends it here; NULL takes it back.  It is used
 * for the devices of running domains alone, whose ao_how then is as libxl's: the
 * event comes to that libxl_ctx.  libxl's messages go to its logger.  Both ctx
 * and libxl_ctx must live until every operation with an ao_how is over.
 */
XLDM_API void xldm_ctx_use_libxl(struct xldm_ctx *ctx, libxl_ctx *libxl);

/* ---------------------------------------------------- dm-affinity ---- */

/* What becomes of a group whose QEMU died.  The guest itself is told nothing:
 * a detached device reads all-ones, as an empty slot does. */
enum xldm_on_crash {
    XLDM_ON_CRASH_DEFAULT, /* no opinion; as detach */
    XLDM_ON_CRASH_DETACH,
    XLDM_ON_CRASH_RESTART,
    XLDM_ON_CRASH_PAUSE,
    XLDM_ON_CRASH_DESTROY,
};

enum xldm_restrict {
    XLDM_RESTRICT_DEFAULT, /* no opinion; as yes, but for a group that has a
                            * device of the host as no, with a note */
    XLDM_RESTRICT_YES,     /* own uid, empty chroot, this domain only */
    XLDM_RESTRICT_NO,
};

/*
 * The QEMU that emulates a device.  group: NULL, "primary", "own" (a group
 * for this device's controller alone) or a name of [A-Za-z0-9_.-]{1,64}.
 * The rest concerns the group, and may stand on any of its devices.
 * Strings are malloc'ed and owned by the struct.
 */
typedef struct xldm_dm_affinity {
    char *group;
    char *emulator; /* absolute path of the group's QEMU */
    enum xldm_on_crash on_crash;
    enum xldm_restrict restrict_;
} xldm_dm_affinity;

/*
 * libxl's devices, each extended by its dm-affinity.
 *
 * _init: as libxl's, and no affinity.  _dispose: frees all that it holds, also
 * of one that is blank; _init it before it is used again.  _copy: dst need not
 * be initialised; if it fails dst is blank.  _list_free: of a list of num that
 * a call below returned; NULL is nothing.
 *
 * Of an HVM guest libxl takes the display from b_info.u.hvm.vnc and .sdl, and
 * there is one: xldm_device_vfb stands for those.
 */
typedef struct xldm_device_disk {
    libxl_device_disk libxl;
    xldm_dm_affinity dm_affinity;
} xldm_device_disk;

typedef struct xldm_device_nic {
    libxl_device_nic libxl;
    xldm_dm_affinity dm_affinity;
} xldm_device_nic;

typedef struct xldm_device_vfb {
    libxl_device_vfb libxl;
    xldm_dm_affinity dm_affinity;
} xldm_device_vfb;

typedef struct xldm_device_pci {
    libxl_device_pci libxl;
    xldm_dm_affinity dm_affinity;
} xldm_device_pci;

#define XLDM_DEVICE_(kind)                                                     \
    XLDM_API void xldm_device_##kind##_init(xldm_device_##kind *dev);          \
    XLDM_API void xldm_device_##kind##_dispose(xldm_device_##kind *dev);       \
    XLDM_API bool xldm_device_##kind##_copy(struct xldm_ctx *ctx,              \
                                            xldm_device_##kind *dst,           \
                                            const xldm_device_##kind *src);    \
    XLDM_API void xldm_device_##kind##_list_free(xldm_device_##kind *list,     \
                                                 int num);
XLDM_DEVICE_(disk)
XLDM_DEVICE_(nic)
XLDM_DEVICE_(vfb)
XLDM_DEVICE_(pci)
#undef XLDM_DEVICE_

/* ---------------------------------------------------- description ---- */

struct xldm_domain;

/*
 * A description of a program's own: an HVM guest of this name with xl's
 * defaults, and no devices but those that libxl gives every guest (a VNC
 * display, a VGA card).
 */
XLDM_API struct xldm_domain *xldm_domain_new(struct xldm_ctx *ctx,
                                             const char *name);
/*
 * The same of libxl's own config, which is taken over: config is blank then, as
 * after libxl_domain_config_init(), also if this failed.  Groups are read from
 * the device model arguments, where there are any.
 */
XLDM_API struct xldm_domain *
xldm_domain_from_config(struct xldm_ctx *ctx, libxl_domain_config *config);
/*
 * libxl's part of a description, borrowed: for c_info, b_info and the on_
 * actions.  Disks, nics, displays and PCI devices go in and out by the calls
 * below alone, for their groups would be lost.
 */
XLDM_API libxl_domain_config *xldm_domain_config(struct xldm_domain *dom);

/*
 * Devices of a description, before there is a domain.
 *
 * _add: puts a copy into it; the caller goes on owning dev.  A nic without a
 * devid is given one, in dev too.  Refused: what is there already, what libxl
 * would not take, what is no group.  Whether the groups can be is
 * xldm_plan_new()'s to say.
 * _remove: the device of that name: vdev, devid, PCI address; the display.
 * _list: copies, for xldm_device_KIND_list_free().  NULL: there are none, *num
 * is 0; or it failed, *num is -1.
 */
#define XLDM_DOMAIN_(kind)                                                     \
    XLDM_API bool xldm_domain_##kind##_add(struct xldm_ctx *ctx,               \
                                           struct xldm_domain *dom,            \
                                           xldm_device_##kind *dev);           \
    XLDM_API bool xldm_domain_##kind##_remove(struct xldm_ctx *ctx,            \
                                              struct xldm_domain *dom,         \
                                              const xldm_device_##kind *dev);  \
    XLDM_API xldm_device_##kind *xldm_domain_##kind##_list(                    \
        struct xldm_ctx *ctx, const struct xldm_domain *dom, int *num);
XLDM_DOMAIN_(disk)
XLDM_DOMAIN_(nic)
XLDM_DOMAIN_(vfb)
XLDM_DOMAIN_(pci)
#undef XLDM_DOMAIN_

/*
 * Reads a description.  path "-" is standard input.
 * _xml: libvirt-style XML (doc/xml.md).  _cfg: xl's own format, xl.cfg(5), with
 * the meaning xl 4.17 gives it, and dm_groups and dm_isolate.  xldm_domain_read
 * takes a text that begins with '<' (after blanks) for XML, any other for
 * xl.cfg.
 */
XLDM_API struct xldm_domain *xldm_domain_read(struct xldm_ctx *ctx,
                                              const char *path);
XLDM_API struct xldm_domain *xldm_domain_read_xml(struct xldm_ctx *ctx,
                                                  const char *path);
XLDM_API struct xldm_domain *xldm_domain_read_cfg(struct xldm_ctx *ctx,
                                                  const char *path);
/*
 * Writes a description as XML (doc/xml.md) that xldm_domain_read_xml() reads
 * to the same one: the same libxl_domain_config, the same affinities.  libvirt's
 * elements say what they can, <xldm:config> the rest.  false: it has a value
 * that XML has no word for, or writing to out failed; it was reported.
 */
XLDM_API bool xldm_domain_write_xml(struct xldm_ctx *ctx,
                                    const struct xldm_domain *dom, FILE *out);
/*
 * Writes a description as xl.cfg, with dm_groups and dm_isolate: read again,
 * by xl or by us, it is the same.  What xl.cfg cannot say is reported with its
 * line: a warning if what is written is next to it, else an error, and false
 * with nothing written.
 */
XLDM_API bool xldm_domain_write_cfg(struct xldm_ctx *ctx,
                                    const struct xldm_domain *dom, FILE *out);
XLDM_API void xldm_domain_free(struct xldm_domain *dom);
/* As the description has it. */
XLDM_API const char *xldm_domain_name(const struct xldm_domain *dom);

/* ----------------------------------------------------------- plan ---- */

enum xldm_space {
    XLDM_PORT,   /* I/O ports, 0 to 0xffff */
    XLDM_MEMORY, /* guest-physical addresses */
    XLDM_PCI,    /* segment << 16 | bus << 8 | device << 3 | function */
};

/* first and last are both inside: inclusive, as in xendevicemodel.h. */
struct xldm_range {
    enum xldm_space space;
    uint64_t first, last;
};

struct xldm_plan;

/*
 * Resolves a description: which QEMU emulates what, with which arguments and
 * which claims.  Pure: looks at nothing but dom, which must outlive the plan.
 * domid < 0: unknown, and stands as @DOMID@ in the arguments.
 */
XLDM_API struct xldm_plan *xldm_plan_new(struct xldm_ctx *ctx,
                                         const struct xldm_domain *dom,
                                         int domid);
XLDM_API void xldm_plan_free(struct xldm_plan *plan);

/* What a plan says; all that is returned is the plan's.  The primary group
 * comes first, the others by name. */
struct xldm_group;
struct xldm_planned; /* a device in a plan */

XLDM_API size_t xldm_plan_groups(const struct xldm_plan *plan); /* how many */
/* i: from 0; NULL behind the last one */
XLDM_API const struct xldm_group *xldm_plan_group(const struct xldm_plan *plan,
                                                  size_t i);
/* "primary", what the description has, or a controller's or class's name */
XLDM_API const char *xldm_group_name(const struct xldm_group *group);
XLDM_API bool xldm_group_is_primary(const struct xldm_group *group);
/* XLDM_RESTRICT_YES, said or by default; false of the primary, which libxl's
 * dm_restrict rules. */
XLDM_API bool xldm_group_is_restricted(const struct xldm_group *group);
/* XLDM_ON_CRASH_DEFAULT where nobody has said; always so of the primary. */
XLDM_API enum xldm_on_crash
xldm_group_on_crash(const struct xldm_group *group);
/* The path of its QEMU; libxl's default one where nobody has said. */
XLDM_API const char *xldm_group_emulator(const struct xldm_group *group);
/* The QEMU's whole command line; ends with NULL. */
XLDM_API const char *const *xldm_group_argv(const struct xldm_group *group);
/* What it answers, *num of them: ascending in each space, and merged. */
XLDM_API const struct xldm_range *
xldm_group_ranges(const struct xldm_group *group, size_t *num);

XLDM_API size_t xldm_plan_devices(const struct xldm_plan *plan); /* how many */
/* i: from 0; NULL behind the last one */
XLDM_API const struct xldm_planned *
xldm_plan_device(const struct xldm_plan *plan, size_t i);
/* kind and id as in doc/json.md */
XLDM_API const char *xldm_planned_kind(const struct xldm_planned *dev);
XLDM_API const char *xldm_planned_id(const struct xldm_planned *dev);
XLDM_API const struct xldm_group *
xldm_planned_group(const struct xldm_planned *dev);
/* The PCI function that the guest sees, as XLDM_PCI counts them; -1: none. */
XLDM_API int xldm_planned_pci(const struct xldm_planned *dev);
/* Where the description has it; line 0 where no line stands for it. */
XLDM_API struct xldm_loc xldm_planned_loc(const struct xldm_planned *dev);

enum xldm_format { XLDM_FORMAT_TEXT, XLDM_FORMAT_JSON, XLDM_FORMAT_ARGV };

/* false: writing to out failed, errno tells why. */
XLDM_API bool xldm_plan_print(const struct xldm_plan *plan,
                              enum xldm_format format, FILE *out);

/*
 * Records in the XML file at path, of which the plan was made, the PCI address
 * of every device, so that a later change of other devices leaves it where it
 * is.  Nothing is written if all are recorded.
 */
XLDM_API bool xldm_plan_write(struct xldm_ctx *ctx,
                              const struct xldm_plan *plan, const char *path);

/* -------------------------------------------------------- running ---- */

/*
 * Builds and starts the domain through libxl.  Needs root and Xen.  On
 * success *domid_out is its id; the domain runs, or is paused if paused is
 * true.  On failure nothing of it is left.  The caller watches the domain
 * (xldm_domain_supervise()) or leaves on_reboot and the like undone.
 */
XLDM_API bool xldm_domain_create(struct xldm_ctx *ctx, struct xldm_domain *dom,
                                 bool paused, uint32_t *domid_out);

/* Carries out on_poweroff, on_reboot, on_crash and soft reset as xl's daemon
 * does; returns when the domain is gone. */
XLDM_API bool xldm_domain_supervise(struct xldm_ctx *ctx,
                                    struct xldm_domain *dom, uint32_t domid);

/* Ends it at once, whoever started it, and waits for the end of its processes;
 * one that takes longer than 10 s is killed.  domain: its name or number. */
XLDM_API bool xldm_domain_destroy(struct xldm_ctx *ctx, const char *domain);

/* All domains of this machine, to out.  XLDM_FORMAT_JSON is documented in
 * doc/json.md; any other format is text: one line a domain, one below it for
 * each QEMU of a split one. */
XLDM_API bool xldm_domain_list(struct xldm_ctx *ctx, enum xldm_format format,
                               FILE *out);

/*
 * All that is known of a running domain's QEMUs.  XLDM_FORMAT_JSON is
 * documented in doc/json.md; any other format is text for people.  domain: its
 * name or number.  An xldm-dm that does not answer in 10 s is an error.
 */
XLDM_API bool xldm_domain_show(struct xldm_ctx *ctx, const char *domain,
                               enum xldm_format format, FILE *out);

/*
 * Devices of a domain that runs, whoever started it; as libxl's calls of these
 * names, which do the plugging.  doc/devices.md says what can be plugged, and
 * what a reboot keeps: what cannot is refused with the reason.
 *
 * _add: into the group that dev names, which is started if there is none of the
 * name; no group is as libxl alone would do it.  What libxl chose (a devid) is in
 * dev then.  false: nothing of it is left.
 * _remove: dev as _add had it, or as _list gives it.
 * _list: what libxl's record has; as xldm_domain_KIND_list().
 * ao_how: NULL waits until it is done; else as libxl's, and needs
 * xldm_ctx_use_libxl().  A callback comes, in the thread that libxl calls it in,
 * when nothing is left of what failed; see doc/devices.md for events.  The wait
 * for xldm-dm, a minute at most while a QEMU starts, is before that.
 */
#define XLDM_DEVICE_(kind)                                                     \
    XLDM_API bool xldm_device_##kind##_add(struct xldm_ctx *ctx,               \
                                           uint32_t domid,                     \
                                           xldm_device_##kind *dev,            \
                                           const libxl_asyncop_how *ao_how);   \
    XLDM_API bool xldm_device_##kind##_remove(                                 \
        struct xldm_ctx *ctx, uint32_t domid, const xldm_device_##kind *dev,   \
        const libxl_asyncop_how *ao_how);                                      \
    XLDM_API xldm_device_##kind *xldm_device_##kind##_list(                    \
        struct xldm_ctx *ctx, uint32_t domid, int *num);
XLDM_DEVICE_(disk)
XLDM_DEVICE_(nic)
XLDM_DEVICE_(vfb)
XLDM_DEVICE_(pci)
#undef XLDM_DEVICE_

/* The same by an XML document, which is the element that would stand in
 * <devices>; path "-" is standard input.  domain: its name or number. */
XLDM_API bool xldm_domain_attach(struct xldm_ctx *ctx, const char *domain,
                                 const char *path);
/* id: its name in a plan, as hda, nic0, 0000:03:00.0. */
XLDM_API bool xldm_domain_detach(struct xldm_ctx *ctx, const char *domain,
                                 const char *id);

/* A new QEMU for this group of a split domain; not for the primary.  The guest
 * stands meanwhile; it takes a minute at most. */
XLDM_API bool xldm_domain_restart_group(struct xldm_ctx *ctx,
                                        const char *domain, const char *group);

#ifdef __cplusplus
}
#endif
#endif

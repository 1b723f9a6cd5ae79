/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The xl.cfg reader: libxlutil does the syntax, key tables the meaning. */
#ifndef XLDM_CFG_H
#define XLDM_CFG_H

#include <libxlutil.h>
#include <stdio.h>

#include "config/domain.h"

/* One key of the file and where its value stands; the last one counts. */
struct xldm__setting {
    char *key;
    struct xldm_loc loc;
    bool list;
    int *lines; /* of the items of a list */
    size_t nlines;
};

/* Of who wants to know more than the description. */
struct xldm__cfg_view {
    const char *without[2]; /* as if the file did not set these keys; NULL */
    /* text: NULL if it is a list */
    void (*setting)(void *arg, const char *key, const char *text,
                    struct xldm_loc loc);
    void *arg;
};

/* libxlutil's error that the scanner finds itself */
#define XLDM__CFG_NO_SUM "can't add [list] to \"string\" or vice versa"
#define XLDM__CFG_ERRORS 20 /* of words; more are not looked for */

struct xldm__cfg {
    struct xldm_ctx *ctx;
    struct xldm_domain *dom;
    XLU_Config *xlu;
    struct xldm__setting *settings; /* in the file's order */
    size_t n;
    FILE *report; /* libxlutil's, into said; read: what was passed on */
    char *said;
    size_t size, read;
    const struct xldm__cfg_view *view; /* NULL */
    bool full; /* there are as many devices as can be */
    bool old_map; /* its devices may be gone */
    /* Lines of what is no word of xl.cfg; in the text now stands a harmless
     * word instead, so that libxlutil can read on. */
    int bad_lines[XLDM__CFG_ERRORS];
    unsigned nbad;
    struct xldm_loc open; /* of a list that is not closed; line 0: none is */
    int end; /* libxlutil read no further than this line; 0: all */
};

enum xldm__key_kind {
    XLDM__KEY_AS_IS,   /* of as: XML says it as the key's own kind does */
    XLDM__KEY_STRING,  /* char * */
    XLDM__KEY_LONG,    /* an integer of 4 or 8 bytes */
    XLDM__KEY_MIB,     /* the same, kept as KiB */
    XLDM__KEY_DEFBOOL, /* libxl_defbool */
    XLDM__KEY_ENUM,    /* by names */
    XLDM__KEY_MODE,    /* by names, or as a number, of which why warns */
    XLDM__KEY_LIST,    /* libxl_string_list */
    XLDM__KEY_BITMAP,  /* libxl_bitmap; of XML only, as are those below */
    XLDM__KEY_KIB,     /* an integer that is KiB in libxl and here */
    XLDM__KEY_ITEMS,   /* a list; item() reads each */
    XLDM__KEY_CUSTOM,  /* set() does it */
    XLDM__KEY_LATER,   /* read once all others are: finish, from_cfg() */
    XLDM__KEY_IGNORED, /* xl ignores it too; why */
    XLDM__KEY_REFUSED, /* why */
};

struct xldm__cfg_out;

/* A row is about one key.  What is reported as an error is false; what xl
 * goes on past is a warning, and true. */
struct xldm__key { /* ends with a NULL key */
    const char *key;
    enum xldm__key_kind kind;
    size_t offset, size; /* in libxl_domain_config */
    const libxl_enum_string_table *names;
    bool (*item)(struct xldm__cfg *cfg, const struct xldm__setting *s,
                 const char *text, struct xldm_loc loc);
    bool (*set)(struct xldm__cfg *cfg, const struct xldm__setting *s);
    const char *why;
    /* <xldm:config> of XML, where libvirt has no element (config/exact.c): */
    enum xldm__key_kind as; /* how it says the member, if not by kind */
    /* The i-th text that item() takes; NULL: no more. */
    const char *(*get)(struct xldm__arena *a, const libxl_domain_config *cfg,
                       size_t i);
    /* How xl.cfg is written, if not by get, as and kind (write_cfg.h). */
    void (*write)(struct xldm__cfg_out *o, const struct xldm__key *row);
};

#define XLDM__CFG(member)                                                     \
    .offset = offsetof(libxl_domain_config, member),                          \
    .size = sizeof(((libxl_domain_config *)0)->member)

/* cfg.c: as xldm__cfg_read_memory() */
struct xldm_domain *xldm__cfg_read_view(struct xldm_ctx *ctx,
                                        const char *text, size_t size,
                                        const char *file,
                                        const struct xldm__cfg_view *view);

/* NULL if the file does not set it. */
const struct xldm__setting *xldm__cfg_find(const struct xldm__cfg *cfg,
                                           const char *key);
/* Where it is set, else the description's own place. */
struct xldm_loc xldm__cfg_loc(const struct xldm__cfg *cfg, const char *key);
/* Passes on what libxlutil said since the last time. */
void xldm__cfg_relay(struct xldm__cfg *cfg, enum xldm_severity severity,
                     struct xldm_loc loc, const char *after);

/* cfg_value.c: false if it is not set or xl would go on without it, which
 * was reported as a warning then. */
bool xldm__cfg_string(struct xldm__cfg *cfg, const struct xldm__setting *s,
                      const char **value);
bool xldm__cfg_long(struct xldm__cfg *cfg, const struct xldm__setting *s,
                    long *value);
/* The same for a key; NULL if there is none. */
const char *xldm__cfg_text(struct xldm__cfg *cfg, const char *key);
/* Calls row->item for each item of a list. */
bool xldm__cfg_items(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row);
bool xldm__cfg_strings(struct xldm__cfg *cfg, const struct xldm__setting *s,
                       libxl_string_list *out);
/* Without the blanks at its ends; in place. */
char *xldm__cfg_trim(char *text);
/* The value of a name, as libxl reads it; -1: not in names.  The name of a
 * value; NULL: it has none.  names may be NULL there. */
int xldm__cfg_name(const libxl_enum_string_table *names, const char *text);
const char *xldm__cfg_name_of(const libxl_enum_string_table *names, int value);
bool xldm__cfg_not_accepted(struct xldm__cfg *cfg, struct xldm_loc loc,
                            const char *key, const char *text,
                            const libxl_enum_string_table *names);
bool xldm__cfg_apply(struct xldm__cfg *cfg, const struct xldm__setting *s,
                     const struct xldm__key *row);

/* A device that is read from this key, of which nothing is left to finish;
 * NULL once it has been reported that there are too many. */
struct xldm__device *xldm__cfg_device(struct xldm__cfg *cfg,
                                      const struct xldm__class *class,
                                      const char *key, struct xldm_loc loc);

/* cfg_text.c: the text as libxlutil takes it; NULL: reported.  The caller's. */
char *xldm__cfg_text_new(struct xldm_ctx *ctx, const char *text, size_t size,
                         const char *file, size_t *out_size);
/* cfg_scan.c: where each key is.  False: so wrong that libxlutil need not see
 * it. */
bool xldm__cfg_scan(struct xldm__cfg *cfg, char *text, size_t size);

/* cfg_machine.c: keys that are no device's */
extern const struct xldm__key xldm__machine_keys[];
bool xldm__machine_type(struct xldm__cfg *cfg);
bool xldm__machine_finish(struct xldm__cfg *cfg);

/* cfg_hvm.c, cfg_cpu.c, cfg_range.c, cfg_pv.c: for its rows */
#define XLDM__SET(name)                                                       \
    bool xldm__cfg_set_##name(struct xldm__cfg *cfg,                          \
                              const struct xldm__setting *s)
#define XLDM__ITEM(name)                                                      \
    bool xldm__cfg_item_##name(struct xldm__cfg *cfg,                         \
                               const struct xldm__setting *s,                 \
                               const char *text, struct xldm_loc loc)
#define XLDM__GET(name)                                                       \
    const char *xldm__cfg_get_##name(struct xldm__arena *a,                   \
                                     const libxl_domain_config *cfg,          \
                                     size_t i)
#define XLDM__ITEM_GET(name) XLDM__ITEM(name); XLDM__GET(name)

XLDM__SET(uuid);
XLDM__SET(viridian);
XLDM__SET(mmio_hole);
XLDM__SET(ms_vm_genid);
XLDM__SET(firmware);
XLDM__SET(gfx_passthru);
XLDM__SET(bootloader_args);
XLDM__SET(frames);
XLDM__SET(altp2mhvm);
XLDM__SET(msr_relaxed);
XLDM__SET(device_model);
XLDM__SET(device_model_version);
XLDM__SET(stubdomain);
XLDM__SET(rdm);
XLDM__SET(cpuid);
XLDM__SET(isolate);
XLDM__ITEM_GET(cpus);
XLDM__ITEM_GET(cpus_soft);
XLDM__ITEM_GET(vnuma);
XLDM__ITEM_GET(cpuid);
XLDM__ITEM_GET(mca_caps);
XLDM__ITEM_GET(ioports);
XLDM__ITEM_GET(irqs);
XLDM__ITEM_GET(iomem);
XLDM__ITEM_GET(dtdev);
XLDM__ITEM_GET(vkb);
XLDM__ITEM_GET(p9);
XLDM__ITEM_GET(vtpm);
XLDM__ITEM_GET(pvcallsif);

#define XLDM__MAX_VCPUS 512 /* as XML's */

/* cfg_cpu.c; "3" or "1-3" */
bool xldm__cfg_bitmap(struct xldm__cfg *cfg, libxl_bitmap *map, int bits);
bool xldm__cfg_range(const char *text, unsigned long *a, unsigned long *b);
/* "all", "1-3,^2"; key is for messages. */
bool xldm__cfg_cpus(struct xldm__cfg *cfg, const char *key, const char *text,
                    struct xldm_loc loc, libxl_bitmap *map);
bool xldm__cfg_vnuma(struct xldm__cfg *cfg);
bool xldm__cfg_vcpus(struct xldm__cfg *cfg);

/* bits.c: "0-3,7", or names, into a bitmap, and back */
bool xldm__bits_set(libxl_bitmap *map, const libxl_enum_string_table *names,
                    const char *text);
const char *xldm__bits_text(struct xldm__arena *a, const libxl_bitmap *map,
                            const libxl_enum_string_table *names);

/* cfg_groups.c: dm_groups, once all devices are there */
bool xldm__cfg_groups(struct xldm__cfg *cfg);
/* ... and the map as xldm-dm gets it, which is no argument of QEMU's: out of
 * extra and extra_hvm, as setting s says it. */
bool xldm__cfg_arguments(struct xldm__cfg *cfg, const struct xldm__setting *s);

/* dialects.c: device_models, at the end; whole: all else was right */
bool xldm__cfg_device_models(struct xldm__cfg *cfg, bool whole);

#endif

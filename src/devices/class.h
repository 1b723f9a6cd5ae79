/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device class is one file of this folder that ends in one const table.
 * Generic code (XML, argv, resolver) knows these columns and no device.
 * doc/add-a-device.md walks through one.
 */
#ifndef XLDM_CLASS_H
#define XLDM_CLASS_H

#include "base/base.h"
#include "dm/option.h"

struct xldm_domain;
struct xldm__class;

/* ------------------------------------- how a device looks in XML ---- */

enum xldm__kind {
    XLDM__STRING,  /* char *, malloc'ed */
    XLDM__TEXT,    /* the same of an attribute: to the letter, even empty */
    XLDM__INT,     /* int */
    XLDM__U64,     /* uint64_t */
    XLDM__ENUM,    /* int, by names */
    XLDM__DEFBOOL, /* libxl_defbool: yes/no, on/off, 1/0, true/false */
    XLDM__PRESENT, /* libxl_defbool: true if the element is there */
    XLDM__CUSTOM,  /* set() does it */
    XLDM__IGNORED, /* accepted, and a note says why it has no effect */
    XLDM__LOST,    /* the same, which the guest will miss: a warning */
};

struct xldm__name { /* ends with a NULL name */
    const char *name;
    int value;
};

struct xldm__reader; /* src/config/xml.h */
struct xldm__cfg;    /* src/config/cfg.h */
struct xldm__key;

struct xldm__field { /* ends with a NULL path */
    const char *path; /* "source/@file", "readonly", "@type", "." its text */
    enum xldm__kind kind;
    size_t offset;
    const struct xldm__name *names; /* ENUM */
    bool required;  /* the device must have it */
    bool completes; /* its element, if there is one, must have it */
    bool many;      /* its element may stand several times */
    bool whole;     /* an attribute to the letter: blanks at its ends count */
    /* CUSTOM: false once it has reported the error at loc */
    bool (*set)(struct xldm_ctx *ctx, void *object, const char *value,
                struct xldm_loc loc);
    /* The other way, of a CUSTOM row or one of many: its i-th value; NULL: no
     * more.  xldm__skip: that element does without. */
    const char *(*get)(struct xldm__arena *a, const void *object, size_t i);
    const char *why; /* IGNORED, LOST */
};

extern const char xldm__skip[];

/* Head of every device of a description. */
struct xldm__device {
    struct xldm__device *next;
    const struct xldm__class *class;
    struct xldm_loc loc;          /* the element */
    struct xldm_loc affinity_loc; /* its <devicemodel>, else as loc */
    xldm_dm_affinity affinity;
    /* Of xl.cfg: then it is finished and in libxl's config as soon as it is
     * read.  NULL: of XML. */
    const char *key;
    unsigned element; /* which child of <devices> it is, from 1; 0: none */
    char id[64]; /* identity: hda, nic0, vnc, vga, serial0 */
    /* Of one that no argument of QEMU's tells of, because libxl plugs it in
     * later or every PC has it: what it sits on. */
    char controller[64];
    /* Where it is to be on PCI bus 0, device << 3 | function; 0, which is the
     * host bridge's: anywhere. */
    unsigned pin;
    struct xldm_loc pin_loc;
    int boot; /* <boot order='...'/>; 0: none */
};

/* boot.c; a row of the classes that have boots_as */
bool xldm__set_boot_order(struct xldm_ctx *ctx, void *object,
                          const char *value, struct xldm_loc loc);
#define XLDM__BOOT_ROW                                                        \
    { .path = "boot/@order", .kind = XLDM__CUSTOM,                            \
      .set = xldm__set_boot_order, .completes = true }

/* -------------------------- how it looks in libxl's command line ---- */

/* The order in which libxl builds QEMU's arguments: reference and oracle are
 * libxl__build_device_model_args_new() of libxl 4.17 and 4.20. */
enum xldm__stage {
    XLDM__AT_HEAD,
    XLDM__AT_CHANNEL,
    XLDM__AT_NAME,
    XLDM__AT_DISPLAY,
    XLDM__AT_KERNEL,
    XLDM__AT_SCSI,
    XLDM__AT_SERIAL,
    XLDM__AT_SPICE,
    XLDM__AT_VGA,
    XLDM__AT_BOOT,
    XLDM__AT_USB,
    XLDM__AT_SOUND,
    XLDM__AT_CPU,
    XLDM__AT_NIC,
    XLDM__AT_RESTRICT,
    XLDM__AT_EXTRA,
    XLDM__AT_MACHINE,
    XLDM__AT_AHCI,
    XLDM__AT_DISK,
    XLDM__AT_PVDEVICE,
    XLDM__AT_RUNAS,
    XLDM__AT_END,
};

struct xldm__emit {
    const libxl_domain_config *cfg;
    const char *domid; /* a number, or @DOMID@ */
    struct xldm__argv *argv;
};

struct xldm__emitter { /* ends with a NULL emit */
    enum xldm__stage stage;
    void (*emit)(struct xldm__emit *e);
    struct xldm__versions libxl;
};

/* --------------------------------- who answers what: the claims ---- */

struct xldm__claim { /* ends with a NULL source */
    enum xldm_space space;
    uint64_t first, last; /* inclusive */
    const char *source;   /* what says so */
};

/* What devices share and therefore keeps them in one group. */
struct xldm__controller { /* ends with a NULL name */
    const char *name;     /* "ide" */
    bool builtin;         /* every PC has it: the primary's if unused */
    int devfn;            /* PCI function of its devices, or -1 */
    const struct xldm__claim *claims;
    const char *primary;  /* why only the primary can have it; NULL: any can */
    const char *type, *model; /* of its <controller>; NULL: has none */
};

/* Who one option of the command line is for. */
enum xldm__owner {
    XLDM__UNKNOWN, /* not this class's */
    XLDM__PRIMARY, /* the primary's */
    XLDM__COMMON,  /* every QEMU's, unchanged */
    XLDM__LINK,    /* a socket to libxl, or a saved state: xldm-dm's in a
                    * split domain */
    XLDM__NAMED,   /* the device id's, on controller */
    XLDM__SHARED,  /* the controller's; no device of its own */
};

struct xldm__part {
    const struct xldm__option *option;
    struct xldm__arena *arena; /* for names that are made up */
    unsigned seen; /* in: devices of this class so far */
    enum xldm__owner owner;
    const char *id, *controller;
    const char *with; /* a controller whose group it needs too, or NULL */
    /* Added to the option where a state is to be loaded by a restricted QEMU,
     * which can open no file any more when the guest goes on. */
    const char *loading;
    bool pci;      /* a -device on the PCI bus: it takes a slot */
    int devfn;     /* a PCI function that it always has, without addr=; -1 */
    uint32_t slots; /* bit n: PCI slot n is taken by what the machine has */
    uint64_t ram;  /* guest pages its VRAM and option ROM take, bytes, at most */
    const struct xldm__claim *claims;
    /* The primary's too, but writes there are for every group: in a split
     * domain the broker owns them. */
    const struct xldm__claim *broadcast;
};

/* What libxl calls the PV halves of a class in xenstore:
 * /local/domain/0/backend/BACKEND/DOMID/NODE, /local/domain/DOMID/device/
 * FRONTEND/NODE. */
struct xldm__pv_nodes {
    const char *backend, *frontend;
    /* The command line's word for the device of that node; false: none. */
    bool (*identity)(const char *node, char *id, size_t size);
};

struct xldm__class {
    const char *kind;       /* "disk", as in the plan */
    const char *group_name; /* its group under isolate='class' */
    bool repeats;           /* ids may: the second "tablet" is "tablet1" */
    bool host;              /* hands a device of the host to the guest, which
                             * a restricted QEMU cannot */
    const struct xldm__emitter *emitters;
    const struct xldm__controller *controllers;
    /* Names of options that can be about it, without dash; ends with NULL. */
    const char *const *options;
    bool (*classify)(struct xldm__part *part); /* false: not ours */
    /* "xvda" and "hda" are one IDE disk: the name the command line knows.
     * NULL: names are what they are. */
    bool (*canonical)(const char *name, char *id, size_t size);
    /* Is id one of those devices that no argument tells of?  The controller
     * it then sits on.  NULL: there are none. */
    bool (*later)(const char *id, char *controller, size_t size);
    bool joins; /* later: only if something else is on that controller */
    /* later: it is there without being asked for; by its id, fields as XML
     * says them.  NULL: it is not. */
    void (*imply)(struct xldm__device *dev);
    bool places; /* later: libxl puts it at its pin itself */

    /* description side; element NULL: has no XML form of its own */
    const char *element;
    struct {
        const char *attribute, *value; /* NULL: every such element */
        const char *child[2];          /* that has one of these; NULL */
    } when;
    size_t size; /* of the struct that begins with struct xldm__device */
    const struct xldm__field *fields;
    /* foreign.c: what libvirt writes there and libxl does not have; or NULL */
    const struct xldm__field *foreign;
    void (*init)(struct xldm__device *dev);
    void (*dispose)(struct xldm__device *dev);
    /* How xl.cfg writes it: a row for every key.  from_cfg: once all keys of
     * the file were read, adds devices that several of them make. */
    const struct xldm__key *keys;
    bool (*from_cfg)(struct xldm__cfg *cfg);
    /* Once all fields are read: checks them together, sets dev->id; leaves
     * it empty if the element says nothing that another one does not.
     * index: how many devices of this class come before it. */
    bool (*finish)(struct xldm_ctx *ctx, struct xldm__device *dev,
                   unsigned index);
    /* Once all devices are finished: those of this class together. */
    bool (*check)(struct xldm_ctx *ctx, struct xldm_domain *dom);
    /* Puts a copy into libxl's config. */
    bool (*to_libxl)(struct xldm_ctx *ctx, const struct xldm__device *dev,
                     libxl_domain_config *cfg);
    /* The other way: a device in to for each of libxl's config, with fields as
     * XML says them and the id.  NULL: it is not in that config. */
    bool (*from_libxl)(struct xldm_ctx *ctx, const libxl_domain_config *cfg,
                       struct xldm_domain *to);
    /* Is it in that config?  NULL: yes, if from_libxl is there. */
    bool (*is_libxls)(const struct xldm__device *dev);
    /* Its letter in libxl's order of what is tried at boot; NULL: none. */
    char (*boots_as)(const struct xldm__device *dev);
    /* Is its PV half served by a QEMU (qdisk)?  NULL: no. */
    bool (*pv_by_qemu)(const struct xldm__device *dev);
    /* ... then maybe by its own group's; NULL: always by the primary's. */
    const struct xldm__pv_nodes *pv_nodes;
    /* Can it run on this host now: does its image, its bridge exist? */
    bool (*probe)(struct xldm_ctx *ctx, const struct xldm__device *dev);
};

/* The platform is last: it knows what no device claims as its own. */
#define XLDM__CLASSES(X)                                                        \
    X(disk) X(nic) X(vfb) X(video) X(serial) X(channel) X(usbctrl) X(input)   \
    X(usbdev) X(redirdev) X(sound) X(pci) X(pci_nic)           \
    X(controller) X(platform)

#define XLDM__DECLARE(name) extern const struct xldm__class xldm__##name;
XLDM__CLASSES(XLDM__DECLARE)

#define XLDM__ONE(name) +1
#define XLDM__NCLASSES (0 XLDM__CLASSES(XLDM__ONE))

/* All of them; ends with NULL. */
extern const struct xldm__class *const xldm__classes[];

/* What the command line calls a device of this name: canonical's word, in buf,
 * else the name itself. */
const char *xldm__class_identity(const struct xldm__class *class,
                                 const char *name, char *buf, size_t size);

/* NULL: no name has that value. */
const char *xldm__name_of(const struct xldm__name *names, int value);

#endif

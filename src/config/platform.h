/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the platform's elements say before it is put into libxl's config. */
#ifndef XLDM_PLATFORM_H
#define XLDM_PLATFORM_H

#include "config/xml.h"

struct xldm__platform {
    struct xldm_domain *dom;
    uint64_t unit;            /* bytes; of the <memory> being read; 0: KiB */
    uint64_t memory, current; /* KiB; 0: absent */
    struct xldm_loc current_loc, vcpu_loc;
    struct xldm_loc boot_loc; /* of one that was there before */
    int vcpus, online; /* 0: absent */
    int i686, pflash, efi;
    int custom_cpu; /* of which libvirt takes nothing for Xen */
    int fixed; /* where a value goes that says nothing new */
    libxl_defbool features;
    libxl_defbool hap, hap_state;
    struct {
        int name, mode; /* of a <timer>; 0: absent */
        libxl_defbool present;
    } timer;
    struct {
        char name[32]; /* of a <feature> */
        int policy;
    } feature;
    char unknown_feature[32]; /* the first that libxl does not know */
    struct xldm_loc feature_loc;
    char *cpuset; /* of <vcpu> */
    struct xldm__pin {
        int vcpu;
        char *cpuset;
        struct xldm_loc loc;
    } pin, *pins; /* the <vcpupin> being read, and those that were */
    int npins;
    struct xldm_loc cpuset_loc;
    struct xldm__cell {
        int id; /* -1: absent */
        char *cpus, *memory;
        uint64_t memkb;
        struct xldm_loc loc;
    } cell, *cells; /* the <cell> being read, and those that were */
    int ncells;
    struct xldm__distance {
        int from, to, value;
        struct xldm_loc loc;
    } distance, *distances; /* the <sibling> being read, and those that were */
    int ndistances;
    struct {
        libxl_defbool state;
        int mode; /* 0: absent */
    } passthrough;
    struct {
        int is_static, foreign; /* of the <seclabel> being read */
        bool counts;
    } label;
    char boot[5];
    char *list; /* @key of the <xldm:list> being read */
    char *loader;
};

#define XLDM__SETTER(name)                                                    \
    bool xldm__set_##name(struct xldm_ctx *ctx, void *object,                 \
                          const char *value, struct xldm_loc loc)

#define XLDM__GETTER(name)                                                    \
    const char *xldm__get_##name(struct xldm__arena *a, const void *object,   \
                                 size_t i)

/* platform_rows.c: of struct xldm__platform, of the description, and what has
 * no effect */
extern const struct xldm__field xldm__platform_fields[],
    xldm__domain_fields[], xldm__ignored_fields[];

XLDM__SETTER(name);
XLDM__SETTER(cell);
XLDM__SETTER(cell_cpus);
XLDM__SETTER(cell_memory);
XLDM__SETTER(sibling);
XLDM__SETTER(uuid);
XLDM__SETTER(unit);
XLDM__SETTER(memory);
XLDM__SETTER(current);
XLDM__SETTER(vcpus);
XLDM__SETTER(online);
XLDM__SETTER(boot);
XLDM__SETTER(loader);
XLDM__SETTER(emulator);
XLDM__SETTER(adjustment);
XLDM__SETTER(basis);
XLDM__SETTER(offset);
XLDM__SETTER(controller);
XLDM__SETTER(timer);
XLDM__SETTER(feature_name);
XLDM__SETTER(feature);
XLDM__SETTER(argument);
XLDM__SETTER(argument_hvm);
XLDM__SETTER(nothing);
XLDM__SETTER(grant_frames);
XLDM__SETTER(event_channels);
XLDM__SETTER(genid);
XLDM__SETTER(acpi_table);
XLDM__SETTER(cpuset);
XLDM__SETTER(pin_cpuset);
XLDM__SETTER(pin);
XLDM__SETTER(passthrough);
XLDM__SETTER(seclabel);
XLDM__SETTER(label);
XLDM__SETTER(config_unset);
XLDM__SETTER(config_list);
XLDM__SETTER(config_item);

XLDM__GETTER(name);
XLDM__GETTER(uuid);
XLDM__GETTER(genid);
XLDM__GETTER(memory);
XLDM__GETTER(unit);
XLDM__GETTER(current);
XLDM__GETTER(current_unit);
XLDM__GETTER(vcpus);
XLDM__GETTER(online);
XLDM__GETTER(boot);
XLDM__GETTER(loader);
XLDM__GETTER(loader_type);
XLDM__GETTER(acpi_table);
XLDM__GETTER(acpi_table_type);
XLDM__GETTER(emulator);
XLDM__GETTER(kernel);
XLDM__GETTER(initrd);
XLDM__GETTER(cmdline);
XLDM__GETTER(acpi);
XLDM__GETTER(apic);
XLDM__GETTER(pae);
XLDM__GETTER(features);
XLDM__GETTER(hap);
XLDM__GETTER(hap_state);
XLDM__GETTER(offset);
XLDM__GETTER(basis);
XLDM__GETTER(adjustment);
XLDM__GETTER(timer_name);
XLDM__GETTER(timer_mode);
XLDM__GETTER(timer_present);
XLDM__GETTER(cpu_mode);
XLDM__GETTER(feature_name);
XLDM__GETTER(feature_policy);
XLDM__GETTER(argument);
XLDM__GETTER(argument_hvm);
XLDM__GETTER(grant_frames);
XLDM__GETTER(event_channels);
XLDM__GETTER(controller);
XLDM__GETTER(cpuset);
XLDM__GETTER(pin_vcpu);
XLDM__GETTER(pin_cpuset);
XLDM__GETTER(passthrough_state);
XLDM__GETTER(passthrough_mode);
XLDM__GETTER(label);
XLDM__GETTER(label_type);
XLDM__GETTER(label_model);

extern const struct xldm__name xldm__passthrough_names[];

/* platform_cpu.c: once it is known how many vCPUs there are */
/* platform_numa.c */
bool xldm__platform_numa(struct xldm_ctx *ctx, struct xldm__platform *p);
void xldm__platform_numa_dispose(struct xldm__platform *p);
/* platform_set.c: value, in p->unit, as KiB */
bool xldm__memory_of(struct xldm_ctx *ctx, struct xldm__platform *p,
                     const char *element, uint64_t *kib, const char *value,
                     struct xldm_loc loc);
bool xldm__platform_cpus(struct xldm_ctx *ctx, struct xldm__platform *p);
void xldm__platform_cpus_dispose(struct xldm__platform *p);

#endif

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
    int i686, pflash;
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
    char boot[5];
    char *loader;
};

#define XLDM__SETTER(name)                                                    \
    bool xldm__set_##name(struct xldm_ctx *ctx, void *object,                 \
                          const char *value, struct xldm_loc loc)

XLDM__SETTER(name);
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

#endif

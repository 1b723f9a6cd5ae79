/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of network cards, for nic.c and its neighbours. */
#ifndef XLDM_NIC_H
#define XLDM_NIC_H

#include "config/cfg.h"
#include "devices/class.h"

struct xldm__nic_device {
    struct xldm__device base;
    libxl_device_nic libxl;
    int type;
    int ovs;    /* its bridge is Open vSwitch's */
    char *tags; /* ... and its VLANs there, as ":2:3" */
    /* As <xldm:nic> has it, to the letter: what <interface> cannot say. */
    libxl_device_nic raw;
    int raw_mac; /* of nic_xml.c: raw.mac is set */
};

/* Since libxl 4.20 cards have a vlan, and no macro says so but that of another
 * thing that came with it. */
#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
#define XLDM__NIC_VLAN
#endif
/* to's becomes from's, if that has any. */
bool xldm__nic_take_vlan(struct xldm_ctx *ctx, libxl_device_nic *to,
                         const libxl_device_nic *from);

/* nic_write.c */
bool xldm__nic_raw(struct xldm_ctx *ctx, struct xldm__nic_device *nic);
bool xldm__nic_from_libxl(struct xldm_ctx *ctx,
                          const libxl_domain_config *cfg,
                          struct xldm_domain *to);

/* nic_cfg.c: makes the description's device for one in libxl's config */
bool xldm__nic_adopt(struct xldm__cfg *cfg, const libxl_device_nic *nic,
                     const char *key, struct xldm_loc loc);

enum { XLDM__NIC_BRIDGE, XLDM__NIC_ETHERNET, XLDM__NIC_NETWORK }; /* type */

/* nic.c */
bool xldm__nic_has_mac(const libxl_device_nic *nic);

/* nic_xml.c */
/* Is it one that libxl gave to a card of a running domain, vif5.0(-emu)? */
bool xldm__nic_name_made(const char *name);
extern const struct xldm__field xldm__nic_fields[];
bool xldm__nic_finish_port(struct xldm_ctx *ctx, struct xldm__nic_device *nic);

extern const struct xldm__key xldm__nic_keys[];

#endif

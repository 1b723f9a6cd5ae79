/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of network cards, for nic.c and nic_cfg.c. */
#ifndef XLDM_NIC_H
#define XLDM_NIC_H

#include "config/cfg.h"
#include "devices/class.h"

struct xldm__nic_device {
    struct xldm__device base;
    libxl_device_nic libxl;
    int type;
};

extern const struct xldm__key xldm__nic_keys[];

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm_device_nic: network cards of C programs. */
#include <limits.h>
#include <stdio.h>
#include "devices/api.h"
#include "devices/nic.h"

#define AT(member) offsetof(libxl_device_nic, member)

static const size_t strings[] = {
    AT(backend_domname),
    AT(model),
    AT(ip),
    AT(bridge),
    AT(ifname),
    AT(script),
    AT(gatewaydev),
#ifdef XLDM__NIC_VLAN
    AT(vlan),
#endif
    AT(coloft_forwarddev),
    AT(colo_sock_mirror_id),
    AT(colo_sock_mirror_ip),
    AT(colo_sock_mirror_port),
    AT(colo_sock_compare_pri_in_id),
    AT(colo_sock_compare_pri_in_ip),
    AT(colo_sock_compare_pri_in_port),
    AT(colo_sock_compare_sec_in_id),
    AT(colo_sock_compare_sec_in_ip),
    AT(colo_sock_compare_sec_in_port),
    AT(colo_sock_compare_notify_id),
    AT(colo_sock_compare_notify_ip),
    AT(colo_sock_compare_notify_port),
    AT(colo_sock_redirector0_id),
    AT(colo_sock_redirector0_ip),
    AT(colo_sock_redirector0_port),
    AT(colo_sock_redirector1_id),
    AT(colo_sock_redirector1_ip),
    AT(colo_sock_redirector1_port),
    AT(colo_sock_redirector2_id),
    AT(colo_sock_redirector2_ip),
    AT(colo_sock_redirector2_port),
    AT(colo_filter_mirror_queue),
    AT(colo_filter_mirror_outdev),
    AT(colo_filter_redirector0_queue),
    AT(colo_filter_redirector0_indev),
    AT(colo_filter_redirector0_outdev),
    AT(colo_filter_redirector1_queue),
    AT(colo_filter_redirector1_indev),
    AT(colo_filter_redirector1_outdev),
    AT(colo_compare_pri_in),
    AT(colo_compare_sec_in),
    AT(colo_compare_out),
    AT(colo_compare_notify_dev),
    AT(colo_sock_sec_redirector0_id),
    AT(colo_sock_sec_redirector0_ip),
    AT(colo_sock_sec_redirector0_port),
    AT(colo_sock_sec_redirector1_id),
    AT(colo_sock_sec_redirector1_ip),
    AT(colo_sock_sec_redirector1_port),
    AT(colo_filter_sec_redirector0_queue),
    AT(colo_filter_sec_redirector0_indev),
    AT(colo_filter_sec_redirector0_outdev),
    AT(colo_filter_sec_redirector1_queue),
    AT(colo_filter_sec_redirector1_indev),
    AT(colo_filter_sec_redirector1_outdev),
    AT(colo_filter_sec_rewriter0_queue),
    AT(colo_checkpoint_host),
    AT(colo_checkpoint_port),
};

static void number(const libxl_domain_config *cfg, void *dev)
{
    libxl_device_nic *nic = dev;
    int64_t next = 0;

    for (int i = 0; i < cfg->num_nics; i++)
        if (cfg->nics[i].devid >= next)
            next = (int64_t)cfg->nics[i].devid + 1;
    if (nic->devid < 0)
        nic->devid = next <= INT_MAX ? (libxl_devid)next : -1;
}

static void name(const void *dev, char *id, size_t size)
{
    snprintf(id, size, "nic%d", ((const libxl_device_nic *)dev)->devid);
}

static bool adopt(struct xldm__cfg *cfg, void *dev, const char *key,
                  struct xldm_loc loc)
{
    const libxl_device_nic *nic = dev;

    if (nic->devid < 0)
        return xldm__error(cfg->ctx, loc,
                           "%s: no devid is left, another one has %d", key,
                           INT_MAX);
    if (nic->mac[0] & 1)
        return xldm__error(cfg->ctx, loc,
                           "%s 'nic%d': " LIBXL_MAC_FMT
                           " is a multicast address, not a card's",
                           key, nic->devid, LIBXL_MAC_BYTES(nic->mac));
    return xldm__nic_adopt(cfg, nic, key, loc);
}

XLDM__API_LIBXL(nic)
XLDM__API_PUBLIC(nic)

const struct xldm__api xldm__nic_api = {
    XLDM__API_ROWS(nic),
    .number = number,
    .name = name,
    .list = offsetof(libxl_domain_config, nics),
    .count = offsetof(libxl_domain_config, num_nics),
    .adopt = adopt,
};

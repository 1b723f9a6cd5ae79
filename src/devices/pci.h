/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI devices in xl.cfg, for the table in pci.c. */
#ifndef XLDM_PCI_H
#define XLDM_PCI_H

#include "config/cfg.h"

extern const struct xldm__key xldm__pci_keys[]; /* pci_cfg.c */
/* The id: its place, or the name that xl pci-assignable-add gave it. */
void xldm__pci_name(struct xldm__device *base, const libxl_device_pci *d);
bool xldm__pci_from_cfg(struct xldm__cfg *cfg);

#endif

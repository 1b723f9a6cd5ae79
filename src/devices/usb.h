/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the classes of USB must know of each other. */
#ifndef XLDM_USB_H
#define XLDM_USB_H

#include "devices/class.h"

/* Does libxl say -usb: by itself, or for a -usbdevice? */
bool xldm__usb_legacy(const libxl_domain_build_info *b);
/* Channels for redirection over SPICE, as libxl takes them. */
int xldm__usb_redirections(const libxl_domain_build_info *b);
/* One of libxl's usbctrl list, once finished; NULL if base is none. */
const libxl_device_usbctrl *xldm__usbctrl_get(const struct xldm__device *base);
/* One more of that list, emulated, as libxl adds it; NULL: reported. */
struct xldm__device *xldm__usbctrl_add(struct xldm_ctx *ctx,
                                       struct xldm_domain *dom);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the classes of USB must know of each other. */
#ifndef XLDM_USB_H
#define XLDM_USB_H

#include "config/write_cfg.h"
#include "devices/class.h"

/* What a controller is: of libxl's usbctrl list (the first four; by default
 * libvirt has qusb2), or the PC's ("usb"). */
enum {
    XLDM__USB_QUSB2 = -3,
    XLDM__USB_QUSB1,
    XLDM__USB_BY_DEFAULT,
    XLDM__OF_LIST,
    XLDM__UHCI,
    XLDM__EHCI,
    XLDM__COMPANION,
    XLDM__XHCI,
    XLDM__NO_USB,
};

struct xldm__usbctrl_device {
    struct xldm__device base;
    libxl_device_usbctrl libxl;
    int model, index;
    bool of_piix3; /* -usb: it was said, or because of what is on it */
    int fixed;
    libxl_defbool master, typed;
    libxl_device_usbctrl said; /* before libxl's defaults */
};

struct xldm__usbdev_device {
    struct xldm__device base;
    libxl_device_usbdev libxl; /* ctrl -1: any, port 0: any */
    int said_ctrl, said_port; /* before the description places it */
    libxl_defbool source, placed;
    int fixed;
    bool qusb; /* QEMU serves it as a PV backend */
};

/* usb_cfg.c */
extern const struct xldm__key xldm__usbctrl_keys[], xldm__input_keys[],
    xldm__usbdev_keys[];
bool xldm__usbctrl_from_cfg(struct xldm__cfg *cfg);
bool xldm__input_from_cfg(struct xldm__cfg *cfg);
bool xldm__redirdev_from_cfg(struct xldm__cfg *cfg);

/* PCI function of the UHCI in PIIX3, which -usb asks for */
#define XLDM__OF_PIIX3 (1 << 3 | 2)

/* usbctrl_libxl.c */
bool xldm__usbctrl_from_libxl(struct xldm_ctx *ctx,
                              const libxl_domain_config *cfg,
                              struct xldm_domain *to);

/* Does libxl say -usb: by itself, or for a -usbdevice? */
bool xldm__usb_legacy(const libxl_domain_build_info *b);
/* Channels for redirection over SPICE, as libxl takes them. */
int xldm__usb_redirections(const libxl_domain_build_info *b);
/* One of libxl's usbctrl list, once finished; NULL if base is none. */
const libxl_device_usbctrl *xldm__usbctrl_get(const struct xldm__device *base);
/* Checks one of that list, and fills in what libxl would. */
bool xldm__usbctrl_complete(struct xldm_ctx *ctx,
                            struct xldm__usbctrl_device *u);
/* One more of that list, emulated, as libxl adds it; NULL: reported. */
struct xldm__device *xldm__usbctrl_add(struct xldm_ctx *ctx,
                                       struct xldm_domain *dom);

#endif

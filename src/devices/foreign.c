/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libvirt has on a device and its driver for Xen passes over, for libxl
 * has no such option: accepted, and said. */
#include "devices/foreign.h"

/* of elements: any number; of attributes, which would say that of theirs: no */
#define NOTED(where, reason)                                                   \
    {                                                                          \
        .path = where, .kind = XLDM__IGNORED, .many = true, .why = reason      \
    }
#define MISSED(where, reason)                                                  \
    {                                                                          \
        .path = where, .kind = XLDM__LOST, .many = true, .why = reason         \
    }
#define NOTED_ATTRIBUTE(where, reason)                                         \
    {                                                                          \
        .path = where, .kind = XLDM__IGNORED, .why = reason                    \
    }
#define MISSED_ATTRIBUTE(where, reason)                                        \
    {                                                                          \
        .path = where, .kind = XLDM__LOST, .why = reason                       \
    }
#define NO_OPTION "libxl has no such option"
#define LABELS "libxl labels no files"
#define BOOT "<os> <boot dev='...'/> says what is tried first"

const struct xldm__field xldm__disk_foreign[] = {
    NOTED_ATTRIBUTE("@snapshot", "it is for libvirt's snapshots"),
    NOTED_ATTRIBUTE("driver/@io", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@error_policy", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@rerror_policy", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@detect_zeroes", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@copy_on_read", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@ioeventfd", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@event_idx", NO_OPTION),
    NOTED_ATTRIBUTE("driver/@iothread", NO_OPTION),
    NOTED_ATTRIBUTE("source/@startupPolicy", "what is named has to be there"),
    NOTED("source/seclabel", LABELS),
    NOTED_ATTRIBUTE("target/@tray", "it is closed at the start"),
    NOTED_ATTRIBUTE("target/@removable", NO_OPTION),
    NOTED_ATTRIBUTE("target/@rotation_rate", NO_OPTION),
    MISSED("serial", "the guest sees QEMU's own"),
    MISSED("wwn", "the guest sees QEMU's own"),
    MISSED("vendor", "the guest sees QEMU's own"),
    MISSED("product", "the guest sees QEMU's own"),
    MISSED("blockio", NO_OPTION),
    MISSED("geometry", NO_OPTION),
    MISSED("iotune", NO_OPTION),
    NOTED("shareable", NO_OPTION),
    NOTED("backingStore", "QEMU reads it in the image"),
    NOTED("mirror", "it is of a running domain"),
    { 0 },
};

const struct xldm__field xldm__nic_foreign[] = {
    NOTED_ATTRIBUTE("@trustGuestRxFilters", NO_OPTION),
    NOTED_ATTRIBUTE("mac/@type", "it is for other hypervisors"),
    NOTED_ATTRIBUTE("mac/@check", "it is for other hypervisors"),
    NOTED_ATTRIBUTE("target/@managed", "libxl makes the device and removes it"),
    NOTED("guest", "the guest names its devices itself"),
    NOTED("driver", NO_OPTION),
    NOTED("backend", NO_OPTION),
    NOTED("coalesce", NO_OPTION),
    NOTED("tune", NO_OPTION),
    MISSED("rom", NO_OPTION),
    MISSED("link", NO_OPTION),
    MISSED("filterref", "libvirt filters no traffic of Xen's guests"),
    MISSED("port", NO_OPTION),
    MISSED("route", NO_OPTION),
    MISSED("teaming", NO_OPTION),
    MISSED("acpi", NO_OPTION),
    { 0 },
};

const struct xldm__field xldm__vfb_foreign[] = {
    MISSED_ATTRIBUTE("@passwdValidTo", "a password is valid for good"),
    NOTED_ATTRIBUTE("listen/@network", "its address is what counts"),
    NOTED_ATTRIBUTE("@sharePolicy", NO_OPTION),
    NOTED_ATTRIBUTE("@connected", NO_OPTION),
    NOTED_ATTRIBUTE("@websocket", NO_OPTION),
    NOTED_ATTRIBUTE("@powerControl", NO_OPTION),
    MISSED_ATTRIBUTE("@defaultMode", NO_OPTION),
    MISSED("channel", NO_OPTION),
    NOTED("jpeg", NO_OPTION),
    NOTED("zlib", NO_OPTION),
    NOTED("playback", NO_OPTION),
    NOTED("audio", NO_OPTION),
    { 0 },
};

const struct xldm__field xldm__video_foreign[] = {
    NOTED("driver", NO_OPTION),
    NOTED_ATTRIBUTE("model/@vram64", NO_OPTION),
    NOTED_ATTRIBUTE("model/@blob", NO_OPTION),
    NOTED("model/acceleration", NO_OPTION),
    NOTED("model/resolution", NO_OPTION),
    { 0 },
};

const struct xldm__field xldm__serial_foreign[] = {
    MISSED("log", NO_OPTION),
    NOTED_ATTRIBUTE("source/@append", NO_OPTION),
    NOTED_ATTRIBUTE("source/@tls", NO_OPTION),
    NOTED_ATTRIBUTE("source/@tlsFromConfig", NO_OPTION),
    NOTED("source/reconnect", NO_OPTION),
    NOTED("source/seclabel", LABELS),
    { 0 },
};

const struct xldm__field xldm__sound_foreign[] = {
    NOTED("audio", "the card plays where the display is"),
    { 0 },
};

const struct xldm__field xldm__host_foreign[] = {
    MISSED("boot", BOOT),
    MISSED("rom", NO_OPTION),
    { 0 },
};

const struct xldm__field xldm__controller_foreign[] = {
    NOTED("driver", NO_OPTION),
    { 0 },
};

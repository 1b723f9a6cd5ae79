/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of what libxl does not have, for the class tables. */
#ifndef XLDM_FOREIGN_H
#define XLDM_FOREIGN_H

#include "devices/class.h"

extern const struct xldm__field xldm__disk_foreign[], xldm__nic_foreign[],
    xldm__vfb_foreign[], xldm__video_foreign[], xldm__serial_foreign[],
    xldm__sound_foreign[], xldm__host_foreign[], xldm__controller_foreign[];

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the platform must know of the graphics card: -m leaves it out. */
#ifndef XLDM_VIDEO_H
#define XLDM_VIDEO_H

#include <libxl.h>

uint64_t xldm__video_memkb(const libxl_domain_build_info *b);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of device classes: the one place that names them all. */
#include "devices/class.h"

#define ADDRESS(name) &xldm__##name,

const struct xldm__class *const xldm__classes[] = { XLDM__CLASSES(ADDRESS)
                                                        NULL };

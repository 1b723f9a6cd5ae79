/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of device classes: the one place that names them all; and what is
 * asked of any. */
#include "devices/class.h"

#define ADDRESS(name) &xldm__##name,

const struct xldm__class *const xldm__classes[] = { XLDM__CLASSES(ADDRESS)
                                                        NULL };

const char *xldm__class_identity(const struct xldm__class *class,
                                 const char *name, char *buf, size_t size)
{
    return class->canonical && class->canonical(name, buf, size) ? buf : name;
}

const char *xldm__name_of(const struct xldm__name *names, int value)
{
    while (names->name && names->value != value)
        names++;
    return names->name;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the ABI that is no symbol: sizes, places and numbers. */
#include <stddef.h>
#include <stdio.h>
#include <xldm.h>

#define SIZE(type) printf("size %s %zu\n", #type, sizeof(type))
#define AT(type, member)                                                       \
    printf("at %s.%s %zu\n", #type, #member, offsetof(type, member))
#define NUMBER(name) printf("number %s %d\n", #name, (int)(name))
/* What comes before is libxl's, and differs with it. */
#define EXTENDS(kind)                                                          \
    printf("extends libxl_device_%s by %zu, first at %zu\n", #kind,            \
           sizeof(xldm_device_##kind) -                                        \
               offsetof(xldm_device_##kind, dm_affinity),                      \
           offsetof(xldm_device_##kind, libxl))

int main(void)
{
    SIZE(struct xldm_loc);
    AT(struct xldm_loc, file);
    AT(struct xldm_loc, line);
    SIZE(struct xldm_diag);
    AT(struct xldm_diag, severity);
    AT(struct xldm_diag, loc);
    AT(struct xldm_diag, text);
    SIZE(xldm_dm_affinity);
    AT(xldm_dm_affinity, group);
    AT(xldm_dm_affinity, emulator);
    AT(xldm_dm_affinity, on_crash);
    AT(xldm_dm_affinity, restrict_);
    SIZE(struct xldm_range);
    AT(struct xldm_range, space);
    AT(struct xldm_range, first);
    AT(struct xldm_range, last);
    EXTENDS(disk);
    EXTENDS(nic);
    EXTENDS(vfb);
    EXTENDS(pci);
    NUMBER(XLDM_MAX_GROUPS);
    NUMBER(XLDM_ERROR);
    NUMBER(XLDM_WARNING);
    NUMBER(XLDM_NOTE);
    NUMBER(XLDM_LIBXL_BUILT);
    NUMBER(XLDM_LIBXL_4_17);
    NUMBER(XLDM_LIBXL_4_20);
    NUMBER(XLDM_ON_CRASH_DEFAULT);
    NUMBER(XLDM_ON_CRASH_DETACH);
    NUMBER(XLDM_ON_CRASH_RESTART);
    NUMBER(XLDM_ON_CRASH_PAUSE);
    NUMBER(XLDM_ON_CRASH_DESTROY);
    NUMBER(XLDM_RESTRICT_DEFAULT);
    NUMBER(XLDM_RESTRICT_YES);
    NUMBER(XLDM_RESTRICT_NO);
    NUMBER(XLDM_PORT);
    NUMBER(XLDM_MEMORY);
    NUMBER(XLDM_PCI);
    NUMBER(XLDM_FORMAT_TEXT);
    NUMBER(XLDM_FORMAT_JSON);
    NUMBER(XLDM_FORMAT_ARGV);
    return 0;
}

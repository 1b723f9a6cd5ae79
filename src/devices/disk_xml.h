/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The description side of disks, for the table in disk.c. */
#ifndef XLDM_DISK_XML_H
#define XLDM_DISK_XML_H

#include "config/cfg.h"
#include "devices/class.h"

struct xldm__disk_device {
    struct xldm__device base;
    libxl_device_disk libxl;
    int type, bus; /* of disk_xml.c */
    char *file, *dev;
    char *rbd; /* of a Ceph volume, as QEMU takes it */
    unsigned hosts;
    char written[8]; /* target/@dev before it became libxl's vdev */
    struct xldm_loc target_loc, driver_loc;
    libxl_defbool readonly, discard;
    int fixed;
    /* As <xldm:disk> has it, to the letter: what <disk> cannot say. */
    libxl_device_disk raw;
    libxl_defbool direct_io_safe;
};

/* type, bus */
enum { XLDM__DISK_FILE, XLDM__DISK_BLOCK, XLDM__DISK_NETWORK };
enum {
    XLDM__BUS_BY_NAME,
    XLDM__BUS_IDE,
    XLDM__BUS_SCSI,
    XLDM__BUS_SATA,
    XLDM__BUS_XEN,
};

/* Is this name one of the bus's? */
bool xldm__disk_name_ok(int bus, bool cdrom, const char *vdev);
/* disk_write.c */
bool xldm__disk_from_libxl(struct xldm_ctx *ctx,
                           const libxl_domain_config *cfg,
                           struct xldm_domain *to);

extern const struct xldm__name xldm__disk_types[]; /* disk_rows.c */
extern const struct xldm__field xldm__disk_fields[];
extern const struct xldm__key xldm__disk_keys[]; /* disk_cfg.c */
void xldm__disk_init(struct xldm__device *base);
void xldm__disk_dispose(struct xldm__device *base);
bool xldm__disk_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                       unsigned index);
bool xldm__disk_check(struct xldm_ctx *ctx, struct xldm_domain *dom);
bool xldm__disk_to_libxl(struct xldm_ctx *ctx,
                         const struct xldm__device *base,
                         libxl_domain_config *cfg);
/* Does ctx's libxl give an HVM guest a CD-ROM on this backend? */
bool xldm__disk_cdrom_on(const struct xldm_ctx *ctx,
                         libxl_disk_backend backend);
char xldm__disk_boots_as(const struct xldm__device *base);
bool xldm__disk_pv_by_qemu(const struct xldm__device *base);
bool xldm__disk_probe(struct xldm_ctx *ctx, const struct xldm__device *base);

/* disk_rbd.c: rows of a source on the network */
bool xldm__disk_rbd(struct xldm_ctx *ctx, void *object, const char *value,
                    struct xldm_loc loc);
bool xldm__disk_rbd_host(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc);
bool xldm__disk_rbd_port(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc);

/* image.c: it exists, can be opened, and no other QEMU holds it. */
bool xldm__image_probe(struct xldm_ctx *ctx, const struct xldm__device *dev,
                       const char *path, bool writes);

/* disk_cfg.c: makes the description's device for one in libxl's config, and
 * checks that. */
bool xldm__disk_adopt(struct xldm__cfg *cfg, const libxl_device_disk *disk,
                      const char *key, struct xldm_loc loc);

#endif

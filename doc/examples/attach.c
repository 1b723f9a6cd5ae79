/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest on five QEMUs, as a libxl program makes it: the groups are one field.
 *   cc attach.c $(pkg-config --cflags --libs xldm)
 *   ./a.out NAME IMAGE BRIDGE CARD, with CARD as 03:00.0 */
#include <stdlib.h>
#include <string.h>
#include <xldm.h>

static void report(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    fprintf(stderr, "%s\n", diag->text);
}

int main(int argc, char **argv)
{
    struct xldm_ctx *ctx = xldm_ctx_new(report, NULL);
    struct xldm_domain *dom = argc == 5 ? xldm_domain_new(ctx, argv[1]) : NULL;
    uint32_t bus = 0, dev = 0, func = 0, domid;
    bool ok = dom && sscanf(argv[4], "%x:%x.%x", &bus, &dev, &func) == 3;
    xldm_device_disk disk;
    xldm_device_nic nic;
    xldm_device_vfb vfb;
    xldm_device_pci pci;

    xldm_device_disk_init(&disk);
    xldm_device_nic_init(&nic);
    xldm_device_vfb_init(&vfb);
    xldm_device_pci_init(&pci);
    if (ok) {
        libxl_domain_config *cfg = xldm_domain_config(dom);

        cfg->b_info.max_memkb = cfg->b_info.target_memkb = 64 * 1024;
        cfg->c_info.passthrough = LIBXL_PASSTHROUGH_ENABLED; /* of a card */
        disk.libxl.pdev_path = strdup(argv[2]);
        disk.libxl.vdev = strdup("hda");
        disk.libxl.format = LIBXL_DISK_FORMAT_RAW;
        disk.libxl.readwrite = 1;
        disk.dm_affinity.group = strdup("storage");
        nic.libxl.model = strdup("e1000");
        nic.libxl.bridge = strdup(argv[3]);
        nic.dm_affinity.group = strdup("net");
        vfb.dm_affinity.group = strdup("ui");
        pci.libxl.bus = bus, pci.libxl.dev = dev, pci.libxl.func = func;
        pci.dm_affinity.group = strdup("card");
    }
    ok = ok && xldm_domain_disk_add(ctx, dom, &disk) &&
         xldm_domain_nic_add(ctx, dom, &nic) &&
         xldm_domain_vfb_add(ctx, dom, &vfb) &&
         xldm_domain_create(ctx, dom, false, &domid) &&
         xldm_device_pci_add(ctx, domid, &pci, NULL) && /* while it runs */
         xldm_domain_show(ctx, argv[1], XLDM_FORMAT_TEXT, stdout) &&
         xldm_device_pci_remove(ctx, domid, &pci, NULL) &&
         xldm_device_nic_remove(ctx, domid, &nic, NULL) &&
         xldm_device_disk_remove(ctx, domid, &disk, NULL);
    xldm_device_disk_dispose(&disk), xldm_device_nic_dispose(&nic);
    xldm_device_vfb_dispose(&vfb), xldm_device_pci_dispose(&pci);
    xldm_domain_free(dom), xldm_ctx_free(ctx);
    return ok ? 0 : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reboot DOMID: as if the guest had asked Xen for its reboot. */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    int rc = -1;

    if (argc == 2 && xc)
        rc = xc_domain_shutdown(xc, (uint32_t)atoi(argv[1]), SHUTDOWN_reboot);
    if (rc)
        fprintf(stderr, "usage: reboot DOMID, of a domain that runs\n");
    if (xc)
        xc_interface_close(xc);
    return rc ? 1 : 0;
}

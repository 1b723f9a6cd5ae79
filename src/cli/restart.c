/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm restart: a new QEMU for one group of a running domain. */
#include "cli/cli.h"

int verb_restart(int argc, char **argv)
{
    if (argc != 3)
        return CLI_USAGE;
    return xldm_domain_restart_group(cli_ctx(), argv[1], argv[2]) ? CLI_OK
                                                                  : CLI_FAILED;
}

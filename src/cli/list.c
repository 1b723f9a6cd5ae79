/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm list: the domains of this machine and the QEMUs of split ones. */
#include "cli/cli.h"

int verb_list(int argc, char **argv)
{
    (void)argv;
    if (argc != 1)
        return CLI_USAGE;
    return xldm_domain_list(cli_ctx(), stdout) ? CLI_OK : CLI_FAILED;
}

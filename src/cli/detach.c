/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm detach: unplugs a device of a running domain. */
#include "cli/cli.h"

int verb_detach(int argc, char **argv)
{
    if (argc != 3)
        return CLI_USAGE;
    return xldm_domain_detach(cli_ctx(), argv[1], argv[2]) ? CLI_OK
                                                           : CLI_FAILED;
}

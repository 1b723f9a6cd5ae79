/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm destroy: ends a domain at once and waits until nothing of it runs. */
#include "cli/cli.h"

int verb_destroy(int argc, char **argv)
{
    if (argc != 2)
        return CLI_USAGE;
    return xldm_domain_destroy(cli_ctx(), argv[1]) ? CLI_OK : CLI_FAILED;
}

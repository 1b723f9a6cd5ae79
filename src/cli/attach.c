/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm attach: plugs the device of an XML file into a running domain. */
#include "cli/cli.h"

int verb_attach(int argc, char **argv)
{
    if (argc != 3)
        return CLI_USAGE;
    return xldm_domain_attach(cli_ctx(), argv[1], argv[2]) ? CLI_OK
                                                           : CLI_FAILED;
}

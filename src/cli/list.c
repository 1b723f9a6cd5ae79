/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm list: the domains of this machine and the QEMUs of split ones. */
#include "cli/cli.h"

int verb_list(int argc, char **argv)
{
    enum xldm_format format;

    if (cli_format(argc, argv, &format) != argc)
        return CLI_USAGE;
    return xldm_domain_list(cli_ctx(), format, stdout) ? CLI_OK : CLI_FAILED;
}

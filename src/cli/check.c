/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm check: reads and resolves each file, and prints nothing else. */
#include "cli/cli.h"

static bool check(const char *file)
{
    struct xldm_domain *dom = xldm_domain_read(cli_ctx(), file);
    struct xldm_plan *plan = dom ? xldm_plan_new(cli_ctx(), dom, -1) : NULL;
    bool ok = plan != NULL;

    xldm_plan_free(plan);
    xldm_domain_free(dom);
    return ok;
}

int verb_check(int argc, char **argv)
{
    int status = CLI_OK;

    if (argc < 2)
        return CLI_USAGE;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1])
            return CLI_USAGE;
        if (!check(argv[i]))
            status = CLI_FAILED;
    }
    return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm check: reads and resolves each file, and prints nothing else. */
#include <getopt.h>
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
    static const struct option options[] = {
        { "libxl", required_argument, NULL, 'l' },
        { 0 },
    };
    int status = CLI_OK, c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (c != 'l' || !cli_set_libxl(optarg))
            return CLI_USAGE;
    if (optind == argc)
        return CLI_USAGE;
    while (optind < argc)
        if (!check(argv[optind++]))
            status = CLI_FAILED;
    return status;
}

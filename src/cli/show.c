/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm show: the QEMUs of a running domain, what they answer and cost. */
#include <getopt.h>
#include <string.h>
#include "base/base.h"
#include "cli/cli.h"

static bool parse_format(const char *name, enum xldm_format *format)
{
    if (!strcmp(name, "json"))
        *format = XLDM_FORMAT_JSON;
    else if (strcmp(name, "text"))
        return xldm__error(cli_ctx(), XLDM__NONE,
                           "--format: '%s' is not accepted; accepted: text, "
                           "json",
                           name);
    return true;
}

int verb_show(int argc, char **argv)
{
    static const struct option options[] = {
        { "format", required_argument, NULL, 'f' },
        { 0 },
    };
    enum xldm_format format = XLDM_FORMAT_TEXT;
    bool ok = true;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        ok &= c == 'f' && parse_format(optarg, &format);
    if (!ok || argc - optind != 1)
        return CLI_USAGE;
    return xldm_domain_show(cli_ctx(), argv[optind], format, stdout)
               ? CLI_OK
               : CLI_FAILED;
}

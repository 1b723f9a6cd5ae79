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

int cli_format(int argc, char **argv, enum xldm_format *format)
{
    static const struct option options[] = {
        { "format", required_argument, NULL, 'f' },
        { 0 },
    };
    bool ok = true;
    int c;

    optind = 1;
    *format = XLDM_FORMAT_TEXT;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        ok &= c == 'f' && parse_format(optarg, format);
    return ok ? optind : -1;
}

int verb_show(int argc, char **argv)
{
    enum xldm_format format;
    int first = cli_format(argc, argv, &format);

    if (first < 0 || argc - first != 1)
        return CLI_USAGE;
    return xldm_domain_show(cli_ctx(), argv[first], format, stdout)
               ? CLI_OK
               : CLI_FAILED;
}

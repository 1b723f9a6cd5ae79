/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm convert: an xl.cfg as XML, or any description as an xl.cfg, with
 * nothing lost or nothing written. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "config/convert.h"

struct request {
    const char *file, *out;
    bool report, diff, to_cfg;
};

static bool parse_to(const char *name, bool *to_cfg)
{
    *to_cfg = !strcmp(name, "cfg");
    return *to_cfg || !strcmp(name, "xml") ||
           xldm__error(cli_ctx(), XLDM__NONE,
                       "--to: '%s' is not accepted; accepted: xml, cfg", name);
}

static bool parse(int argc, char **argv, struct request *r)
{
    static const struct option options[] = {
        { "output", required_argument, NULL, 'o' },
        { "report", no_argument, NULL, 'r' },
        { "diff", no_argument, NULL, 'd' },
        { "to", required_argument, NULL, 't' },
        { "libxl", required_argument, NULL, 'l' },
        { 0 },
    };
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (c == 'o')
            r->out = optarg;
        else if (c == 'r')
            r->report = true;
        else if (c == 'd')
            r->diff = true;
        else if (c == 't' && parse_to(optarg, &r->to_cfg))
            continue;
        else if (c == 'l' && cli_set_libxl(optarg))
            continue;
        else
            return false;
    }
    if (argc - optind != 1)
        return false;
    r->file = argv[optind];
    return true;
}

static int print(struct xldm__conversion *c, const struct request *r)
{
    bool ok = true;

    if (r->out)
        ok = xldm__file_replace(cli_ctx(), r->out, c->text, c->size);
    else if (!r->report && !r->diff)
        fwrite(c->text, 1, c->size, stdout);
    if (ok && r->report)
        ok = xldm__convert_report(cli_ctx(), c, stdout);
    if (ok && r->diff)
        ok = xldm__convert_diff(cli_ctx(), c, stdout);
    return ok ? CLI_OK : CLI_FAILED;
}

int verb_convert(int argc, char **argv)
{
    struct request r = { 0 };
    struct xldm__conversion c;
    int status = CLI_FAILED;

    if (!parse(argc, argv, &r))
        return CLI_USAGE;
    if ((r.to_cfg ? xldm__convert_to_cfg
                  : xldm__convert)(cli_ctx(), r.file, &c))
        status = print(&c, &r);
    xldm__conversion_dispose(&c);
    return status;
}

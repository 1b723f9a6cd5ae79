/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm plan: what would run, resolved from the description alone. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cli/cli.h"

struct request {
    const char *file;
    enum xldm_format format;
    int domid;
    bool write;
};

static bool parse_format(const char *name, enum xldm_format *format)
{
    static const char *const names[] = {
        [XLDM_FORMAT_TEXT] = "text",
        [XLDM_FORMAT_JSON] = "json",
        [XLDM_FORMAT_ARGV] = "argv",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(names[i], name))
            continue;
        *format = (enum xldm_format)i;
        return true;
    }
    return xldm__error(cli_ctx(), XLDM__NONE,
                       "--format: '%s' is not accepted; accepted: text, json, "
                       "argv",
                       name);
}

/* Xen's own domains start at DOMID_FIRST_RESERVED, 0x7ff0; 0 is dom0. */
static bool parse_domid(const char *text, int *domid)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n < 1 || n >= 0x7ff0)
        return xldm__error(cli_ctx(), XLDM__NONE,
                           "--domid: '%s' is not accepted; accepted: 1 to %d",
                           text, 0x7ff0 - 1);
    *domid = (int)n;
    return true;
}

static bool parse(int argc, char **argv, struct request *r)
{
    static const struct option options[] = {
        { "format", required_argument, NULL, 'f' },
        { "domid", required_argument, NULL, 'd' },
        { "libxl", required_argument, NULL, 'l' },
        { "write", no_argument, NULL, 'w' },
        { 0 },
    };
    bool ok = true;
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'f')
            ok &= parse_format(optarg, &r->format);
        else if (c == 'd')
            ok &= parse_domid(optarg, &r->domid);
        else if (c == 'l')
            ok &= cli_set_libxl(optarg);
        else if (c == 'w')
            r->write = true;
        else
            ok = false;
    }
    if (argc - optind != 1)
        return false;
    r->file = argv[optind];
    return ok;
}

int verb_plan(int argc, char **argv)
{
    struct request r = { NULL, XLDM_FORMAT_TEXT, -1, false };
    struct xldm_domain *dom;
    struct xldm_plan *plan = NULL;
    int status = CLI_FAILED;

    if (!parse(argc, argv, &r))
        return CLI_USAGE;
    dom = xldm_domain_read(cli_ctx(), r.file);
    if (dom)
        plan = xldm_plan_new(cli_ctx(), dom, r.domid);
    if (plan && r.write && !xldm_plan_write(cli_ctx(), plan, r.file)) {
        xldm_plan_free(plan);
        plan = NULL;
    }
    if (plan && xldm_plan_print(plan, r.format, stdout))
        status = CLI_OK;
    else if (plan)
        xldm__error(cli_ctx(), XLDM__NONE, "standard output: %s",
                    strerror(errno));
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    return status;
}

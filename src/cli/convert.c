/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm convert: an xl.cfg as XML, with nothing lost or nothing written. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "config/convert.h"

struct request {
    const char *file, *out;
    bool report, diff;
};

static bool parse(int argc, char **argv, struct request *r)
{
    static const struct option options[] = {
        { "output", required_argument, NULL, 'o' },
        { "report", no_argument, NULL, 'r' },
        { "diff", no_argument, NULL, 'd' },
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
        else
            return false;
    }
    if (argc - optind != 1)
        return false;
    r->file = argv[optind];
    return true;
}

/* All of it or nothing: into a file beside it, which then takes its place. */
static bool write_file(const char *path, const struct xldm__conversion *c)
{
    struct xldm_loc loc = { path, 0 };
    char *temporary;
    mode_t mask = umask(0);
    bool ok = false;
    int fd;

    umask(mask);
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return xldm__oom(cli_ctx());
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        xldm__error(cli_ctx(), loc, "cannot write: %s", strerror(errno));
        free(temporary);
        return false;
    }
    if (write(fd, c->text, c->size) == (ssize_t)c->size &&
        !fchmod(fd, 0666 & ~mask))
        ok = true;
    if (close(fd) || !ok || rename(temporary, path)) {
        ok = xldm__error(cli_ctx(), loc, "cannot write: %s",
                         strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return ok;
}

static int print(struct xldm__conversion *c, const struct request *r)
{
    bool ok = true;

    if (r->out)
        ok = write_file(r->out, c);
    else if (!r->report && !r->diff)
        fwrite(c->text, 1, c->size, stdout);
    if (ok && r->report)
        ok = xldm__convert_report(cli_ctx(), c, stdout);
    if (ok && r->diff)
        ok = xldm__convert_diff(cli_ctx(), c, stdout);
    return ok ? CLI_OK : CLI_FAILED;
}

/* XML into xl.cfg will be another row here: --to cfg. */
int verb_convert(int argc, char **argv)
{
    struct request r = { NULL, NULL, false, false };
    struct xldm__conversion c;
    int status = CLI_FAILED;

    if (!parse(argc, argv, &r))
        return CLI_USAGE;
    if (xldm__convert(cli_ctx(), r.file, &c))
        status = print(&c, &r);
    xldm__conversion_dispose(&c);
    return status;
}

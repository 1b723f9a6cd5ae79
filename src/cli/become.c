/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs that need Xen are in another program, linked as libxl should be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"

int cli_become_xen(char **argv)
{
    static const char installed[] = XLDM_LIBEXECDIR "/xldm-xen";
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
    char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL, *beside;

    if (slash &&
        asprintf(&beside, "%.*s/xldm-xen", (int)(slash - self), self) >= 0) {
        execv(beside, argv);
        free(beside);
    }
    execv(installed, argv);
    fprintf(stderr, "xldm: error: cannot run %s: %s\n", installed,
            strerror(errno));
    return CLI_FAILED;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A QMP client for one command at a time, which never waits for ever. */
#ifndef XLDM_MONITOR_H
#define XLDM_MONITOR_H

#include <jansson.h>
#include "base/base.h"

struct xldm__monitor {
    struct xldm_ctx *ctx;
    const char *path;
    int fd; /* -1: closed */
    char *text; /* text[0..used) was read and not looked at yet */
    size_t used, cap;
    unsigned id; /* of the last command */
};

/* Connects and negotiates.  Close it even if this failed.  path: borrowed. */
bool xldm__monitor_open(struct xldm__monitor *m, struct xldm_ctx *ctx,
                        const char *path, unsigned ms);
void xldm__monitor_close(struct xldm__monitor *m);

/* The value of "return", a new reference; NULL: it was reported.  arguments (a
 * reference is taken over) may be NULL. */
json_t *xldm__monitor_ask(struct xldm__monitor *m, const char *command,
                          json_t *arguments, unsigned ms);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which xenstore a QEMU has. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <xenstore_lib.h>

#include "run/nodes.h"
#include "run/xenstore.h"
#include "run/xsd.h"

extern char **environ;

static const char *xenstore_path(const struct qemu *q, char *path)
{
    sprintf(path, "%s/xs%u", q->dm->rundir, (unsigned)(q - q->dm->qemus));
    return path;
}

static bool is_real(void *arg, uint32_t type, const char *path)
{
    const struct qemu *q = arg;

    return nodes_are_real(q->dm->plan, q->dm->domid, q->group, type, path);
}

bool qemu_xenstore(struct qemu *q)
{
    const struct xsd_view view = { is_real, q, xs_daemon_socket() };
    bool restricted = !q->group->primary && !xldm__group_serves(q->group);
    char path[sizeof(q->dm->rundir) + 16];
    int error;

    if (q->xsd || (q->group->primary && !nodes_shared(q->dm->plan)))
        return true;
    q->xsd = xsd_new(q->dm->loop, xenstore_path(q, path),
                     restricted ? NULL : &view, &error);
    if (!q->xsd)
        return xldm__error(q->dm->ctx, XLDM__NONE, "cannot listen on %s: %s",
                           path, uv_strerror(error));
    return true;
}

char **qemu_environ(const struct qemu *q, struct xldm__arena *arena)
{
    static const char name[] = "XENSTORED_PATH=";
    char path[sizeof(q->dm->rundir) + 16];
    size_t n = 0, i;
    char **v;

    if (!q->xsd)
        return environ;
    while (environ[n])
        n++;
    v = xldm__alloc(arena, (n + 2) * sizeof(*v));
    for (i = n = 0; v && environ[i]; i++)
        if (strncmp(environ[i], name, sizeof(name) - 1))
            v[n++] = environ[i];
    if (v)
        v[n] = xldm__fmt(arena, "%s%s", name, xenstore_path(q, path));
    return arena->failed ? NULL : v;
}

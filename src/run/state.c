/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `xldm list` shows of us, in xenstore; libxl removes it at the end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/dm.h"

#define TRIES 10

struct node {
    struct dm *dm;
    xs_transaction_t transaction;
    bool ok;
};

XLDM__PRINTF(3, 4)
static void put(struct node *n, const char *path, const char *fmt, ...)
{
    char value[1024];
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = vsnprintf(value, sizeof(value), fmt, ap);
    va_end(ap);
    if ((size_t)length >= sizeof(value)) /* XenStore itself ends at 4 KiB */
        length = sizeof(value) - 1;
    n->ok = n->ok && xs_write(n->dm->xs, n->transaction, path, value,
                              (unsigned)length);
}

/* XenStore has fewer letters than group names: the others become @XX. */
static void group_path(char *path, size_t size, struct dm *dm,
                       const char *name)
{
    size_t used = (size_t)snprintf(path, size, "/libxl/%u/xldm/groups/",
                                   dm->domid);

    for (; *name && used + 4 < size; name++)
        used += (size_t)snprintf(path + used, size - used,
                                 strchr(".:", *name) ? "@%02x" : "%c", *name);
}

const char *qemu_state(const struct qemu *q)
{
    if (q->detached)
        return "detached";
    if (q->pid)
        return q->ready ? "running" : "starting";
    return "dead";
}

static void devices_of(const struct qemu *q, char *list, size_t size)
{
    const struct xldm_plan *plan = q->dm->plan;
    size_t i, used = 0;

    *list = '\0';
    for (i = 0; i < plan->ndevices && used < size; i++)
        if (plan->devices[i].group == q->group)
            used += (size_t)snprintf(list + used, size - used, "%s%s",
                                     used ? "\n" : "", plan->devices[i].id);
}

static void put_group(struct node *n, const struct qemu *q)
{
    char base[256], path[288], list[1024];

    group_path(base, sizeof(base), n->dm, q->group->name);
    devices_of(q, list, sizeof(list));
    snprintf(path, sizeof(path), "%s/name", base);
    put(n, path, "%s", q->group->name);
    snprintf(path, sizeof(path), "%s/pid", base);
    put(n, path, "%d", (int)q->pid);
    snprintf(path, sizeof(path), "%s/server", base);
    put(n, path, "%d", q->server);
    snprintf(path, sizeof(path), "%s/state", base);
    put(n, path, "%s", qemu_state(q));
    snprintf(path, sizeof(path), "%s/devices", base);
    put(n, path, "%s", list);
}

/* What is below inherits the permissions. */
static void put_all(struct node *n)
{
    struct xs_permissions nobody = { .id = 0, .perms = XS_PERM_NONE };
    struct dm *dm = n->dm;
    char base[64], path[80];
    size_t i;

    snprintf(base, sizeof(base), "/libxl/%u/xldm", dm->domid);
    n->ok = xs_mkdir(dm->xs, n->transaction, base) &&
            xs_set_permissions(dm->xs, n->transaction, base, &nobody, 1);
    snprintf(path, sizeof(path), "%s/pid", base);
    put(n, path, "%d", (int)getpid());
    snprintf(path, sizeof(path), "%s/instance", base);
    put(n, path, "%s", dm->instance);
    snprintf(path, sizeof(path), "%s/groups", base);
    xs_rm(dm->xs, n->transaction, path); /* of groups that have ended */
    for (i = 0; i < dm->nqemus; i++)
        if (!dm->qemus[i].ended)
            put_group(n, &dm->qemus[i]);
}

/* A write would make the folder of a domain that libxl has removed. */
static bool domain_is_there(struct node *n)
{
    char path[64];
    unsigned length;
    void *value;

    snprintf(path, sizeof(path), "/libxl/%u", n->dm->domid);
    value = xs_read(n->dm->xs, n->transaction, path, &length);
    free(value);
    return value != NULL;
}

static bool attempt(struct dm *dm)
{
    struct node n = { .dm = dm };

    n.transaction = xs_transaction_start(dm->xs);
    if (n.transaction == XBT_NULL)
        return false;
    if (!domain_is_there(&n)) {
        xs_transaction_end(dm->xs, n.transaction, true);
        return true;
    }
    put_all(&n);
    if (!n.ok) {
        int error = errno;

        xs_transaction_end(dm->xs, n.transaction, true);
        errno = error;
        return false;
    }
    return xs_transaction_end(dm->xs, n.transaction, false);
}

bool dm_state_write(struct dm *dm)
{
    int i;

    for (i = 0; i < TRIES; i++) {
        if (attempt(dm))
            return true;
        if (errno != EAGAIN)
            break;
    }
    return xldm__error(dm->ctx, XLDM__NONE,
                       "cannot write /libxl/%u/xldm: %s", dm->domid,
                       strerror(errno));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose the xenstore nodes of PV halves are. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#include "run/nodes.h"

enum place { ELSEWHERE, ABOVE, INSIDE };

/* Is path in the folder, or is the folder in it?  INSIDE: name is the part of
 * it that follows. */
static enum place place_of(const char *path, const char *folder, char *name,
                           size_t size)
{
    size_t n = strlen(folder), length = strlen(path);

    if (!strncmp(path, folder, n) && path[n] == '/' && path[n + 1]) {
        length = strcspn(path + n + 1, "/");
        if (length >= size)
            return ELSEWHERE;
        memcpy(name, path + n + 1, length);
        name[length] = '\0';
        return INSIDE;
    }
    while (length && path[length - 1] == '/')
        length--;
    return length <= n && !strncmp(path, folder, length) &&
                   (folder[length] == '/' || !folder[length])
               ? ABOVE
               : ELSEWHERE;
}

static const struct xldm__group *group_of(const struct xldm_plan *plan,
                                          const struct xldm__class *class,
                                          const char *name)
{
    char id[64], own[64];

    if (!class->pv_nodes->identity(name, id, sizeof(id)))
        return NULL;
    for (size_t i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].class == class &&
            !strcmp(xldm__class_identity(class, plan->devices[i].id, own,
                                         sizeof(own)),
                    id))
            return plan->devices[i].group;
    return NULL;
}

/* INSIDE: of a device; whose group serves it, or NULL. */
static enum place find(const struct xldm_plan *plan, uint32_t domid,
                       const char *path, const struct xldm__group **server)
{
    enum place place = ELSEWHERE, is;
    char folder[128], name[32];

    *server = NULL;
    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *class = xldm__classes[i];

        for (int front = 0; class->pv_nodes && front < 2; front++) {
            if (front)
                snprintf(folder, sizeof(folder), "/local/domain/%u/device/%s",
                         domid, class->pv_nodes->frontend);
            else
                snprintf(folder, sizeof(folder),
                         "/local/domain/0/backend/%s/%u",
                         class->pv_nodes->backend, domid);
            is = place_of(path, folder, name, sizeof(name));
            if (is == INSIDE) {
                *server = group_of(plan, class, name);
                if (*server && !xldm__group_serves(*server))
                    *server = NULL;
                return INSIDE;
            }
            if (is == ABOVE)
                place = ABOVE;
        }
    }
    return place;
}

bool nodes_shared(const struct xldm_plan *plan)
{
    for (size_t i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].class->pv_nodes && plan->devices[i].group &&
            xldm__group_serves(plan->devices[i].group))
            return true;
    return false;
}

/* A QEMU looks for its backends from above, and must not change that. */
static bool only_looks(uint32_t type)
{
    switch (type) {
    case XS_DIRECTORY:
    case XS_DIRECTORY_PART:
    case XS_READ:
    case XS_GET_PERMS:
    case XS_WATCH:
    case XS_UNWATCH:
    case XS_WATCH_EVENT:
        return true;
    default:
        return false;
    }
}

bool nodes_are_real(const struct xldm_plan *plan, uint32_t domid,
                    const struct xldm__group *group, uint32_t type,
                    const char *path)
{
    const struct xldm__group *server;
    char whole[XENSTORE_ABS_PATH_MAX + 32];
    enum place place;

    snprintf(whole, sizeof(whole), "%s%s",
             *path == '/' ? "" : "/local/domain/0/", path);
    place = find(plan, domid, whole, &server);
    if (group->primary)
        return !server;
    if (place == ABOVE)
        return only_looks(type);
    return server == group;
}

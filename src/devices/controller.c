/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A controller as such: its group is that of the devices on it.  Which there
 * are, the devices say. */
#include <stdio.h>
#include <string.h>
#include "config/xml.h"
#include "devices/foreign.h"

static const char *const ids[] = { "ide", "ahci0", "lsi0", "virtio-serial0" };

static bool controller_later(const char *id, char *controller, size_t size)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        if (strcmp(ids[i], id))
            continue;
        snprintf(controller, size, "%s", id);
        return true;
    }
    return false;
}

struct controller {
    struct xldm__device base;
    int type; /* index of ids */
    int index, fixed;
};

#define CONTROLLER(member) .offset = offsetof(struct controller, member)

static const struct xldm__name type_names[] = {
    { "ide", 0 },
    { "sata", 1 },
    { "scsi", 2 },
    { "virtio-serial", 3 },
    { NULL, 0 },
};
static const struct xldm__name model_names[] = { { "lsilogic", 0 },
                                                 { "piix3", 0 },
                                                 { NULL, 0 } };

static const struct xldm__field fields[] = {
    { .path = "@type", .kind = XLDM__ENUM, CONTROLLER(type),
      .names = type_names, .required = true },
    { .path = "@index", .kind = XLDM__INT, CONTROLLER(index) },
    { .path = "@model", .kind = XLDM__ENUM, CONTROLLER(fixed),
      .names = model_names },
    { .path = "@ports", .kind = XLDM__IGNORED,
      .why = "the devices on it say how many" },
    { .path = "@vectors", .kind = XLDM__IGNORED,
      .why = "libxl leaves it to QEMU" },
    { 0 },
};

static bool controller_finish(struct xldm_ctx *ctx, struct xldm__device *base,
                              unsigned index)
{
    const struct controller *c = (const struct controller *)base;
    const char *id = ids[c->type];

    (void)index;
    if (c->index)
        return xldm__error(ctx, base->loc,
                           "<controller> @index: %d is not accepted; "
                           "accepted: 0, libxl has one '%s' in a domain",
                           c->index, id);
    snprintf(base->id, sizeof(base->id), "%s", id);
    snprintf(base->controller, sizeof(base->controller), "%s", id);
    return true;
}

static void controller_imply(struct xldm__device *base)
{
    int type = 0;

    while (strcmp(ids[type], base->id))
        type++;
    ((struct controller *)base)->type = type;
}

const struct xldm__class xldm__controller = {
    .kind = "controller",
    .group_name = "storage",
    .joins = true,
    .imply = controller_imply,
    .later = controller_later,
    .element = "controller",
    .when = { .child = { "devicemodel", "address" } },
    .size = sizeof(struct controller),
    .fields = fields,
    .foreign = xldm__controller_foreign,
    .finish = controller_finish,
};

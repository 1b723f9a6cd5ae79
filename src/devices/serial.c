/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Serial ports: ISA UARTs at the four usual places. */
#include <stdio.h>
#include <string.h>
#include "devices/class.h"

/* ------------------------------------------------------- argv side ---- */

static void emit_serial(struct xldm__emit *e)
{
    const libxl_domain_build_info *b = &e->cfg->b_info;

    if (b->u.hvm.serial) {
        xldm__argv_add(e->argv, "-serial");
        xldm__argv_add(e->argv, b->u.hvm.serial);
        return;
    }
    for (char **s = b->u.hvm.serial_list; s && *s; s++) {
        xldm__argv_add(e->argv, "-serial");
        xldm__argv_add(e->argv, *s);
    }
}

static const struct xldm__emitter emitters[] = {
    { XLDM__AT_SERIAL, emit_serial },
    { 0, NULL },
};

#define UART(base)                                                            \
    {                                                                         \
        { XLDM_PORT, base, base + 7, "QEMU hw/char/serial-isa.c" },           \
        {                                                                     \
            0, 0, 0, NULL                                                     \
        }                                                                     \
    }
static const struct xldm__claim uarts[4][2] = {
    UART(0x3f8), UART(0x2f8), UART(0x3e8), UART(0x2e8),
};

static const struct xldm__controller controllers[] = {
    { "serial", false, -1, NULL },
    { NULL, false, -1, NULL },
};

static bool serial_classify(struct xldm__part *p)
{
    if (!xldm__option_is(p->option, "serial", NULL) || !p->option->value)
        return false;
    if (!strcmp(p->option->value, "none")) {
        p->owner = XLDM__PRIMARY; /* QEMU gives it no port and no index */
        return true;
    }
    p->owner = XLDM__NAMED;
    snprintf(p->id, sizeof(p->id), "serial%u", p->seen);
    snprintf(p->controller, sizeof(p->controller), "serial");
    p->claims = p->seen < 4 ? uarts[p->seen] : NULL;
    return true;
}

const struct xldm__class xldm__serial = {
    .kind = "serial",
    .group_name = "serial",
    .emitters = emitters,
    .controllers = controllers,
    .classify = serial_classify,
    .element = "serial",
};

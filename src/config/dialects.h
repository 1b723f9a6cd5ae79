/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device_models of xl.cfg: "QEMU disaggregation" as Julien Grall's patches of
 * 2012 wrote it, in three dialects that say the same of different things.
 *   A  March 2012     pci=, mmio= and pio= of each device model
 *   B  August 2012    capabilities, and vifs by their id=
 *   C  January 2013   the same, and vifs by their vifname=
 */
#ifndef XLDM_DIALECTS_H
#define XLDM_DIALECTS_H

#include "config/cfg.h"
#include "dm/plan.h"

#define KEY "device_models"

struct xldm__models;

struct xldm__model { /* an entry of the list: a QEMU */
    const char *name, *path; /* NULL: not said */
    struct xldm_loc loc;
    unsigned devices; /* it got */
};

struct xldm__model_word;

struct xldm__word_row { /* ends with a NULL name */
    const char *name;
    char dialect; /* 'A', 'B' (and C), or 0 for all */
    bool (*apply)(struct xldm__models *m, struct xldm__model_word *w);
    enum xldm_space space; /* of ranges */
    const char *classes;   /* of a capability, which stands without '=' */
};

struct xldm__model_word { /* what it is to have */
    const struct xldm__word_row *row; /* NULL: no dialect knows it */
    const char *text;  /* as it stands there */
    char *value;       /* behind '='; NULL: there is none */
    struct xldm__model *model;
};

struct xldm__models {
    struct xldm__cfg *cfg;
    struct xldm__arena arena;
    struct xldm__model *v, *primary;
    struct xldm__model_word *words;
    size_t n, nwords;
    char dialect;
    struct xldm_plan *plan; /* A: of the unsplit domain, before any group */
};

/* False once it has been reported that another model has it. */
bool xldm__models_put(struct xldm__models *m, struct xldm__model_word *w,
                      struct xldm__device *dev);

/* dialect_vifs.c: vifs=; has any vif this word?; cards that no entry names */
bool xldm__models_vifs(struct xldm__models *m, struct xldm__model_word *w);
bool xldm__models_any_vif(const struct xldm__models *m, const char *key);
void xldm__models_warn_vifs(const struct xldm__models *m);

/* dialect_a.c: the devices that answer what w names */
bool xldm__models_range(struct xldm__models *m, struct xldm__model_word *w);

#endif

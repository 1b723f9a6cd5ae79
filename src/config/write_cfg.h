/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The xl.cfg writer: the rows that read a key write it, too. */
#ifndef XLDM_WRITE_CFG_H
#define XLDM_WRITE_CFG_H

#include "config/cfg.h"

struct xldm__cfg_out {
    struct xldm_ctx *ctx;
    const struct xldm_domain *dom;
    const struct xldm_domain *plain; /* of which nothing was said */
    const struct xldm__class *class; /* whose keys these are; NULL: none's */
    FILE *out;
    FILE *item; /* being made, into text */
    char *text;
    size_t size;
    bool open, failed; /* a list; out of memory */
    /* Something that cannot be said, or is only near it; it was reported. */
    bool unsaid, near;
};

#define XLDM__WRITE(name)                                                     \
    void xldm__write_##name(struct xldm__cfg_out *o,                          \
                            const struct xldm__key *row)

/* What the row's member holds, if it is not what it is anyway. */
XLDM__WRITE(string);
XLDM__WRITE(long);
XLDM__WRITE(mib);
XLDM__WRITE(defbool);
XLDM__WRITE(name);
XLDM__WRITE(list);
XLDM__WRITE(get); /* a list of what get() has */

void xldm__write_text(struct xldm__cfg_out *o, const char *key,
                      const char *value);
void xldm__write_flag(struct xldm__cfg_out *o, const char *key,
                      libxl_defbool value);
/* "name=value" of the item being made.  A character of cannot would end the
 * word: that is an error. */
void xldm__write_word(struct xldm__cfg_out *o, struct xldm_loc loc,
                      const char *name, const char *value,
                      const char *cannot);
void xldm__write_wordf(struct xldm__cfg_out *o, const char *fmt, ...)
    XLDM__PRINTF(2, 3);
/* Ends the item; the first one opens the list. */
void xldm__write_item(struct xldm__cfg_out *o, const char *key);
/* "key = [ ... ]" of one, or of list */
void xldm__write_strings(struct xldm__cfg_out *o, const char *key,
                         const char *one, char *const *list);
void xldm__write_close(struct xldm__cfg_out *o);

/* Where device i of the class that is being written was. */
struct xldm_loc xldm__write_loc(const struct xldm__cfg_out *o, int i);

/* write_machine.c, write_cpu.c, write_groups.c */
XLDM__WRITE(type);
XLDM__WRITE(uuid);
XLDM__WRITE(init_seclabel);
XLDM__WRITE(seclabel);
XLDM__WRITE(kernel);
XLDM__WRITE(viridian);
XLDM__WRITE(ms_vm_genid);
XLDM__WRITE(gfx_passthru);
XLDM__WRITE(isolate);
XLDM__WRITE(rdm);
XLDM__WRITE(vcpus);
XLDM__WRITE(maxvcpus);
XLDM__WRITE(cpus);
XLDM__WRITE(vnuma);
XLDM__WRITE(groups);

#endif

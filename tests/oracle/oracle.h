/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The oracle: libxl's own object code and our library side by side in one
 * program, given the same configs.
 *
 *   oracle.c     options, the loop, the verdict
 *   generate.c   a random config; peripherals.c a part of it
 *   xl_text.c    a random xl.cfg
 *   xl.c         that, as xl and as we read it; and what we write of it
 *   convert.c    that as XML, and read again
 *   peer.c       libxl's argv for a config
 *   below.c      what libxl asks of hypervisor, xenstore and file system
 *   compare.c    argument by argument, and the diff
 *   wishes.c     random wishes for its devices
 *   split.c      a split by them, and what every plan must keep
 *   layout.c     the same, what a guest sees of it: slots, links, memory
 *   claims.c     the same, who answers what
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <libxl.h>
#include <libxl_utils.h>
#include "dm/plan.h"

#define ORACLE_DOMID 7
/* what stands in libxl's argv for our placeholders */
#define ORACLE_FD "20"
#define ORACLE_RUNAS "131079:131072"

/* ---- generate.c, peripherals.c ---- */

#define PICK(dice, list)                                                       \
    ((list)[dice_below(dice, sizeof(list) / sizeof(*(list)))])
#define NEW(array, n) ((array) = calloc((n), sizeof(*(array))))

struct dice {
    uint64_t state;
};

unsigned dice_below(struct dice *dice, unsigned n);
bool dice_chance(struct dice *dice, unsigned percent);
char *word(const char *s);
void random_bool(struct dice *dice, libxl_defbool *b);
libxl_string_list random_list(struct dice *dice, const char *const *words,
                              unsigned nwords, unsigned n);
void generate_peripherals(struct dice *dice, libxl_domain_config *cfg);
/* cfg: not initialised yet; the caller disposes of it. */
void generate_config(struct dice *dice, libxl_domain_config *cfg);

/* ---- xl_text.c, xl.c ---- */

char *generate_cfg(struct dice *dice, size_t *size);

enum xl_verdict {
    XL_SAME,
    XL_DIFFERENT,
    XL_REFUSED,     /* by both */
    XL_OURS_REFUSE, /* xl does not */
};

struct xl_case {
    const char *text;
    size_t size;
    const char *mock, *xl; /* paths */
    FILE *log;
    bool lossy; /* it was said that xl.cfg cannot say all of it */
    struct xldm_domain *dom;    /* as we read it, or NULL */
    libxl_domain_config theirs; /* as xl does */
};

/* Fills dom and theirs, of which the caller disposes. */
enum xl_verdict xl_compare(struct xl_case *c, libxl_ctx *ctx);

/* ---- convert.c ---- */

/* log: what went wrong */
bool convert_survives(struct xldm_domain *dom, FILE *log);

/* ---- peer.c, below.c ---- */

struct peer;

struct peer *peer_new(bool verbose);
void peer_free(struct peer *peer);
libxl_ctx *peer_ctx(struct peer *peer);

/* libxl's argv for cfg, to which it applies its defaults.  Borrowed until the
 * next call; NULL if libxl refuses this config. */
char **peer_argv(struct peer *peer, libxl_domain_config *cfg);

/* Microseconds that libxl takes to build the argv of cfg once more, the median
 * of many; less than 0: it refuses. */
double peer_time(struct peer *peer, libxl_domain_config *cfg);

/* ---- compare.c ---- */

size_t argv_count(char *const *argv);
/* Puts what the peer used in the place of our placeholders.  filled: the
 * config as the peer left it. */
void argv_fill(struct xldm__argv *argv, const libxl_domain_config *filled);
/* Equal, but for commas that we double inside values.  before: the argument
 * that stands before both. */
bool arg_same(const char *before, const char *a, const char *b);
bool argv_same(char *const *theirs, const struct xldm__argv *ours);
void argv_diff(FILE *out, char *const *theirs, const struct xldm__argv *ours);

/* ---- wishes.c ---- */

#define MAX_WISHES 64

struct wishes {
    struct xldm__arena arena;
    struct xldm__wish v[MAX_WISHES];
    xldm_dm_affinity affinities[MAX_WISHES];
    size_t n;
};

/* Groups, their settings and PCI slots for devices of cfg. */
void random_wishes(struct dice *dice, const libxl_domain_config *cfg,
                   struct wishes *w);

/* ---- split.c, layout.c, claims.c ---- */

struct findings { /* what went wrong, as text */
    FILE *out;
    unsigned n;
};

void finding(struct findings *f, const char *fmt, ...) XLDM__PRINTF(2, 3);

/* Splits ours (and theirs) in a random way and checks the plan.
 * split_out: the wishes were accepted. */
void check_split(struct dice *dice, const libxl_domain_config *cfg,
                 char *const *theirs, const struct xldm__argv *ours,
                 struct findings *f, bool *split_out);

void check_claims(const struct xldm_plan *unsplit,
                  const struct xldm_plan *plan, struct findings *f);
void check_owners(const struct xldm_plan *plan, struct findings *f);
void check_options(const struct xldm__split *in,
                   const struct xldm_plan *plan, struct findings *f);
void check_memory(const struct xldm_plan *plan, struct findings *f);
void check_links(const struct xldm_plan *plan, struct findings *f);

#endif

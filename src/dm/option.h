/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One option of a QEMU command line, taken apart. */
#ifndef XLDM_OPTION_H
#define XLDM_OPTION_H

#include "base/base.h"

struct xldm__option {
    const char *name;  /* "-device"; a word without dash as it is */
    const char *value; /* NULL: the option takes none */
};

/* The option at argv[*i]; moves *i past it and its value. */
struct xldm__option xldm__option_next(const char *const *argv, size_t argc,
                                      size_t *i);

/* Is it `-NAME`, and (prefix not NULL) its value's first word prefix? */
bool xldm__option_is(const struct xldm__option *o, const char *name,
                     const char *first);

/*
 * The value of key in "first,key=value,key=value"; doubled commas become
 * one.  An empty key asks for the first word.  Returns buf, or NULL if there
 * is no such key or it does not fit.
 */
char *xldm__option_get(const struct xldm__option *o, const char *key,
                       char *buf, size_t size);

/* value with every comma doubled, as QEMU's option parser wants it */
const char *xldm__escape(struct xldm__arena *a, const char *value);

#endif

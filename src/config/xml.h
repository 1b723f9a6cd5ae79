/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The XML reader: field tables in, an object filled or every error named. */
#ifndef XLDM_XML_H
#define XLDM_XML_H

#include <libxml/tree.h>

#include "config/domain.h"
#include "config/tree.h"

struct xldm__table {
    const struct xldm__field *fields;
    void *object;
};

struct xldm__reader;

/* *known: the element is a device's, and was read. */
typedef bool xldm__device_fn(struct xldm__reader *r,
                             const struct xldm__node *node, bool *known);

#define XLDM__TABLES 4

/* Reads one element by up to four tables; rows of all stand side by side. */
struct xldm__reader {
    struct xldm_ctx *ctx;
    struct xldm_domain *dom;
    struct xldm__table tables[XLDM__TABLES];
    const char *element; /* set by xldm__xml_read(), for messages */
    unsigned limit;      /* of ctx->errors; 0: none */
    /* Elements below "devices/" that are devices; NULL: there are none. */
    xldm__device_fn *device;
};

/* False once everything wrong in node and below has been reported. */
bool xldm__xml_read(struct xldm__reader *r, const struct xldm__node *node);

/* Is what it stands for accepted without an effect? */
bool xldm__field_idle(const struct xldm__field *f);

/* Puts one value where the row says; loc is that of the element. */
bool xldm__field_set(struct xldm__reader *r, const struct xldm__table *table,
                     const struct xldm__field *f, const char *value,
                     struct xldm_loc loc);

struct xldm_loc xldm__xml_loc(const struct xldm__reader *r,
                              const struct xldm__node *node);

/* The children (attributes: false) or attributes that the tables know below
 * prefix, as "a, b, c"; "none" if there are none. */
const char *xldm__xml_accepted(const struct xldm__reader *r,
                               const char *prefix, bool attributes, char *buf,
                               size_t size);

/* domain.c: shape alone, then xldm__domain_finish() */
struct xldm_domain *xldm__domain_parse(struct xldm_ctx *ctx, const char *text,
                                       size_t size, const char *file);
struct xldm_domain *xldm__domain_read_memory(struct xldm_ctx *ctx,
                                             const char *text, size_t size,
                                             const char *file);

/* A whole one from a tree. */
struct xldm_domain *xldm__domain_read_tree(struct xldm_ctx *ctx,
                                           const struct xldm__node *root,
                                           const char *file);

/* cfg.c: the same from xl.cfg; and which of both a text is */
bool xldm__is_xml(const char *text, size_t size);
struct xldm_domain *xldm__cfg_read_memory(struct xldm_ctx *ctx,
                                          const char *text, size_t size,
                                          const char *file);

/* parse.c: to the letter, for who writes it again; NULL once the error has
 * been reported */
xmlDoc *xldm__xml_parse(struct xldm_ctx *ctx, const char *text, size_t size,
                        const char *file);

#define XLDM__FILE_MAX (1u << 20) /* a description is a few kilobytes */

/* file.c: "-" is standard input; malloc'ed */
char *xldm__file_read(struct xldm_ctx *ctx, const char *path, size_t *size);
/* Whole or not at all: a file beside it takes its place, with its mode. */
bool xldm__file_replace(struct xldm_ctx *ctx, const char *path,
                        const char *text, size_t size);

/* platform_xml.c: what is neither device nor affinity */
/* *shape: is all of it as the schemas say? */
bool xldm__platform_read(struct xldm_ctx *ctx, struct xldm_domain *dom,
                         const struct xldm__node *root, xldm__device_fn *device,
                         bool *shape);
/* Once all devices are in cfg: what their absence means. */
bool xldm__platform_finish(struct xldm_ctx *ctx,
                           const struct xldm_domain *dom);

/* read.c: what every device may have */
extern const struct xldm__field xldm__device_fields[];
/* ... and one on the PCI bus: its pin */
extern const struct xldm__field xldm__pci_fields[];

/* boot.c: those of the devices, as libxl's for the domain */
bool xldm__boot_order(struct xldm_ctx *ctx, struct xldm_domain *dom);

/* exact.c: <xldm:config>, kept until all else is in libxl's config */
bool xldm__exact_known(const char *key); /* as an attribute */
bool xldm__exact_add(struct xldm_ctx *ctx, struct xldm_domain *dom,
                     enum xldm__exact_kind kind, const char *key,
                     const char *text, struct xldm_loc loc);
bool xldm__exact_apply(struct xldm_ctx *ctx, struct xldm_domain *dom);

/* field.c: helpers for set() and finish() of the tables */
bool xldm__string_set(struct xldm_ctx *ctx, char **where, const char *value);
/* One more zeroed element of a list of libxl's; list is the address of its
 * pointer.  NULL when out of memory. */
void *xldm__grow(void *list, int *n, size_t size);
/* One more string at the end of a list of libxl's. */
bool xldm__list_add(struct xldm_ctx *ctx, libxl_string_list *list,
                    const char *value);
/* 0x1f, 31, 037: as in PCI addresses */
bool xldm__hex(const char *s, unsigned max, unsigned *out);
/* n bytes of two hex digits each; mark may stand before any of them, or, if
 * always, stands between each two. */
bool xldm__bytes(const char *s, char mark, bool always, uint8_t *out, size_t n);
bool xldm__number(const char *s, int64_t min, int64_t max, int64_t *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PV devices of xl.cfg that no QEMU emulates: libxl's config gets them. */
#include <stdlib.h>
#include <string.h>

#include "config/cfg.h"
#include "config/xml.h"

#include <xen/io/kbdif.h> /* wants the integer types to be there */

struct word { /* ends with a NULL name */
    const char *name;
    enum { TEXT, NUMBER, FLAG, UUID, NAME } kind;
    size_t offset;
    const libxl_enum_string_table *names;
    bool required;
};

#define WORD(type, name, kind, member)                                        \
    { name, kind, offsetof(libxl_device_##type, member), NULL, false }

static bool set(struct xldm__cfg *cfg, const char *key, const struct word *w,
                void *where, const char *value, struct xldm_loc loc)
{
    int v;

    switch (w->kind) {
    case TEXT:
        return xldm__string_set(cfg->ctx, where, value);
    case NUMBER:
        *(uint32_t *)where = (uint32_t)strtoul(value, NULL, 0);
        return true;
    case FLAG:
        *(bool *)where = strtoul(value, NULL, 0) != 0;
        return true;
    case UUID:
        return !libxl_uuid_from_string(where, value) ||
               xldm__error(cfg->ctx, loc, "%s uuid: '%s' is not a UUID", key,
                           value);
    case NAME:
        v = xldm__cfg_name(w->names, value);
        if (v < 0)
            return xldm__cfg_not_accepted(cfg, loc, key, value, w->names);
        *(int *)where = v;
        return true;
    }
    return true;
}

static bool bad_word(struct xldm__cfg *cfg, const char *key, const char *text,
                     const struct word *words, struct xldm_loc loc)
{
    char list[512] = "";
    size_t n = 0;

    for (; words->name && n < sizeof(list); words++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s=",
                              n ? ", " : "", words->name);
    return xldm__error(cfg->ctx, loc, "%s: '%s' is not accepted; accepted: %s",
                       key, text, list);
}

/* "name=value,name=value" */
static bool set_words(struct xldm__cfg *cfg, const char *key,
                      const char *text, const struct word *words,
                      void *object, struct xldm_loc loc)
{
    char *copy = strdup(text), *save = NULL;
    unsigned seen = 0;
    bool ok = copy || xldm__oom(cfg->ctx);

    for (char *p = ok ? strtok_r(copy, ",", &save) : NULL; p;
         p = strtok_r(NULL, ",", &save)) {
        const struct word *w = words;
        size_t n;

        p += strspn(p, " ");
        n = strcspn(p, "=");
        while (w->name && (strlen(w->name) != n || strncmp(w->name, p, n)))
            w++;
        if (!w->name || !p[n]) {
            ok = bad_word(cfg, key, p, words, loc);
            continue;
        }
        seen |= 1u << (w - words);
        ok &= set(cfg, key, w, (char *)object + w->offset, p + n + 1, loc);
    }
    for (const struct word *w = words; w->name; w++)
        if (w->required && !(seen & 1u << (w - words)))
            ok = xldm__error(cfg->ctx, loc, "%s lacks %s=", key, w->name);
    free(copy);
    return ok;
}

static const char *word_text(struct xldm__arena *a, const struct word *w,
                             const void *where)
{
    static const libxl_uuid none;
    const char *text;

    switch (w->kind) {
    case TEXT:
        text = *(char *const *)where;
        return text ? xldm__fmt(a, "%s=%s", w->name, text) : NULL;
    case NUMBER:
        return *(const uint32_t *)where
                   ? xldm__fmt(a, "%s=%u", w->name, *(const uint32_t *)where)
                   : NULL;
    case FLAG:
        return *(const bool *)where ? xldm__fmt(a, "%s=1", w->name) : NULL;
    case UUID:
        return memcmp(where, &none, sizeof(none))
                   ? xldm__fmt(a, "%s=" LIBXL_UUID_FMT, w->name,
                               LIBXL_UUID_BYTES(*(const libxl_uuid *)where))
                   : NULL;
    case NAME:
        text = xldm__cfg_name_of(w->names, *(const int *)where);
        return text && *(const int *)where
                   ? xldm__fmt(a, "%s=%s", w->name, text) : NULL;
    }
    return NULL;
}

/* The other way. */
static const char *words_text(struct xldm__arena *a, const struct word *words,
                              const void *object)
{
    const char *all = "";

    for (; words->name && all; words++) {
        const char *text = word_text(a, words,
                                     (const char *)object + words->offset);

        if (text)
            all = xldm__fmt(a, "%s%s%s", all, *all ? "," : "", text);
    }
    return all;
}

/* first: how many were made otherwise */
#define ITEM(type, list, count, first)                                        \
    XLDM__ITEM(type)                                                          \
    {                                                                         \
        libxl_domain_config *c = &cfg->dom->cfg;                              \
        libxl_device_##type *to = xldm__grow(&c->list, &c->count,             \
                                             sizeof(*to));                    \
                                                                              \
        if (!to)                                                              \
            return xldm__oom(cfg->ctx);                                       \
        libxl_device_##type##_init(to);                                       \
        to->devid = c->count - 1;                                             \
        return set_words(cfg, s->key, text, type##_words, to, loc) &&         \
               finish_##type(cfg, to, loc);                                   \
    }                                                                         \
                                                                              \
    XLDM__GET(type)                                                           \
    {                                                                         \
        i += (size_t)(first);                                                 \
        return i < (size_t)cfg->count                                         \
                   ? words_text(a, type##_words, &cfg->list[i]) : NULL;       \
    }

#define FINISH(type)                                                          \
    static bool finish_##type(struct xldm__cfg *cfg, libxl_device_##type *d,  \
                              struct xldm_loc loc)

/* ----------------------------------------------------------- rows ---- */

static const struct word vkb_words[] = {
    WORD(vkb, "backend", TEXT, backend_domname),
    { "backend-type", NAME, offsetof(libxl_device_vkb, backend_type),
      libxl_vkb_backend_string_table, true },
    WORD(vkb, XENKBD_FIELD_UNIQUE_ID, TEXT, unique_id),
    WORD(vkb, XENKBD_FIELD_FEAT_DSBL_KEYBRD, FLAG, feature_disable_keyboard),
    WORD(vkb, XENKBD_FIELD_FEAT_DSBL_POINTER, FLAG, feature_disable_pointer),
    WORD(vkb, XENKBD_FIELD_FEAT_ABS_POINTER, FLAG, feature_abs_pointer),
    WORD(vkb, XENKBD_FIELD_FEAT_RAW_POINTER, FLAG, feature_raw_pointer),
    WORD(vkb, XENKBD_FIELD_FEAT_MTOUCH, FLAG, feature_multi_touch),
    WORD(vkb, XENKBD_FIELD_MT_WIDTH, NUMBER, multi_touch_width),
    WORD(vkb, XENKBD_FIELD_MT_HEIGHT, NUMBER, multi_touch_height),
    WORD(vkb, XENKBD_FIELD_MT_NUM_CONTACTS, NUMBER, multi_touch_num_contacts),
    WORD(vkb, XENKBD_FIELD_WIDTH, NUMBER, width),
    WORD(vkb, XENKBD_FIELD_HEIGHT, NUMBER, height),
    { 0 },
};

FINISH(vkb)
{
    bool sizes = d->multi_touch_width || d->multi_touch_height ||
                 d->multi_touch_num_contacts;

    d->feature_multi_touch |= sizes;
    return sizes || !d->feature_multi_touch ||
           xldm__error(cfg->ctx, loc, "vkb: multi touch needs "
                       XENKBD_FIELD_MT_WIDTH "=, " XENKBD_FIELD_MT_HEIGHT
                       "= or " XENKBD_FIELD_MT_NUM_CONTACTS "=");
}

static const struct word p9_words[] = {
    { "tag", TEXT, offsetof(libxl_device_p9, tag), NULL, true },
    { "path", TEXT, offsetof(libxl_device_p9, path), NULL, true },
    { "security_model", TEXT, offsetof(libxl_device_p9, security_model), NULL,
      true },
    WORD(p9, "backend", TEXT, backend_domname),
    { 0 },
};
static const struct word vtpm_words[] = {
    { "backend", TEXT, offsetof(libxl_device_vtpm, backend_domname), NULL,
      true },
    WORD(vtpm, "uuid", UUID, uuid),
    { 0 },
};
static const struct word pvcallsif_words[] = {
    WORD(pvcallsif, "backend", TEXT, backend_domname),
    { 0 },
};

/* xl leaves its devid to libxl. */
FINISH(p9)
{
    (void)cfg, (void)loc;
    d->devid = -1;
    return true;
}

#define finish_vtpm(cfg, d, loc) true
#define finish_pvcallsif(cfg, d, loc) true

ITEM(vkb, vkbs, num_vkbs, cfg->num_vfbs) /* vfb makes one each */
ITEM(p9, p9s, num_p9s, 0)
ITEM(vtpm, vtpms, num_vtpms, 0)
ITEM(pvcallsif, pvcallsifs, num_pvcallsifs, 0)

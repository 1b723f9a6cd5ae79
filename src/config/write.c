/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes objects as elements, by the rows that the reader reads them by. */
#include <inttypes.h>
#include <libxml/chvalid.h>
#include <libxml/xmlstring.h>
#include <string.h>

#include "config/tables.h"
#include "config/write.h"

const char xldm__skip[] = "";

/* -------------------------------------------------------- elements ---- */

/* The i-th of this name. */
static struct xldm__node *child(const struct xldm__node *node, const char *name,
                                size_t n, size_t i)
{
    struct xldm__node *c = node->children;

    while (c && (*c->name != *name || strncmp(c->name, name, n) || c->name[n] ||
                 i--))
        c = c->next;
    return c;
}

/* As xldm__write_element(), of a path that is so long. */
static struct xldm__node *walk(struct xldm__writer *w, struct xldm__node *node,
                               const char *path, size_t size, size_t i)
{
    const char *end = path + size;

    while (node && path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash ? slash : end;
        size_t n = (size_t)(stop - path);
        struct xldm__node *next = child(node, path, n, slash ? 0 : i);

        node = next ? next : xldm__node_add(w->tree, node, path, n);
        path = stop + 1;
    }
    return node;
}

struct xldm__node *xldm__write_element(struct xldm__writer *w,
                                       struct xldm__node *node,
                                       const char *path, size_t i)
{
    return walk(w, node, path, strlen(path), i);
}

/* ---------------------------------------------------------- values ---- */

/* libxml2's own check takes a letter in more bytes than it needs. */
static bool is_utf8(const char *text)
{
    static const int least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    if (!xmlCheckUTF8((const xmlChar *)text))
        return false;
    for (int n = 4; *text; text += n, n = 4)
        if (xmlGetUTF8Char((const xmlChar *)text, &n) < least[n])
            return false;
    return true;
}

/* XML has no word for control characters and a few others, and none of a text
 * that is not UTF-8. */
static bool sayable(struct xldm__writer *w, const char *path,
                    const char *value)
{
    bool ascii = true;
    int c, n;

    for (const char *p = value; *p; p++) {
        ascii &= !(*p & 0x80);
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return xldm__error(w->ctx, w->loc,
                               "cannot be said in XML: %s holds a control "
                               "character (0x%02x): '%s'",
                               path, (unsigned char)*p, value);
    }
    if (!ascii && !is_utf8(value))
        return xldm__error(w->ctx, w->loc,
                           "cannot be said in XML: %s is not UTF-8: '%s'", path,
                           value);
    for (const char *p = value; !ascii && *p; p += n) {
        n = 4;
        c = xmlGetUTF8Char((const xmlChar *)p, &n);
        if (!xmlIsCharQ(c))
            return xldm__error(w->ctx, w->loc,
                               "cannot be said in XML: %s holds U+%04X: '%s'",
                               path, (unsigned)c, value);
    }
    return true;
}

void xldm__write_attribute(struct xldm__writer *w, struct xldm__node *node,
                           const char *name, const char *value)
{
    if (!node)
        return;
    if (!sayable(w, name, value))
        w->ok = false;
    else
        xldm__node_set(w->tree, node, name, value, strlen(value));
}

/* path: of an element, or of an attribute of one */
static void put(struct xldm__writer *w, struct xldm__node *node,
                const char *path, size_t i, const char *value)
{
    const char *attribute = strchr(path, '@');
    size_t n = attribute ? (size_t)(attribute - path) : strlen(path);

    if (attribute && n)
        n--; /* the '/' */
    node = walk(w, node, path, n, i);
    if (!node || (!attribute && !*value))
        return;
    if (attribute) {
        xldm__write_attribute(w, node, attribute + 1, value);
        return;
    }
    if (!sayable(w, path, value))
        w->ok = false;
    else
        xldm__text_add(&w->tree->arena, &node->text, value, strlen(value));
}

/* NULL: as a new object has it, or no name for it. */
static const char *text_of(struct xldm__writer *w,
                           const struct xldm__field *f, const void *object,
                           const void *blank)
{
    const char *where = (const char *)object + f->offset;
    const char *old = (const char *)blank + f->offset;
    const libxl_defbool *b = (const void *)where;
    char *const *s = (const void *)where;

    switch (f->kind) {
    case XLDM__STRING:
        return *s && **s ? *s : NULL;
    case XLDM__TEXT:
        return *s;
    case XLDM__INT:
        if (!f->required && !memcmp(where, old, sizeof(int)))
            return NULL;
        return xldm__fmt(&w->tree->arena, "%d",
                         *(const int *)(const void *)where);
    case XLDM__U64:
        if (!f->required && !memcmp(where, old, sizeof(uint64_t)))
            return NULL;
        return xldm__fmt(&w->tree->arena, "%" PRIu64,
                         *(const uint64_t *)(const void *)where);
    case XLDM__ENUM:
        if (!f->required && !memcmp(where, old, sizeof(int)))
            return NULL;
        return xldm__name_of(f->names, *(const int *)(const void *)where);
    case XLDM__DEFBOOL:
        if (libxl_defbool_is_default(*b))
            return NULL;
        return libxl_defbool_val(*b) ? "yes" : "no";
    case XLDM__PRESENT:
        return !libxl_defbool_is_default(*b) && libxl_defbool_val(*b) ? ""
                                                                      : NULL;
    case XLDM__CUSTOM:
    case XLDM__IGNORED:
    case XLDM__LOST:
        return NULL;
    }
    return NULL;
}

static void write_row(struct xldm__writer *w, struct xldm__node *node,
                      const struct xldm__field *f, const void *object,
                      const void *blank)
{
    const char *text;

    if (!f->get) {
        text = text_of(w, f, object, blank);
        if (text)
            put(w, node, f->path, 0, text);
        return;
    }
    for (size_t i = 0; (text = f->get(&w->tree->arena, object, i)); i++)
        if (text != xldm__skip)
            put(w, node, f->path, i, text);
}

/* The element as it is in the tree; NULL: it is not. */
static struct xldm__node *find(struct xldm__node *node, const char *path,
                               size_t size)
{
    for (size_t n; node && size; path += n + 1, size -= size > n ? n + 1 : n) {
        n = strcspn(path, "/");
        node = child(node, path, n, 0);
    }
    return node;
}

/* What an element that is there must have, though it says nothing new. */
static void complete(struct xldm__writer *w, struct xldm__node *node,
                     const struct xldm__field *f)
{
    const char *at;
    struct xldm__node *element;

    if (f->kind != XLDM__ENUM || f->get)
        return;
    at = strchr(f->path, '@');
    element = at ? find(node, f->path, (size_t)(at - f->path)) : NULL;
    if (element && !xldm__node_attribute(element, at + 1))
        xldm__write_attribute(w, element, at + 1, f->names->name);
}

void xldm__write_rows(struct xldm__writer *w, struct xldm__node *node,
                      const struct xldm__field *rows, const void *object,
                      const void *blank,
                      bool (*wanted)(const struct xldm__field *f))
{
    for (const struct xldm__field *f = rows; f->path; f++)
        if (!wanted || wanted(f))
            write_row(w, node, f, object, blank);
    for (const struct xldm__field *f = rows; f->path; f++)
        if (f->completes && (!wanted || wanted(f)))
            complete(w, node, f);
}

void xldm__write_device(struct xldm__writer *w, struct xldm__node *devices,
                        const struct xldm__device *dev)
{
    const struct xldm__class *class = dev->class;
    struct xldm__device *blank = xldm__alloc(&w->tree->arena, class->size);
    struct xldm__node *node;

    if (!blank)
        return;
    blank->class = class;
    if (class->init)
        class->init(blank);
    node = xldm__node_add(w->tree, devices, class->element,
                          strlen(class->element));
    if (node) {
        xldm__write_rows(w, node, class->fields, dev, blank, NULL);
        xldm__write_rows(w, node, xldm__device_fields, dev, blank, NULL);
        xldm__write_rows(w, node, xldm__pci_fields, dev, blank, NULL);
    }
    if (class->dispose)
        class->dispose(blank);
}

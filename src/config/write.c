/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes objects as elements, by the rows that the reader reads them by. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/tables.h"
#include "config/write.h"

const char xldm__skip[] = "";

/* -------------------------------------------------------- elements ---- */

static xmlNs *namespace(xmlDoc *doc, const char *prefix)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlNs *ns = xmlSearchNs(doc, root, (const xmlChar *)prefix);

    return ns ? ns : xmlNewNs(root, (const xmlChar *)xldm__xml_space(prefix),
                              (const xmlChar *)prefix);
}

/* name: "disk" or "xldm:pci" */
static bool is_named(const xmlNode *node, const char *name, size_t n)
{
    const char *prefix = node->ns ? (const char *)node->ns->prefix : NULL;
    size_t k = prefix ? strlen(prefix) : 0;

    if (node->type != XML_ELEMENT_NODE)
        return false;
    if (prefix) {
        if (n <= k || memcmp(name, prefix, k) || name[k] != ':')
            return false;
        name += k + 1;
        n -= k + 1;
    }
    return !strncmp((const char *)node->name, name, n) && !node->name[n];
}

static xmlNode *add_child(xmlDoc *doc, xmlNode *node, const char *name,
                          size_t n)
{
    char buf[PATH_SIZE], *colon;
    xmlNs *ns = NULL;
    xmlNode *child;

    memcpy(buf, name, n);
    buf[n] = '\0';
    colon = strchr(buf, ':');
    if (colon) {
        *colon = '\0';
        ns = namespace(doc, buf);
    }
    child = xmlNewDocNode(doc, ns, (const xmlChar *)(colon ? colon + 1 : buf),
                          NULL);
    return child ? xmlAddChild(node, child) : NULL;
}

static xmlNode *step(xmlDoc *doc, xmlNode *node, const char *name, size_t n,
                     size_t i)
{
    for (xmlNode *c = node->children; c; c = c->next)
        if (is_named(c, name, n) && !i--)
            return c;
    return n < PATH_SIZE ? add_child(doc, node, name, n) : NULL;
}

/* As xldm__write_element(), of a path that is so long. */
static xmlNode *walk(struct xldm__writer *w, xmlNode *node, const char *path,
                     size_t size, size_t i)
{
    const char *end = path + size;

    while (node && path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash ? slash : end;

        node = step(w->doc, node, path, (size_t)(stop - path), slash ? 0 : i);
        path = stop + 1;
    }
    if (!node && w->ok)
        w->ok = xldm__oom(w->ctx);
    return node;
}

xmlNode *xldm__write_element(struct xldm__writer *w, xmlNode *node,
                             const char *path, size_t i)
{
    return walk(w, node, path, strlen(path), i);
}

/* ---------------------------------------------------------- values ---- */

/* XML has no word for control characters, and none of a text that is not
 * UTF-8. */
static bool sayable(struct xldm__writer *w, const char *path,
                    const char *value)
{
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return xldm__error(w->ctx, w->loc,
                               "cannot be said in XML: %s holds a control "
                               "character (0x%02x): '%s'",
                               path, (unsigned char)*p, value);
    return xmlCheckUTF8((const xmlChar *)value) ||
           xldm__error(w->ctx, w->loc,
                       "cannot be said in XML: %s is not UTF-8: '%s'", path,
                       value);
}

void xldm__write_attribute(struct xldm__writer *w, xmlNode *node,
                           const char *name, const char *value)
{
    if (!node)
        return;
    if (!sayable(w, name, value))
        w->ok = false;
    else if (!xmlSetProp(node, (const xmlChar *)name,
                         (const xmlChar *)value) && w->ok)
        w->ok = xldm__oom(w->ctx);
}

/* path: of an element, or of an attribute of one */
static void put(struct xldm__writer *w, xmlNode *node, const char *path,
                size_t i, const char *value)
{
    const char *attribute = strchr(path, '@');
    size_t n = attribute ? (size_t)(attribute - path) : strlen(path);
    xmlNode *text;

    if (attribute && n)
        n--; /* the '/' */
    node = walk(w, node, path, n, i);
    if (!node || (!attribute && !*value))
        return;
    if (attribute) {
        xldm__write_attribute(w, node, attribute + 1, value);
        return;
    }
    if (!sayable(w, path, value)) {
        w->ok = false;
        return;
    }
    text = xmlNewText((const xmlChar *)value);
    if (!text)
        w->ok = xldm__oom(w->ctx);
    else
        xmlAddChild(node, text);
}

static const char *name_of(const struct xldm__name *names, int value)
{
    while (names->name && names->value != value)
        names++;
    return names->name;
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
        return xldm__fmt(&w->arena, "%d", *(const int *)(const void *)where);
    case XLDM__U64:
        if (!f->required && !memcmp(where, old, sizeof(uint64_t)))
            return NULL;
        return xldm__fmt(&w->arena, "%" PRIu64,
                         *(const uint64_t *)(const void *)where);
    case XLDM__ENUM:
        if (!f->required && !memcmp(where, old, sizeof(int)))
            return NULL;
        return name_of(f->names, *(const int *)(const void *)where);
    case XLDM__DEFBOOL:
        if (libxl_defbool_is_default(*b))
            return NULL;
        return libxl_defbool_val(*b) ? "yes" : "no";
    case XLDM__PRESENT:
        return !libxl_defbool_is_default(*b) && libxl_defbool_val(*b) ? ""
                                                                      : NULL;
    case XLDM__CUSTOM:
    case XLDM__IGNORED:
        return NULL;
    }
    return NULL;
}

static void write_row(struct xldm__writer *w, xmlNode *node,
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
    for (size_t i = 0; (text = f->get(&w->arena, object, i)); i++)
        if (text != xldm__skip)
            put(w, node, f->path, i, text);
}

/* The element as it is in the tree; NULL: it is not. */
static xmlNode *find(xmlNode *node, const char *path, size_t size)
{
    while (node && size) {
        size_t n = strcspn(path, "/");
        xmlNode *child = node->children;

        while (child && (child->type != XML_ELEMENT_NODE || child->ns ||
                         strlen((const char *)child->name) != n ||
                         memcmp(child->name, path, n)))
            child = child->next;
        node = child;
        path += n + 1;
        size -= size > n ? n + 1 : n;
    }
    return node;
}

/* What an element that is there must have, though it says nothing new. */
static void complete(struct xldm__writer *w, xmlNode *node,
                     const struct xldm__field *f)
{
    const char *at;
    xmlNode *element;

    if (f->kind != XLDM__ENUM || !f->completes || f->get)
        return;
    at = strchr(f->path, '@');
    element = at ? find(node, f->path, (size_t)(at - f->path)) : NULL;
    if (element && !xmlHasProp(element, (const xmlChar *)at + 1))
        xldm__write_attribute(w, element, at + 1, f->names->name);
}

void xldm__write_rows(struct xldm__writer *w, xmlNode *node,
                      const struct xldm__field *rows, const void *object,
                      const void *blank,
                      bool (*wanted)(const struct xldm__field *f))
{
    for (const struct xldm__field *f = rows; f->path; f++)
        if (!wanted || wanted(f))
            write_row(w, node, f, object, blank);
    for (const struct xldm__field *f = rows; f->path; f++)
        if (!wanted || wanted(f))
            complete(w, node, f);
}

void xldm__write_device(struct xldm__writer *w, xmlNode *devices,
                        const struct xldm__device *dev)
{
    const struct xldm__class *class = dev->class;
    struct xldm__device *blank = calloc(1, class->size);
    xmlNode *node;

    if (!blank) {
        w->ok = xldm__oom(w->ctx);
        return;
    }
    blank->class = class;
    if (class->init)
        class->init(blank);
    node = xmlNewChild(devices, NULL, (const xmlChar *)class->element, NULL);
    if (node) {
        xldm__write_rows(w, node, class->fields, dev, blank, NULL);
        xldm__write_rows(w, node, xldm__device_fields, dev, blank, NULL);
        xldm__write_rows(w, node, xldm__pci_fields, dev, blank, NULL);
    } else {
        w->ok = xldm__oom(w->ctx);
    }
    if (class->dispose)
        class->dispose(blank);
    free(blank);
}

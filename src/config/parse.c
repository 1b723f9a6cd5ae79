/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML into a tree: no network, no entities. */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "config/xml.h"

struct parse {
    struct xldm_ctx *ctx;
    const char *file;
    struct xldm__tree *tree; /* NULL: libxml2's own is wanted */
    struct xldm__node *open; /* the element whose end is to come */
    bool failed;
};

/* --------------------------------------------------------- refusals ---- */

/* Only the first error counts: those after it follow from it. */
static void on_error(void *data, xmlErrorPtr error)
{
    xmlParserCtxtPtr xml = data;
    struct parse *p = xml->_private;
    struct xldm_loc loc = { p->file, error->line };
    const char *text = error->message ? error->message : "unknown error";
    int n = (int)strcspn(text, "\n");

    if (p->failed)
        return;
    if (error->level < XML_ERR_ERROR) {
        xldm__warning(p->ctx, loc, "%.*s", n, text);
        return;
    }
    p->failed = true;
    xldm__error(p->ctx, loc, "not well-formed XML: %.*s", n, text);
}

/* Entities, external or growing, come only from here. */
static void refuse_doctype(void *data, const xmlChar *name,
                           const xmlChar *id, const xmlChar *uri)
{
    xmlParserCtxtPtr xml = data;
    struct parse *p = xml->_private;
    struct xldm_loc loc = { p->file, xml->input ? xml->input->line : 0 };

    (void)name, (void)id, (void)uri;
    if (!p->failed)
        xldm__error(p->ctx, loc, "a document type (<!DOCTYPE>) is not "
                                 "accepted");
    p->failed = true;
    xmlStopParser(xml);
}

/* ------------------------------------------------------- into a tree ---- */

/* PREFIX:NAME, or NAME alone */
static const char *join(struct xldm__arena *a, const char *prefix,
                        const xmlChar *name)
{
    return prefix ? xldm__fmt(a, "%s:%s", prefix, (const char *)name)
                  : xldm__strdup(a, (const char *)name);
}

/* attributes: five pointers each, as of startElementNsSAX2Func */
static void on_start(void *data, const xmlChar *local, const xmlChar *prefix,
                     const xmlChar *uri, int nspaces, const xmlChar **spaces,
                     int n, int defaulted, const xmlChar **attributes)
{
    xmlParserCtxtPtr xml = data;
    struct parse *p = xml->_private;
    struct xldm__arena *a = &p->tree->arena;
    const char *known = uri ? xldm__space_prefix((const char *)uri) : NULL;
    struct xldm__node *node = xldm__node_add(p->tree, p->open, "", 0);

    (void)nspaces, (void)spaces, (void)defaulted;
    if (!node)
        return;
    p->open = node;
    node->line = xml->input->line;
    node->written = join(a, (const char *)prefix, local);
    if (!uri || known)
        node->name = uri ? join(a, known, local) : node->written;
    for (const xmlChar **v = attributes; n--; v += 5)
        xldm__node_set(p->tree, node, join(a, (const char *)v[1], v[0]),
                       (const char *)v[3], (size_t)(v[4] - v[3]));
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix,
                   const xmlChar *uri)
{
    struct parse *p = ((xmlParserCtxtPtr)data)->_private;

    (void)local, (void)prefix, (void)uri;
    if (p->open && !p->tree->arena.failed)
        p->open = p->open->parent;
}

static void on_text(void *data, const xmlChar *text, int size)
{
    struct parse *p = ((xmlParserCtxtPtr)data)->_private;

    if (!p->open || p->tree->arena.failed)
        return; /* what is not well-formed may have text anywhere */
    while (!p->open->text.n && size && xmlIsBlank_ch(*text))
        text++, size--; /* most text is blanks between elements */
    xldm__text_add(&p->tree->arena, &p->open->text, (const char *)text,
                   (size_t)size);
}

static const xmlSAXHandler into_tree = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
};

/* ----------------------------------------------------------- parsing ---- */

static xmlDoc *run(struct parse *p, const char *text, size_t size)
{
    xmlParserCtxtPtr xml = xmlNewParserCtxt();
    xmlDoc *doc;

    if (!xml || size > XLDM__FILE_MAX) {
        xmlFreeParserCtxt(xml);
        p->failed = true;
        xldm__error(p->ctx, (struct xldm_loc){ p->file, 0 },
                    "cannot be parsed: %s",
                    xml ? "too large" : "out of memory");
        return NULL;
    }
    xml->_private = p;
    if (p->tree)
        *xml->sax = into_tree;
    xml->sax->serror = on_error;
    xml->sax->internalSubset = refuse_doctype;
    doc = xmlCtxtReadMemory(xml, text, (int)size, NULL, NULL,
                            /* NOENT: &lt; is '<'; no others get this far */
                            XML_PARSE_BIG_LINES | XML_PARSE_NONET |
                                XML_PARSE_NOWARNING |
                                (p->tree ? XML_PARSE_NOENT : 0));
    if (!p->failed && !xml->wellFormed)
        xldm__error(p->ctx, (struct xldm_loc){ p->file, 1 },
                    "not well-formed XML: no document");
    p->failed |= !xml->wellFormed;
    xmlFreeParserCtxt(xml);
    return doc;
}

bool xldm__tree_parse(struct xldm_ctx *ctx, const char *text, size_t size,
                      const char *file, struct xldm__tree *tree)
{
    struct parse p = { .ctx = ctx, .file = file, .tree = tree };

    run(&p, text, size);
    return !p.failed && (!tree->arena.failed || xldm__oom(ctx));
}

xmlDoc *xldm__xml_parse(struct xldm_ctx *ctx, const char *text, size_t size,
                        const char *file)
{
    struct parse p = { .ctx = ctx, .file = file };
    xmlDoc *doc = run(&p, text, size);

    if (!p.failed)
        return doc;
    xmlFreeDoc(doc);
    return NULL;
}

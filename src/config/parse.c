/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XML into a tree: no network, no entities. */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "config/xml.h"

struct parse {
    struct xldm_ctx *ctx;
    const char *file;
    bool failed;
};

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

xmlDoc *xldm__xml_parse(struct xldm_ctx *ctx, const char *text, size_t size,
                        const char *file)
{
    struct parse parse = { ctx, file, false };
    xmlParserCtxtPtr xml = xmlNewParserCtxt();
    xmlDoc *doc;

    if (!xml || size > XLDM__FILE_MAX) {
        xmlFreeParserCtxt(xml);
        xldm__error(ctx, (struct xldm_loc){ file, 0 }, "cannot be parsed: %s",
                    xml ? "too large" : "out of memory");
        return NULL;
    }
    xml->_private = &parse;
    xml->sax->serror = on_error;
    xml->sax->internalSubset = refuse_doctype;
    doc = xmlCtxtReadMemory(xml, text, (int)size, NULL, NULL,
                            XML_PARSE_BIG_LINES | XML_PARSE_NONET |
                                XML_PARSE_NOWARNING);
    if (!doc && !parse.failed)
        xldm__error(ctx, (struct xldm_loc){ file, 1 },
                    "not well-formed XML: no document");
    if (parse.failed) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(xml);
    return doc;
}

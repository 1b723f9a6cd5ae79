/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file into memory, and its XML into a tree: no network, no entities. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "config/xml.h"

#define SIZE_LIMIT (1u << 20) /* a description is a few kilobytes */

static char *read_fd(struct xldm_ctx *ctx, int fd, const char *path,
                     size_t *size)
{
    struct xldm_loc loc = { path, 0 };
    char *text = malloc(SIZE_LIMIT + 1);
    size_t used = 0;

    while (text && used <= SIZE_LIMIT) {
        ssize_t n = read(fd, text + used, SIZE_LIMIT + 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            xldm__error(ctx, loc, "cannot read: %s", strerror(errno));
            goto failed;
        }
        if (!n)
            break;
        used += (size_t)n;
    }
    if (!text)
        xldm__oom(ctx);
    else if (used > SIZE_LIMIT)
        xldm__error(ctx, loc, "is larger than %u bytes", SIZE_LIMIT);
    else {
        *size = used;
        return text;
    }
failed:
    free(text);
    return NULL;
}

char *xldm__file_read(struct xldm_ctx *ctx, const char *path, size_t *size)
{
    struct xldm_loc loc = { path, 0 };
    char *text;
    int fd;

    if (!strcmp(path, "-"))
        return read_fd(ctx, STDIN_FILENO, "<stdin>", size);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        xldm__error(ctx, loc, "cannot open: %s", strerror(errno));
        return NULL;
    }
    text = read_fd(ctx, fd, path, size);
    close(fd);
    return text;
}

/* ------------------------------------------------------------ XML ---- */

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

    if (!xml || size > SIZE_LIMIT) {
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

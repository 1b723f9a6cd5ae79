/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The published schemas and the reader accept the same shapes: over all XML
 * of tests and documents, and over each of them with one thing changed. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include "config/xml.h"
#include "unit.h"

static xmlRelaxNGPtr schema;

static void ignore(void *arg, xmlErrorPtr error)
{
    (void)arg;
    (void)error;
}

static void load_schema(void)
{
    xmlRelaxNGParserCtxtPtr parser =
        xmlRelaxNGNewParserCtxt("schemas/domain.rng");

    schema = xmlRelaxNGParse(parser);
    xmlRelaxNGFreeParserCtxt(parser);
    ck_assert_msg(schema != NULL, "schemas/domain.rng is not a schema; the "
                                  "test runs in the top folder");
}

static void free_schema(void)
{
    xmlRelaxNGFree(schema);
    xmlRelaxNGCleanupTypes();
}

static bool schema_accepts(xmlDocPtr doc)
{
    xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
    int status;

    xmlRelaxNGSetValidStructuredErrors(valid, ignore, NULL);
    status = xmlRelaxNGValidateDoc(valid, doc);
    xmlRelaxNGFreeValidCtxt(valid);
    return status == 0;
}

struct log {
    char text[2000];
};

static void collect(void *arg, const struct xldm_diag *diag)
{
    struct log *log = arg;
    size_t n = strlen(log->text);

    if (diag->severity == XLDM_ERROR)
        snprintf(log->text + n, sizeof(log->text) - n, "  %d: %s\n",
                 diag->loc.line, diag->text);
}

static bool reader_accepts(const char *text, size_t size, struct log *log)
{
    struct xldm_ctx *ctx = xldm_ctx_new(collect, log);
    struct xldm_domain *dom;
    bool ok;

    log->text[0] = '\0';
    dom = xldm__domain_parse(ctx, text, size, "t.xml");
    ok = dom != NULL;
    xldm_domain_free(dom);
    xldm_ctx_free(ctx);
    return ok;
}

/* Do both say the same of doc?  Returns what they say. */
static bool agree(xmlDocPtr doc, const char *what)
{
    xmlChar *text;
    int size;
    struct log log;
    bool a = schema_accepts(doc), b;

    xmlDocDumpMemory(doc, &text, &size);
    b = reader_accepts((char *)text, (size_t)size, &log);
    ck_assert_msg(a == b, "%s: the schema %s it, the reader %s it:\n%s%s",
                  what, a ? "accepts" : "refuses", b ? "accepts" : "refuses",
                  log.text, (char *)text);
    xmlFree(text);
    return a;
}

static xmlDocPtr parse(const char *text, size_t size)
{
    return xmlReadMemory(text, (int)size, NULL, NULL,
                         XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                             XML_PARSE_NONET);
}

static char *load(const char *path, size_t *size)
{
    struct log log = { "" };
    struct xldm_ctx *ctx = xldm_ctx_new(collect, &log);
    char *text = xldm__file_read(ctx, path, size);

    ck_assert_msg(text != NULL, "%s: %s", path, log.text);
    xldm_ctx_free(ctx);
    return text;
}

/* ---------------------------------------------------------- files ---- */

static const char *const patterns[] = {
    "tests/golden/*/domain.xml",   "tests/golden/*/domain-invalid.xml",
    "tests/golden/*/convert.xml",  "tests/bench/*.xml",
    "tests/lab/*/*.xml",
    "tests/fuzz/corpus/xml/*.xml", "doc/examples/*.xml",
};

static void find_files(glob_t *files)
{
    memset(files, 0, sizeof(*files));
    for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
        glob(patterns[i], i ? GLOB_APPEND : 0, NULL, files);
    ck_assert_uint_gt(files->gl_pathc, 50);
}

static bool should_fail(const char *path)
{
    return strstr(path, "-invalid.xml") || strstr(path, "/corpus/");
}

START_TEST(files)
{
    glob_t all;

    find_files(&all);
    for (size_t i = 0; i < all.gl_pathc; i++) {
        const char *path = all.gl_pathv[i];
        size_t size;
        char *text = load(path, &size);
        xmlDocPtr doc = parse(text, size);
        struct log log;
        bool ok = doc && !doc->intSubset && agree(doc, path);

        if (!doc)
            ck_assert_msg(!reader_accepts(text, size, &log), "%s", path);
        if (!strstr(path, "/corpus/"))
            ck_assert_msg(ok != should_fail(path), "%s: %s", path,
                          ok ? "is accepted" : "is refused");
        xmlFreeDoc(doc);
        free(text);
    }
    globfree(&all);
}
END_TEST

/* ------------------------------------------------------ documents ---- */

/* Each block of ```xml that is a whole domain. */
START_TEST(examples_of_the_manual)
{
    static const char *const open = "```xml\n";
    size_t size;
    char *text = load("doc/xml.md", &size), *p, *end;
    int n = 0;

    text = realloc(text, size + 1);
    text[size] = '\0';
    for (p = text; (p = strstr(p, open)); p = end) {
        xmlDocPtr doc;

        p += strlen(open);
        end = strstr(p, "```");
        ck_assert_ptr_nonnull(end);
        if (strncmp(p, "<domain", 7))
            continue;
        doc = parse(p, (size_t)(end - p));
        ck_assert_msg(doc && agree(doc, "doc/xml.md"),
                      "an example of doc/xml.md is refused:\n%.*s",
                      (int)(end - p), p);
        xmlFreeDoc(doc);
        n++;
    }
    ck_assert_int_ge(n, 3);
    free(text);
}
END_TEST

/* ------------------------------------------------------ mutations ---- */

enum change { REMOVE, RENAME, REPEAT, EMPTY, NONSENSE, ADD, TEXT, CHANGES };

static void change_attribute(xmlAttrPtr attr, enum change change)
{
    xmlNodePtr node = attr->parent;

    switch (change) {
    case REMOVE:
        xmlRemoveProp(attr);
        break;
    case RENAME:
        xmlNodeSetName((xmlNodePtr)attr, (const xmlChar *)"nonsense");
        break;
    case EMPTY:
        xmlSetProp(node, attr->name, (const xmlChar *)"");
        break;
    case NONSENSE:
        xmlSetProp(node, attr->name, (const xmlChar *)"/no,n sense");
        break;
    default:
        break;
    }
}

static void change_element(xmlNodePtr node, enum change change)
{
    switch (change) {
    case REMOVE:
        xmlUnlinkNode(node);
        xmlFreeNode(node);
        break;
    case RENAME:
        xmlNodeSetName(node, (const xmlChar *)"nonsense");
        break;
    case REPEAT:
        xmlAddNextSibling(node, xmlCopyNode(node, 1));
        break;
    case EMPTY:
        xmlNodeSetContent(node, NULL);
        break;
    case NONSENSE:
        xmlNewProp(node, (const xmlChar *)"nonsense", (const xmlChar *)"1");
        break;
    case ADD:
        xmlNewChild(node, NULL, (const xmlChar *)"nonsense", NULL);
        break;
    case TEXT:
        xmlNodeAddContent(node, (const xmlChar *)"nonsense");
        break;
    default:
        break;
    }
}

/* The nth element or attribute of a tree, counted down in *n. */
static bool mutate(xmlNodePtr node, int *n, enum change change)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if ((*n)-- == 0) {
            change_element(node, change);
            return true;
        }
        for (xmlAttrPtr a = node->properties; a; a = a->next) {
            if ((*n)-- == 0) {
                change_attribute(a, change);
                return true;
            }
        }
        if (mutate(node->children, n, change))
            return true;
    }
    return false;
}

static int mutate_file(xmlDocPtr doc, const char *path)
{
    int refused = 0;

    for (int i = 1;; i++) { /* 0: the root itself */
        for (int change = 0; change < CHANGES; change++) {
            xmlDocPtr copy = xmlCopyDoc(doc, 1);
            int n = i;
            bool done = mutate(xmlDocGetRootElement(copy), &n, change);

            if (done)
                refused += !agree(copy, path);
            xmlFreeDoc(copy);
            if (!done)
                return refused;
        }
    }
}

START_TEST(one_thing_changed)
{
    const char *preload = getenv("LD_PRELOAD");
    /* all of them take minutes there: one file will do */
    size_t step = preload && strstr(preload, "vgpreload") ? 1000 : 1;
    glob_t all;

    find_files(&all);
    for (size_t i = 0; i < all.gl_pathc; i += step) {
        const char *path = all.gl_pathv[i];
        size_t size;
        char *text;
        xmlDocPtr doc;

        /* a console without a serial: what a schema cannot tell */
        if (should_fail(path) || strstr(path, "console-is-serial"))
            continue;
        text = load(path, &size);
        doc = parse(text, size);
        ck_assert_int_gt(mutate_file(doc, path), 0);
        xmlFreeDoc(doc);
        free(text);
    }
    globfree(&all);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("schema");
    int status;

    tcase_add_unchecked_fixture(tcase, load_schema, free_schema);
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, files);
    tcase_add_test(tcase, examples_of_the_manual);
    tcase_add_test(tcase, one_thing_changed);
    status = unit_run(tcase, "schema");
    xmlCleanupParser();
    return status;
}

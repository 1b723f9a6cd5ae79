/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was read from an xl.cfg, as XML, and read again: the same config of
 * libxl's, the same groups, the same plan; and valid under the schema and, but
 * for what is ours, under libvirt's. */
#include <stdlib.h>
#include <string.h>
#include <libxml/relaxng.h>
#include "config/convert.h"
#include "config/write.h"
#include "oracle.h"

static void note(void *arg, const struct xldm_diag *diag)
{
    if (diag->severity == XLDM_ERROR)
        fprintf(arg, "  %d: %s\n", diag->loc.line, diag->text);
}

static void print_error(void *arg, xmlErrorPtr error)
{
    fprintf(arg, "  %s", error->message);
}

static char *plan_text(struct xldm_ctx *ctx, const struct xldm_domain *dom)
{
    struct xldm_plan *plan = xldm_plan_new(ctx, dom, ORACLE_DOMID);
    char *text = NULL;
    size_t size;
    FILE *out = plan ? open_memstream(&text, &size) : NULL;

    if (out) {
        xldm_plan_print(plan, XLDM_FORMAT_ARGV, out);
        fclose(out);
    }
    xldm_plan_free(plan);
    return text;
}

static bool has_plan(const struct xldm_domain *dom)
{
    struct xldm_ctx *silent = xldm_ctx_new(NULL, NULL);
    char *text = plan_text(silent, dom);

    xldm_ctx_free(silent);
    free(text);
    return text != NULL;
}

static xmlRelaxNGPtr read_schema(const char *path)
{
    xmlRelaxNGParserCtxtPtr parser = xmlRelaxNGNewParserCtxt(path);
    xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);

    xmlRelaxNGFreeParserCtxt(parser);
    if (!schema)
        abort();
    return schema; /* read once: it lives on */
}

static bool validate(xmlRelaxNGPtr schema, xmlDoc *doc, FILE *log)
{
    xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
    bool ok;

    xmlRelaxNGSetValidStructuredErrors(valid, print_error, log);
    ok = !xmlRelaxNGValidateDoc(valid, doc);
    xmlRelaxNGFreeValidCtxt(valid);
    return ok;
}

/* The tests run in the top folder. */
static bool is_valid(xmlDoc *doc, FILE *log)
{
    static xmlRelaxNGPtr schema;

    if (!schema)
        schema = read_schema("schemas/domain.rng");
    return validate(schema, doc, log);
}

/* Takes out what is ours: <devicemodel> and the elements of xldm:. */
static void strip(xmlNode *node)
{
    for (xmlNode *c = node->children, *next; c; c = next) {
        next = c->next;
        if ((c->ns && !strcmp((const char *)c->ns->prefix, "xldm")) ||
            !strcmp((const char *)c->name, "devicemodel")) {
            xmlUnlinkNode(c);
            xmlFreeNode(c);
        } else {
            strip(c);
        }
    }
}

static bool is_libvirts(const struct xldm_domain *dom, xmlDoc *doc, FILE *log)
{
    static xmlRelaxNGPtr schema;
    xmlDoc *copy;
    bool ok;

    if (!has_plan(dom)) /* an address on a display, say */
        return true;
    copy = xmlCopyDoc(doc, 1);
    if (!schema)
        schema = read_schema("/usr/share/libvirt/schemas/domain.rng");
    strip(xmlDocGetRootElement(copy));
    ok = validate(schema, copy, log);
    if (!ok)
        fprintf(log, "  by libvirt's schema\n");
    xmlFreeDoc(copy);
    return ok;
}

static bool same_plan(struct xldm_domain *a, struct xldm_domain *b)
{
    struct xldm_ctx *silent = xldm_ctx_new(NULL, NULL);
    char *x = plan_text(silent, a), *y = plan_text(silent, b);
    bool same = x && y ? !strcmp(x, y) : !x == !y;

    free(x);
    free(y);
    xldm_ctx_free(silent);
    return same;
}

bool convert_survives(struct xldm_domain *dom, FILE *log)
{
    struct xldm_ctx *ctx = xldm_ctx_new(note, log);
    char *text = NULL, *difference = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool ok = xldm_domain_write_xml(ctx, dom, out);
    struct xldm_domain *after = NULL;
    xmlDoc *doc = NULL;

    fclose(out);
    if (ok) {
        after = xldm__domain_read_memory(ctx, text, size, "converted.xml");
        doc = xmlReadMemory(text, (int)size, NULL, NULL, XML_PARSE_NOBLANKS);
        ok = is_valid(doc, log);
        ok = is_libvirts(dom, doc, log) && ok;
    }
    if (after && !xldm__same_domain(dom, after, &difference)) {
        fprintf(log, "  %s\n", difference ? difference : "");
        ok = false;
    } else if (after && !same_plan(dom, after)) {
        fprintf(log, "  another plan\n");
        ok = false;
    }
    ok = ok && after;
    if (!ok)
        fprintf(log, "  converted:\n%s", text);
    free(difference);
    free(text);
    xmlFreeDoc(doc);
    xldm_domain_free(after);
    xldm_ctx_free(ctx);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the PCI addresses of a plan into the XML file that it was made of. */
#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "dm/plan.h"

/* ---------------------------------------------------------- the tree ---- */

/* The blanks before a node, from the end of the line before it; malloc'ed. */
static xmlChar *indent_of(const xmlNode *node)
{
    const char *text = node->prev && node->prev->type == XML_TEXT_NODE
                           ? (const char *)node->prev->content
                           : "";
    const char *line = strrchr(text, '\n');

    if (!line || line[strspn(line, "\n \t\r")])
        line = "";
    return xmlStrdup((const xmlChar *)line);
}

/* More, by what parent is further in than its own parent. */
static xmlChar *indent_below(const xmlNode *node)
{
    xmlChar *outer = indent_of(node->parent), *own = indent_of(node);
    int n = xmlStrlen(outer), more = xmlStrlen(own) - n;
    xmlChar *below = own && outer ? xmlStrncatNew(own, own + (more > 0 ? n : 0),
                                                  more > 0 ? more : 0)
                                  : NULL;

    xmlFree(outer);
    xmlFree(own);
    return below;
}

/* Puts child behind the last element of parent, on a line like its
 * siblings'.  Takes child over. */
static bool add_element(xmlNode *parent, xmlNode *child)
{
    xmlNode *last = xmlLastElementChild(parent);
    xmlChar *before = last ? indent_of(last) : indent_below(parent),
            *after = last ? NULL : indent_of(parent);
    bool ok = child && before && (last || after);

    while (ok && !last && parent->children &&
           xmlIsBlankNode(parent->children)) {
        xmlNode *blank = parent->children;

        xmlUnlinkNode(blank);
        xmlFreeNode(blank);
    }
    ok = ok &&
         (last ? xmlAddNextSibling(last, child) : xmlAddChild(parent, child));
    if (!ok)
        xmlFreeNode(child);
    if (ok && *before)
        ok = xmlAddPrevSibling(child, xmlNewText(before));
    if (ok && after && *after)
        ok = xmlAddNextSibling(child, xmlNewText(after));
    xmlFree(before);
    xmlFree(after);
    return ok;
}

static bool set(xmlNode *node, const char *name, const char *value)
{
    return xmlSetProp(node, (const xmlChar *)name, (const xmlChar *)value);
}

static bool set_hex(xmlNode *node, const char *name, unsigned digits,
                    unsigned value)
{
    char text[16];

    snprintf(text, sizeof(text), "0x%0*x", (int)digits, value);
    return set(node, name, text);
}

static xmlNode *find(xmlNode *node, const char *name)
{
    for (node = node->children; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE &&
            !strcmp((const char *)node->name, name))
            return node;
    return NULL;
}

/* An address in node, unless it has one; *changed: it had none. */
static bool put_address(xmlNode *node, int devfn, bool *changed)
{
    xmlNode *address = find(node, "address");

    if (address) { /* a pin: the plan has obeyed it; or of another kind */
        xmlChar *type = xmlGetNoNsProp(address, (const xmlChar *)"type");
        bool pci = !type || !strcmp((const char *)type, "pci");

        xmlFree(type);
        if (pci)
            return true;
        xmlUnlinkNode(address);
        xmlFreeNode(address);
    }
    *changed = true;
    address = xmlNewNode(NULL, (const xmlChar *)"address");
    return address && set(address, "type", "pci") &&
           set_hex(address, "domain", 4, 0) && set_hex(address, "bus", 2, 0) &&
           set_hex(address, "slot", 2, (unsigned)devfn >> 3) &&
           set_hex(address, "function", 1, (unsigned)devfn & 7) &&
           add_element(node, address);
}

static bool has(const xmlNode *node, const char *name, const char *value)
{
    xmlChar *have = xmlGetNoNsProp(node, (const xmlChar *)name);
    bool same = have && !strcmp((const char *)have, value);

    xmlFree(have);
    return same;
}

/* The <controller>, which need not be there: devices on it make it. */
static bool put_controller(xmlNode *devices, const struct xldm__place *place,
                           bool *changed)
{
    xmlNode *node = devices->children;

    while (node && (node->type != XML_ELEMENT_NODE ||
                    strcmp((const char *)node->name, "controller") ||
                    !has(node, "type", place->row->type)))
        node = node->next;
    if (!node) {
        node = xmlNewNode(NULL, (const xmlChar *)"controller");
        if (!node || !set(node, "type", place->row->type) ||
            !set(node, "index", "0") ||
            (place->row->model && !set(node, "model", place->row->model)) ||
            !add_element(devices, node))
            return false;
    }
    return put_address(node, place->devfn, changed);
}

static bool put_all(struct xldm_ctx *ctx, xmlNode *devices,
                    const struct xldm_plan *plan, const char *path,
                    bool *changed)
{
    unsigned element = 0;
    bool ok = true;

    for (xmlNode *node = devices->children; ok && node; node = node->next) {
        element += node->type == XML_ELEMENT_NODE;
        for (size_t i = 0; ok && i < plan->ndevices; i++)
            if (node->type == XML_ELEMENT_NODE && plan->devices[i].movable &&
                plan->devices[i].element == element)
                ok = put_address(node, plan->devices[i].devfn, changed);
    }
    for (size_t i = 0; ok && i < plan->nplaces; i++)
        ok = put_controller(devices, &plan->places[i], changed);
    for (size_t i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].movable && !plan->devices[i].element)
            xldm__note(ctx, (struct xldm_loc){ path, 0 },
                       "the PCI address of '%s' is not recorded: no element "
                       "stands for it",
                       plan->devices[i].id);
    return ok || xldm__oom(ctx);
}

/* ---------------------------------------------------------- the file ---- */

static bool save(struct xldm_ctx *ctx, xmlDoc *doc, const char *path,
                 bool declared)
{
    xmlBuffer *buffer = xmlBufferCreate();
    xmlSaveCtxt *out =
        buffer ? xmlSaveToBuffer(buffer, (const char *)doc->encoding,
                                 declared ? 0 : XML_SAVE_NO_DECL)
               : NULL;
    bool ok = out && xmlSaveDoc(out, doc) >= 0;

    ok &= out && xmlSaveClose(out) >= 0;
    ok = ok ? xldm__file_replace(ctx, path,
                                 (const char *)xmlBufferContent(buffer),
                                 (size_t)xmlBufferLength(buffer))
            : xldm__oom(ctx);
    xmlBufferFree(buffer);
    return ok;
}

bool xldm_plan_write(struct xldm_ctx *ctx, const struct xldm_plan *plan,
                     const char *path)
{
    struct xldm_loc loc = { path, 0 };
    bool changed = false, ok = false;
    xmlDoc *doc = NULL;
    xmlNode *devices;
    size_t size;
    char *text;

    if (!xldm__given(ctx, plan, "plan") || !xldm__given(ctx, path, "file"))
        return false;
    if (!strcmp(path, "-"))
        return xldm__error(ctx, XLDM__NONE,
                           "PCI addresses cannot be written into standard "
                           "input: name a file");
    text = xldm__file_read(ctx, path, &size);
    if (!text)
        return false;
    if (!xldm__is_xml(text, size)) {
        xldm__error(ctx, loc,
                    "an xl.cfg has no element for PCI addresses; in dm_groups "
                    "device@SLOT pins a device: dm_groups = [ "
                    "\"primary=nic0@4\" ]");
        goto out;
    }
    doc = xldm__xml_parse(ctx, text, size, path);
    if (!doc)
        goto out;
    devices = find(xmlDocGetRootElement(doc), "devices");
    ok = !devices || put_all(ctx, devices, plan, path, &changed);
    if (ok && changed)
        ok = save(ctx, doc, path, memmem(text, size, "<?xml", 5) != NULL);
out:
    xmlFreeDoc(doc);
    free(text);
    return ok;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole description from XML: the platform, then each device. */
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "dm/plan.h"

#define MAX_DEVICES 256 /* libxl and Xen stop long before */

#define AFFINITY(member) offsetof(struct xldm__device, affinity.member)

static bool set_group(struct xldm_ctx *ctx, void *object, const char *value,
                      struct xldm_loc loc)
{
    struct xldm__device *dev = object;

    if (!xldm__group_name_ok(value))
        return xldm__error(ctx, loc,
                           "<devicemodel> group: '%s' is not a group's name; "
                           "accepted: 1 to 64 of A-Z a-z 0-9 _ . -",
                           value);
    return xldm__string_set(ctx, &dev->affinity.group, value);
}

static bool set_emulator(struct xldm_ctx *ctx, void *object, const char *value,
                         struct xldm_loc loc)
{
    struct xldm__device *dev = object;

    if (*value != '/')
        return xldm__error(ctx, loc,
                           "<devicemodel> emulator: '%s' is not an absolute "
                           "path",
                           value);
    return xldm__string_set(ctx, &dev->affinity.emulator, value);
}

static const char *get_group(struct xldm__arena *a, const void *object,
                             size_t i)
{
    (void)a;
    return i ? NULL : ((const struct xldm__device *)object)->affinity.group;
}

static const char *get_emulator(struct xldm__arena *a, const void *object,
                                size_t i)
{
    (void)a;
    return i ? NULL
             : ((const struct xldm__device *)object)->affinity.emulator;
}

/* What every device may have. */
const struct xldm__field xldm__device_fields[] = {
    { .path = "devicemodel/@group", .kind = XLDM__CUSTOM, .set = set_group,
      .get = get_group },
    { .path = "devicemodel/@emulator", .kind = XLDM__CUSTOM,
      .set = set_emulator, .get = get_emulator },
    { .path = "devicemodel/@onCrash", .kind = XLDM__ENUM,
      .offset = AFFINITY(on_crash), .names = xldm__on_crash_names },
    { .path = "devicemodel/@restrict", .kind = XLDM__ENUM,
      .offset = AFFINITY(restrict_), .names = xldm__restrict_names },
    { .path = "alias", .kind = XLDM__IGNORED,
      .why = "the id of a device follows from its kind" },
    { 0 },
};

/* A getter of a pin: format is of value. */
#define PIN_GETTER(name, format, value)                                       \
    static const char *get_##name(struct xldm__arena *a, const void *object,  \
                                  size_t i)                                   \
    {                                                                         \
        unsigned pin = ((const struct xldm__device *)object)->pin;            \
                                                                              \
        return i || !pin ? NULL : xldm__fmt(a, format, value);                \
    }

PIN_GETTER(type, "%s", "pci")
PIN_GETTER(domain, "0x%04x", 0u)
PIN_GETTER(bus, "0x%02x", 0u)
PIN_GETTER(slot, "0x%02x", pin >> 3)
PIN_GETTER(function, "0x%x", pin & 7)

/* Which table is read says the type. */
static bool set_nothing(struct xldm_ctx *ctx, void *object, const char *value,
                        struct xldm_loc loc)
{
    (void)ctx, (void)object, (void)value, (void)loc;
    return true;
}

static bool set_zero(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    unsigned n;

    return xldm__hex(value, 0, &n) ||
           xldm__error(ctx, loc,
                       "%s address: domain and bus '%s' is not accepted; "
                       "accepted: 0, a domain has one PCI bus",
                       xldm__device_word(object).text, value);
}

static bool set_slot(struct xldm_ctx *ctx, void *object, const char *value,
                     struct xldm_loc loc)
{
    struct xldm__device *dev = object;
    unsigned n;

    if (!xldm__hex(value, 0x1f, &n) || !n)
        return xldm__error(ctx, loc,
                           "%s address/@slot: '%s' is not accepted; "
                           "accepted: 1 to 0x1f, slot 0 is the host bridge's",
                           xldm__device_word(dev).text, value);
    dev->pin |= n << 3;
    dev->pin_loc = loc;
    return true;
}

static bool set_function(struct xldm_ctx *ctx, void *object,
                         const char *value, struct xldm_loc loc)
{
    struct xldm__device *dev = object;
    unsigned n;

    if (!xldm__hex(value, 7, &n))
        return xldm__error(ctx, loc,
                           "%s address/@function: '%s' is not accepted; "
                           "accepted: 0 to 7",
                           xldm__device_word(dev).text, value);
    dev->pin |= n;
    return true;
}

/* The <address> of a device on the PCI bus, and of one that is elsewhere. */
const struct xldm__field xldm__pci_fields[] = {
    { .path = "address/@type", .kind = XLDM__CUSTOM, .set = set_nothing,
      .get = get_type, .completes = true },
    { .path = "address/@domain", .kind = XLDM__CUSTOM, .set = set_zero,
      .get = get_domain },
    { .path = "address/@bus", .kind = XLDM__CUSTOM, .set = set_zero,
      .get = get_bus },
    { .path = "address/@slot", .kind = XLDM__CUSTOM, .set = set_slot,
      .get = get_slot, .completes = true },
    { .path = "address/@function", .kind = XLDM__CUSTOM,
      .set = set_function, .get = get_function },
    { .path = "address/@multifunction", .kind = XLDM__IGNORED,
      .why = "libxl and the device itself say which functions there are" },
    { 0 },
};
static const struct xldm__field other_fields[] = {
    { .path = "address", .kind = XLDM__IGNORED,
      .why = "libxl places devices by name and order" },
    { 0 },
};

static bool has_child(const struct xldm__node *node, const char *const names[2])
{
    return !names[0] || xldm__node_child(node, names[0]) ||
           (names[1] && xldm__node_child(node, names[1]));
}

static const struct xldm__class *class_of(const char *element,
                                          const struct xldm__node *node)
{
    const struct xldm__class *other = NULL;

    for (size_t i = 0; xldm__classes[i]; i++) {
        const struct xldm__class *c = xldm__classes[i];

        if (!c->element || !c->fields || !xldm__is(c->element, element) ||
            !has_child(node, c->when.child))
            continue;
        if (!c->when.attribute)
            other = c;
        else if (xldm__node_attribute_is(node, c->when.attribute,
                                         c->when.value))
            return c;
    }
    return other;
}

/* From 1, among its parent's elements. */
static unsigned position(const struct xldm__node *node)
{
    unsigned n = 1;

    for (const struct xldm__node *c = node->parent->children; c != node;
         c = c->next)
        n++;
    return n;
}

static size_t count(const struct xldm_domain *dom)
{
    size_t n = 0;

    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        n++;
    return n;
}

/*
 * libvirt: on HVM a <console> that says no other target is the first <serial>
 * under another name, and is all there is to it if there is no <serial>.
 */
static const char *element_of(const struct xldm__node *node)
{
    const struct xldm__node *target = xldm__node_child(node, "target");
    const char *type = target ? xldm__node_attribute(target, "type") : NULL;

    if (strcmp(node->name, "console"))
        return node->name;
    return (type && !strstr(type, "serial")) ||
                   xldm__node_child(node->parent, "serial")
               ? "console"
               : "serial";
}

static bool read_device(struct xldm__reader *outer,
                        const struct xldm__node *node, bool *known)
{
    const struct xldm__class *class = class_of(element_of(node), node);
    struct xldm__device *dev;
    struct xldm__reader r = { .ctx = outer->ctx,
                              .dom = outer->dom,
                              .limit = outer->limit };
    const struct xldm__node *affinity = xldm__node_child(node, "devicemodel"),
                            *address = xldm__node_child(node, "address");

    *known = class != NULL;
    if (!class)
        return true;
    if (count(outer->dom) >= MAX_DEVICES)
        return xldm__error(outer->ctx, xldm__xml_loc(outer, node),
                           "more than %d devices", MAX_DEVICES);
    dev = xldm__domain_add(outer->dom, class);
    if (!dev)
        return xldm__oom(outer->ctx);
    dev->loc = xldm__xml_loc(outer, node);
    dev->element = position(node);
    dev->affinity_loc = affinity ? xldm__xml_loc(outer, affinity) : dev->loc;
    r.tables[0] = (struct xldm__table){ class->fields, dev };
    r.tables[1] = (struct xldm__table){ xldm__device_fields, dev };
    r.tables[2] = (struct xldm__table){
        address && xldm__node_attribute(address, "type") &&
                !xldm__node_attribute_is(address, "type", "pci")
            ? other_fields
            : xldm__pci_fields,
        dev
    };
    r.tables[3] = (struct xldm__table){ class->foreign, dev };
    if (xldm__xml_read(&r, node))
        return true;
    xldm__domain_remove(outer->dom, dev); /* checks to come are about others */
    return false;
}

static bool check_root(struct xldm_ctx *ctx, struct xldm_domain *dom,
                       const struct xldm__node *root)
{
    struct xldm__reader r = { .ctx = ctx, .dom = dom };

    dom->loc = xldm__xml_loc(&r, root);
    if (strcmp(root->name, "domain"))
        return xldm__error(ctx, dom->loc,
                           "the document is <%s>; accepted: <domain "
                           "type='xen'>",
                           root->written);
    return true;
}

/* Reads what it can; ok tells whether all of it was right. */
static struct xldm_domain *read_root(struct xldm_ctx *ctx,
                                     const struct xldm__node *root,
                                     const char *file, bool *shape, bool *ok)
{
    struct xldm_domain *dom = xldm__domain_new(file);

    *shape = *ok = false;
    if (!dom) {
        xldm__oom(ctx);
        return NULL;
    }
    if (check_root(ctx, dom, root)) {
        *ok = xldm__platform_read(ctx, dom, root, read_device, shape);
        return dom;
    }
    xldm_domain_free(dom);
    return NULL;
}

static struct xldm_domain *parse(struct xldm_ctx *ctx, const char *text,
                                 size_t size, const char *file, bool *shape,
                                 bool *ok)
{
    struct xldm__tree tree = { 0 };
    struct xldm_domain *dom = NULL;

    *shape = *ok = false;
    if (xldm__tree_parse(ctx, text, size, file, &tree))
        dom = read_root(ctx, tree.root, file, shape, ok);
    xldm__tree_dispose(&tree);
    return dom;
}

struct xldm_domain *xldm__domain_parse(struct xldm_ctx *ctx, const char *text,
                                       size_t size, const char *file)
{
    bool shape, ok;
    struct xldm_domain *dom = parse(ctx, text, size, file, &shape, &ok);

    if (!shape) {
        xldm_domain_free(dom);
        dom = NULL;
    }
    return dom;
}

static struct xldm_domain *finish(struct xldm_ctx *ctx,
                                  struct xldm_domain *dom, bool ok)
{
    if (dom && (!xldm__domain_finish(ctx, dom) || !ok)) {
        xldm_domain_free(dom);
        dom = NULL;
    }
    return dom;
}

struct xldm_domain *xldm__domain_read_memory(struct xldm_ctx *ctx,
                                             const char *text, size_t size,
                                             const char *file)
{
    bool shape, ok;
    struct xldm_domain *dom = parse(ctx, text, size, file, &shape, &ok);

    return finish(ctx, dom, ok);
}

struct xldm_domain *xldm__domain_read_tree(struct xldm_ctx *ctx,
                                           const struct xldm__node *root,
                                           const char *file)
{
    bool shape, ok;
    struct xldm_domain *dom = read_root(ctx, root, file, &shape, &ok);

    return finish(ctx, dom, ok);
}

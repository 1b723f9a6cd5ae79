/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON of a plan's parts. */
#include <stdlib.h>
#include <string.h>
#include "dm/json.h"

const char *xldm__bdf(char buf[16], unsigned sbdf)
{
    snprintf(buf, 16, "%04x:%02x:%02x.%x", sbdf >> 16 & 0xffff,
             sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
    return buf;
}

static json_t *json_range(const struct xldm_range *r)
{
    char first[24], last[24];

    if (r->space == XLDM_PCI)
        return json_string(xldm__bdf(first, (unsigned)r->first));
    snprintf(first, sizeof(first), "0x%llx", (unsigned long long)r->first);
    snprintf(last, sizeof(last), "0x%llx", (unsigned long long)r->last);
    return json_pack("[ss]", first, last);
}

json_t *xldm__json_ranges(const struct xldm__ranges *set, enum xldm_space space)
{
    json_t *list = json_array();

    for (size_t i = 0; i < set->n; i++)
        if (set->v[i].space == space)
            json_array_append_new(list, json_range(&set->v[i]));
    return list;
}

static json_t *json_device(const struct xldm__planned *d)
{
    char buf[16];
    json_t *o = json_pack("{ss ss}", "kind", d->class->kind, "id", d->id);

    if (d->loc.line)
        json_object_set_new(o, "line", json_integer(d->loc.line));
    if (d->devfn >= 0)
        json_object_set_new(o, "pci",
                            json_string(xldm__bdf(buf, (unsigned)d->devfn)));
    if (d->pv)
        json_object_set_new(o, "pv", json_string(d->pv));
    return o;
}

/* QEMU's arguments need not be UTF-8, JSON's strings must be. */
json_t *xldm__json_text(const char *s)
{
    json_t *text = json_string(s);
    json_t *latin;
    char *buf, *p;

    if (text)
        return text;
    p = buf = malloc(strlen(s) * 2 + 1);
    for (; buf && *s; s++) {
        unsigned char c = *s;

        if (c < 0x80) {
            *p++ = c;
        } else {
            *p++ = 0xc0 | c >> 6;
            *p++ = 0x80 | (c & 0x3f);
        }
    }
    if (!buf)
        return NULL;
    *p = '\0';
    latin = json_string(buf);
    free(buf);
    return latin;
}

void xldm__json_group(json_t *o, const struct xldm_plan *plan,
                      const struct xldm__group *g)
{
    json_t *devices = json_array();

    for (size_t i = 0; i < plan->ndevices; i++)
        if (plan->devices[i].group == g)
            json_array_append_new(devices, json_device(&plan->devices[i]));
    json_object_set_new(o, "devices", devices);
    json_object_set_new(o, "ports", xldm__json_ranges(&g->claims, XLDM_PORT));
    json_object_set_new(o, "memory",
                        xldm__json_ranges(&g->claims, XLDM_MEMORY));
    json_object_set_new(o, "pci", xldm__json_ranges(&g->claims, XLDM_PCI));
}

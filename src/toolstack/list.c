/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of domains, with the QEMUs of split ones as xldm-dm wrote them
 * into xenstore. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>
#include <libxl_utils.h>
#include "dm/json.h"
#include "toolstack/show.h"

/* xl list's, whose letters are the first ones of these */
static const char *const states[] = { "running",  "blocked", "paused",
                                      "shutdown", "crashed", "dying" };

struct table {
    struct xldm__libxl t;
    struct xs_handle *xs;
};

/* group: as the folder is called, where '.' is "@2e".  malloc'ed; NULL where
 * nothing is written */
static char *read_node(struct table *list, uint32_t domid, const char *group,
                       const char *node)
{
    char path[288];

    snprintf(path, sizeof(path), "/libxl/%u/xldm/groups/%s/%s", domid, group,
             node);
    return xs_read(list->xs, XBT_NULL, path, NULL);
}

/* What an xldm-dm that was killed has written stays until destroy. */
static const char *state_now(long pid, const char *state)
{
    if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
        return "dead";
    return state ? state : "-";
}

static json_t *group_of(struct table *list, uint32_t domid, const char *group)
{
    char *name = read_node(list, domid, group, "name");
    char *pid = read_node(list, domid, group, "pid");
    char *state = read_node(list, domid, group, "state");
    char *devices = read_node(list, domid, group, "devices");
    long number = pid ? atol(pid) : 0;
    json_t *ids = json_array();
    char *id, *rest = devices;

    while ((id = strsep(&rest, "\n")))
        if (*id)
            json_array_append_new(ids, xldm__json_text(id));
    json_t *o = json_pack("{ss ss so}", "name", name ? name : group, "state",
                          state_now(number, state), "devices", ids);
    if (number > 0)
        json_object_set_new(o, "pid", json_integer(number));
    free(name);
    free(pid);
    free(state);
    free(devices);
    return o;
}

static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    /* The primary first, as in the plan. */
    int first = !strcmp(y, "primary") - !strcmp(x, "primary");

    return first ? first : strcmp(x, y);
}

/* NULL: it is not split. */
static json_t *groups_of(struct table *list, uint32_t domid)
{
    char path[64];
    unsigned n = 0;
    char **groups;
    json_t *all;

    snprintf(path, sizeof(path), "/libxl/%u/xldm/groups", domid);
    groups = xs_directory(list->xs, XBT_NULL, path, &n);
    if (!groups)
        return NULL;
    qsort(groups, n, sizeof(*groups), by_name);
    all = json_array();
    for (unsigned i = 0; i < n; i++)
        json_array_append_new(all, group_of(list, domid, groups[i]));
    free(groups);
    return all;
}

/* xl's letters, and their words. */
static json_t *states_of(const libxl_dominfo *d)
{
    const bool crashed = d->shutdown &&
                         d->shutdown_reason == LIBXL_SHUTDOWN_REASON_CRASH;
    const bool is[] = { d->running,  d->blocked, d->paused,
                        d->shutdown, crashed,    d->dying };
    json_t *words = json_array();

    for (size_t i = 0; i < sizeof(is) / sizeof(*is); i++)
        if (is[i])
            json_array_append_new(words, json_string(states[i]));
    return words;
}

/* groups: of an unsplit domain the one without a name of ours; absent for a
 * guest without a device model. */
static json_t *domain_of(struct table *list, const libxl_dominfo *d)
{
    char *name = libxl_domid_to_name(list->t.libxl, d->domid);
    json_t *groups = groups_of(list, d->domid);
    json_t *o = json_pack(
        "{si ss sI si so}", "domid", (int)d->domid, "name", "", "memory-mib",
        (json_int_t)(d->current_memkb + d->outstanding_memkb) / 1024, "vcpus",
        (int)d->vcpu_online, "state", states_of(d));

    if (!groups && d->domain_type == LIBXL_DOMAIN_TYPE_HVM)
        groups = json_pack("[{ss}]", "name", "primary");
    if (groups)
        json_object_set_new(o, "groups", groups);
    json_object_set_new(o, "name", xldm__json_text(name ? name : "(null)"));
    free(name);
    return o;
}

/* ----------------------------------------------------------- text ---- */

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void print_group(const json_t *group, FILE *out)
{
    json_int_t pid = json_integer_value(json_object_get(group, "pid"));
    const json_t *id;
    char number[24] = "-";
    size_t i;

    if (!text_of(group, "state"))
        return;
    if (pid)
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, pid);
    fprintf(out, "  %-20s pid=%-8s %-10s ", text_of(group, "name"), number,
            text_of(group, "state"));
    json_array_foreach(json_object_get(group, "devices"), i, id)
        fprintf(out, "%s%s", i ? "," : "", json_string_value(id));
    putc('\n', out);
}

static void print_domain(const json_t *domain, FILE *out)
{
    const json_t *groups = json_object_get(domain, "groups"), *o;
    char letters[] = "------", count[24] = "-";
    size_t i, j;

    json_array_foreach(json_object_get(domain, "state"), i, o)
        for (j = 0; j < sizeof(states) / sizeof(*states); j++)
            if (!strcmp(json_string_value(o), states[j]))
                letters[j] = *states[j];
    if (groups)
        snprintf(count, sizeof(count), "%zu", json_array_size(groups));
    fprintf(out,
            "%-30s %5" JSON_INTEGER_FORMAT " %6" JSON_INTEGER_FORMAT
            " %5" JSON_INTEGER_FORMAT " %s %6s\n",
            text_of(domain, "name"),
            json_integer_value(json_object_get(domain, "domid")),
            json_integer_value(json_object_get(domain, "memory-mib")),
            json_integer_value(json_object_get(domain, "vcpus")), letters,
            count);
    json_array_foreach(groups, i, o) print_group(o, out);
}

static void print_text(const json_t *all, FILE *out)
{
    const json_t *domain;
    size_t i;

    fprintf(out, "%-30s %5s %6s %5s %-6s %6s\n", "Name", "ID", "Mem", "VCPUs",
            "State", "Groups");
    json_array_foreach(json_object_get(all, "domains"), i, domain)
        print_domain(domain, out);
}

bool xldm_domain_list(struct xldm_ctx *ctx, enum xldm_format format, FILE *out)
{
    struct table list = { 0 };
    libxl_dominfo *domains = NULL;
    json_t *all = NULL, *array;
    int n = 0;
    bool ok = false;

    if (!xldm__given(ctx, out, "file") || !xldm__libxl_open(&list.t, ctx))
        goto out;
    list.xs = xs_open(0);
    domains = list.xs ? libxl_list_domain(list.t.libxl, &n) : NULL;
    if (!domains) {
        xldm__error(ctx, XLDM__NONE, "%s",
                    list.xs ? "libxl cannot list the domains"
                            : "xenstore cannot be opened");
        goto out;
    }
    array = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(array, domain_of(&list, &domains[i]));
    all = json_pack("{si so}", "version", 1, "domains", array);
    ok = xldm__state_print(ctx, all, format, print_text, out);
out:
    json_decref(all);
    if (domains)
        libxl_dominfo_list_free(domains, n);
    if (list.xs)
        xs_close(list.xs);
    xldm__libxl_close(&list.t);
    return ok;
}

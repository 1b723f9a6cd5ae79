/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of domains, with the QEMUs of split ones as xldm-dm wrote them
 * into xenstore. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>
#include <libxl_utils.h>
#include "toolstack/toolstack.h"

struct table {
    struct xldm__libxl t;
    struct xs_handle *xs;
    FILE *out;
};

/* group: as the folder is called, where '.' is "@2e".  malloc'ed; "" where
 * nothing is written */
static char *read_node(struct table *list, uint32_t domid, const char *group,
                       const char *node)
{
    char path[288];
    char *value;

    snprintf(path, sizeof(path), "/libxl/%u/xldm/groups/%s/%s", domid, group,
             node);
    value = xs_read(list->xs, XBT_NULL, path, NULL);
    return value ? value : strdup("");
}

/* What an xldm-dm that was killed has written stays until destroy. */
static const char *state_now(long pid, const char *state)
{
    if (pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH)
        return "dead";
    return *state ? state : "-";
}

static void print_group(struct table *list, uint32_t domid, const char *group)
{
    char *name = read_node(list, domid, group, "name");
    char *pid = read_node(list, domid, group, "pid");
    char *state = read_node(list, domid, group, "state");
    char *devices = read_node(list, domid, group, "devices");

    if (name && pid && state && devices)
        fprintf(list->out, "  %-20s pid=%-8s %-10s %s\n",
                *name ? name : group, atol(pid) > 0 ? pid : "-",
                state_now(atol(pid), state), devices);
    free(name);
    free(pid);
    free(state);
    free(devices);
}

static void print_state(FILE *out, const libxl_dominfo *d)
{
    fprintf(out, "%c%c%c%c%c%c", d->running ? 'r' : '-', d->blocked ? 'b' : '-',
            d->paused ? 'p' : '-', d->shutdown ? 's' : '-',
            d->shutdown && d->shutdown_reason == LIBXL_SHUTDOWN_REASON_CRASH
                ? 'c'
                : '-',
            d->dying ? 'd' : '-');
}

static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    /* The primary first, as in the plan. */
    int first = !strcmp(y, "primary") - !strcmp(x, "primary");

    return first ? first : strcmp(x, y);
}

static void print_domain(struct table *list, const libxl_dominfo *d)
{
    char *name = libxl_domid_to_name(list->t.libxl, d->domid);
    char path[64];
    unsigned n = 0;
    char **groups;

    snprintf(path, sizeof(path), "/libxl/%u/xldm/groups", d->domid);
    groups = xs_directory(list->xs, XBT_NULL, path, &n);
    fprintf(list->out, "%-30s %5u %6llu %5u ", name ? name : "(null)", d->domid,
            (unsigned long long)(d->current_memkb + d->outstanding_memkb) /
                1024,
            d->vcpu_online);
    print_state(list->out, d);
    if (groups)
        fprintf(list->out, " %6u\n", n);
    else
        fprintf(list->out, " %6s\n",
                d->domain_type == LIBXL_DOMAIN_TYPE_HVM ? "1" : "-");
    if (groups)
        qsort(groups, n, sizeof(*groups), by_name);
    for (unsigned i = 0; groups && i < n; i++)
        print_group(list, d->domid, groups[i]);
    free(groups);
    free(name);
}

bool xldm_domain_list(struct xldm_ctx *ctx, FILE *out)
{
    struct table list = { .out = out };
    libxl_dominfo *domains = NULL;
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
    fprintf(out, "%-30s %5s %6s %5s %-6s %6s\n", "Name", "ID", "Mem", "VCPUs",
            "State", "Groups");
    for (int i = 0; i < n; i++)
        print_domain(&list, &domains[i]);
    ok = true;
out:
    if (domains)
        libxl_dominfo_list_free(domains, n);
    if (list.xs)
        xs_close(list.xs);
    xldm__libxl_close(&list.t);
    return ok;
}

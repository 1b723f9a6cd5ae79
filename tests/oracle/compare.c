/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two command lines, argument by argument. */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

size_t argv_count(char *const *argv)
{
    size_t n = 0;

    while (argv[n])
        n++;
    return n;
}

void argv_fill(struct xldm__argv *argv, const libxl_domain_config *filled)
{
    struct xldm__arena *a = argv->arena;

    for (size_t i = 0; i < argv->n; i++) {
        const char *s = argv->v[i];

        s = xldm__substitute(a, s, "@FD@", ORACLE_FD);
        s = xldm__substitute(a, s, "@RUNAS@", ORACLE_RUNAS);
        for (int n = 0; n < filled->num_nics && strstr(s, "@MAC"); n++) {
            const libxl_device_nic *nic = &filled->nics[n];

            s = xldm__substitute(
                a, s, xldm__fmt(a, "@MAC%d@", nic->devid),
                xldm__fmt(a, LIBXL_MAC_FMT, LIBXL_MAC_BYTES(nic->mac)));
        }
        argv->v[i] = s;
    }
}

/* Options whose values libxl puts together from parts. */
static bool has_parts(const char *option)
{
    static const char *const names[] = { "-drive", "-device", "-netdev",
                                         "-name",  "-vnc",    "-chardev",
                                         "-spice", "-run-with" };

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!strcmp(option, names[i]))
            return true;
    }
    return false;
}

bool arg_same(const char *before, const char *a, const char *b)
{
    if (!before || !has_parts(before))
        return !strcmp(a, b);
    while (*a && *a == *b) {
        size_t n = strspn(a, ","), m = strspn(b, ",");

        if (m < n || m > 2 * n)
            return false;
        a += n ? n : 1;
        b += m ? m : 1;
    }
    return *a == *b;
}

bool argv_same(char *const *theirs, const struct xldm__argv *ours)
{
    if (argv_count(theirs) != ours->n)
        return false;
    for (size_t i = 0; i < ours->n; i++) {
        if (!arg_same(i ? theirs[i - 1] : NULL, theirs[i], ours->v[i]))
            return false;
    }
    return true;
}

void argv_diff(FILE *out, char *const *theirs, const struct xldm__argv *ours)
{
    size_t n = argv_count(theirs), m = ours->n, i = 0, j = 0;
    unsigned *common = calloc((n + 1) * (m + 1), sizeof(*common));

    if (!common)
        return;
#define COMMON(a, b) common[(a) * (m + 1) + (b)]
#define SAME(a, b) arg_same((a) ? theirs[(a)-1] : NULL, theirs[a], ours->v[b])
    for (size_t a = n; a-- > 0;) {
        for (size_t b = m; b-- > 0;) {
            unsigned skip_a = COMMON(a + 1, b), skip_b = COMMON(a, b + 1);

            COMMON(a, b) = SAME(a, b)        ? COMMON(a + 1, b + 1) + 1
                           : skip_a > skip_b ? skip_a
                                             : skip_b;
        }
    }
    while (i < n || j < m) {
        if (i < n && j < m && SAME(i, j))
            fprintf(out, "  %s\n", theirs[i++]), j++;
        else if (j == m || (i < n && COMMON(i + 1, j) >= COMMON(i, j + 1)))
            fprintf(out, "- %s\n", theirs[i++]);
        else
            fprintf(out, "+ %s\n", ours->v[j++]);
    }
#undef COMMON
#undef SAME
    free(common);
}

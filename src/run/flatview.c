/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads `info mtree -f` and `info ramblock`. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "run/flatview.h"

#define LINE_SIZE 512

/* Copies the line at *text to line (cut to LINE_SIZE - 1, without CR and
 * newline) and moves *text past it. */
static bool next_line(const char **text, char *line)
{
    const char *p = *text;
    size_t n = strcspn(p, "\n"), kept = n < LINE_SIZE ? n : LINE_SIZE - 1;

    if (!*p)
        return false;
    memcpy(line, p, kept);
    if (kept && line[kept - 1] == '\r')
        kept--;
    line[kept] = '\0';
    *text = p + n + (p[n] == '\n');
    return true;
}

/* A name may be followed by " @0000000000000400", its offset. */
static bool named(const char *rest, const char *name)
{
    size_t n = strlen(name);

    return !strncmp(rest, name, n) && (!rest[n] || !strncmp(rest + n, " @", 2));
}

/* "  0000000000000060-0000000000000060 (prio 0, i/o): i8042-data" */
static bool parse_section(const char *line, struct xldm_range *r,
                          const char **name)
{
    char *end;

    while (*line == ' ')
        line++;
    if (!isxdigit((unsigned char)*line))
        return false;
    r->first = strtoull(line, &end, 16);
    if (*end != '-' || !isxdigit((unsigned char)end[1]))
        return false;
    r->last = strtoull(end + 1, &end, 16);
    if (strncmp(end, " (prio ", 7) || r->last < r->first)
        return false;
    end = strstr(end, "): ");
    if (!end)
        return false;
    *name = end + 3;
    return true;
}

bool flatview_claims(const char *text, struct xldm__ranges *claims)
{
    bool ports = false, memory = false, ports_seen = false;
    bool memory_seen = false;
    struct xldm_range r;
    const char *name;
    char line[LINE_SIZE];

    while (next_line(&text, line)) {
        if (!strncmp(line, "FlatView #", 10))
            ports = memory = false; /* views come in no fixed order */
        else if (!strncmp(line, " AS \"I/O\",", 10))
            ports_seen = ports = true;
        else if (!strncmp(line, " AS \"memory\",", 13))
            memory_seen = memory = true;
        else if ((ports || memory) && parse_section(line, &r, &name)) {
            if (named(name, ports ? "io" : "xen.ram"))
                continue;
            r.space = ports ? XLDM_PORT : XLDM_MEMORY;
            xldm__ranges_add(claims, r);
        }
    }
    return ports_seen && memory_seen;
}

/* Cuts the "4 KiB" off that follows the name. */
static void cut_words(char *s, unsigned words)
{
    size_t n = strlen(s);

    for (; words; words--) {
        while (n && s[n - 1] == ' ')
            n--;
        while (n && s[n - 1] != ' ')
            n--;
    }
    while (n && s[n - 1] == ' ')
        n--;
    s[n] = '\0';
}

/* "  0000:00:02.0/vga.vram    4 KiB  0x...offset 0x...used 0x...total ..." */
static bool parse_ramblock(char *line, struct ramblock *b)
{
    uint64_t total;
    char *numbers = strstr(line, " 0x"), *end;

    if (!numbers)
        return false;
    b->first = strtoull(numbers, &end, 16);
    strtoull(end, &end, 16);
    total = strtoull(end, &end, 16);
    if (!total || total - 1 > UINT64_MAX - b->first)
        return false;
    b->last = b->first + total - 1;
    *numbers = '\0';
    cut_words(line, 2);
    snprintf(b->name, sizeof(b->name), "%.127s", line + strspn(line, " "));
    return true;
}

bool flatview_ramblocks(const char *text,
                        bool (*fn)(void *arg, const struct ramblock *block),
                        void *arg)
{
    struct ramblock b;
    bool ram_seen = false;
    char line[LINE_SIZE];

    while (next_line(&text, line)) {
        if (!parse_ramblock(line, &b))
            continue;
        if (!strcmp(b.name, "xen.ram"))
            ram_seen = true;
        else if (!fn(arg, &b))
            return false;
    }
    return ram_seen;
}

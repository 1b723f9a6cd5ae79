/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON messages out of a stream of bytes.  QMP has no framing: a message ends
 * where its brackets close, and the next may follow on the same line.
 */
#include <stdlib.h>
#include <string.h>

#include "run/scan.h"

static bool keep(struct scan *s, char c)
{
    size_t cap = s->cap ? s->cap * 2 : 256;
    char *text;

    if (s->used == SCAN_MAX_BYTES)
        return false;
    if (s->used == s->cap) {
        text = realloc(s->text, cap);
        if (!text)
            return false;
        s->text = text;
        s->cap = cap;
    }
    s->text[s->used++] = c;
    return true;
}

static void restart(struct scan *s)
{
    s->used = 0;
    s->depth = 0;
    s->in_string = s->escaped = false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum scan_result garbage(struct scan *s, char last)
{
    restart(s);
    s->skipping = last != '\n';
    return SCAN_GARBAGE;
}

/* A line's end inside a string is not JSON: there a client that stopped in
 * the middle of a message is found again. */
static enum scan_result in_string(struct scan *s, char c)
{
    if (c == '\n')
        return garbage(s, c);
    if (s->escaped)
        s->escaped = false;
    else if (c == '\\')
        s->escaped = true;
    else if (c == '"')
        s->in_string = false;
    return SCAN_MORE;
}

static enum scan_result structure(struct scan *s, char c)
{
    if (c == '"') {
        s->in_string = true;
    } else if (c == '{' || c == '[') {
        if (++s->depth > SCAN_MAX_NESTING)
            return garbage(s, c);
    } else if (c == '}' || c == ']') {
        if (!--s->depth)
            return SCAN_MESSAGE;
    }
    return SCAN_MORE;
}

static enum scan_result take(struct scan *s, char c)
{
    if (s->skipping) {
        s->skipping = c != '\n';
        return SCAN_MORE;
    }
    if (!s->depth) {
        if (is_space(c))
            return SCAN_MORE;
        if (c != '{' && c != '[')
            return garbage(s, c);
    }
    if (!keep(s, c))
        return SCAN_TOO_BIG;
    return s->in_string ? in_string(s, c) : structure(s, c);
}

enum scan_result scan_bytes(struct scan *s, const char *data, size_t size,
                            size_t *taken, json_t **message)
{
    enum scan_result result = SCAN_MORE;
    size_t i = 0;

    while (i < size && result == SCAN_MORE)
        result = take(s, data[i++]);
    *taken = i;
    if (result == SCAN_MESSAGE) {
        *message =
            json_loadb(s->text, s->used, JSON_REJECT_DUPLICATES, NULL);
        restart(s);
        /* The brackets were in order: no need to skip to the next line. */
        if (!*message)
            result = SCAN_GARBAGE;
    }
    return result;
}

void scan_dispose(struct scan *s)
{
    free(s->text);
    *s = (struct scan){ 0 };
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the log of a device model says, for the message about its failure. */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "toolstack/toolstack.h"

/* Guests and broken QEMUs decide what stands in a log, terminals obey escape
 * sequences. */
static void make_printable(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && iscntrl((unsigned char)text[i]))
            text[i] = text[i] == '\t' ? ' ' : '?';
}

char *xldm__log_read(const char *path, size_t size, time_t since)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    char *text = NULL;
    ssize_t n = -1;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime >= since)
        text = malloc(size);
    if (text) {
        off_t max = (off_t)size - 1;

        n = pread(fd, text, size - 1, st.st_size > max ? st.st_size - max : 0);
    }
    close(fd);
    if (n < 0) {
        free(text);
        return NULL;
    }
    make_printable(text, n);
    text[n] = '\0';
    return text;
}

bool xldm__log_next(const char **at, struct xldm__log_line *line)
{
    static const struct {
        const char *mark;
        enum xldm_severity severity;
    } marks[] = {
        { "xldm-dm: error: ", XLDM_ERROR },
        { "xldm-dm: warning: ", XLDM_WARNING },
        { "xldm-dm: note: ", XLDM_NOTE },
    };

    while (**at) {
        const char *start = *at;
        size_t length = strcspn(start, "\n");

        *at += length + (start[length] == '\n');
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
            size_t skip = strlen(marks[i].mark);

            if (length < skip || strncmp(start, marks[i].mark, skip) != 0)
                continue;
            *line = (struct xldm__log_line){ marks[i].severity, start + skip,
                                             (int)(length - skip) };
            return true;
        }
    }
    return false;
}

const char *xldm__log_tail(const char *text, unsigned n)
{
    const char *at = text + strlen(text);

    if (at > text && at[-1] == '\n')
        at--;
    while (at > text && n > 0)
        if (*--at == '\n' && --n == 0)
            return at + 1;
    return at;
}

static bool part_of_word(char c)
{
    return isalnum((unsigned char)c) || strchr("_.-/", c);
}

static bool has_word(const char *text, size_t length, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; n > 0 && i + n <= length; i++)
        if (memcmp(text + i, word, n) == 0 &&
            (i == 0 || !part_of_word(text[i - 1])) &&
            (i + n == length || !part_of_word(text[i + n])))
            return true;
    return false;
}

struct xldm_loc xldm__log_loc(const struct xldm_domain *dom, const char *text,
                              size_t length)
{
    for (const struct xldm__device *d = dom->devices; d; d = d->next)
        if (has_word(text, length, d->id))
            return d->loc;
    return dom->loc;
}

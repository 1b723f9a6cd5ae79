/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report TAG [SKIP [PATTERN SECONDS [COUNT]]]: what the test guest TAG has
 * written to Xen's console, without Xen's prefix and the tag, from line SKIP
 * on (0).
 *
 * With a PATTERN (POSIX basic): waits until COUNT (1) lines match, prints the
 * last of them; exit status 1 if there are not so many after SECONDS.  A
 * shell loop around xl dmesg does the same and takes half the machine.
 */
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>

static const char *tag, *pattern;
static regex_t wanted;
static long skip, count = 1;

/* "(XEN) (d7) TAG text": text, or NULL if it is not the guest's. */
static const char *text_of(const char *line)
{
    size_t n = strlen(tag);

    if (!strncmp(line, "(XEN) ", 6))
        line += 6;
    if (strncmp(line, "(d", 2))
        return NULL;
    line = strstr(line, ") ");
    if (!line || strncmp(line + 2, tag, n) || line[2 + n] != ' ')
        return NULL;
    return line + 3 + n;
}

/* True once all is found that was asked for. */
static bool take(const char *line)
{
    const char *text = text_of(line);

    if (!text || skip-- > 0)
        return false;
    skip = 0;
    if (pattern && (regexec(&wanted, text, 0, NULL, 0) || --count > 0))
        return false;
    puts(text);
    return pattern != NULL;
}

/* What has come since *index, whole lines only. */
static bool poll_console(xc_interface *xc, uint32_t *index)
{
    static char buffer[65536];
    static size_t used;

    for (;;) {
        unsigned int n = (unsigned int)(sizeof(buffer) - 1 - used);
        char *line = buffer, *end;

        if (xc_readconsolering(xc, buffer + used, &n, 0, 1, index)) {
            perror("report: xc_readconsolering");
            exit(2);
        }
        if (!n)
            return false;
        used += n;
        buffer[used] = 0;
        while ((end = strchr(line, '\n'))) {
            *end = 0;
            if (take(line))
                return true;
            line = end + 1;
        }
        used -= (size_t)(line - buffer);
        if (used == sizeof(buffer) - 1)
            used = 0; /* no line of a guest's is as long */
        memmove(buffer, line, used);
    }
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    uint32_t index = 0;
    time_t end = time(NULL);

    if (!xc || argc < 2 || argc == 4 || argc > 6)
        return 2;
    tag = argv[1];
    skip = argc > 2 ? atol(argv[2]) : 0;
    if (argc > 4) {
        pattern = argv[3];
        end += atol(argv[4]);
        if (regcomp(&wanted, pattern, REG_NOSUB))
            return 2;
    }
    if (argc > 5)
        count = atol(argv[5]);
    while (!poll_console(xc, &index)) {
        if (!pattern)
            return 0;
        if (time(NULL) > end)
            return 1;
        usleep(50000);
    }
    return 0;
}

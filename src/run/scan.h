/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON messages out of a stream of bytes, however it is cut. */
#ifndef XLDM_RUN_SCAN_H
#define XLDM_RUN_SCAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SCAN_MAX_BYTES (1u << 20) /* of one message */
#define SCAN_MAX_NESTING 1024     /* QEMU's */

struct scan { /* begins zeroed */
    char *text; /* the message so far */
    size_t used, cap;
    unsigned depth;
    bool in_string, escaped;
    bool skipping; /* to the next line, after garbage */
};

enum scan_result {
    SCAN_MORE,    /* all bytes were taken, no message is complete */
    SCAN_MESSAGE, /* *message is one: a new reference */
    SCAN_GARBAGE, /* something that is not JSON was dropped */
    SCAN_TOO_BIG, /* a message over the limit: the stream is of no use now */
};

/* Takes bytes of data up to the end of one message, *taken of them. */
enum scan_result scan_bytes(struct scan *s, const char *data, size_t size,
                            size_t *taken, json_t **message);
void scan_dispose(struct scan *s);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of a split domain, as libxl gives it back, taken apart: a piece
 * of memory for each QEMU, which loads it as it would libxl's file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/container.h"
#include "run/save.h"

#define WHY_SIZE 1200

/* -1: it names none */
static int named_fd(const char *incoming)
{
    char *end;
    long fd;

    if (strncmp(incoming, "fd:", 3))
        return -1;
    fd = strtol(incoming + 3, &end, 10);
    return end == incoming + 3 || *end || fd < 3 || fd > 0xffff ? -1 : (int)fd;
}

static ssize_t read_head(int fd, uint8_t *head)
{
    ssize_t n = 0, more = 1;

    while (more > 0 && n < CONTAINER_HEAD) {
        more = pread(fd, head + n, (size_t)(CONTAINER_HEAD - n), n);
        if (more < 0 && errno != EINTR)
            return -1;
        n += more > 0 ? more : 0;
        more = more < 0 ? 1 : more;
    }
    return n;
}

bool restore_is_split(const char *incoming)
{
    uint8_t head[CONTAINER_HEAD];
    int fd = named_fd(incoming);
    ssize_t n = fd < 0 ? -1 : read_head(fd, head);

    return n > 0 && container_is(head, (size_t)n);
}

/* Its header, and whose part is which; the length of the header. */
static size_t understand(struct dm *dm, int fd, struct container *c, size_t *at)
{
    uint8_t head[CONTAINER_HEAD];
    char why[WHY_SIZE];
    struct stat st;
    size_t length;
    ssize_t n = -1;

    if (fstat(fd, &st) == 0)
        n = read_head(fd, head);
    if (n < 0) {
        xldm__error(dm->ctx, XLDM__NONE, "the saved state cannot be read: %s",
                    strerror(errno));
        return 0;
    }
    length = container_read(c, head, (size_t)n, (uint64_t)st.st_size, why,
                            sizeof(why));
    if (length && container_fits(c, dm->plan, at, why, sizeof(why)))
        return length;
    xldm__error(dm->ctx, XLDM__NONE,
                "the saved state cannot be that of this domain: %s", why);
    return 0;
}

static bool cut_out(struct qemu *q, int from, uint64_t first, uint64_t n)
{
    q->state = memfd_create("xldm-restore", MFD_CLOEXEC);
    return q->state >= 0 && save_copy(q->state, from, first, n) &&
           lseek(q->state, 0, SEEK_SET) == 0;
}

static bool take_apart(struct dm *dm, int fd)
{
    struct container c;
    size_t at[XLDM_MAX_GROUPS], i, k;
    uint64_t first = understand(dm, fd, &c, at);

    for (k = 0; first && k < c.ngroups; k++) {
        for (i = 0; at[i] != k; i++)
            ;
        if (!cut_out(&dm->qemus[i], fd, first, c.groups[k].bytes))
            return xldm__error(dm->ctx, XLDM__NONE,
                               "the saved state of group '%s' cannot be "
                               "copied: %s",
                               c.groups[k].name, strerror(errno));
        first += c.groups[k].bytes;
    }
    dm->said = c.said;
    return first;
}

bool restore_read(struct dm *dm)
{
    int fd = dm->incoming ? named_fd(dm->incoming) : -1;
    bool ok;

    if (!dm->incoming)
        return true;
    if (fd < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "-incoming is '%s'; fd:N is accepted, of a file "
                           "that is open",
                           dm->incoming);
    ok = take_apart(dm, fd);
    close(fd);
    return ok;
}

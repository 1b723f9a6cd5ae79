/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file into memory, and back in the place of what was there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/xml.h"

static char *read_fd(struct xldm_ctx *ctx, int fd, const char *path,
                     size_t *size)
{
    struct xldm_loc loc = { path, 0 };
    char *text = malloc(XLDM__FILE_MAX + 1);
    size_t used = 0;

    while (text && used <= XLDM__FILE_MAX) {
        ssize_t n = read(fd, text + used, XLDM__FILE_MAX + 1 - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            xldm__error(ctx, loc, "cannot read: %s", strerror(errno));
            goto failed;
        }
        if (!n)
            break;
        used += (size_t)n;
    }
    if (!text)
        xldm__oom(ctx);
    else if (used > XLDM__FILE_MAX)
        xldm__error(ctx, loc, "is larger than %u bytes", XLDM__FILE_MAX);
    else {
        *size = used;
        return text;
    }
failed:
    free(text);
    return NULL;
}

char *xldm__file_read(struct xldm_ctx *ctx, const char *path, size_t *size)
{
    struct xldm_loc loc = { path, 0 };
    char *text;
    int fd;

    if (!strcmp(path, "-"))
        return read_fd(ctx, STDIN_FILENO, "<stdin>", size);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        xldm__error(ctx, loc, "cannot open: %s", strerror(errno));
        return NULL;
    }
    text = read_fd(ctx, fd, path, size);
    close(fd);
    return text;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size) {
        ssize_t n = write(fd, text, size);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
    return !fsync(fd);
}

/* Mode and owner of what was there, else a new file's. */
static bool set_owner(int fd, const char *path)
{
    struct stat st;
    mode_t mask;

    if (!stat(path, &st))
        return (!fchown(fd, st.st_uid, st.st_gid) || errno == EPERM) &&
               !fchmod(fd, st.st_mode & 07777);
    mask = umask(0);
    umask(mask);
    return errno == ENOENT && !fchmod(fd, 0666 & ~mask);
}

bool xldm__file_replace(struct xldm_ctx *ctx, const char *path,
                        const char *text, size_t size)
{
    char *real = realpath(path, NULL), *temporary = NULL;
    int fd = -1;
    bool ok = false;

    if (!real && errno == ENOENT)
        real = strdup(path);
    if (real && asprintf(&temporary, "%s.XXXXXX", real) < 0)
        temporary = NULL;
    if (temporary)
        fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0)
        ok = set_owner(fd, real) && write_all(fd, text, size) &&
             !rename(temporary, real);
    if (!ok)
        xldm__error(ctx, (struct xldm_loc){ path, 0 }, "cannot write: %s",
                    strerror(errno));
    if (fd >= 0 && !ok)
        unlink(temporary);
    if (fd >= 0)
        close(fd);
    free(temporary);
    free(real);
    return ok;
}

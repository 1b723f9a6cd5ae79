/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Can this image be used now?  QEMU would say no only after the domain was
 * built. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/disk_xml.h"

/*
 * Bytes that a QEMU locks in an image, one a permission (block/file-posix.c):
 * PERM while it has the permission, UNSHARED while nobody else may have it.
 */
enum { PERM = 100, UNSHARED = 200 };
enum { CONSISTENT_READ, WRITE };

static bool is_locked(int fd, off_t byte)
{
    struct flock lock = {
        .l_type = F_WRLCK,
        .l_whence = SEEK_SET,
        .l_start = byte,
        .l_len = 1,
    };

    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* A disk's QEMU shares reading with others, but never writing. */
static bool is_in_use(int fd, bool writes)
{
    return is_locked(fd, PERM + WRITE) ||
           is_locked(fd, UNSHARED + (writes ? WRITE : CONSISTENT_READ));
}

bool xldm__image_probe(struct xldm_ctx *ctx, const struct xldm__device *dev,
                       const char *path, bool writes)
{
    int fd = open(path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    const char *wrong = NULL;

    if (fd < 0)
        wrong = strerror(errno);
    else if (fstat(fd, &st) < 0)
        wrong = strerror(errno);
    else if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        wrong = "neither a file nor a block device";
    else if (is_in_use(fd, writes))
        wrong = "another QEMU has it open and locked";
    if (fd >= 0)
        close(fd);
    if (!wrong)
        return true;
    return xldm__error(ctx, dev->loc, "<disk> '%s': cannot use '%s': %s",
                       dev->id, path, wrong);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxl asks one device model to write its state into a file that it has sent
 * before.  Each QEMU writes into memory of ours; only when all have, libxl's
 * file gets anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/request.h"
#include "run/save.h"

struct saving {
    struct dm *dm;
    json_int_t fdset; /* libxl's, of which no QEMU knows: ours go by it too */
    int to;           /* libxl's file */
    int memory[XLDM_MAX_GROUPS];
    bool given[XLDM_MAX_GROUPS]; /* to its QEMU */
    json_t *error;               /* NULL: all is well */
};

/* One is enough: libxl hears of the first. */
static bool fail(struct saving *s, json_t *error)
{
    if (s->error)
        json_decref(error);
    else
        s->error = error;
    return false;
}

/* What q's QEMU answered. */
static bool succeeded(struct saving *s, const struct qemu *q, json_t *reply)
{
    const json_t *error = json_object_get(reply, "error");
    const char *desc = json_string_value(json_object_get(error, "desc"));
    bool ok = json_object_get(reply, "return") != NULL;

    if (!ok && desc)
        fail(s, error_new("GenericError", "xldm: group '%s': %s",
                          q->group->name, desc));
    else if (!ok)
        fail(s,
             error_new("GenericError", "xldm: group '%s': its QEMU went away",
                       q->group->name));
    json_decref(reply);
    return ok;
}

static bool errno_of(struct saving *s, const char *what)
{
    return fail(
        s, error_new("GenericError", "xldm: %s: %s", what, strerror(errno)));
}

/* ---------------------------------------------------------- steps ---- */

/* A guest whose device is gone would find it again after the restore, as it
 * was before anything happened. */
static bool all_live(struct saving *s)
{
    const struct qemu *q = s->dm->qemus, *end = q + s->dm->nqemus;

    for (; q < end; q++)
        if (!q->ended && (q->detached || q->pid <= 0 || !q->qmp))
            return fail(s, error_new("GenericError",
                                     "xldm: group '%s' has no QEMU any more; "
                                     "without it the domain cannot be saved "
                                     "(xldm restart starts it)",
                                     q->group->name));
    return true;
}

/* QEMU wants a file that can only be written, as its open() would. */
static int write_only(int fd)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_CLOEXEC);
}

static bool give_memory(struct saving *s)
{
    struct qmp_wait *wait[XLDM_MAX_GROUPS] = { NULL };
    struct dm *dm = s->dm;
    bool ok = true;
    size_t i;
    int fd;

    for (i = 0; i < dm->nqemus && ok; i++) {
        if (dm->qemus[i].ended)
            continue;
        s->memory[i] = memfd_create("xldm-save", MFD_CLOEXEC);
        fd = s->memory[i] < 0 ? -1 : write_only(s->memory[i]);
        if (fd < 0) {
            ok = errno_of(s, "no memory for a state");
            break;
        }
        s->given[i] = true;
        wait[i] = qmp_ask_with(dm->qemus[i].qmp, "add-fd",
                               json_pack("{s:I}", "fdset-id", s->fdset), fd);
    }
    for (i = 0; i < dm->nqemus; i++)
        if (s->given[i])
            ok &= succeeded(s, &dm->qemus[i], qmp_take(dm, wait[i]));
    return ok;
}

static bool have_saved(struct saving *s, const json_t *arguments)
{
    struct qmp_wait *wait[XLDM_MAX_GROUPS] = { NULL };
    struct dm *dm = s->dm;
    bool ok = true;
    size_t i;

    for (i = 0; i < dm->nqemus; i++)
        if (s->given[i])
            wait[i] = qmp_ask(dm->qemus[i].qmp, "xen-save-devices-state",
                              json_deep_copy(arguments));
    for (i = 0; i < dm->nqemus; i++)
        if (s->given[i])
            ok &= succeeded(s, &dm->qemus[i], qmp_take(dm, wait[i]));
    return ok;
}

static void take_back(struct saving *s)
{
    struct qmp_wait *wait[XLDM_MAX_GROUPS] = { NULL };
    struct dm *dm = s->dm;
    size_t i;

    for (i = 0; i < dm->nqemus; i++)
        if (s->given[i])
            wait[i] = qmp_ask(dm->qemus[i].qmp, "remove-fd",
                              json_pack("{s:I}", "fdset-id", s->fdset));
    for (i = 0; i < dm->nqemus; i++)
        if (s->given[i])
            json_decref(qmp_take(dm, wait[i]));
}

/* ---------------------------------------------------------- write ---- */

static bool describe(struct saving *s, struct container *c)
{
    const struct dm *dm = s->dm;
    uint64_t sum = 0;
    struct stat st;
    size_t i;

    *c = (struct container){ .said = dm->said };
    for (i = 0; i < dm->nqemus; i++) {
        const struct xldm__group *g = dm->qemus[i].group;
        struct container_group *to = &c->groups[c->ngroups];

        if (!s->given[i])
            continue;
        if (fstat(s->memory[i], &st) < 0)
            return errno_of(s, "the size of a state");
        sum += (uint64_t)st.st_size;
        if (!st.st_size || sum > CONTAINER_MAX_BYTES)
            return fail(s, error_new("GenericError",
                                     "xldm: group '%s': its state has %lld "
                                     "bytes; 1 to %u can be, of all groups "
                                     "together",
                                     g->name, (long long)st.st_size,
                                     CONTAINER_MAX_BYTES));
        snprintf(to->name, sizeof(to->name), "%s", g->name);
        to->ram_first = g->ram_first;
        to->ram_size = g->ram_size;
        to->memory_mib = g->memory_mib;
        to->bytes = (uint64_t)st.st_size;
        c->ngroups++;
    }
    return true;
}

static bool write_all(int to, const uint8_t *bytes, size_t n)
{
    ssize_t done;

    for (; n; bytes += done, n -= (size_t)done) {
        done = write(to, bytes, n);
        if (done < 0 && errno != EINTR)
            return false;
        if (done < 0)
            done = 0;
    }
    return true;
}

bool save_copy(int to, int from, uint64_t first, uint64_t n)
{
    off_t at = (off_t)first;
    ssize_t done;

    while (n) {
        done = sendfile(to, from, &at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (!done)
            errno = EIO; /* it is shorter than it was */
        if (done <= 0)
            return false;
        n -= (uint64_t)done;
    }
    return true;
}

static bool write_out(struct saving *s)
{
    uint8_t head[CONTAINER_HEAD];
    struct container c;
    size_t i, k = 0;

    if (!describe(s, &c))
        return false;
    if (!write_all(s->to, head, container_write(&c, head)))
        return errno_of(s, "write the state");
    for (i = 0; i < s->dm->nqemus; i++)
        if (s->given[i] &&
            !save_copy(s->to, s->memory[i], 0, c.groups[k++].bytes))
            return errno_of(s, "write the state");
    return true;
}

/* ------------------------------------------------------------ all ---- */

static json_t *open_target(struct saving *s, const json_t *arguments)
{
    const char *name =
        json_string_value(json_object_get(arguments, "filename"));

    if (!name)
        return error_new("GenericError", "Parameter 'filename' is missing");
    s->to = fdset_find(s->dm->router, name, &s->fdset);
    return s->to >= 0 ? NULL
                      : error_new("GenericError",
                                  "xldm: '%s' is no file that was sent with "
                                  "add-fd",
                                  name);
}

json_t *save_devices(struct dm *dm, const json_t *arguments)
{
    struct saving s = { .dm = dm, .to = -1 };
    size_t i;

    for (i = 0; i < XLDM_MAX_GROUPS; i++)
        s.memory[i] = -1;
    s.error = open_target(&s, arguments);
    if (!s.error && all_live(&s) && give_memory(&s) &&
        have_saved(&s, arguments))
        write_out(&s);
    take_back(&s);
    for (i = 0; i < XLDM_MAX_GROUPS; i++)
        if (s.memory[i] >= 0)
            close(s.memory[i]);
    if (s.to >= 0)
        close(s.to);
    return s.error ? s.error : json_pack("{s:{}}", "return");
}

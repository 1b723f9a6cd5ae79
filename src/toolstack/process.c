/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes of a domain: QEMUs and xldm-dm, known by `-xen-domid` among
 * their arguments, which libxl and the plan give to every one of them.  The
 * process table is asked, not xenstore: it also has what was just started.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>
#include "toolstack/toolstack.h"

#define MAX_PROCESSES 64

struct wanted {
    struct xldm__libxl *t;
    uint32_t domid;
    const char *name;
};

/* The word after this one, in words that end with NUL each. */
static const char *word_after(const char *words, size_t size, const char *word)
{
    const char *end = words + size;

    for (const char *w = words; w < end; w += strlen(w) + 1) {
        const char *next = w + strlen(w) + 1;

        if (strcmp(w, word) == 0 && next < end)
            return next;
    }
    return NULL;
}

static bool name_matches(const char *arg, const char *name)
{
    size_t n = strlen(name);

    return arg && strncmp(arg, name, n) == 0 &&
           (arg[n] == '\0' || arg[n] == ',');
}

static bool is_wanted(const struct wanted *w, const char *pid)
{
    char path[64], words[32768];
    const char *domid;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%.16s/cmdline", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, words, sizeof(words) - 1);
    close(fd);
    if (n <= 0)
        return false;
    words[n] = '\0';
    domid = word_after(words, n, "-xen-domid");
    if (!domid)
        return false;
    if (w->domid != XLDM__NO_DOMAIN)
        return strtoul(domid, NULL, 10) == w->domid;
    return name_matches(word_after(words, n, "-name"), w->name) &&
           !xldm__domain_exists(w->t, strtoul(domid, NULL, 10));
}

/* Fills fds with a pidfd a process and returns how many there are. */
static unsigned find(const struct wanted *w, struct pollfd *fds)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    unsigned n = 0;

    while (proc && n < MAX_PROCESSES && (entry = readdir(proc))) {
        int pid = atoi(entry->d_name);
        int fd = pid > 0 ? pidfd_open(pid, 0) : -1;

        if (fd < 0)
            continue;
        /* Looked at after the pidfd was made: it is this very process. */
        if (is_wanted(w, entry->d_name))
            fds[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        else
            close(fd);
    }
    if (proc)
        closedir(proc);
    return n;
}

static long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* Sends each the signal if it is one, waits for the end of all n and closes
 * them; false: time is over. */
static bool wait_for(struct pollfd *fds, unsigned n, long deadline, int sig)
{
    bool ok = true;

    for (unsigned i = 0; sig && i < n; i++)
        pidfd_send_signal(fds[i].fd, sig, NULL, 0);
    for (unsigned i = 0; i < n; i++) {
        long left;
        int ready;

        do {
            left = deadline - now_ms();
            ready = poll(&fds[i], 1, left > 0 ? (int)left : 0);
        } while (ready < 0 && errno == EINTR);
        ok &= ready > 0;
        close(fds[i].fd);
    }
    return ok;
}

bool xldm__end_processes(struct xldm__libxl *t, uint32_t domid,
                         const char *name, int sig)
{
    const struct wanted w = { t, domid, name };
    struct pollfd fds[MAX_PROCESSES];
    long deadline = now_ms() + XLDM__END_MS;
    unsigned n;

    /* Again and again: one that starts processes may have been among them. */
    while ((n = find(&w, fds)) > 0)
        if (!wait_for(fds, n, deadline, sig))
            break;
    if (n == 0)
        return true;
    n = find(&w, fds);
    xldm__warning(t->ctx, XLDM__NONE,
                  "%u processes of the domain did not end within %d s and are "
                  "killed", n, XLDM__END_MS / 1000);
    if (wait_for(fds, n, now_ms() + 1000, SIGKILL))
        return true;
    return xldm__error(t->ctx, XLDM__NONE,
                       "processes of the domain cannot be killed");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keeper is the first process of a pid namespace and does nothing but
 * wait for the end of xldm-dm.  When it exits, the kernel kills every QEMU of
 * the namespace: nothing is left even of a kill -9.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/keeper.h"

static void remove_folder(const char *path)
{
    char file[512];
    struct dirent *entry;
    DIR *dir = opendir(path);

    while (dir && (entry = readdir(dir))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        if (unlink(file) < 0)
            rmdir(file);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void keep(int wait_fd, const char *rundir)
{
    static const int ignored[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                   SIGPIPE, SIGUSR1, SIGUSR2 };
    ssize_t n;
    char byte;
    size_t i;

    setsid();
    for (i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "xldm-keeper");
    dup2(wait_fd, 0);
    close_range(1, ~0U, 0);
    do
        n = read(0, &byte, 1);
    while (n > 0 || (n < 0 && errno == EINTR));
    kill(-1, SIGKILL);
    remove_folder(rundir);
    _exit(0);
}

static bool make_rundir(struct dm *dm)
{
    uint32_t random;
    char root[80];

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint32_t)getpid();
    snprintf(dm->instance, sizeof(dm->instance), "%08x", random);
    snprintf(dm->rundir, sizeof(dm->rundir), "/run/xldm/%u.%s", dm->domid,
             dm->instance);
    snprintf(root, sizeof(root), "%s/root", dm->rundir);
    if ((mkdir("/run/xldm", 0700) < 0 && errno != EEXIST) ||
        mkdir(dm->rundir, 0700) < 0 || mkdir(root, 0555) < 0 ||
        chmod(root, 0555) < 0)
        return xldm__error(dm->ctx, XLDM__NONE, "cannot make folder %s: %s",
                           dm->rundir, strerror(errno));
    return true;
}

static int open_ns(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool keeper_start(struct dm *dm)
{
    int ends[2] = { -1, -1 };

    if (!make_rundir(dm))
        return false;
    dm->own_ns = open_ns(getpid());
    if (dm->own_ns < 0 || pipe2(ends, O_CLOEXEC) < 0 ||
        unshare(CLONE_NEWPID) < 0)
        goto failed;
    dm->keeper = fork();
    if (!dm->keeper)
        keep(ends[0], dm->rundir);
    close(ends[0]);
    ends[0] = -1;
    if (dm->keeper < 0)
        goto failed;
    dm->keeper_pipe = ends[1];
    dm->keeper_ns = open_ns(dm->keeper);
    if (dm->keeper_ns < 0 || setns(dm->own_ns, CLONE_NEWPID) < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "cannot use the pid namespace of the QEMUs: %s",
                           strerror(errno));
    return true;
failed:
    xldm__error(dm->ctx, XLDM__NONE,
                "cannot make a pid namespace for the QEMUs: %s",
                strerror(errno));
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return false;
}

bool keeper_enter(struct dm *dm)
{
    if (setns(dm->keeper_ns, CLONE_NEWPID) < 0)
        return xldm__error(dm->ctx, XLDM__NONE,
                           "cannot enter the pid namespace of the QEMUs: %s",
                           strerror(errno));
    return true;
}

void keeper_leave(struct dm *dm)
{
    setns(dm->own_ns, CLONE_NEWPID);
}

/* The kernel lets a namespace end only once its processes are reaped, and
 * those that we started are ours to reap. */
void keeper_stop(struct dm *dm)
{
    size_t i;

    if (dm->keeper_pipe >= 0)
        close(dm->keeper_pipe);
    dm->keeper_pipe = -1;
    for (i = 0; i < dm->nqemus; i++)
        if (dm->qemus[i].pid > 0) {
            kill(dm->qemus[i].pid, SIGKILL);
            waitpid(dm->qemus[i].pid, NULL, 0);
        }
    if (dm->keeper > 0)
        waitpid(dm->keeper, NULL, 0);
    dm->keeper = 0;
    if (dm->rundir[0])
        remove_folder(dm->rundir); /* if there never was a keeper */
    if (dm->keeper_ns >= 0)
        close(dm->keeper_ns);
    if (dm->own_ns >= 0)
        close(dm->own_ns);
    dm->keeper_ns = dm->own_ns = -1;
}

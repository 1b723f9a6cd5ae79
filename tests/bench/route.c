/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The router between FOLDER/qmp and QEMUs without a machine, until it is
 * killed; FOLDER/direct is the first one's own socket.  No Xen takes part, so
 * that what a command takes is what it takes on this machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "run/dm.h"

#define GROUPS 3
#define TRIES 1000 /* of 10 ms */

static void start(int i)
{
    char ours[40], direct[40];

    snprintf(ours, sizeof(ours), "unix:%d,server=on,wait=off", i);
    snprintf(direct, sizeof(direct), "unix:%s,server=on,wait=off",
             i ? "other" : "direct");
    if (fork())
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("qemu-system-x86_64", "qemu", "-machine", "none", "-nodefaults",
           "-display", "none", "-S", "-qmp", ours, i ? NULL : "-qmp", direct,
           NULL);
    perror("qemu-system-x86_64");
    _exit(1);
}

static int connect_to(int name)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

    snprintf(to.sun_path, sizeof(to.sun_path), "%d", name);
    for (i = 0; i < TRIES; i++) {
        if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
            return fd;
        usleep(10000);
    }
    perror(to.sun_path);
    exit(1);
}

int main(int argc, char **argv)
{
    static struct xldm_plan plan = { .ngroups = GROUPS, .nlinks = 1 };
    static struct dm dm = { .plan = &plan, .nqemus = GROUPS };
    uv_loop_t loop;
    int i;

    if (argc != 2 || chdir(argv[1]) < 0 || uv_loop_init(&loop) < 0)
        return 2;
    plan.links[0] = "socket,id=libxl-cmd,path=qmp,server=on,wait=off";
    dm.loop = &loop;
    dm.ctx = xldm_ctx_new(NULL, NULL);
    for (i = 0; i < GROUPS; i++)
        start(i);
    for (i = 0; i < GROUPS; i++) {
        struct qemu *q = &dm.qemus[i];

        plan.groups[i].name = i ? "another" : "primary";
        *q = (struct qemu){ .dm = &dm, .group = &plan.groups[i], .pid = 1 };
        q->qmp = qmp_new(&dm, connect_to(i), router_event, q);
    }
    if (!router_start(&dm))
        return 1;
    uv_run(&loop, UV_RUN_DEFAULT);
    return 0;
}

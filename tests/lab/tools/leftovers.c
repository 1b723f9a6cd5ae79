/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * leftovers: everything of dom0 that a domain may leave behind, one a line:
 * processes, sockets and folders, xenstore nodes, interfaces, loop devices,
 * domains.  As a shell script it takes four seconds in the lab.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xenctrl.h>
#include <xenstore.h>

/* The first line of a file, its NULs as blanks; "" if there is none. */
static const char *text_of(const char *path)
{
    static char text[512];
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

    if (f)
        fclose(f);
    for (size_t i = 0; i < n; i++)
        if (!text[i])
            text[i] = ' ';
    text[n] = 0;
    text[strcspn(text, "\n")] = 0;
    return text;
}

/* Calls take() with each entry of a folder but those with a dot. */
static void each(const char *folder, void (*take)(const char *name))
{
    DIR *dir = opendir(folder);
    struct dirent *d;

    while (dir && (d = readdir(dir)))
        if (d->d_name[0] != '.')
            take(d->d_name);
    if (dir)
        closedir(dir);
}

static void process(const char *pid)
{
    static const char *const ours[] = { "xen-qemu*", "qemu*", "xldm*", "xl" };
    char path[300];

    snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
        if (*pid < '0' || *pid > '9' || fnmatch(ours[i], text_of(path), 0))
            continue;
        snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
        printf("process %s %s\n", pid, text_of(path));
        return;
    }
}

static int file(const char *path, const struct stat *st, int type,
                struct FTW *at)
{
    (void)type;
    if (at->level && (S_ISSOCK(st->st_mode) ||
                      !strncmp(path + at->base, "qemu-root-", 10) ||
                      !strncmp(path, "/run/xldm/", 10)))
        printf("file %s\n", path);
    return 0;
}

static void interface(const char *name)
{
    printf("interface %s\n", name);
}

static void loop(const char *name)
{
    char path[300];
    const char *backing;

    snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", name);
    backing = text_of(path);
    if (*backing)
        printf("loop %s %s\n", name, backing);
}

static void nodes(struct xs_handle *xs)
{
    static const char *const folders[] = {
        "/libxl", "/local/domain", "/local/domain/0/device-model", "/vm",
        "/local/domain/0/backend/vif", "/local/domain/0/backend/vbd",
        "/local/domain/0/backend/qdisk", "/local/domain/0/backend/vkbd",
        "/local/domain/0/backend/vfb", "/local/domain/0/backend/console",
    };

    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        unsigned n = 0;
        char **names = xs_directory(xs, XBT_NULL, folders[i], &n);

        for (unsigned k = 0; k < n; k++)
            printf("xenstore %s/%s\n", folders[i], names[k]);
        free(names);
    }
}

int main(void)
{
    struct xs_handle *xs = xs_open(0);
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    xc_domaininfo_t info[64];
    int n;

    if (!xs || !xc)
        return 2;
    each("/proc", process);
    nftw("/run/xen", file, 8, FTW_PHYS);
    nftw("/run/xldm", file, 8, FTW_PHYS);
    nodes(xs);
    each("/sys/class/net", interface);
    each("/sys/block", loop);
    n = xc_domain_getinfolist(xc, 0, 64, info);
    for (int i = 0; i < n; i++)
        printf("domain %u\n", info[i].domain);
    xs_close(xs);
    xc_interface_close(xc);
    return n < 1;
}

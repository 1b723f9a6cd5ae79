/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What only the host knows of a process: its age, CPU time and memory. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "dm/json.h"
#include "toolstack/show.h"

/* Fields of /proc/PID/stat behind the name, which may hold anything but ends
 * with the last ')'; proc(5) counts from 1. */
enum { UTIME = 14, STIME = 15, STARTTIME = 22, FIRST = 3 };

static bool read_stat(const char *proc, long pid, double *cpu, double *began)
{
    char path[256], text[1024];
    unsigned long long value[STARTTIME + 1] = { 0 };
    double hz = (double)sysconf(_SC_CLK_TCK);
    size_t n = 0;
    char *p, *save;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%ld/stat", proc, pid);
    f = fopen(path, "re");
    if (f) {
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
    }
    text[n] = '\0';
    p = strrchr(text, ')');
    p = p ? strtok_r(p + 1, " ", &save) : NULL;
    for (int i = FIRST; p && i <= STARTTIME; i++) {
        value[i] = strtoull(p, NULL, 10);
        p = i < STARTTIME ? strtok_r(NULL, " ", &save) : p;
    }
    *cpu = (double)(value[UTIME] + value[STIME]) / hz;
    *began = (double)value[STARTTIME] / hz;
    return p != NULL;
}

static bool read_pss(const char *proc, long pid, long long *kib)
{
    char path[256], line[256];
    bool found = false;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%ld/smaps_rollup", proc, pid);
    f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof(line), f))
        found = sscanf(line, "Pss: %lld kB", kib) == 1;
    if (f)
        fclose(f);
    return found;
}

static double seconds(double s) /* to the hundredth */
{
    return (double)(long long)(s * 100 + 0.5) / 100;
}

void xldm__usage(json_t *o, const char *proc, long pid)
{
    struct timespec now;
    double cpu, began;
    long long kib;

    if (pid > 0 && read_stat(proc, pid, &cpu, &began)) {
        clock_gettime(CLOCK_BOOTTIME, &now);
        json_object_set_new(
            o, "uptime-seconds",
            json_real(seconds((double)now.tv_sec + (double)now.tv_nsec / 1e9 -
                              began)));
        json_object_set_new(o, "cpu-seconds", json_real(seconds(cpu)));
    }
    if (pid > 0 && read_pss(proc, pid, &kib))
        json_object_set_new(o, "pss-kib", json_integer(kib));
}

static bool read_link(const char *proc, long pid, const char *name,
                      char *target, size_t size)
{
    char path[256];
    ssize_t n;

    snprintf(path, sizeof(path), "%s/%ld/%s", proc, pid, name);
    n = readlink(path, target, size - 1);
    target[n > 0 ? n : 0] = '\0';
    return *target == '/';
}

json_t *xldm__usage_log(const char *proc, long pid)
{
    char target[4096];

    return read_link(proc, pid, "fd/2", target, sizeof(target)) &&
                   strncmp(target, "/dev/", 5)
               ? xldm__json_text(target)
               : NULL;
}

char *xldm__usage_program(const char *proc, long pid)
{
    char target[4096];

    return read_link(proc, pid, "exe", target, sizeof(target)) ? strdup(target)
                                                               : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Milliseconds that each of some commands takes, as a process: their medians,
 * one a line.  They run in turn, so that what else the machine does slows all
 * of them. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 8

extern char **environ;

struct command {
    char **argv; /* first, settings of its environment */
    double *ms;
};

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static bool run(char **argv, double *ms)
{
    posix_spawn_file_actions_t to;
    int status = 1;
    char **env = argv;
    double begin;
    pid_t pid;

    for (; *argv && strchr(*argv, '='); argv++)
        putenv(*argv);
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_addopen(&to, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&to, 2, "/dev/null", O_WRONLY, 0);
    begin = now_ms();
    if (posix_spawn(&pid, argv[0], &to, NULL, argv, environ) ||
        waitpid(pid, &status, 0) != pid)
        status = 1;
    *ms = now_ms() - begin;
    posix_spawn_file_actions_destroy(&to);
    for (; env < argv; env++)
        unsetenv(strtok(strdupa(*env), "="));
    return !status;
}

int main(int argc, char **argv)
{
    struct command commands[MAX_COMMANDS] = { { argv + 2, NULL } };
    int n = 1, rounds = argc > 2 ? atoi(argv[1]) : 0;

    for (char **a = argv + 2; rounds > 0 && *a; a++)
        if (!strcmp(*a, "--") && n < MAX_COMMANDS) {
            *a = NULL;
            commands[n++].argv = a + 1;
        }
    if (rounds <= 0) {
        fprintf(stderr, "usage: process ROUNDS [NAME=VALUE...] COMMAND... "
                        "[-- [NAME=VALUE...] COMMAND...]...\n");
        return 2;
    }
    for (int c = 0; c < n; c++)
        commands[c].ms = calloc((size_t)rounds, sizeof(double));
    for (int i = 0; i < rounds; i++)
        for (int c = 0; c < n; c++)
            if (!run(commands[c].argv, &commands[c].ms[i])) {
                fprintf(stderr, "process: %s failed\n", *commands[c].argv);
                return 1;
            }
    for (int c = 0; c < n; c++) {
        qsort(commands[c].ms, (size_t)rounds, sizeof(double), compare);
        printf("%.3f\n", commands[c].ms[rounds / 2]);
        free(commands[c].ms);
    }
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm create: starts a domain, and a daemon that carries out its reboots. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "dm/plan.h"
#include "toolstack/toolstack.h"

struct request {
    struct xldm_domain *dom;
    const char *file;
    bool paused, foreground;
    uint32_t domid;
    size_t qemus;
    int log;   /* of the daemon; -1: foreground */
    int ready; /* in the daemon: to the process that waits for it */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
    interrupted = signal;
}

/* Not blocked, since libxl's children, QEMU among them, would inherit that. */
static void handle_signals(void (*handler)(int))
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

static int parse(int argc, char **argv, struct request *r)
{
    static const struct option options[] = {
        { "paused", no_argument, NULL, 'p' },
        { "foreground", no_argument, NULL, 'F' },
        { 0 },
    };
    int c;

    optind = 1;
    while ((c = getopt_long(argc, argv, "pF", options, NULL)) != -1) {
        if (c == 'p')
            r->paused = true;
        else if (c == 'F')
            r->foreground = true;
        else
            return CLI_USAGE;
    }
    if (argc - optind != 1)
        return CLI_USAGE;
    r->file = argv[optind];
    return CLI_OK;
}

/* The plan was reported on when the domain was made: not again. */
static size_t count_qemus(const struct xldm_domain *dom)
{
    struct xldm_ctx *quiet = xldm_ctx_new(NULL, NULL);
    struct xldm_plan *plan = quiet ? xldm_plan_new(quiet, dom, -1) : NULL;
    size_t n = plan ? plan->ngroups : 1;

    xldm_plan_free(plan);
    xldm_ctx_free(quiet);
    return n;
}

static void print_started(const struct request *r)
{
    printf("domain %s is %u: %zu QEMU%s\n", xldm_domain_name(r->dom), r->domid,
           r->qemus, r->qemus == 1 ? "" : "s");
    fflush(stdout);
}

static int open_log(const char *name)
{
    char *path;
    int fd;

    if (asprintf(&path, "/var/log/xen/xldm-%s.log", name) < 0) {
        xldm__oom(cli_ctx());
        return -1;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
              0640);
    if (fd < 0)
        xldm__error(cli_ctx(), XLDM__NONE, "log '%s' cannot be written: %s",
                    path, strerror(errno));
    free(path);
    return fd;
}

static bool foreground_ready(void *arg)
{
    print_started(arg);
    return true;
}

/* The last moment that the caller's terminal is of use. */
static bool daemon_ready(void *arg)
{
    struct request *r = arg;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null < 0 || dup2(null, 0) < 0 || dup2(r->log, 1) < 0 ||
        dup2(r->log, 2) < 0 || write(r->ready, "", 1) != 1)
        return xldm__error(cli_ctx(), XLDM__NONE,
                           "the daemon cannot leave the terminal: %s",
                           strerror(errno));
    if (null > 2)
        close(null);
    close(r->ready);
    return true;
}

/* Only what the daemon needs: a caller may wait for the end of a pipe that we
 * inherited. */
static void close_others(int a, int b)
{
    unsigned low = a < b ? a : b, high = a < b ? b : a;

    close_range(3, low - 1, 0);
    close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

static int run_daemon(struct request *r)
{
    handle_signals(SIG_DFL);
    setsid();
    umask(0022);
    if (chdir("/") < 0)
        return CLI_FAILED;
    close_others(r->ready, r->log);
    return xldm__supervise(cli_ctx(), r->dom, r->domid, !r->paused,
                           daemon_ready, r)
               ? CLI_OK
               : CLI_FAILED;
}

/* Returns in both processes: in ours once the daemon watches the domain, in
 * the daemon when it is done.  *ours tells which. */
static int start_daemon(struct request *r, bool *ours)
{
    int ends[2];
    pid_t pid;
    ssize_t n;
    char byte;

    *ours = true;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        xldm__error(cli_ctx(), XLDM__NONE, "pipe: %s", strerror(errno));
        return CLI_FAILED;
    }
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        *ours = false;
        r->ready = ends[1];
        return run_daemon(r);
    }
    close(ends[1]);
    if (pid < 0)
        xldm__error(cli_ctx(), XLDM__NONE, "fork: %s", strerror(errno));
    do
        n = pid < 0 ? 0 : read(ends[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    close(ends[0]);
    return n == 1 ? CLI_OK : CLI_FAILED;
}

static void destroy(const struct request *r)
{
    char domid[16];

    snprintf(domid, sizeof(domid), "%u", r->domid);
    xldm_domain_destroy(cli_ctx(), domid);
}

static int run_foreground(struct request *r)
{
    handle_signals(SIG_DFL);
    return xldm__supervise(cli_ctx(), r->dom, r->domid, !r->paused,
                           foreground_ready, r)
               ? CLI_OK
               : CLI_FAILED;
}

static int run(struct request *r)
{
    bool ours = true;
    int status = CLI_FAILED;

    if (!xldm_domain_create(cli_ctx(), r->dom, true, &r->domid))
        return CLI_FAILED;
    r->qemus = count_qemus(r->dom);
    if (!interrupted && r->foreground)
        return run_foreground(r);
    if (!interrupted)
        r->log = open_log(xldm_domain_name(r->dom));
    if (r->log >= 0)
        status = start_daemon(r, &ours);
    if (!ours)
        return status;
    if (interrupted) {
        xldm__error(cli_ctx(), XLDM__NONE, "interrupted: domain %u is "
                    "destroyed", r->domid);
        status = CLI_FAILED;
    }
    if (status == CLI_OK)
        print_started(r);
    else
        destroy(r);
    return status;
}

int verb_create(int argc, char **argv)
{
    struct request r = { .log = -1, .ready = -1 };
    int status = parse(argc, argv, &r);

    if (status != CLI_OK)
        return status;
    r.dom = xldm_domain_read(cli_ctx(), r.file);
    if (!r.dom)
        return CLI_FAILED;
    handle_signals(on_signal);
    status = run(&r);
    handle_signals(SIG_DFL);
    if (r.log >= 0)
        close(r.log);
    xldm_domain_free(r.dom);
    return status;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An xl.cfg read by us and by Debian's xl itself (`xl create -n`, with
 * xl/mock.c in the place of the hypervisor): the same config? */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "config/xml.h"
#include "oracle.h"

static void run_xl(int in, int out, const char *mock, const char *xl)
{
    char path[32];
    char *argv[] = { (char *)"xl", (char *)"create", (char *)"-n", path,
                     NULL };
    int log;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", in);
    log = memfd_create("log", 0);
    setenv("LD_PRELOAD", mock, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    dup2(out, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(xl, argv);
    _exit(127);
}

/* What the child wrote, from its start; malloc'ed. */
static char *contents(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);

    if (text && pread(fd, text, (size_t)size, 0) != size)
        abort();
    return text;
}

/* NULL: xl refuses it. */
static char *json_of_xl(const char *text, size_t size, const char *mock,
                        const char *xl)
{
    int in = memfd_create("xl.cfg", 0), out = memfd_create("json", 0);
    int status = -1;
    char *json = NULL;
    pid_t pid;

    if (in < 0 || out < 0 || write(in, text, size) != (ssize_t)size)
        abort();
    pid = fork();
    if (!pid)
        run_xl(in, out, mock, xl);
    if (pid < 0 || waitpid(pid, &status, 0) != pid ||
        (WIFEXITED(status) && WEXITSTATUS(status) == 127))
        abort(); /* there is no xl */
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        json = contents(out);
    close(in);
    close(out);
    return json;
}

static void note(void *arg, const struct xldm_diag *diag)
{
    fprintf(arg, "  %d: %s\n", diag->loc.line, diag->text);
}

static char *normal(libxl_ctx *ctx, libxl_domain_config *cfg)
{
    cfg->b_info.device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN;
    return libxl_domain_config_to_json(ctx, cfg);
}

static void print_difference(FILE *out, char *a, char *b)
{
    char *p, *q, *s1 = NULL, *s2 = NULL;

    p = strtok_r(a, "\n", &s1);
    q = strtok_r(b, "\n", &s2);
    for (; p && q && !strcmp(p, q);
         p = strtok_r(NULL, "\n", &s1), q = strtok_r(NULL, "\n", &s2))
        ;
    fprintf(out, "  first difference: xl %s, ours %s\n", p ? p : "(end)",
            q ? q : "(end)");
}

/* theirs: as xl reads it */
static bool same_config(struct xl_case *c, libxl_ctx *ctx,
                        const struct xldm_domain *dom,
                        libxl_domain_config *theirs)
{
    libxl_domain_config ours;
    char *a = normal(ctx, theirs), *b;
    bool same;

    libxl_domain_config_init(&ours);
    libxl_domain_config_copy(ctx, &ours, &dom->cfg);
    b = normal(ctx, &ours);
    same = a && b && !strcmp(a, b);
    if (!same)
        print_difference(c->log, a, b);
    free(a);
    free(b);
    libxl_domain_config_dispose(&ours);
    return same;
}

enum xl_verdict xl_compare(struct xl_case *c, libxl_ctx *ctx)
{
    struct xldm_ctx *x = xldm_ctx_new(note, c->log);
    char *json = json_of_xl(c->text, c->size, c->mock, c->xl);
    enum xl_verdict v = XL_SAME;

    c->dom = xldm__cfg_read_memory(x, c->text, c->size, "xl.cfg");
    libxl_domain_config_init(&c->theirs);
    if (!json) {
        v = c->dom ? XL_DIFFERENT : XL_REFUSED;
        if (c->dom)
            fprintf(c->log, "  xl refuses it\n");
    } else if (libxl_domain_config_from_json(ctx, &c->theirs, json)) {
        fprintf(c->log, "  xl's JSON is not read\n");
        v = XL_DIFFERENT;
    } else if (!c->dom) {
        v = XL_OURS_REFUSE; /* right, if libxl does too */
    } else if (!same_config(c, ctx, c->dom, &c->theirs)) {
        v = XL_DIFFERENT;
    }
    xldm_ctx_free(x);
    free(json);
    return v;
}

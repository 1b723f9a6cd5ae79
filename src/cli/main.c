/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xldm: finds the verb and prints what the library reports. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/base.h"
#include "cli/cli.h"

static struct xldm_ctx *ctx;

struct xldm_ctx *cli_ctx(void)
{
    return ctx;
}

bool cli_set_libxl(const char *version)
{
    enum xldm_libxl libxl;

    if (!xldm__version_named(version, &libxl))
        return xldm__error(ctx, XLDM__NONE,
                           "--libxl: '%s' is not accepted; accepted: 4.17, "
                           "4.20", version);
    xldm_ctx_set_libxl(ctx, libxl);
    return true;
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *does;
} verbs[] = {
    { "plan", verb_plan,
      "plan FILE [--write] [--format text|json|argv] [--domid N] "
      "[--libxl 4.17|4.20]",
      "resolve a description and print its QEMUs" },
    { "check", verb_check, "check [--libxl 4.17|4.20] FILE...", "validate only" },
    { "convert", verb_convert,
      "convert [--to xml|cfg] FILE [-o OUT] [--report] [--diff] "
      "[--libxl 4.17|4.20]",
      "turn an xl.cfg into XML, or any description into an xl.cfg" },
    { "create", verb_create, "create FILE [--paused] [--foreground]",
      "start a domain" },
    { "destroy", verb_destroy, "destroy DOMAIN", "end a domain at once" },
    { "list", verb_list, "list [--format text|json]",
      "show domains and their QEMUs" },
    { "show", verb_show, "show DOMAIN [--format text|json]",
      "show all that is known of a domain's QEMUs" },
    { "attach", verb_attach, "attach DOMAIN DEVICE.xml", "plug a device into a running domain" },
    { "detach", verb_detach, "detach DOMAIN ID", "unplug a device" },
    { "restart", verb_restart, "restart DOMAIN GROUP", "a new QEMU for a group" },
};

#define NVERBS (sizeof(verbs) / sizeof(*verbs))

static void report(void *arg, const struct xldm_diag *diag)
{
    static const struct {
        const char *name, *colour;
    } kinds[] = {
        [XLDM_ERROR] = { "error", "\033[1;31m" },
        [XLDM_WARNING] = { "warning", "\033[1;35m" },
        [XLDM_NOTE] = { "note", "\033[1;36m" },
    };
    const char *colour = kinds[diag->severity].colour;
    bool terminal = isatty(STDERR_FILENO);

    (void)arg;
    fflush(stdout);
    flockfile(stderr); /* one message, one line */
    fprintf(stderr, "%s:", diag->loc.file ? diag->loc.file : "xldm");
    if (diag->loc.file && diag->loc.line)
        fprintf(stderr, "%d:", diag->loc.line);
    fprintf(stderr, " %s%s:%s %s\n", terminal ? colour : "",
            kinds[diag->severity].name, terminal ? "\033[0m" : "",
            diag->text);
    funlockfile(stderr);
}

static void print_usage(FILE *out)
{
    fprintf(out, "usage: xldm VERB ...\n");
    for (size_t i = 0; i < NVERBS; i++)
        fprintf(out, "  xldm %s\n      %s\n", verbs[i].usage, verbs[i].does);
    fprintf(out, "FILE is libvirt-style XML or an xl.cfg; - is standard input\n");
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < NVERBS; i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

/* What we open must not take the place of one that we were started without:
 * messages would go there. */
static void fill_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static bool is_help(const char *arg)
{
    return !strcmp(arg, "--help") || !strcmp(arg, "-h") ||
           !strcmp(arg, "help");
}

static int run(const struct verb *verb, int argc, char **argv)
{
    int status;

    status = verb->run(argc, argv);
    if (status == CLI_USAGE)
        fprintf(stderr, "usage: xldm %s\n", verb->usage);
    if ((fflush(stdout) || ferror(stdout)) && status == CLI_OK) {
        perror("xldm: error: standard output");
        status = CLI_FAILED;
    }
    return status;
}

int main(int argc, char **argv)
{
    const struct verb *verb;
    int status;

    fill_standard();
    if (argc == 2 && is_help(argv[1])) {
        print_usage(stdout);
        return CLI_OK;
    }
    verb = argc > 1 ? find_verb(argv[1]) : NULL;
    if (!verb) {
        if (argc > 1)
            fprintf(stderr, "xldm: error: '%s' is no verb\n", argv[1]);
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (argc == 3 && is_help(argv[2])) {
        printf("usage: xldm %s\n  %s\n", verb->usage, verb->does);
        return CLI_OK;
    }
    if (!verb->run)
        return cli_become_xen(argv);
    ctx = xldm_ctx_new(report, NULL);
    if (!ctx) {
        fprintf(stderr, "xldm: error: out of memory\n");
        return CLI_FAILED;
    }
    status = run(verb, argc - 1, argv + 1);
    xldm_ctx_free(ctx);
    return status;
}

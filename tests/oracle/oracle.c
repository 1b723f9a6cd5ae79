/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oracle: is our command line libxl's, argument for argument, and does every
 * split of it keep what DESIGN.md promises?
 *
 *   oracle [--seed S] [--count N]   N random configs, seeds S, S+1, ...
 *   oracle --seed S --one           that one, with all details
 *   oracle [...] xl                 the same of random xl.cfg texts
 *   oracle xl FILE...               these; XML is only written as xl.cfg
 *   oracle cfg FILE...              what `xl create -n` prints, instead
 *   oracle time FILE.xml            microseconds libxl takes for its argv
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

struct tally {
    unsigned passed, failed, refused, split;
};

struct run {
    const char *program;
    struct peer *peer;
    struct xldm_ctx *ctx;
    bool verbose;
    struct tally tally;
};

static void print_argv(const char *title, const struct xldm__argv *argv)
{
    printf("%s\n", title);
    for (size_t i = 0; i < argv->n; i++)
        printf("  %s\n", argv->v[i]);
}

static void compare(struct run *run, const libxl_domain_config *cfg,
                    const libxl_domain_config *filled, char *const *theirs,
                    uint64_t seed, const char *rerun)
{
    struct xldm__arena arena = { 0 };
    struct xldm__argv ours = { .arena = &arena };
    struct findings findings = { stdout, 0 };
    struct dice dice = { seed ^ 0x5eed };
    bool split = false;

    xldm__emit_argv(run->ctx, cfg, theirs[0], ORACLE_DOMID, &ours);
    argv_fill(&ours, filled);
    if (run->verbose)
        print_argv("ours:", &ours);
    if (!argv_same(theirs, &ours)) {
        printf("argv: - libxl's, + ours\n");
        argv_diff(stdout, theirs, &ours);
        findings.n++;
    } else {
        check_split(&dice, cfg, theirs, &ours, &findings, &split);
    }
    run->tally.split += split;
    if (findings.n) {
        printf("FAILED %s\n\n", rerun);
        run->tally.failed++;
    } else {
        run->tally.passed++;
    }
    xldm__arena_dispose(&arena);
}

/* libxl fills in its defaults, but ours gets the config as a user has it:
 * that it knows these defaults is what is tested. */
static void check_config(struct run *run, const libxl_domain_config *cfg,
                         uint64_t seed, const char *rerun)
{
    libxl_domain_config filled;
    char **theirs;

    libxl_domain_config_init(&filled);
    libxl_domain_config_copy(peer_ctx(run->peer), &filled, cfg);
    if (!filled.b_info.avail_vcpus.size) /* libxl would leak the empty one */
        libxl_bitmap_dispose(&filled.b_info.avail_vcpus);
    theirs = peer_argv(run->peer, &filled);
    if (theirs) {
        compare(run, cfg, &filled, theirs, seed, rerun);
    } else {
        run->tally.refused++;
        if (run->verbose)
            printf("libxl refuses this config\n");
    }
    libxl_domain_config_dispose(&filled);
}

static void check_seed(struct run *run, uint64_t seed)
{
    struct dice dice = { seed };
    libxl_domain_config cfg;
    char rerun[256], *json;

    snprintf(rerun, sizeof(rerun), "%s --seed %llu --one", run->program,
             (unsigned long long)seed);
    generate_config(&dice, &cfg);
    if (run->verbose) {
        json = libxl_domain_config_to_json(peer_ctx(run->peer), &cfg);
        printf("%s\n", json ? json : "");
        free(json);
    }
    check_config(run, &cfg, seed, rerun);
    libxl_domain_config_dispose(&cfg);
}

/* ---- files ---- */

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL, *grown;
    size_t n = 0, got = 1;

    if (!in)
        return NULL;
    while (got && (grown = realloc(text, n + 4097))) {
        text = grown;
        got = fread(text + n, 1, 4096, in);
        n += got;
        text[n] = '\0';
    }
    fclose(in);
    return text;
}

/* What neither QEMU nor an oracle without backends can answer. */
static bool is_hvm(const libxl_domain_config *cfg)
{
    return cfg->c_info.type == LIBXL_DOMAIN_TYPE_HVM &&
           cfg->b_info.device_model_version !=
               LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN_TRADITIONAL;
}

static void drop_backends(libxl_domain_config *cfg)
{
    for (int i = 0; i < cfg->num_nics; i++) {
        free(cfg->nics[i].backend_domname);
        cfg->nics[i].backend_domname = NULL;
    }
    for (int i = 0; i < cfg->num_disks; i++) {
        free(cfg->disks[i].backend_domname);
        cfg->disks[i].backend_domname = NULL;
    }
}

static void check_file(struct run *run, const char *path)
{
    char *text = read_file(path), *json = text ? strchr(text, '{') : NULL;
    libxl_domain_config cfg;

    libxl_domain_config_init(&cfg);
    if (!json ||
        libxl_domain_config_from_json(peer_ctx(run->peer), &cfg, json)) {
        printf("FAILED %s: no config as `xl create -n` prints it\n", path);
        run->tally.failed++;
    } else if (!is_hvm(&cfg)) {
        printf("%s: not HVM under qemu-xen\n", path);
    } else {
        drop_backends(&cfg);
        check_config(run, &cfg, 1, path);
    }
    libxl_domain_config_dispose(&cfg);
    free(text);
}

/* ---- xl.cfg ---- */

/* We refuse more than xl does: what libxl refuses later. */
static bool libxl_refuses(struct run *run, libxl_domain_config *theirs)
{
    libxl_domain_config filled;
    bool refused;

    libxl_domain_config_init(&filled);
    libxl_domain_config_copy(peer_ctx(run->peer), &filled, theirs);
    if (!filled.b_info.avail_vcpus.size)
        libxl_bitmap_dispose(&filled.b_info.avail_vcpus);
    refused = !peer_argv(run->peer, &filled);
    libxl_domain_config_dispose(&filled);
    return refused;
}

static void check_xl(struct run *run, const char *text, size_t size,
                     uint64_t seed, const char *rerun)
{
    char *log = NULL, mock[4096];
    size_t logged;
    struct xl_case c = { .text = text, .size = size, .mock = mock,
                         .xl = ORACLE_XL };
    enum xl_verdict v;

    snprintf(mock, sizeof(mock), "%s.d/xlmock.so", run->program);
    c.log = open_memstream(&log, &logged);
    v = xl_compare(&c, peer_ctx(run->peer));
    if (v == XL_SAME && !convert_survives(c.dom, c.log))
        v = XL_DIFFERENT;
    fclose(c.log);
    drop_backends(&c.theirs);
    if (v == XL_OURS_REFUSE)
        v = !is_hvm(&c.theirs) || libxl_refuses(run, &c.theirs)
                ? XL_REFUSED : XL_DIFFERENT;
    if (v == XL_REFUSED)
        run->tally.refused++;
    if (v == XL_DIFFERENT) {
        printf("%sFAILED %s\n\n", log, rerun);
        run->tally.failed++;
    }
    if (run->verbose)
        printf("%s\n%s", text, log);
    if (v == XL_SAME) {
        drop_backends(&c.dom->cfg);
        check_config(run, &c.dom->cfg, seed, rerun);
    }
    free(log);
    xldm_domain_free(c.dom);
    libxl_domain_config_dispose(&c.theirs);
}

static void check_xl_seed(struct run *run, uint64_t seed)
{
    struct dice dice = { seed };
    char rerun[256];
    size_t size;
    char *text = generate_cfg(&dice, &size);

    snprintf(rerun, sizeof(rerun), "%s --seed %llu --one xl", run->program,
             (unsigned long long)seed);
    check_xl(run, text, size, seed, rerun);
    free(text);
}

static void check_xl_file(struct run *run, const char *path)
{
    char *text = read_file(path);

    if (text)
        check_xl(run, text, strlen(text), 1, path);
    free(text);
}

static int print_time(struct run *run, const char *path)
{
    struct xldm_domain *dom = xldm_domain_read_xml(run->ctx, path);
    libxl_domain_config filled;
    double us = -1;

    if (dom) {
        libxl_domain_config_init(&filled);
        libxl_domain_config_copy(peer_ctx(run->peer), &filled, &dom->cfg);
        us = peer_time(run->peer, &filled);
        libxl_domain_config_dispose(&filled);
    }
    xldm_domain_free(dom);
    printf("%.1f\n", us);
    return us < 0;
}

static int finish(const struct run *run)
{
    const struct tally *t = &run->tally;

    printf("%u of them split, %u refused by libxl\n", t->split, t->refused);
    printf("%u passed, %u failed\n", t->passed, t->failed);
    return t->failed || !t->passed;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "seed", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'c' },
        { "one", no_argument, NULL, '1' },
        { NULL, 0, NULL, 0 },
    };
    struct run run = { .program = argv[0] };
    unsigned long long seed = 1, count = 2000;
    int c, status;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 's') {
            seed = strtoull(optarg, NULL, 10);
        } else if (c == 'c') {
            count = strtoull(optarg, NULL, 10);
        } else if (c == '1') {
            count = 1;
            run.verbose = true;
        } else {
            return 2;
        }
    }
    run.peer = peer_new(run.verbose);
    run.ctx = xldm_ctx_new(NULL, NULL);
    if (!run.peer || !run.ctx) {
        fprintf(stderr, "oracle: libxl does not start\n");
        return 2;
    }
    if (optind + 1 < argc && !strcmp(argv[optind], "time")) {
        status = print_time(&run, argv[optind + 1]);
        goto out;
    }
    if (optind < argc && !strcmp(argv[optind], "cfg")) {
        while (++optind < argc)
            check_file(&run, argv[optind]);
    } else if (optind + 1 < argc) {
        while (++optind < argc)
            check_xl_file(&run, argv[optind]);
    } else {
        for (unsigned long long i = 0; i < count; i++)
            (optind < argc ? check_xl_seed : check_seed)(&run, seed + i);
    }
    status = finish(&run);
out:
    xldm_ctx_free(run.ctx);
    peer_free(run.peer);
    return status;
}

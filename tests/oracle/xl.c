/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An xl.cfg read by us and by Debian's xl itself (`xl create -n`, with
 * xl/mock.c in the place of the hypervisor): the same config?  And what we
 * write of it, read by both again? */
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
    struct xl_case *c = arg;

    c->lossy |= !strncmp(diag->text, "xl.cfg cannot say", 17);
    fprintf(c->log, "  %d: %s\n", diag->loc.line, diag->text);
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

static bool same_config(struct xl_case *c, libxl_ctx *ctx,
                        const libxl_domain_config *theirs,
                        const libxl_domain_config *ours)
{
    libxl_domain_config copies[2];
    char *json[2];
    bool same;

    for (int i = 0; i < 2; i++) {
        libxl_domain_config_init(&copies[i]);
        libxl_domain_config_copy(ctx, &copies[i], i ? ours : theirs);
        json[i] = normal(ctx, &copies[i]);
    }
    same = json[0] && json[1] && !strcmp(json[0], json[1]);
    if (!same)
        print_difference(c->log, json[0], json[1]);
    for (int i = 0; i < 2; i++) {
        free(json[i]);
        libxl_domain_config_dispose(&copies[i]);
    }
    return same;
}

/* ---- there and back ---- */

static void random_affinities(struct xldm_domain *dom, uint64_t seed)
{
    static const char *const groups[] = { "a", "net.1", "own", "primary" };
    struct dice dice = { seed };

    dom->isolate = (enum xldm__isolate)dice_below(&dice, 3);
    for (struct xldm__device *d = dom->devices; d; d = d->next) {
        xldm_dm_affinity *a = &d->affinity;

        if (!strncmp(d->id, "usb", 3) &&
            strspn(d->id + 3, "0123456789") == 1 &&
            atoi(d->id + 3) >= dom->cfg.num_usbctrls)
            continue; /* libxl's own, and no key's */
        if (dice_chance(&dice, 60))
            a->group = word(PICK(&dice, groups));
        if (dice_chance(&dice, 20))
            a->emulator = word("/srv/q,e;m=u %!");
        if (dice_chance(&dice, 30))
            a->restrict_ = 1 + (int)dice_below(&dice, 2);
        if (dice_chance(&dice, 30) &&
            (!a->group || strcmp(a->group, "primary")))
            a->on_crash = 1 + (int)dice_below(&dice, 4);
        if (d->class == &xldm__nic && dice_chance(&dice, 30))
            d->pin = (6 + (unsigned)dice_below(&dice, 26)) << 3;
    }
    if (dice_chance(&dice, 30)) {
        dom->primary.group = word("primary");
        dom->primary.restrict_ = XLDM_RESTRICT_NO;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool same_affinity(const xldm_dm_affinity *a,
                          const xldm_dm_affinity *b)
{
    return same_text(a->group, b->group) &&
           same_text(a->emulator, b->emulator) &&
           a->on_crash == b->on_crash && a->restrict_ == b->restrict_;
}

/* In any order, for that of the keys need not be the same; and XML need not
 * name the graphics card, nor xl.cfg the PS/2 mouse. */
static bool same_devices(FILE *log, const struct xldm_domain *a,
                         const struct xldm_domain *b)
{
    const struct xldm__device *d, *e;
    int more = 0;

    for (e = b->devices; e; e = e->next)
        more += xldm__affinity_says(&e->affinity) || e->pin;
    for (d = a->devices; d; d = d->next) {
        if (!xldm__affinity_says(&d->affinity) && !d->pin)
            continue;
        for (e = b->devices; e; e = e->next)
            if (!strcmp(e->class->kind, d->class->kind) &&
                !strcmp(e->id, d->id))
                break;
        more--;
        if (e && same_affinity(&d->affinity, &e->affinity) &&
            d->pin == e->pin)
            continue;
        fprintf(log, "  back again, '%s' is elsewhere\n", d->id);
        return false;
    }
    return !more && a->isolate == b->isolate &&
           same_affinity(&a->primary, &b->primary);
}

static char *plan_text(struct xldm_ctx *x, const struct xldm_domain *dom)
{
    struct xldm_plan *plan = xldm_plan_new(x, dom, ORACLE_DOMID);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (plan)
        xldm_plan_print(plan, XLDM_FORMAT_ARGV, out);
    fclose(out);
    xldm_plan_free(plan);
    return text;
}

static bool same_plan(FILE *log, struct xldm_ctx *x,
                      const struct xldm_domain *a,
                      const struct xldm_domain *b)
{
    char *one = plan_text(x, a), *two = plan_text(x, b);
    bool same = !strcmp(one, two);

    if (!same)
        fprintf(log, "  back again, its plan is another one\n");
    free(one);
    free(two);
    return same;
}

/* What we write is what was read: to us, with the affinities, and to xl; or
 * else it was said that xl.cfg cannot say it. */
static bool round_trip(struct xl_case *c, libxl_ctx *ctx, struct xldm_ctx *x)
{
    char *text = NULL, *json;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    libxl_domain_config theirs;
    struct xldm_domain *again;
    bool same;

    fprintf(c->log, "  -- written:\n");
    same = xldm_domain_write_cfg(x, c->dom, out);
    fclose(out);
    again = xldm__cfg_read_memory(x, text, size, "xl.cfg");
    json = json_of_xl(text, size, c->mock, c->xl);
    libxl_domain_config_init(&theirs);
    same = same && again && json &&
           !libxl_domain_config_from_json(ctx, &theirs, json) &&
           same_config(c, ctx, &c->dom->cfg, &again->cfg) &&
           same_config(c, ctx, &c->theirs, &theirs) &&
           same_devices(c->log, c->dom, again) &&
           same_plan(c->log, x, c->dom, again);
    same |= c->lossy;
    if (!same)
        fprintf(c->log, "%s", text);
    libxl_domain_config_dispose(&theirs);
    xldm_domain_free(again);
    free(json);
    free(text);
    return same;
}

/* xl invents one where there is none. */
static void give_uuid(struct xldm_domain *dom,
                      const libxl_domain_config *theirs)
{
    if (libxl_uuid_is_nil(&dom->cfg.c_info.uuid))
        dom->cfg.c_info.uuid = theirs->c_info.uuid;
}

/* xl has no word about XML, but it is to read what we write of it. */
static enum xl_verdict compare_xml(struct xl_case *c, libxl_ctx *ctx,
                                   struct xldm_ctx *x)
{
    c->dom = xldm__domain_read_memory(x, c->text, c->size, "domain.xml");
    libxl_domain_config_init(&c->theirs);
    if (!c->dom)
        return XL_REFUSED;
    if (libxl_uuid_is_nil(&c->dom->cfg.c_info.uuid)) /* xl invents one */
        c->dom->cfg.c_info.uuid.uuid[0] = 1;
    libxl_domain_config_copy(ctx, &c->theirs, &c->dom->cfg);
    return round_trip(c, ctx, x) ? XL_SAME : XL_DIFFERENT;
}

static enum xl_verdict compare_cfg(struct xl_case *c, libxl_ctx *ctx,
                                   struct xldm_ctx *x)
{
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
    } else if (give_uuid(c->dom, &c->theirs),
               same_config(c, ctx, &c->theirs, &c->dom->cfg)) {
        random_affinities(c->dom, c->size);
        v = round_trip(c, ctx, x) ? XL_SAME : XL_DIFFERENT;
    } else {
        v = XL_DIFFERENT;
    }
    free(json);
    return v;
}

enum xl_verdict xl_compare(struct xl_case *c, libxl_ctx *ctx)
{
    struct xldm_ctx *x = xldm_ctx_new(note, c);
    enum xl_verdict v = *c->text == '<' ? compare_xml(c, ctx, x)
                                        : compare_cfg(c, ctx, x);

    xldm_ctx_free(x);
    return v;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/dm: the splitter and the map, from a command line to its groups. */
#include <stdlib.h>
#include <string.h>

#include "dm/plan.h"
#include "unit.h"

#define NIC(n) " -device e1000,id=nic" n ",netdev=net" n " -netdev tap,id=net" n
#define BARE "qemu -xen-domid 7 -nodefaults -name web -machine xenfv -m 496"
#define IDE                                                                    \
    " -drive file=/a.img,if=ide,index=0,media=disk,format=raw"                 \
    " -drive if=none,readonly=on,id=ide-5632"                                  \
    " -device ide-cd,id=ide-5632,drive=ide-5632,bus=ide.1,unit=0"
#define SCSI                                                                   \
    " -device lsi53c895a"                                                      \
    " -drive file=/s.img,id=scsi0-hd0,format=raw,if=none"                      \
    " -device scsi-hd,drive=scsi0-hd0,scsi-id=0"
#define UI " -vnc 127.0.0.1:0,to=99 -k de -device VGA,vgamem_mb=16"
#define SERIAL " -serial pty -serial null"
#define OUR_SOCKET                                                             \
    " -S -chardev socket,id=xldm,fd=@FD@ -mon chardev=xldm,mode=control"
#define WEB BARE UI SERIAL NIC("0") NIC("1") IDE

/* ---- one split, with all that it says ---- */

struct fixture {
    struct xldm__arena arena;
    struct xldm_ctx *ctx;
    struct xldm_plan *plan;
    const char *said; /* "error: text\nnote: text\n" */
};

static void hear(void *arg, const struct xldm_diag *diag)
{
    static const char *const names[] = { "error", "warning", "note" };
    struct fixture *f = arg;

    f->said = xldm__fmt(&f->arena, "%s%s: %s\n", f->said, names[diag->severity],
                        diag->text);
}

static void split(struct fixture *f, const char *line, const char *map,
                  enum xldm__isolate isolate)
{
    struct xldm__argv argv = { .arena = &f->arena };
    struct xldm__split in = { .domain = "web", .emulator = "/usr/bin/qemu" };
    struct xldm__wish *wishes = NULL;
    char *copy, *save = NULL;

    memset(f, 0, sizeof(*f));
    f->said = "";
    f->ctx = xldm_ctx_new(hear, f);
    xldm_ctx_set_libxl(f->ctx, XLDM_LIBXL_4_17);
    argv.arena = &f->arena;
    copy = xldm__strdup(&f->arena, line);
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save))
        xldm__argv_add(&argv, word);
    in.argv = argv.v;
    in.argc = argv.n;
    in.isolate = isolate;
    if (!xldm__map_read(f->ctx, &f->arena, map, XLDM__MAP_OPTION,
                         XLDM__NONE, &wishes, &in.nwishes))
        return;
    in.wishes = wishes;
    f->plan = xldm__plan_split(f->ctx, &in);
}

static void finish(struct fixture *f)
{
    xldm_plan_free(f->plan);
    xldm_ctx_free(f->ctx);
    xldm__arena_dispose(&f->arena);
}

/* "primary/496: vnc vga | net/515: nic0" */
static const char *groups(struct fixture *f)
{
    const char *text = "";

    for (size_t i = 0; i < f->plan->ngroups; i++) {
        const struct xldm__group *g = &f->plan->groups[i];

        text = xldm__fmt(&f->arena, "%s%s%s/%llu:", text, i ? " | " : "",
                         g->name, (unsigned long long)g->memory_mib);
        for (size_t d = 0; d < f->plan->ndevices; d++) {
            if (f->plan->devices[d].group == g)
                text =
                    xldm__fmt(&f->arena, "%s %s", text, f->plan->devices[d].id);
        }
    }
    return text;
}

/* ---- who is with whom ---- */

static const struct grouping {
    const char *line, *map;
    enum xldm__isolate isolate;
    const char *groups;
    const char *said; /* part of it; NULL: nothing is said */
} groupings[] = {
    { WEB, "", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 nic1 hda hdc", NULL },
    { WEB, "primary=hda,nic0,vnc", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 nic1 hda hdc", NULL },
    { WEB, "net=nic1", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 hda hdc | net/514: nic1",
      NULL },
    { WEB, "net=nic0,nic1", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 hda hdc | net/513: nic0 nic1",
      NULL },
    { WEB, "net=nic0;net=nic1", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 hda hdc | net/513: nic0 nic1",
      NULL },
    /* one controller: the others follow */
    { WEB, "disks=hda", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 nic1 | disks/496: hda hdc",
      "note: 'hdc' follows controller 'ide' into group 'disks'" },
    { WEB, "x=vga,vnc,serial0,serial1", XLDM__ISOLATE_NONE,
      "primary/496: nic0 nic1 hda hdc | x/498: vnc vga serial0 serial1", NULL },
    /* other names of the same disk */
    { WEB, "disks=xvda,xvdc", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 nic1 | disks/496: hda hdc",
      NULL },
    { BARE SCSI IDE, "s=sda", XLDM__ISOLATE_NONE,
      "primary/496: hda hdc | s/496: sda", NULL },
    /* own: named after the controller */
    { WEB, "own=nic0,hda,hdc", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic1 | ide/496: hda hdc | "
      "nic0/514: nic0",
      NULL },
    { WEB, "", XLDM__ISOLATE_CLASS,
      "primary/496: | net/496: nic0 nic1 | serial/496: serial0 serial1 | "
      "storage/496: hda hdc | ui/498: vnc vga",
      NULL },
    { WEB, "primary=nic1;storage=nic0", XLDM__ISOLATE_CLASS,
      "primary/496: nic1 | serial/496: serial0 serial1 | "
      "storage/497: nic0 hda hdc | ui/498: vnc vga",
      NULL },
    { WEB, "", XLDM__ISOLATE_CONTROLLER,
      "primary/496: | ide/496: hda hdc | nic0/496: nic0 | nic1/497: nic1 | "
      "serial/496: serial0 serial1 | ui/498: vnc vga",
      NULL },
    /* names nobody has */
    { WEB, "x=nic7", XLDM__ISOLATE_NONE,
      "primary/496: vnc vga serial0 serial1 nic0 nic1 hda hdc",
      "note: no QEMU emulates 'nic7': its group 'x' has no effect" },
    { "qemu", "x=hda", XLDM__ISOLATE_CLASS,
      "primary/0:", "note: no QEMU emulates 'hda'" },
    /* seven groups are allowed */
    { WEB NIC("2"), "", XLDM__ISOLATE_CONTROLLER,
      "primary/496: | ide/496: hda hdc | nic0/496: nic0 | nic1/497: nic1 | "
      "nic2/498: nic2 | serial/496: serial0 serial1 | ui/499: vnc vga",
      NULL },
    /* `-serial none` has no index */
    { BARE " -serial none -serial pty", "x=serial0", XLDM__ISOLATE_NONE,
      "primary/496: | x/496: serial0", NULL },
};

START_TEST(who_is_with_whom)
{
    const struct grouping *g = &groupings[_i];
    struct fixture f;

    split(&f, g->line, g->map, g->isolate);
    ck_assert_msg(f.plan != NULL, "no plan: %s", f.said);
    ck_assert_str_eq(groups(&f), g->groups);
    if (g->said)
        ck_assert_msg(strstr(f.said, g->said) != NULL, "said: %s", f.said);
    else
        ck_assert_str_eq(f.said, "");
    finish(&f);
}
END_TEST

/* ---- what is refused ---- */

static const struct refusal {
    const char *line, *map, *said;
} refusals[] = {
    { WEB, "a=hda;b=hdc",
      "error: 'hdc' wants group 'b', but controller "
      "'ide' that it sits on is in group 'a'" },
    { WEB, "primary=vnc;b=vga", "error: 'vga' wants group 'b'" },
    { WEB NIC("2") NIC("3"),
      "a=vnc,vga;b=serial0;c=nic0;d=nic1;e=nic2;f=nic3;g=hda",
      "is one too many: a domain has at most 7 groups" },
    { WEB, "a=nic0,!onCrash=pause;a=nic1,!onCrash=restart",
      "error: onCrash differs" },
    { WEB, "a=nic0,!emulator=/x;a=nic1,!emulator=/y",
      "error: emulator differs" },
    { WEB, "a=nic0,!restrict=no;a=nic1,!restrict=yes",
      "error: restrict differs" },
    { WEB, "primary=nic0,!onCrash=pause", "error: onCrash is for other" },
    /* the map itself */
    { WEB, "nic0", "error: -xldm-groups: 'nic0' has no '='" },
    { WEB, "a b=nic0", "error: -xldm-groups: 'a b' is no group name" },
    { WEB, "=nic0", "error: -xldm-groups: '' is no group name" },
    { WEB, "a=nic0,!colour=red", "is not understood" },
    { WEB, "a=nic0,!onCrash", "is not understood" },
    { WEB, "a=nic0,!onCrash=no",
      "'no' is no value of !onCrash; accepted: detach, restart, pause, "
      "destroy" },
    { WEB, "a=nic%4", "bad %XX" },
    { WEB, "a=nic%00", "bad %XX" },
    { WEB, "primary=nic0@0", "'nic0@0' is not accepted" },
    { WEB, "primary=nic0@20", "'nic0@20' is not accepted" },
    { WEB, "primary=nic0@", "'nic0@' is not accepted" },
    { WEB, "primary=nic0@4 ", "'nic0@4 ' is not accepted" },
    { WEB, "a=hda@4", "error: 'hda' takes no PCI address" },
    { WEB, "a=nic0@2", "0x3 to 0x1f are accepted" },
    { WEB, "a=nic0@5,nic1@5",
      "error: 'nic1' wants PCI slot 0x5, which another device has" },
    /* what the command line cannot mean */
    { "qemu -m lots", "", "error: -m is 'lots'" },
    { BARE " -device e1000,id=nic0,addr=20", "", "addr=20 is no PCI address" },
    { BARE " -device e1000,id=nic0,addr=3.8", "", "is no PCI address" },
};

START_TEST(what_is_refused)
{
    const struct refusal *r = &refusals[_i];
    struct fixture f;

    split(&f, r->line, r->map, XLDM__ISOLATE_NONE);
    ck_assert_ptr_null(f.plan);
    ck_assert_uint_gt(f.ctx->errors, 0);
    ck_assert_msg(strstr(f.said, r->said) != NULL, "said: %s", f.said);
    finish(&f);
}
END_TEST

START_TEST(slots_end)
{
    struct fixture f;
    char *line = strdup(BARE);

    for (int i = 0; i < 30; i++) { /* 29 are free */
        char *longer;

        ck_assert_int_ge(
            asprintf(&longer, "%s -device e1000,id=nic%d", line, i), 0);
        free(line);
        line = longer;
    }
    split(&f, line, "", XLDM__ISOLATE_NONE);
    ck_assert_ptr_null(f.plan);
    ck_assert_str_eq(f.said, "error: -device e1000,id=nic29: all 32 PCI slots "
                             "are taken, 3 of them by the machine itself\n");
    free(line);
    finish(&f);
}
END_TEST

/* ---- memory ---- */

static size_t size_with(int devices)
{
    struct fixture f;
    char *line = strdup("qemu -machine xenfv -m 16");
    size_t size;

    for (int i = 0; i < devices; i++) {
        char *longer;

        ck_assert_int_ge(asprintf(&longer, "%s -usbdevice tablet", line), 0);
        free(line);
        line = longer;
    }
    split(&f, line, "usb=tablet", XLDM__ISOLATE_NONE);
    ck_assert_ptr_nonnull(f.plan);
    ck_assert_uint_eq(f.plan->ndevices, (size_t)devices);
    size = xldm__arena_size(&f.plan->arena);
    free(line);
    finish(&f);
    return size;
}

START_TEST(memory_is_linear)
{
    size_t few = size_with(25), many = size_with(250);

    ck_assert_msg(many < 10 * few + few, "25 devices: %zu bytes, 250: %zu",
                  few, many);
}
END_TEST

/* ---- each command line ---- */

static const struct command {
    const char *line, *map;
    const char *argv[3]; /* of each group */
} commands[] = {
    /* one group: as it was */
    { BARE UI IDE " -S extra", "", { "/usr/bin/" BARE UI IDE " -S extra" } },
    { "qemu -chardev socket,id=libxl-cmd,path=/q -mon chardev=libxl-cmd "
      "-name web -vnc :0 -device VGA -device e1000,id=nic0,netdev=net0 "
      "-netdev tap,id=net0 -machine xenfv -m 496 -global a.b=c",
      "net=nic0,!emulator=/opt/qemu,!restrict=no",
      { "/usr/bin/qemu -name web -vnc :0 -device VGA,addr=0x3 -machine xenfv "
        "-m 496 -global a.b=c" OUR_SOCKET,
        "/opt/qemu -name web-net -device e1000,id=nic0,netdev=net0,addr=0x4 "
        "-netdev tap,id=net0 -machine xenfv -m 513" OUR_SOCKET " -vnc none" } },
    /* one pinned, in one QEMU: all say their slots */
    { BARE " -device x,id=nic0 -device lsi53c895a -device z,id=nic1",
      "primary=nic1@3,lsi0@1f",
      { "/usr/bin/" BARE " -device x,id=nic0,addr=0x4 -device "
        "lsi53c895a,addr=0x1f -device z,id=nic1,addr=0x3" } },
    /* what already has its slot keeps it, and nobody else gets it */
    { "qemu -chardev socket,id=libxl-cmd,fd=9 -name web -device "
      "x,id=nic0,addr=3.1 -device y,id=nic1 -machine xenfv -m 1 -S",
      "primary=nic0;n=nic1",
      { "/usr/bin/qemu -name web -device x,id=nic0,addr=3.1 -machine xenfv "
        "-m 1" OUR_SOCKET " -vnc none",
        "/usr/bin/qemu -name web-n -device y,id=nic1,addr=0x4 -machine xenfv "
        "-m 2" OUR_SOCKET
        " -vnc none -xen-domid-restrict -chroot @ROOT@ -runas @RUNAS@" } },
    /* a restore: xldm-dm has the state, and a restricted QEMU no files later */
    { "qemu -name web -incoming fd:9 -drive file=/a,if=ide,index=0 -drive "
      "file=/s,id=scsi0-hd0,if=none -machine xenfv -m 1",
      "ide=hda;scsi=sda,!restrict=no",
      { "/usr/bin/qemu -name web -machine xenfv -m 1" OUR_SOCKET " -vnc none",
        "/usr/bin/qemu -name web-ide -drive "
        "file=/a,if=ide,index=0,auto-read-only=off -machine xenfv -m 1"
        OUR_SOCKET
        " -vnc none -xen-domid-restrict -chroot @ROOT@ -runas @RUNAS@" } },
};

START_TEST(each_command_line)
{
    const struct command *c = &commands[_i];
    struct fixture f;

    split(&f, c->line, c->map, XLDM__ISOLATE_NONE);
    ck_assert_msg(f.plan != NULL, "no plan: %s", f.said);
    for (size_t i = 0; i < COUNT(c->argv) && c->argv[i]; i++) {
        const struct xldm__argv *argv = &f.plan->groups[i].argv;
        const char *text = argv->v[0];

        for (size_t j = 1; j < argv->n; j++)
            text = xldm__fmt(&f.arena, "%s %s", text, argv->v[j]);
        ck_assert_msg(!strcmp(text, c->argv[i]), "have %s\nwant %s", text,
                      c->argv[i]);
    }
    finish(&f);
}
END_TEST

/* ---- who answers what ---- */

static const struct answer {
    const char *map;
    struct xldm_range range;
    const char *group;
} answers[] = {
    { "d=hda", { XLDM_PORT, 0x1f0, 0x1f7 }, "d" },
    { "d=hda", { XLDM_PORT, 0x376, 0x376 }, "d" },
    { "d=hda", { XLDM_PCI, 0x9, 0x9 }, "d" },
    { "", { XLDM_PORT, 0x10, 0x1f }, "primary" },
    { "d=hda", { XLDM_PORT, 0x10, 0x1f }, NULL }, /* the broker */
    { "n=nic0", { XLDM_PORT, 0x1f0, 0x1f7 }, "primary" },
    { "n=nic0", { XLDM_PCI, 0x20, 0x20 }, "n" },
    { "n=nic1", { XLDM_PCI, 0x28, 0x28 }, "n" },
    { "n=nic1", { XLDM_PCI, 0x10, 0x10 }, "primary" },
    { "u=vnc", { XLDM_PORT, 0x60, 0x60 }, "u" },
    { "u=vnc", { XLDM_MEMORY, 0xa0000, 0xbffff }, "u" },
    { "u=vnc", { XLDM_PORT, 0x1ce, 0x1cf }, "u" },
    { "s=serial0", { XLDM_PORT, 0x3f8, 0x3ff }, "s" },
    { "s=serial0", { XLDM_PORT, 0x2f8, 0x2ff }, "s" },
    { "s=serial0", { XLDM_MEMORY, 0xfec00000, 0xfec00fff }, "primary" },
};

START_TEST(who_answers_what)
{
    const struct answer *a = &answers[_i];
    struct fixture f;

    split(&f, WEB, a->map, XLDM__ISOLATE_NONE);
    ck_assert_ptr_nonnull(f.plan);
    for (size_t i = 0; i < f.plan->ngroups; i++) {
        const struct xldm__group *g = &f.plan->groups[i];

        if (a->group && !strcmp(g->name, a->group))
            ck_assert(xldm__ranges_contain(&g->claims, a->range));
        else
            ck_assert_ptr_null(xldm__ranges_meet(&g->claims, a->range));
    }
    ck_assert_int_eq(xldm__ranges_contain(&f.plan->broadcast, a->range),
                     !a->group);
    finish(&f);
}
END_TEST

/* ---- RAM windows at the hole ---- */

static const struct window {
    const char *line;
    uint64_t first[2], mib;
} windows[] = {
    /* MiB; the primary's blocks take 17 */
    { "-machine xenfv -m 496", { 496, 513 }, 513 },
    { "-machine xenfv -m 3800", { 3800, 3817 }, 3817 },
    { "-machine xenfv -m 3822", { 3822, 3839 }, 3839 },
    { "-machine xenfv -m 3823", { 3823, 4097 }, 3841 },
    { "-machine xenfv -m 3840", { 3840, 4113 }, 3857 },
    { "-machine xenfv -m 8192", { 8448, 8465 }, 8209 },
    { "-machine xenfv,max-ram-below-4g=1073741824 -m 1000",
      { 1000, 1017 },
      1017 },
    { "-machine xenfv,max-ram-below-4g=1073741824 -m 2048",
      { 5120, 5137 },
      2065 },
};

START_TEST(windows_at_the_hole)
{
    const struct window *w = &windows[_i];
    struct fixture f;
    char line[256];

    snprintf(line, sizeof(line), "qemu -device VGA %s" NIC("0"), w->line);
    split(&f, line, "n=nic0", XLDM__ISOLATE_NONE);
    ck_assert_ptr_nonnull(f.plan);
    ck_assert_uint_eq(f.plan->groups[0].ram_first >> 20, w->first[0]);
    ck_assert_uint_eq(f.plan->groups[1].ram_first >> 20, w->first[1]);
    ck_assert_uint_eq(f.plan->groups[1].memory_mib, w->mib);
    finish(&f);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("split");

    tcase_add_loop_test(tcase, who_is_with_whom, 0, COUNT(groupings));
    tcase_add_loop_test(tcase, what_is_refused, 0, COUNT(refusals));
    tcase_add_test(tcase, slots_end);
    tcase_add_test(tcase, memory_is_linear);
    tcase_add_loop_test(tcase, each_command_line, 0, COUNT(commands));
    tcase_add_loop_test(tcase, who_answers_what, 0, COUNT(answers));
    tcase_add_loop_test(tcase, windows_at_the_hole, 0, COUNT(windows));
    return unit_run(tcase, "split");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the toolstack decides without a Xen: actions, and what logs say. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "devices/disk_xml.h"
#include "toolstack/toolstack.h"
#include "unit.h"

#define ACTION(a) LIBXL_ACTION_ON_SHUTDOWN_##a
#define REASON(r) LIBXL_SHUTDOWN_REASON_##r

/* ------------------------------------------------------- actions ---- */

static const struct {
    int reason;
    const char *reason_name;
    const char *action_name;
    bool core_dump;
    enum xldm__next next;
} verdicts[] = {
    { REASON(POWEROFF), "poweroff", "destroy", false, XLDM__DESTROY },
    { REASON(REBOOT), "reboot", "restart", false, XLDM__RESTART },
    { REASON(CRASH), "crash", "coredump-restart", true, XLDM__RESTART },
    { REASON(WATCHDOG), "watchdog", "preserve", false, XLDM__LEAVE },
    { REASON(SOFT_RESET), "soft reset", "soft-reset", false,
      XLDM__SOFT_RESET },
    { REASON(SUSPEND), "suspend", "wait", false, XLDM__WATCH },
    { 77, "unknown reason", "destroy", false, XLDM__DESTROY },
    { REASON(UNKNOWN), "unknown reason", "destroy", false, XLDM__DESTROY },
};

START_TEST(verdict_follows_the_reason)
{
    libxl_domain_config cfg;
    struct xldm__verdict v;

    memset(&cfg, 0, sizeof(cfg));
    cfg.on_poweroff = ACTION(DESTROY);
    cfg.on_reboot = ACTION(RESTART);
    cfg.on_crash = ACTION(COREDUMP_RESTART);
    cfg.on_watchdog = ACTION(PRESERVE);
    cfg.on_soft_reset = ACTION(SOFT_RESET);

    v = xldm__verdict(&cfg, verdicts[_i].reason);
    ck_assert_str_eq(v.reason, verdicts[_i].reason_name);
    ck_assert_str_eq(v.action, verdicts[_i].action_name);
    ck_assert(v.core_dump == verdicts[_i].core_dump);
    ck_assert_int_eq(v.next, verdicts[_i].next);
}
END_TEST

static const struct {
    int action;
    const char *name;
    bool core_dump;
    enum xldm__next next;
} actions[] = {
    { ACTION(DESTROY), "destroy", false, XLDM__DESTROY },
    { ACTION(RESTART), "restart", false, XLDM__RESTART },
    { ACTION(RESTART_RENAME), "rename-restart", false, XLDM__RENAME_RESTART },
    { ACTION(PRESERVE), "preserve", false, XLDM__LEAVE },
    { ACTION(COREDUMP_DESTROY), "coredump-destroy", true, XLDM__DESTROY },
    { ACTION(COREDUMP_RESTART), "coredump-restart", true, XLDM__RESTART },
    { ACTION(SOFT_RESET), "soft-reset", false, XLDM__SOFT_RESET },
    { 0, "destroy", false, XLDM__DESTROY },
    { 99, "destroy", false, XLDM__DESTROY },
};

START_TEST(verdict_knows_every_action)
{
    libxl_domain_config cfg;
    struct xldm__verdict v;

    memset(&cfg, 0, sizeof(cfg));
    cfg.on_crash = actions[_i].action;
    v = xldm__verdict(&cfg, REASON(CRASH));
    ck_assert_str_eq(v.action, actions[_i].name);
    ck_assert(v.core_dump == actions[_i].core_dump);
    ck_assert_int_eq(v.next, actions[_i].next);
}
END_TEST

/* ----------------------------------------------------------- logs ---- */

START_TEST(log_lines_are_found_by_their_mark)
{
    const char *at = "qemu: hello\n"
                     "xldm-dm: note: starting\n"
                     " xldm-dm: error: not at the beginning\n"
                     "xldm-dm: error: group 'net' (nic0) failed\n"
                     "xldm-dm: warning: last line without newline";
    struct xldm__log_line line;

    ck_assert(xldm__log_next(&at, &line));
    ck_assert_int_eq(line.severity, XLDM_NOTE);
    ck_assert_int_eq(line.length, 8);
    ck_assert(strncmp(line.text, "starting", 8) == 0);
    ck_assert(xldm__log_next(&at, &line));
    ck_assert_int_eq(line.severity, XLDM_ERROR);
    ck_assert(strncmp(line.text, "group 'net' (nic0) failed\n",
                      line.length + 1) == 0);
    ck_assert(xldm__log_next(&at, &line));
    ck_assert_int_eq(line.severity, XLDM_WARNING);
    ck_assert_str_eq(line.text, "last line without newline");
    ck_assert(!xldm__log_next(&at, &line));
    ck_assert(*at == '\0');
}
END_TEST

START_TEST(log_without_lines_has_none)
{
    const char *texts[] = { "", "\n", "\n\n", "xldm-dm: error:", "xldm-dm" };
    struct xldm__log_line line;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *at = texts[i];

        ck_assert(!xldm__log_next(&at, &line));
    }
}
END_TEST

START_TEST(tail_is_the_last_lines)
{
    ck_assert_str_eq(xldm__log_tail("a\nb\nc\n", 2), "b\nc\n");
    ck_assert_str_eq(xldm__log_tail("a\nb\nc", 2), "b\nc");
    ck_assert_str_eq(xldm__log_tail("a\nb\nc\n", 3), "a\nb\nc\n");
    ck_assert_str_eq(xldm__log_tail("a\nb\n", 9), "a\nb\n");
    ck_assert_str_eq(xldm__log_tail("a\n", 1), "a\n");
    ck_assert_str_eq(xldm__log_tail("", 5), "");
    ck_assert_str_eq(xldm__log_tail("\n", 1), "\n");
}
END_TEST

static int line_of(const struct xldm_domain *dom, const char *text)
{
    return xldm__log_loc(dom, text, strlen(text)).line;
}

START_TEST(message_is_at_the_device_it_names)
{
    struct xldm__device nic = { .loc = { "x", 9 }, .id = "nic1" };
    struct xldm__device disk = { .loc = { "x", 5 }, .id = "hda" };
    struct xldm_domain dom = { .devices = &disk, .loc = { "x", 1 } };

    disk.next = &nic;
    ck_assert_int_eq(line_of(&dom, "group 'net' (nic1): died"), 9);
    ck_assert_int_eq(line_of(&dom, "nic1"), 9);
    ck_assert_int_eq(line_of(&dom, "group 'net' (nic10): died"), 1);
    ck_assert_int_eq(line_of(&dom, "/srv/hda.img: no such file"), 1);
    ck_assert_int_eq(line_of(&dom, "group 'storage' (hda, hdb): died"), 5);
    ck_assert_int_eq(line_of(&dom, ""), 1);
    /* Only as long as it says. */
    ck_assert_int_eq(xldm__log_loc(&dom, "x nic1", 5).line, 1);
}
END_TEST

START_TEST(log_is_read_from_its_end_and_printable)
{
    char path[] = "/tmp/check_toolstack.XXXXXX";
    int fd = mkstemp(path);
    char *text;

    ck_assert(fd >= 0);
    ck_assert(write(fd, "first\n\033[2Jlast\tone\r\n", 20) == 20);
    close(fd);
    text = xldm__log_read(path, 4096, 0);
    ck_assert_str_eq(text, "first\n?[2Jlast one?\n");
    free(text);
    text = xldm__log_read(path, 6, 0);
    ck_assert_str_eq(text, "one?\n");
    free(text);
    ck_assert_ptr_null(xldm__log_read(path, 4096, time(NULL) + 60));
    unlink(path);
    ck_assert_ptr_null(xldm__log_read(path, 4096, 0));
    ck_assert_ptr_null(xldm__log_read("/tmp", 4096, 0));
}
END_TEST

/* --------------------------------------------------------- images ---- */

static void keep_text(void *arg, const struct xldm_diag *diag)
{
    snprintf(arg, 256, "%s:%d: %s", diag->loc.file, diag->loc.line,
             diag->text);
}

static void lock_byte(int fd, short type, off_t byte)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET,
                          .l_start = byte, .l_len = 1 };

    ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &lock), 0);
}

/* QEMU's locks: 101 it writes, 200 and 201 it lets nobody read or write. */
static const struct {
    off_t byte;
    bool reader_may, writer_may;
} locks[] = {
    { 0, true, true },     { 100, true, true },  { 101, false, false },
    { 103, true, true },   { 200, false, true }, { 201, true, false },
};

START_TEST(image_of_another_qemu_is_refused)
{
    struct xldm__device dev = { .loc = { "x.xml", 7 }, .id = "hda" };
    char path[] = "/tmp/check_toolstack.XXXXXX", text[256] = "";
    struct xldm_ctx *ctx = xldm_ctx_new(keep_text, text);
    int fd = mkstemp(path);

    ck_assert(ctx && fd >= 0);
    if (locks[_i].byte)
        lock_byte(fd, F_RDLCK, locks[_i].byte);
    ck_assert(xldm__image_probe(ctx, &dev, path, false) ==
              locks[_i].reader_may);
    ck_assert(xldm__image_probe(ctx, &dev, path, true) ==
              locks[_i].writer_may);
    if (!locks[_i].writer_may)
        ck_assert_ptr_nonnull(strstr(text, "x.xml:7: <disk> 'hda': cannot "
                                           "use '/tmp/check_toolstack."));
    close(fd);
    unlink(path);
    xldm_ctx_free(ctx);
}
END_TEST

START_TEST(image_must_be_there_and_a_file)
{
    struct xldm__device dev = { .loc = { "x.xml", 7 }, .id = "hda" };
    char text[256] = "";
    struct xldm_ctx *ctx = xldm_ctx_new(keep_text, text);

    ck_assert(!xldm__image_probe(ctx, &dev, "/nonexistent/a.img", false));
    ck_assert_str_eq(text, "x.xml:7: <disk> 'hda': cannot use "
                           "'/nonexistent/a.img': No such file or directory");
    ck_assert(!xldm__image_probe(ctx, &dev, "/dev/null", false));
    ck_assert_ptr_nonnull(strstr(text, "neither a file nor a block device"));
    ck_assert(!xldm__image_probe(ctx, &dev, "/tmp", false));
    xldm_ctx_free(ctx);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("toolstack");

    tcase_add_loop_test(tcase, verdict_follows_the_reason, 0, COUNT(verdicts));
    tcase_add_loop_test(tcase, verdict_knows_every_action, 0, COUNT(actions));
    tcase_add_test(tcase, log_lines_are_found_by_their_mark);
    tcase_add_test(tcase, log_without_lines_has_none);
    tcase_add_test(tcase, tail_is_the_last_lines);
    tcase_add_test(tcase, message_is_at_the_device_it_names);
    tcase_add_test(tcase, log_is_read_from_its_end_and_printable);
    tcase_add_loop_test(tcase, image_of_another_qemu_is_refused, 0,
                        COUNT(locks));
    tcase_add_test(tcase, image_must_be_there_and_a_file);
    return unit_run(tcase, "toolstack");
}

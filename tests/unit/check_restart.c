/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/restart.c and watch.c: QEMUs die, go and come; the test is Xen, and
 * what starts a QEMU. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/arbiter.h"
#include "run/broker.h"
#include "run/watch.h"
#include "unit.h"

#define QEMUS 3

static struct dm dm;
static struct xldm_plan plan;
static uv_loop_t loop;
static char done[256]; /* "reap 2, " and so on, in order */

static void did(const char *what, int n)
{
    size_t used = strlen(done);

    snprintf(done + used, sizeof(done) - used, "%s %d, ", what, n);
}

/* ---- Xen ---- */

static int paused;
static unsigned servers; /* that the domain has */

unsigned dm_servers(struct dm *d)
{
    (void)d;
    return servers;
}

bool dm_reap(struct dm *d, int server)
{
    (void)d;
    did("reap", server);
    servers &= ~(1u << server);
    return true;
}

void dm_reap_left(struct dm *d)
{
    (void)d;
    did("left", paused);
}

int xc_domain_pause(xc_interface *xch, uint32_t domid)
{
    (void)xch, (void)domid;
    paused++;
    return 0;
}

int xc_domain_unpause(xc_interface *xch, uint32_t domid)
{
    (void)xch, (void)domid;
    paused--;
    return 0;
}

int xc_domain_decrease_reservation(xc_interface *xch, uint32_t domid,
                                   unsigned long n, unsigned int order,
                                   xen_pfn_t *pages)
{
    (void)xch, (void)domid, (void)n, (void)order, (void)pages;
    return 0;
}

int xc_domain_shutdown(xc_interface *xch, uint32_t domid, int reason)
{
    (void)xch, (void)domid, (void)reason;
    return 0;
}

/* ---- a QEMU's start ---- */

static bool spawns; /* else it dies before more is known of it than a server */
static struct ear {
    uv_poll_t poll;
    int fd;
} ears[QEMUS];

/* It does what it is told. */
static void on_heard(uv_poll_t *poll, int status, int events)
{
    static const char ok[] = "{\"return\": {}}\r\n";
    int fd = ((struct ear *)poll)->fd;
    char text[512];
    ssize_t n = read(fd, text, sizeof(text) - 1);

    (void)status, (void)events;
    if (n <= 0) {
        uv_close((uv_handle_t *)poll, NULL);
        close(fd);
        return;
    }
    text[n] = '\0';
    if (strstr(text, "cont"))
        did("cont", paused);
    ck_assert_int_gt(write(fd, ok, strlen(ok)), 0);
}

static void listen_to(struct qemu *q)
{
    static const char greeting[] = "{\"QMP\": {}}\r\n";
    struct ear *ear = &ears[q - dm.qemus];
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ear->fd = ends[1];
    ck_assert_int_gt(write(ear->fd, greeting, strlen(greeting)), 0);
    uv_poll_init(&loop, &ear->poll, ear->fd);
    uv_poll_start(&ear->poll, UV_READABLE, on_heard);
    q->qmp = qmp_new(&dm, ends[0], NULL, NULL);
}

bool qemu_spawn(struct qemu *q)
{
    q->ready = q->detached = false;
    q->server = -1;
    servers |= 1u << 5;
    if (spawns)
        listen_to(q);
    return spawns;
}

const char *qemu_text(const struct qemu *q, char *buf, size_t size)
{
    snprintf(buf, size, "group '%s'", q->group->name);
    return buf;
}

const char *qemu_end(const struct qemu *q, char *buf, size_t size)
{
    (void)q;
    snprintf(buf, size, "ended");
    return buf;
}

bool dm_wait_ready(struct dm *d)
{
    (void)d;
    return true;
}

bool dm_arbitrate(struct dm *d)
{
    (void)d;
    return true;
}

/* ---- the rest of xldm-dm ---- */

void dm_taps_announce(struct qemu *q)
{
    (void)q;
}

void dm_ttys_announce(struct qemu *q)
{
    (void)q;
}

bool broker_replay(struct qemu *q)
{
    (void)q;
    return true;
}

void broker_see_pci(struct dm *d, json_t *reply)
{
    (void)d, (void)reply;
}

void router_replay(struct qemu *q)
{
    did("told", (int)(q - dm.qemus));
}

void router_lost(const struct qemu *q)
{
    (void)q;
}

bool dm_state_write(struct dm *d)
{
    (void)d;
    return true;
}

void grow_tick(struct dm *d)
{
    (void)d;
}

void dm_stop(struct dm *d, bool failed)
{
    (void)failed;
    d->stopping = true;
}

struct domain_watch *domain_watch_new(struct dm *d)
{
    return (struct domain_watch *)d;
}

void domain_watch_free(struct domain_watch *w)
{
    (void)w;
}

/* ---- tests ---- */

static void setup(void)
{
    static const char *const names[] = { "primary", "disks", "net" };
    int i;

    memset(&dm, 0, sizeof(dm));
    memset(&plan, 0, sizeof(plan));
    *done = '\0';
    paused = 0;
    spawns = false;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    dm.ctx = xldm_ctx_new(NULL, NULL);
    dm.loop = &loop;
    dm.plan = &plan;
    dm.started = true;
    dm.nqemus = plan.ngroups = QEMUS;
    servers = (1u << QEMUS) - 1;
    for (i = 0; i < QEMUS; i++) {
        plan.groups[i].name = names[i];
        plan.groups[i].primary = !i;
        dm.qemus[i] = (struct qemu){ .dm = &dm, .group = &plan.groups[i],
                                     .server = i, .ready = true };
    }
    ck_assert(dm_watch_start(&dm));
}

static void teardown(void)
{
    int i;

    for (i = 0; i < QEMUS; i++)
        qmp_free(dm.qemus[i].qmp);
    dm_watch_stop(&dm);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    xldm_ctx_free(dm.ctx);
}

/* Xen gives the id of a server that was answered for to the next QEMU; when
 * the group of the dead one ends, that QEMU goes on. */
START_TEST(id_of_another)
{
    dm_qemu_died(&dm.qemus[1]);
    ck_assert(dm.qemus[1].detached);
    ck_assert_str_eq(done, "reap 1, ");
    servers |= 1u << 1;
    dm.qemus[2].server = 1;
    qemu_put_away(&dm.qemus[1]);
    ck_assert_str_eq(done, "reap 1, ");
    ck_assert_uint_eq(servers, 7);
}
END_TEST

/* Of one that failed what is new is answered for; not what was left of the
 * one before, nor is that its. */
START_TEST(left_alone)
{
    dm.qemus[1].detached = true;
    dm.qemus[1].server = -1;
    ck_assert(!qemu_bring_up(&dm.qemus[1]));
    ck_assert_uint_eq(dm.others, 7);
    ck_assert_str_eq(done, "left 0, reap 5, left 0, ");
    ck_assert_uint_eq(servers, 7);
}
END_TEST

/* Between libxl's stop and its cont it stands as the others do. */
START_TEST(stands)
{
    spawns = dm.hold = true;
    ck_assert(qemu_bring_up(&dm.qemus[1]));
    ck_assert_str_eq(done, "left 0, told 1, left 0, ");
    dm.hold = false;
    *done = '\0';
    ck_assert(qemu_bring_up(&dm.qemus[2]));
    ck_assert_str_eq(done, "left 0, told 2, cont 1, left 0, ");
}
END_TEST

static pid_t process(void)
{
    pid_t pid = fork();

    if (!pid)
        while (true)
            pause();
    return pid;
}

/* One that hangs or has closed its QMP is killed, one that talks is not. */
START_TEST(silent)
{
    int ends[2], status, i;

    dm_watch_stop(&dm);
    setenv("XLDM_WATCHDOG_SECONDS", "1", 1);
    ck_assert(dm_watch_start(&dm));
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    dm.qemus[1].qmp = qmp_new(&dm, ends[0], NULL, NULL);
    listen_to(&dm.qemus[2]);
    if (_i)
        close(ends[1]);
    for (i = 1; i < QEMUS; i++)
        dm.qemus[i].pid = process();
    while (!waitpid(dm.qemus[1].pid, &status, WNOHANG))
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert_int_eq(waitpid(dm.qemus[2].pid, &status, WNOHANG), 0);
    kill(dm.qemus[2].pid, SIGKILL);
    waitpid(dm.qemus[2].pid, &status, 0);
    if (!_i)
        close(ends[1]);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("restart");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, id_of_another);
    tcase_add_test(tcase, left_alone);
    tcase_add_test(tcase, stands);
    tcase_add_loop_test(tcase, silent, 0, 2);
    return unit_run(tcase, "restart");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * src/run/arbiter.c, learn.c and claims.c with QEMUs that a guest has already
 * programmed, as after a restore.  The test is Xen, and threads are QEMUs.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/arbiter.h"
#include "unit.h"

#define QEMUS 3
#define RANGES 24

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct xldm__arena arena;

/* One QEMU: what it holds is what its server has at first. */
static struct fake {
    struct xldm_range holds[RANGES];
    const char *pci; /* devices of bus 0 */
    const char *ramblocks;
    uint32_t address, bar, command; /* of the IDE function */
    int loading; /* so often query-status says so */
    bool dies;   /* when it is asked anything */

    struct xldm__ranges server;
    int fd;
    pthread_t thread;
} fakes[QEMUS];

/* ------------------------------------------------------------ Xen ---- */

#define TURN 2 /* ids come in another order than groups */

static struct xldm__ranges *server_of(unsigned id)
{
    return id < QEMUS ? &fakes[(id + TURN) % QEMUS].server : NULL;
}

static int change(unsigned id, struct xldm_range r, bool map)
{
    struct xldm__ranges *set = server_of(id);
    bool ok = set != NULL;

    pthread_mutex_lock(&lock);
    if (ok && map)
        xldm__ranges_add(set, r);
    else if (ok && (ok = xldm__ranges_contain(set, r)))
        xldm__ranges_remove(set, r);
    pthread_mutex_unlock(&lock);
    errno = ENOENT;
    return ok ? 0 : -1;
}

int xendevicemodel_get_ioreq_server_info(xendevicemodel_handle *h, domid_t d,
                                         ioservid_t id, xen_pfn_t *a,
                                         xen_pfn_t *b, evtchn_port_t *port)
{
    (void)h, (void)d, (void)a, (void)b, (void)port;
    errno = ENOENT;
    return server_of(id) ? 0 : -1;
}

static struct xldm_range range(int memory, uint64_t first, uint64_t last)
{
    return (struct xldm_range){ memory ? XLDM_MEMORY : XLDM_PORT, first, last };
}

int xendevicemodel_map_io_range_to_ioreq_server(xendevicemodel_handle *h,
                                                domid_t d, ioservid_t id,
                                                int memory, uint64_t first,
                                                uint64_t last)
{
    (void)h, (void)d;
    return change(id, range(memory, first, last), true);
}

int xendevicemodel_unmap_io_range_from_ioreq_server(xendevicemodel_handle *h,
                                                    domid_t d, ioservid_t id,
                                                    int memory, uint64_t first,
                                                    uint64_t last)
{
    (void)h, (void)d;
    return change(id, range(memory, first, last), false);
}

static struct xldm_range function(uint8_t bus, uint8_t slot, uint8_t fn)
{
    uint64_t f = (uint64_t)bus << 8 | slot << 3 | fn;

    return (struct xldm_range){ XLDM_PCI, f, f };
}

int xendevicemodel_map_pcidev_to_ioreq_server(xendevicemodel_handle *h,
                                              domid_t d, ioservid_t id,
                                              uint16_t segment, uint8_t bus,
                                              uint8_t slot, uint8_t fn)
{
    (void)h, (void)d, (void)segment;
    return change(id, function(bus, slot, fn), true);
}

int xendevicemodel_unmap_pcidev_from_ioreq_server(xendevicemodel_handle *h,
                                                  domid_t d, ioservid_t id,
                                                  uint16_t segment, uint8_t bus,
                                                  uint8_t slot, uint8_t fn)
{
    (void)h, (void)d, (void)segment;
    return change(id, function(bus, slot, fn), false);
}

/* ---------------------------------------------------------- QEMUs ---- */

static void map_bar(struct fake *f, bool map)
{
    struct xldm_range r = range(0, f->bar & 0xfff0, (f->bar & 0xfff0) + 15);

    if (!(f->command & 1) || !r.first)
        return;
    pthread_mutex_lock(&lock);
    if (map)
        xldm__ranges_add(&f->server, r);
    else
        xldm__ranges_remove(&f->server, r);
    pthread_mutex_unlock(&lock);
}

static uint32_t *reg(struct fake *f, unsigned port)
{
    static uint32_t none;

    if (port == 0xcf8)
        return &f->address;
    return f->address == 0x80000920 ? &f->bar
         : f->address == 0x80000904 ? &f->command
                                    : &none;
}

static void access_port(struct fake *f, const char *line, char *answer)
{
    unsigned port, value;
    char size;

    *answer = '\0';
    if (sscanf(line, "o /%c %x %x", &size, &port, &value) == 3) {
        map_bar(f, false);
        *reg(f, port) = value | (reg(f, port) == &f->bar);
        map_bar(f, true);
    } else if (sscanf(line, "i /%c %x", &size, &port) == 2) {
        sprintf(answer, "port%c[0x%04x] = 0x%x\r\n", size, port,
                *reg(f, port) & (size == 'h' ? 0xffff : ~0u));
    }
}

static void flatview(const struct fake *f, char *text)
{
    static const struct {
        enum xldm_space space;
        const char *head;
    } views[] = { { XLDM_MEMORY, "FlatView #1\n AS \"memory\", root: s\n" },
                  { XLDM_PORT, "FlatView #0\n AS \"I/O\", root: io\n" } };
    const struct xldm_range *r;
    size_t i;

    for (i = 0; i < COUNT(views); i++) {
        text = stpcpy(text, views[i].head);
        for (r = f->holds; r->last; r++)
            if (r->space == views[i].space)
                text += sprintf(text, "  %016llx-%016llx (prio 0, i/o): x\n",
                                (unsigned long long)r->first,
                                (unsigned long long)r->last);
    }
}

static json_t *reply_to(struct fake *f, const json_t *command)
{
    const char *name = json_string_value(json_object_get(command, "execute"));
    const char *line = json_string_value(json_object_get(
        json_object_get(command, "arguments"), "command-line"));
    char text[4096] = "", pci[2048];

    if (!strcmp(name, "query-pci")) {
        snprintf(pci, sizeof(pci),
                 "{\"return\": [{\"bus\": 0, \"devices\": [%s]}]}", f->pci);
        return json_loads(pci, 0, NULL);
    }
    if (!strcmp(name, "query-status"))
        return json_pack("{s:{s:s}}", "return", "status",
                         f->loading-- > 0 ? "inmigrate" : "paused");
    if (line && !strcmp(line, "info mtree -f"))
        flatview(f, text);
    else if (line && !strcmp(line, "info ramblock"))
        strcpy(text, f->ramblocks);
    else if (line)
        access_port(f, line, text);
    return json_pack("{s:s}", "return", text);
}

static void say(int fd, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);

    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ||
        send(fd, "\r\n", 2, MSG_NOSIGNAL) < 0)
        shutdown(fd, SHUT_RDWR);
    free(text);
    json_decref(message);
}

static struct dm dm;

static void *be_qemu(void *arg)
{
    struct fake *f = arg;
    FILE *in = fdopen(dup(f->fd), "r");
    json_t *command, *reply;
    char line[1024];

    say(f->fd, json_pack("{s:{}}", "QMP"));
    while (fgets(line, sizeof(line), in)) {
        if (f->dies) { /* and watch.c says so */
            dm.qemus[f - fakes].ready = false;
            shutdown(f->fd, SHUT_RDWR);
            break;
        }
        command = json_loads(line, 0, NULL);
        reply = reply_to(f, command);
        json_object_set(reply, "id", json_object_get(command, "id"));
        json_decref(command);
        say(f->fd, reply);
    }
    fclose(in);
    return NULL;
}

/* ------------------------------------------------------------ run ---- */

#define P(first, last) { XLDM_PORT, first, last }
#define M(first, last) { XLDM_MEMORY, first, last }
#define F(slot, fn) { XLDM_PCI, (slot) << 3 | (fn), (slot) << 3 | (fn) }

/* What every QEMU has, as far as it matters here. */
#define PLATFORM                                                               \
    P(0x10, 0x1f), P(0x60, 0x60), P(0x70, 0x71), P(0x1f0, 0x1f7),              \
        P(0x3f6, 0x3f6), M(0xfec00000, 0xfec00fff)
#define IDS(s, f, more)                                                        \
    "{\"bus\": 0, \"slot\": " #s ", \"function\": " #f ", \"regions\": [" more \
    "]}"
#define REGION(type, first, size)                                              \
    "{\"bar\": 0, \"type\": \"" type "\", \"address\": " #first                \
    ", \"size\": " #size "}"
#define RAM(name, first, size)                                                 \
    "  xen.ram  4 KiB  0x0 0x4000000 0x4000000 0x0\r\n  " name                 \
    "  4 KiB  " first " " size " " size " 0x0\r\n"

static struct xldm_plan plan;
static char said[2048];
static uv_loop_t loop;

static void hear(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n",
             diag->text);
}

/* A list ends with zeros: so the host bridge, function 0, is in none. */
static void fill(struct xldm__ranges *set, const struct xldm_range *r)
{
    set->arena = &arena;
    set->n = set->cap = 0;
    set->v = NULL;
    for (; r->last; r++)
        xldm__ranges_add(set, *r);
}

static const struct xldm_range claims[QEMUS][RANGES] = {
    { P(0x60, 0x60), P(0x70, 0x71), P(0xb100, 0xb13f),
      M(0xfec00000, 0xfec00fff) },
    { F(1, 1), P(0x1f0, 0x1f7), P(0x3f6, 0x3f6) },
    { F(3, 0) },
};
static const struct xldm_range broadcast[] = { P(0x10, 0x1f), { 0 } };

static void begin(const struct fake *with)
{
    static const char *const names[] = { "primary", "disks", "net" };
    int ends[2], i;

    memset(&dm, 0, sizeof(dm));
    memset(&plan, 0, sizeof(plan));
    memcpy(fakes, with, sizeof(fakes));
    said[0] = '\0';
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    dm.ctx = xldm_ctx_new(hear, NULL);
    dm.loop = &loop;
    dm.plan = &plan;
    dm.incoming = "fd:9";
    dm.nqemus = plan.ngroups = QEMUS;
    fill(&plan.broadcast, broadcast);
    for (i = 0; i < QEMUS; i++) {
        plan.groups[i].name = names[i];
        plan.groups[i].primary = !i;
        plan.groups[i].ram_first = 0x4000000 + 0x1000000ull * (unsigned)i;
        plan.groups[i].ram_size = 0x1000000;
        fill(&plan.groups[i].claims, claims[i]);
        fill(&fakes[i].server, fakes[i].holds);
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        fakes[i].fd = ends[1];
        dm.qemus[i] = (struct qemu){ .dm = &dm, .group = &plan.groups[i],
                                     .pid = 1, .server = -1, .ready = true };
        dm.qemus[i].qmp = qmp_new(&dm, ends[0], NULL, NULL);
        pthread_create(&fakes[i].thread, NULL, be_qemu, &fakes[i]);
    }
}

static void end(void)
{
    int i;

    for (i = 0; i < QEMUS; i++) {
        qmp_free(dm.qemus[i].qmp);
        pthread_join(fakes[i].thread, NULL);
        close(fakes[i].fd);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    xldm_ctx_free(dm.ctx);
    xldm__arena_dispose(&arena);
}

/* The server of group i holds just this. */
static void holds(int i, const struct xldm_range *just)
{
    struct xldm__ranges *set = &fakes[i].server;
    char text[80];

    for (; just->last; just++) {
        ck_assert_msg(xldm__ranges_contain(set, *just), "%d lacks %s", i,
                      range_text(*just, text, sizeof(text)));
        xldm__ranges_remove(set, *just);
    }
    ck_assert_msg(!set->n, "%d also has %s", i,
                  range_text(set->v[0], text, sizeof(text)));
}

static void learned(void)
{
    int i;

    for (i = 0; i < QEMUS; i++)
        ck_assert_int_eq((dm.qemus[i].server + TURN) % QEMUS, i);
}

/* ---------------------------------------------------------- tests ---- */

/*
 * The guest has set up the power management of the primary, moved its SMBus
 * (the secondaries' are where they were), the bus master of the disks and the
 * card, whose ports it has put over the platform's.
 */
static const struct fake restored[QEMUS] = {
    { .holds = { PLATFORM, F(1, 1), P(0xb000, 0xb03f), P(0xe100, 0xe13f) },
      .pci = IDS(1, 1, ""),
      .ramblocks = RAM("vga.vram", "0x4000000", "0x1000000") },
    { .holds = { PLATFORM, F(1, 1), P(0xb100, 0xb13f), P(0xc040, 0xc04f) },
      .pci = IDS(1, 1, REGION("io", 49216, 16)),
      .ramblocks = RAM("none", "0x5000000", "0x1000"),
      .bar = 0xc041, .command = 5 },
    { .holds = { PLATFORM, F(1, 1), F(3, 0), P(0xb100, 0xb13f), P(0x40, 0x5f),
                 P(0x61, 0x6f), P(0x72, 0x7f), M(0xf0000000, 0xf001ffff) },
      .pci = IDS(1, 1, "") ","
             IDS(3, 0, REGION("io", 64, 64) ","
                       REGION("memory", 4026531840, 131072)),
      .ramblocks = RAM("e1000.rom", "0x6000000", "0x40000") },
};

START_TEST(bars_stay)
{
    begin(restored);
    ck_assert_msg(dm_arbitrate(&dm), "%s", said);
    ck_assert_str_eq(said, "");
    learned();
    holds(0, (struct xldm_range[]){ P(0x60, 0x60), P(0x70, 0x71),
                                    P(0xb000, 0xb03f), P(0xe100, 0xe13f),
                                    M(0xfec00000, 0xfec00fff), { 0 } });
    holds(1, (struct xldm_range[]){ F(1, 1), P(0x1f0, 0x1f7), P(0x3f6, 0x3f6),
                                    P(0xc040, 0xc04f), { 0 } });
    /* 0x60 and 0x70 too: QEMU itself would map them again */
    holds(2, (struct xldm_range[]){ F(3, 0), P(0x40, 0x7f),
                                    M(0xf0000000, 0xf001ffff), { 0 } });
    end();
}
END_TEST

/* At a start nothing of that can be. */
START_TEST(not_at_a_start)
{
    begin(restored);
    dm.incoming = NULL;
    ck_assert(dm_arbitrate(&dm));
    ck_assert_str_eq(said, "the primary QEMU answers ports 0xb000-0xb03f, "
                           "ports 0xe100-0xe13f, which no table knows; they "
                           "stay with it\n");
    end();
}
END_TEST

/* What is no BAR and nobody's is a violation as ever. */
START_TEST(foreign)
{
    struct fake with[QEMUS];

    memcpy(with, restored, sizeof(with));
    with[1].holds[9] = range(0, 0xd000, 0xd00f);
    begin(with);
    ck_assert(!dm_arbitrate(&dm));
    ck_assert_str_eq(said, "group 'disks': its QEMU answers ports "
                           "0xd000-0xd00f, which the plan does not give to "
                           "it\n");
    end();
}
END_TEST

/* Two QEMUs with nothing of their own get a mark, by registers that the guest
 * has written, and that are afterwards as they were. */
START_TEST(marks)
{
    struct fake with[QEMUS];

    memcpy(with, restored, sizeof(with));
    with[0].holds[7] = with[0].holds[8] = (struct xldm_range){ 0 };
    with[1].holds[7] = with[1].holds[8] = (struct xldm_range){ 0 };
    with[1].pci = with[0].pci;
    with[1].bar = 0xc041;
    with[1].command = 4; /* it is there, and not on */
    with[1].address = 0x80001810;
    with[0].bar = 1;
    begin(with);
    ck_assert_msg(dm_arbitrate(&dm), "%s", said);
    learned();
    free(qmp_hmp(dm.qemus[0].qmp, "i /w 0xcf8")); /* all is done by then */
    free(qmp_hmp(dm.qemus[1].qmp, "i /w 0xcf8"));
    ck_assert_uint_eq(fakes[0].bar, 1);
    ck_assert_uint_eq(fakes[0].command, 0);
    ck_assert_uint_eq(fakes[0].address, 0);
    ck_assert_uint_eq(fakes[1].bar, 0xc041);
    ck_assert_uint_eq(fakes[1].command, 4);
    ck_assert_uint_eq(fakes[1].address, 0x80001810);
    holds(1, (struct xldm_range[]){ F(1, 1), P(0x1f0, 0x1f7), P(0x3f6, 0x3f6),
                                    { 0 } });
    end();
}
END_TEST

/* The group 'disks' is started anew while the others run. */
static void begin_restart(const struct fake *with)
{
    begin(with);
    dm.incoming = NULL;
    dm.started = true;
    dm.qemus[0].server = 1;
    dm.qemus[2].server = 0;
    dm.qemus[1].restarting = true;
}

/* Its old server could not go, for a vCPU has not fetched its answer. */
START_TEST(one_is_left)
{
    begin_restart(restored);
    dm.qemus[2].ready = false; /* 0 is not the net's, but the old one */
    dm.qemus[2].server = -1;
    dm.others = 3;
    ck_assert_msg(dm_arbitrate(&dm), "%s", said);
    ck_assert_int_eq(dm.qemus[1].server, 2);
    ck_assert(xldm__ranges_contain(&fakes[2].server, (struct xldm_range)F(3, 0)));
    end();
}
END_TEST

/* Another one dies in the middle: it is not the new one's end. */
START_TEST(sibling_dies)
{
    struct fake with[QEMUS];

    memcpy(with, restored, sizeof(with));
    with[2].dies = true;
    begin_restart(with);
    dm.others = 3;
    ck_assert_msg(dm_arbitrate(&dm), "%s", said);
    ck_assert_str_eq(said, "");
    ck_assert_int_eq(dm.qemus[1].server, 2);
    end();
    with[2].dies = false;
    with[1].dies = true; /* but this is */
    begin_restart(with);
    ck_assert(!dm_arbitrate(&dm));
    ck_assert_ptr_nonnull(strstr(said, "group 'disks'"));
    end();
}
END_TEST

START_TEST(loaded)
{
    struct fake with[QEMUS];

    memcpy(with, restored, sizeof(with));
    with[0].loading = 2;
    with[2].loading = 5;
    begin(with);
    ck_assert(dm_wait_loaded(&dm));
    ck_assert_int_eq(fakes[0].loading, -1);
    ck_assert_int_eq(fakes[2].loading, -1);
    dm.incoming = NULL; /* nobody is asked */
    fakes[0].loading = 1;
    ck_assert(dm_wait_loaded(&dm));
    ck_assert_int_eq(fakes[0].loading, 1);
    end();
}
END_TEST

/* One that cannot load its state ends. */
START_TEST(not_loaded)
{
    begin(restored);
    dm.qemus[1].status = 1 << 8;
    strcpy(dm.qemus[1].tail, "error while loading state of 'ide'\n");
    shutdown(fakes[1].fd, SHUT_RDWR);
    ck_assert(!dm_wait_loaded(&dm));
    ck_assert_str_eq(said, "group 'disks': its QEMU ended with status 1 before "
                           "the domain started: error while loading state of "
                           "'ide'\n");
    end();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("arbiter");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, bars_stay);
    tcase_add_test(tcase, not_at_a_start);
    tcase_add_test(tcase, foreign);
    tcase_add_test(tcase, marks);
    tcase_add_test(tcase, one_is_left);
    tcase_add_test(tcase, sibling_dies);
    tcase_add_test(tcase, loaded);
    tcase_add_test(tcase, not_loaded);
    return unit_run(tcase, "arbiter");
}

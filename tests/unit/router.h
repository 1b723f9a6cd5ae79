/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The router with libxl's side and QEMU's side played here: a thread is each
 * QEMU, another one is libxl, and the router has the main thread.
 */
#ifndef XLDM_TESTS_ROUTER_H
#define XLDM_TESTS_ROUTER_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "run/dm.h"
#include "unit.h"

#define GROUPS 3

/* -------------------------------------------------- a QEMU's side ---- */

struct fake {
    size_t index;
    int fd;
    FILE *in;
    pthread_t thread;
    const char *refuses; /* this command */
    const char *lacks;   /* the device of this one */
    const char *dies;    /* of this one */
    const char *state;   /* writes it when it is saved; NULL: nothing */
    int kept;            /* what came with add-fd, if it has a state */
};

static struct fake fakes[GROUPS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[4096]; /* "0:cont " for each command, as they came */

static void note(size_t index, const char *name)
{
    size_t used;

    pthread_mutex_lock(&lock);
    used = strlen(order);
    snprintf(order + used, sizeof(order) - used, "%zu:%s ", index, name);
    pthread_mutex_unlock(&lock);
}

static void say(struct fake *f, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);

    if (send(f->fd, text, strlen(text), MSG_NOSIGNAL) < 0 ||
        send(f->fd, "\r\n", 2, MSG_NOSIGNAL) < 0)
        shutdown(f->fd, SHUT_RDWR);
    free(text);
    json_decref(message);
}

static void flood(struct fake *f)
{
    char *data = malloc(8193);
    int i;

    memset(data, 'x', 8192);
    data[8192] = '\0';
    for (i = 0; i < 450; i++) { /* over 3 MiB */
        say(f, json_pack("{s:s, s:s}", "event", "X", "data", data));
        usleep(2000);
    }
    free(data);
}

static json_t *reply_to(struct fake *f, const char *name)
{
    static const char *const labels[] = { "serial0", "own", "other" };

    if (f->refuses && !strcmp(name, f->refuses))
        return json_pack("{s:{s:s, s:s}}", "error", "class", "GenericError",
                         "desc", "no");
    if (f->lacks && !strcmp(name, f->lacks))
        return json_pack("{s:{s:s, s:s}}", "error", "class", "DeviceNotFound",
                         "desc", "none");
    if (!strcmp(name, "query-version"))
        return json_pack("{s:{s:s}}", "return", "package", "fake");
    if (!strcmp(name, "query-pci"))
        return json_pack("{s:[{s:i, s:[{s:i, s:i}, {s:i, s:i}]}]}", "return",
                         "bus", 0, "devices", "slot", 0, "function", 0, "slot",
                         (int)f->index + 1, "function", 0);
    if (!strcmp(name, "query-chardev"))
        return json_pack("{s:[{s:s}, {s:s}]}", "return", "label", "xldm",
                         "label", labels[f->index]);
    if (!strcmp(name, "no-such"))
        return json_pack("{s:{s:s, s:s}}", "error", "class", "CommandNotFound",
                         "desc", "what?");
    if (!strcmp(name, "flood"))
        flood(f);
    if (!strcmp(name, "device_del"))
        say(f, json_pack("{s:s, s:{s:s}}", "event", "DEVICE_DELETED", "data",
                         "device", "pci-pt-03_00.0"));
    if (!strcmp(name, "lie")) /* of a device that is another's */
        say(f, json_pack("{s:s, s:{s:s}}", "event", "DEVICE_DELETED", "data",
                         "device", "pci-pt-03_00.0"));
    if (!strcmp(name, "events"))
        say(f, json_pack("{s:s}", "event", "STOP"));
    return json_pack("{s:{}}", "return");
}

/* One line, and the fd that came with it. */
static bool read_line(int from, char *line, size_t size, int *fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr msg = { 0 };
    struct iovec iov;
    size_t used = 0;

    *fd = -1;
    while (used + 1 < size) {
        iov = (struct iovec){ line + used, 1 };
        msg.msg_iov = &iov;
        msg.msg_iovlen = 1;
        msg.msg_control = control.bytes;
        msg.msg_controllen = sizeof(control.bytes);
        if (recvmsg(from, &msg, 0) <= 0)
            return false;
        if (CMSG_FIRSTHDR(&msg))
            memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
        if (line[used] == '\n')
            break;
        used++;
    }
    line[used] = '\0';
    return true;
}

/* As QEMU: the file that came with add-fd is for a later command. */
static void use_fd(struct fake *f, const char *name, int fd)
{
    const char *text = name;

    if (f->state && fd >= 0) {
        f->kept = fd;
        return;
    }
    if (f->state && !strcmp(name, "xen-save-devices-state")) {
        fd = dup(f->kept);
        text = f->state;
    }
    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        abort();
    close(fd);
    if (f->state && !strcmp(name, "remove-fd"))
        close(f->kept);
}

static const char *place_of(const json_t *command)
{
    return json_string_value(
        json_object_get(json_object_get(command, "arguments"), "addr"));
}

static void *be_qemu(void *arg)
{
    struct fake *f = arg;
    char line[4096];
    json_t *command, *reply, *id;
    const char *name;
    int fd;

    say(f, json_pack("{s:{s:{}, s:[]}}", "QMP", "version", "capabilities"));
    while (read_line(f->fd, line, sizeof(line), &fd)) {
        command = json_loads(line, 0, NULL);
        name = json_string_value(json_object_get(command, "execute"));
        if (strcmp(name, "qmp_capabilities"))
            note(f->index, name);
        if (place_of(command))
            note(f->index, place_of(command));
        if (!strcmp(name, f->dies ? f->dies : "die")) {
            json_decref(command);
            break;
        }
        use_fd(f, name, fd);
        reply = reply_to(f, name);
        id = json_object_get(command, "id");
        if (id)
            json_object_set(reply, "id", id);
        say(f, reply);
        json_decref(command);
    }
    shutdown(f->fd, SHUT_RDWR);
    return NULL;
}

/* ------------------------------------------------- xldm-dm around ---- */

static const char *const argv[] = { "qemu" };
static const struct xldm__class serial_class = { .kind = "serial" };
static const struct xldm__class vfb_class = { .kind = "vfb" };
static const struct xldm__class pci_class = { .kind = "pci" };
static struct xldm_plan plan;
static struct dm dm;
static char folder[32];
static uv_loop_t loop;
static char path[64], chardev[160];
static uv_async_t done;
static void (*script)(void);

void dm_stop(struct dm *d, bool failed)
{
    d->failed |= failed;
    d->stopping = true;
    router_stop(d);
}

/* grow.c has its own test: in the lab, for it starts QEMUs.  That an answer
 * may take until the loop has returned is seen here. */
json_t *grow_place(struct dm *d, const json_t *arguments)
{
    (void)d;
    return json_pack("{s:O?}", "return", arguments);
}

json_t *grow_unplace(struct dm *d, const json_t *arguments)
{
    router_lost(&d->qemus[2]); /* as if it had died */
    return grow_place(d, arguments);
}

json_t *grow_restart(struct dm *d, const json_t *arguments)
{
    router_spawned(&d->qemus[1]); /* as if it were a new one */
    router_replay(&d->qemus[2]);  /* likewise */
    return grow_place(d, arguments);
}

static char plugged_out[64];
static char lost[64];     /* these are of the device */
static char answered[64]; /* "DEVICE 1" */

void grow_answered(struct dm *d, const char *device, bool ok)
{
    (void)d;
    snprintf(answered, sizeof(answered), "%s %d", device, ok);
}

void grow_plugged_out(struct dm *d, const char *device)
{
    (void)d;
    snprintf(plugged_out, sizeof(plugged_out), "%s", device);
}

void grow_lost(struct dm *d, const char *device)
{
    (void)d;
    snprintf(lost, sizeof(lost), "%s", device);
}

static void make_plan(void)
{
    static const char *const names[] = { "primary", "ui", "zzz" };
    static struct xldm__planned devices[3];
    size_t i;

    plan.ngroups = GROUPS;
    for (i = 0; i < GROUPS; i++) {
        plan.groups[i].name = names[i];
        plan.groups[i].primary = !i;
        plan.groups[i].emulator = argv[0];
        plan.groups[i].argv.v = (const char **)(uintptr_t)argv;
        plan.groups[i].argv.n = 1;
    }
    devices[0] = (struct xldm__planned){ .class = &serial_class,
                                         .id = "serial3",
                                         .group = &plan.groups[0] };
    devices[1] = (struct xldm__planned){ .class = &vfb_class,
                                         .id = "vnc",
                                         .devfn = 2 << 3,
                                         .group = &plan.groups[1] };
    devices[2] = (struct xldm__planned){ .class = &pci_class,
                                         .id = "0000:03:00.0",
                                         .controller = "pci-0000:03:00.0",
                                         .group = &plan.groups[2] };
    plan.devices = devices;
    plan.ndevices = 3;
    snprintf(path, sizeof(path), "%s/qmp", folder);
    snprintf(chardev, sizeof(chardev),
             "socket,id=libxl-cmd,path=%s,server=on,wait=off", path);
    plan.links[0] = chardev;
    plan.nlinks = 1;
}

static void on_done(uv_async_t *async)
{
    router_stop(&dm);
    for (size_t i = 0; i < GROUPS; i++)
        qmp_free(dm.qemus[i].qmp);
    uv_close((uv_handle_t *)async, NULL);
}

static void *be_libxl(void *arg)
{
    (void)arg;
    script();
    uv_async_send(&done);
    return NULL;
}

static void play(void (*with)(void))
{
    pthread_t libxl;
    int ends[2];
    size_t i;

    snprintf(folder, sizeof(folder), "/tmp/check_routerXXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    make_plan();
    memset(fakes, 0, sizeof(fakes));
    dm = (struct dm){ .plan = &plan, .loop = &loop };
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    dm.ctx = xldm_ctx_new(NULL, NULL);
    dm.nqemus = GROUPS;
    for (i = 0; i < GROUPS; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        dm.qemus[i].dm = &dm;
        dm.qemus[i].group = &plan.groups[i];
        dm.qemus[i].pid = 1;
        dm.qemus[i].qmp = qmp_new(&dm, ends[0], router_event, &dm.qemus[i]);
        fakes[i].index = i;
        fakes[i].fd = ends[1];
        pthread_create(&fakes[i].thread, NULL, be_qemu, &fakes[i]);
    }
    ck_assert(router_start(&dm));
    order[0] = '\0';
    script = with;
    uv_async_init(dm.loop, &done, on_done);
    pthread_create(&libxl, NULL, be_libxl, NULL);
    uv_run(dm.loop, UV_RUN_DEFAULT);
    while (router_due(&dm)) {
        router_step(&dm);
        uv_run(dm.loop, UV_RUN_DEFAULT);
    }
    pthread_join(libxl, NULL);
    for (i = 0; i < GROUPS; i++) {
        pthread_join(fakes[i].thread, NULL);
        close(fakes[i].fd);
    }
    ck_assert_int_eq(uv_loop_close(dm.loop), 0);
    xldm_ctx_free(dm.ctx);
    ck_assert_int_ne(access(path, F_OK), 0);
    rmdir(folder);
}

/* --------------------------------------------------- libxl's side ---- */

static int open_client(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval limit = { 20, 0 };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)),
                     0);
    return fd;
}

static void expect(int fd, const char *text)
{
    char line[65536];
    int ignored;

    if (!read_line(fd, line, sizeof(line), &ignored))
        snprintf(line, sizeof(line), "(closed)");
    line[strcspn(line, "\r")] = '\0';
    ck_assert_str_eq(line, text);
}

/* A reply with a number in it that is nobody's business. */
static inline void expect_start(int fd, const char *text)
{
    char line[65536];
    int ignored;

    ck_assert(read_line(fd, line, sizeof(line), &ignored));
    line[strnlen(line, strlen(text))] = '\0';
    ck_assert_str_eq(line, text);
}

static inline void wait_order(const char *text)
{
    int i;

    for (i = 0; i < 1000 && !strstr(order, text); i++)
        usleep(10000);
    ck_assert_ptr_nonnull(strstr(order, text));
}

static void put(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
                     (ssize_t)strlen(text));
}

/* The first byte of a command, and a file with it. */
static inline void send_file(int fd, int file)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { (char[]){ "{" }, 1 };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.bytes,
                          .msg_controllen = sizeof(control.bytes) };
    struct cmsghdr *head;

    memset(&control, 0, sizeof(control));
    head = CMSG_FIRSTHDR(&msg);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &file, sizeof(int));
    ck_assert_int_eq(sendmsg(fd, &msg, 0), 1);
}

static void ask(int fd, const char *command, const char *reply)
{
    char line[2048];

    snprintf(line, sizeof(line), "%s\r\n", command);
    put(fd, line);
    expect(fd, reply);
}

#define GREETING                                                               \
    "{\"QMP\":{\"version\":{\"package\":\"fake\"},\"capabilities\":[]}}"

static inline int open_ready(void)
{
    int fd = open_client();

    expect(fd, GREETING);
    ask(fd, "{\"execute\": \"qmp_capabilities\"}", "{\"return\":{}}");
    return fd;
}

#endif

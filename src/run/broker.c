/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker: what concerns every QEMU's devices, the guest's unplug and the
 * registers of ACPI's hotplug, reaches every QEMU. */
#include <stdlib.h>
#include <string.h>

#include "run/access.h"
#include "run/broker.h"
#include "run/server.h"

struct vcpu {
    struct broker *broker;
    size_t index;
    ioreq_t request; /* what it waits for, if busy */
    bool busy;
    uint32_t at;      /* which access of a string instruction */
    unsigned waiting; /* for so many QEMUs */
    uint32_t value;   /* read */
    bool asks_sci;    /* the write is done, and now ... */
    bool sci;
};

struct broker {
    struct dm *dm;
    struct server server;
    struct vcpu *vcpus;
    uv_poll_t poll;
    unsigned users; /* the poll, replies that are to come, dm */
    bool stopped;
    uint64_t bar;       /* of the platform device, ours; 0: not there */
};

static void release(struct broker *b)
{
    if (--b->users)
        return;
    free(b->vcpus);
    free(b);
}

/* ------------------------------------------------------- requests ---- */

/* The data of the access at hand: in the request, or for a string
 * instruction in the guest's memory. */
static bool copy_value(struct vcpu *v, bool to_guest)
{
    ioreq_t *r = &v->request;

    if (r->data_is_ptr)
        return server_copy(&v->broker->server, access_address(r, v->at),
                           &v->value, r->size, to_guest);
    if (to_guest)
        r->data = v->value;
    else
        v->value = (uint32_t)r->data;
    return true;
}

static void finish(struct vcpu *v)
{
    v->busy = false;
    server_answer(&v->broker->server, v->index, v->request.data);
}

static void advance(struct vcpu *v);

static void ask_sci(struct vcpu *v);

/* A QEMU answered, or is gone: that one has nothing left to unplug. */
static void done(struct vcpu *v)
{
    struct dm *dm = v->broker->dm;

    if (--v->waiting)
        return;
    if (v->asks_sci) {
        v->asks_sci = false;
        xendevicemodel_set_isa_irq_level(dm->xdm, (domid_t)dm->domid, SCI,
                                         v->sci);
    } else if (access_sci(&v->request)) {
        ask_sci(v);
        return;
    }
    if (v->request.dir == IOREQ_READ)
        copy_value(v, true);
    v->at++;
    advance(v);
}

static void got_reply(void *arg, json_t *reply)
{
    struct vcpu *v = arg;
    struct broker *b = v->broker;
    const char *text = json_string_value(json_object_get(reply, "return"));
    uint32_t answer;

    if (text && access_answer(text, &answer)) {
        if (v->asks_sci)
            v->sci |= access_sci_pending(answer);
        else
            access_merge(&v->request, answer, &v->value);
    }
    if (!b->stopped)
        done(v);
    release(b);
}

static json_t *hmp(const char *line)
{
    return json_pack("{s:s, s:{s:s}}", "execute", "human-monitor-command",
                     "arguments", "command-line", line);
}

static void tell(struct vcpu *v, struct qemu *q, const char *line)
{
    json_t *command = q->qmp ? hmp(line) : NULL;

    if (!command)
        return;
    v->waiting++;
    v->broker->users++;
    qmp_send(q->qmp, command, NULL, 0, got_reply, v);
}

static void ask_sci(struct vcpu *v)
{
    struct qemu *q = v->broker->dm->qemus, *end = q + v->broker->dm->nqemus;
    char line[16];

    v->asks_sci = true;
    v->sci = false;
    v->waiting = 1;
    snprintf(line, sizeof(line), "i /w %#x", GPE0);
    for (; q < end; q++)
        if (q->server >= 0)
            tell(v, q, line);
    done(v);
}

static void remember(struct dm *dm, uint16_t value)
{
    if (value & ~dm->said.unplugged)
        xldm__note(dm->ctx, XLDM__NONE,
                   "the guest unplugs its emulated devices: %#x", value);
    dm->said.unplugged |= value;
}

/* A QEMU that is just being started gets it by broker_replay(). */
static void issue(struct vcpu *v, bool all)
{
    struct broker *b = v->broker;
    struct qemu *q = b->dm->qemus, *end = q + b->dm->nqemus;
    uint16_t unplug = 0;
    char line[48];
    bool ok = true;

    v->waiting = 1; /* qmp_send() may answer at once */
    v->value = 0;
    if (v->request.dir == IOREQ_WRITE)
        ok = copy_value(v, false);
    access_command(&v->request, v->value, line, sizeof(line));
    if (ok) {
        unplug = access_unplug(&v->request, v->value, b->bar);
        access_enable(&v->request, v->value, b->dm->said.enabled);
    }
    if (v->request.dir == IOREQ_READ)
        v->value = access_nobody(&v->request); /* until somebody answers */
    if (unplug) {
        remember(b->dm, unplug);
        access_unplug_command(unplug, line, sizeof(line));
    }
    for (; ok && q < end; q++)
        if (q->group->primary || ((all || unplug) && q->server >= 0))
            tell(v, q, line);
    done(v);
}

static void advance(struct vcpu *v)
{
    enum access_act act = access_decide(&v->request);

    if (act == ACCESS_DONE || v->at >= access_count(&v->request)) {
        finish(v);
    } else if (act == ACCESS_NOBODY) {
        if (v->request.dir == IOREQ_READ && !v->request.data_is_ptr)
            v->request.data = ~0ull;
        finish(v);
    } else {
        issue(v, act == ACCESS_ALL);
    }
}

void broker_look(struct dm *dm)
{
    struct broker *b = dm->broker;
    struct vcpu *v;

    if (!b)
        return;
    access_drain(b->server.buffered);
    for (v = b->vcpus; v < b->vcpus + b->server.nvcpus; v++) {
        if (v->busy || !server_take(&b->server, v->index, &v->request))
            continue;
        v->busy = true;
        v->at = 0;
        advance(v);
    }
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct broker *b = poll->data;

    (void)status;
    (void)events;
    server_heard(&b->server);
    broker_look(b->dm);
}

/* ---------------------------------------------------- start, stop ---- */

static bool follow(struct broker *b)
{
    size_t i;

    b->vcpus = calloc(b->server.nvcpus, sizeof(*b->vcpus));
    if (!b->vcpus ||
        uv_poll_init(b->dm->loop, &b->poll, server_fd(&b->server)) < 0)
        return xldm__oom(b->dm->ctx);
    for (i = 0; i < b->server.nvcpus; i++)
        b->vcpus[i] = (struct vcpu){ .broker = b, .index = i };
    b->users++;
    b->poll.data = b;
    uv_poll_start(&b->poll, UV_READABLE, on_event);
    return true;
}

bool broker_start(struct dm *dm)
{
    struct broker *b;

    if (!dm->plan->broadcast.n)
        return true;
    b = calloc(1, sizeof(*b));
    if (!b)
        return xldm__oom(dm->ctx);
    b->dm = dm;
    b->users = 1;
    dm->broker = b;
    if (server_open(&b->server, dm, &dm->plan->broadcast) && follow(b))
        return true;
    broker_stop(dm);
    return false;
}

unsigned broker_servers(const struct dm *dm)
{
    return dm->broker ? 1u << dm->broker->server.id : 0;
}

static void on_closed(uv_handle_t *handle)
{
    release(handle->data);
}

void broker_stop(struct dm *dm)
{
    struct broker *b = dm->broker;

    if (!b)
        return;
    dm->broker = NULL;
    b->stopped = true;
    if (b->poll.data)
        uv_close((uv_handle_t *)&b->poll, on_closed);
    server_close(&b->server);
    release(b);
}

/* ----------------------------------------------------- the old way ---- */

#define PLATFORM_VENDOR 0x5853

/* Where query-pci says that the platform device's BAR 0 is. */
static uint64_t find_bar(json_t *reply)
{
    json_t *bus, *device, *region;
    json_int_t at;
    size_t i, j, k;

    json_array_foreach(json_object_get(reply, "return"), i, bus)
        json_array_foreach(json_object_get(bus, "devices"), j, device)
            json_array_foreach(json_object_get(device, "regions"), k, region)
    {
        at = json_integer_value(json_object_get(region, "address"));
        if (json_integer_value(json_object_get(json_object_get(device, "id"),
                                               "vendor")) == PLATFORM_VENDOR &&
            !json_integer_value(json_object_get(region, "bar")) && at > 0 &&
            at <= 0x10000 - PLATFORM_BAR_SIZE)
            return (uint64_t)at;
    }
    return 0;
}

/* The primary holds these ports too, and takes them away itself when the BAR
 * moves.  Of two servers Xen asks the one with the higher id: the broker's,
 * which was made last. */
void broker_see_pci(struct dm *dm, json_t *reply)
{
    struct broker *b = dm->broker;
    uint64_t bar = find_bar(reply);

    if (!b || bar == b->bar || !json_object_get(reply, "return"))
        return;
    if (b->bar)
        server_ports(&b->server, b->bar, PLATFORM_BAR_SIZE, false);
    if (bar && !server_ports(&b->server, bar, PLATFORM_BAR_SIZE, true))
        bar = 0;
    b->bar = bar;
}

/* --------------------------------------------------------- replay ---- */

bool broker_unplugged(const struct dm *dm)
{
    return dm->broker && dm->said.unplugged;
}

static bool say(struct qemu *q, const char *line)
{
    char text[256], *answer = qmp_hmp(q->qmp, line);

    if (!answer)
        return xldm__error(q->dm->ctx, XLDM__NONE,
                           "%s: its QEMU is not told what the guest has said "
                           "to all",
                           qemu_text(q, text, sizeof(text)));
    free(answer);
    return true;
}

/* The watch would ask only after the guest runs. */
static void find_old_way(struct dm *dm)
{
    json_t *reply = qmp_call(dm->qemus[0].qmp, "query-pci", NULL);

    broker_see_pci(dm, reply);
    json_decref(reply);
}

static bool replay_unplug(struct qemu *q)
{
    char line[48];

    if (!broker_unplugged(q->dm))
        return true;
    access_unplug_command(q->dm->said.unplugged, line, sizeof(line));
    return say(q, line);
}

bool broker_replay(struct qemu *q)
{
    const uint8_t *enabled = q->dm->said.enabled;
    char line[48];

    if (!replay_unplug(q))
        return false;
    if (!q->dm->broker || !(enabled[0] || enabled[1]))
        return true;
    access_enable_command(enabled, line, sizeof(line));
    return say(q, line);
}

bool broker_restore(struct dm *dm)
{
    bool ok = true;
    size_t i;

    if (!dm->incoming || !dm->broker)
        return true;
    find_old_way(dm);
    for (i = 0; i < dm->nqemus && ok; i++)
        ok = replay_unplug(&dm->qemus[i]);
    return ok;
}

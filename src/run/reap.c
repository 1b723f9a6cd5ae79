/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Answers for a dead QEMU.  A vCPU that waits for one waits for ever, and
 * destroying the ioreq server does not wake it: each request that is open
 * must be answered in the server's page, as the QEMU would have done.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/memory.h>
#include <xen/hvm/ioreq.h>

#include "run/broker.h"

#define PAGE 4096
#define VCPUS_MAX (PAGE / sizeof(ioreq_t)) /* 128, all that Xen gives HVM */
#define WAIT_MS 2000

struct reap {
    struct dm *dm;
    int server;
    xenforeignmemory_handle *memory;
    xenforeignmemory_resource_handle *pages;
    xenevtchn_handle *events;
    volatile ioreq_t *requests; /* one a vCPU */
    size_t nvcpus;
    bool paused;
};

static bool complain(const struct reap *r, const char *what)
{
    return xldm__error(r->dm->ctx, XLDM__NONE,
                       "cannot answer for ioreq server %d: %s: %s", r->server,
                       what, strerror(errno));
}

static bool is_open(const volatile ioreq_t *request)
{
    return request->state == STATE_IOREQ_READY ||
           request->state == STATE_IOREQ_INPROCESS;
}

/*
 * All-ones, as from an empty slot.  Of a string instruction (data_is_ptr)
 * data is the guest's own buffer, which stays as it is: the guest sees its
 * old bytes there, and the instruction as done.
 */
static bool answer(struct reap *r, volatile ioreq_t *request)
{
    int port = xenevtchn_bind_interdomain(r->events, r->dm->domid,
                                          request->vp_eport);

    if (port < 0)
        return complain(r, "event channel");
    if (!request->data_is_ptr)
        request->data = ~0ull;
    __sync_synchronize(); /* the vCPU reads data once it sees the state */
    request->state = STATE_IORESP_READY;
    if (xenevtchn_notify(r->events, (evtchn_port_t)port) < 0)
        return complain(r, "notify");
    return true;
}

static bool answer_all(struct reap *r)
{
    bool ok = true;
    size_t i;

    for (i = 0; i < r->nvcpus; i++)
        if (is_open(&r->requests[i]))
            ok &= answer(r, &r->requests[i]);
    return ok;
}

static size_t count_waiting(const struct reap *r)
{
    size_t i, n = 0;

    for (i = 0; i < r->nvcpus; i++)
        n += r->requests[i].state != STATE_IOREQ_NONE;
    return n;
}

static bool open_all(struct reap *r)
{
    xc_domaininfo_t info;
    void *address = NULL;

    r->memory = xenforeignmemory_open(NULL, 0);
    r->events = xenevtchn_open(NULL, 0);
    if (!r->memory || !r->events)
        return complain(r, "open");
    if (xc_domain_getinfolist(r->dm->xc, r->dm->domid, 1, &info) != 1 ||
        info.domain != r->dm->domid)
        return complain(r, "domain");
    r->paused = info.flags & XEN_DOMINF_paused;
    r->nvcpus = info.max_vcpu_id + 1;
    if (r->nvcpus > VCPUS_MAX)
        r->nvcpus = VCPUS_MAX;
    /* Frame 0 has the buffered requests, frame 1 those of the vCPUs. */
    r->pages = xenforeignmemory_map_resource(
        r->memory, (domid_t)r->dm->domid, XENMEM_resource_ioreq_server,
        (unsigned)r->server, XENMEM_resource_ioreq_server_frame_bufioreq, 2,
        &address, PROT_READ | PROT_WRITE, 0);
    if (!r->pages)
        return complain(r, "map its pages");
    r->requests = (volatile ioreq_t *)((char *)address + PAGE);
    return true;
}

static void close_all(struct reap *r)
{
    if (r->pages)
        xenforeignmemory_unmap_resource(r->memory, r->pages);
    if (r->memory)
        xenforeignmemory_close(r->memory);
    if (r->events)
        xenevtchn_close(r->events);
}

/* A server with an answer that no vCPU fetched must stay: the answer is in
 * its page.  Disabled as it is, it gets no further requests. */
static bool destroy(struct reap *r)
{
    unsigned bit = 1u << r->server;
    struct dm *dm = r->dm;
    size_t waiting;
    int ms;

    for (ms = 0; (waiting = count_waiting(r)) && !r->paused && ms < WAIT_MS;
         ms++) {
        usleep(1000);
        broker_look(dm); /* a broadcast waits for every server in turn */
    }
    if (waiting && r->paused && !(dm->left & bit))
        xldm__note(dm->ctx, XLDM__NONE,
                   "ioreq server %d stays for now: %zu vCPUs fetch their "
                   "answer when the domain is unpaused",
                   r->server, waiting);
    if (waiting && r->paused) {
        dm->left |= bit;
        return true;
    }
    dm->left &= ~bit;
    if (waiting)
        return xldm__error(r->dm->ctx, XLDM__NONE,
                           "%zu vCPUs still wait for ioreq server %d", waiting,
                           r->server);
    if (xendevicemodel_destroy_ioreq_server(
            r->dm->xdm, (domid_t)r->dm->domid, (ioservid_t)r->server) < 0)
        return complain(r, "destroy it");
    dm->others &= ~bit; /* its id is free */
    return true;
}

bool dm_reap(struct dm *dm, int server)
{
    struct reap r = { .dm = dm, .server = server };
    bool ok = false;

    /* First of all, or a vCPU that was answered comes straight back. */
    if (xendevicemodel_set_ioreq_server_state(dm->xdm, (domid_t)dm->domid,
                                              (ioservid_t)server, 0) < 0) {
        complain(&r, "disable it");
        goto out;
    }
    ok = open_all(&r) && answer_all(&r) && destroy(&r);
out:
    close_all(&r);
    return ok;
}

void dm_reap_left(struct dm *dm)
{
    unsigned left = dm->left;
    int id;

    for (id = 0; left >> id; id++)
        if (left & 1u << id)
            dm_reap(dm, id);
}

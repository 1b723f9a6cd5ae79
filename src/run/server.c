/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ioreq server of xldm-dm's own: made, mapped, asked, answered, removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xen/memory.h>
#include <xen/hvm/hvm_op.h>

#include "run/server.h"

#define PAGE 4096
#define VCPUS_MAX (PAGE / sizeof(ioreq_t)) /* 128, all that Xen gives HVM */

static bool complain(const struct server *s, const char *what)
{
    return xldm__error(s->dm->ctx, XLDM__NONE,
                       "an ioreq server for the unplug ports: %s: %s", what,
                       strerror(errno));
}

/* ----------------------------------------------------------- open ---- */

static bool open_all(struct server *s)
{
    xc_domaininfo_t info;

    s->memory = xenforeignmemory_open(NULL, 0);
    s->events = xenevtchn_open(NULL, 0);
    if (!s->memory || !s->events)
        return complain(s, "open");
    if (fcntl(server_fd(s), F_SETFL, O_NONBLOCK) < 0)
        return complain(s, "fcntl");
    if (xc_domain_getinfolist(s->dm->xc, s->dm->domid, 1, &info) != 1 ||
        info.domain != s->dm->domid)
        return complain(s, "domain");
    s->nvcpus = info.max_vcpu_id + 1;
    if (s->nvcpus > VCPUS_MAX)
        s->nvcpus = VCPUS_MAX;
    s->ports = calloc(s->nvcpus, sizeof(*s->ports));
    return s->ports || xldm__oom(s->dm->ctx);
}

static bool create(struct server *s)
{
    domid_t domid = (domid_t)s->dm->domid;
    void *address = NULL;

    if (xendevicemodel_create_ioreq_server(
            s->dm->xdm, domid, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &s->id))
        return complain(s, "create");
    s->created = true;
    /* Frame 0 has the buffered requests, frame 1 those of the vCPUs. */
    s->pages = xenforeignmemory_map_resource(
        s->memory, domid, XENMEM_resource_ioreq_server, s->id,
        XENMEM_resource_ioreq_server_frame_bufioreq, 2, &address,
        PROT_READ | PROT_WRITE, 0);
    if (!s->pages)
        return complain(s, "map its pages");
    s->buffered = address;
    s->slots = (volatile ioreq_t *)((char *)address + PAGE);
    return true;
}

static bool take_ranges(struct server *s, const struct xldm__ranges *set)
{
    domid_t domid = (domid_t)s->dm->domid;
    size_t i;

    for (i = 0; i < set->n; i++)
        if (xendevicemodel_map_io_range_to_ioreq_server(
                s->dm->xdm, domid, s->id, set->v[i].space == XLDM_MEMORY,
                set->v[i].first, set->v[i].last))
            return complain(s, "take its ports");
    if (xendevicemodel_set_ioreq_server_state(s->dm->xdm, domid, s->id, 1))
        return complain(s, "enable");
    return true;
}

bool server_ports(struct server *s, uint64_t first, uint64_t n, bool take)
{
    domid_t domid = (domid_t)s->dm->domid;
    uint64_t last = first + n - 1;

    if (take)
        return !xendevicemodel_map_io_range_to_ioreq_server(
            s->dm->xdm, domid, s->id, 0, first, last);
    return !xendevicemodel_unmap_io_range_from_ioreq_server(
        s->dm->xdm, domid, s->id, 0, first, last);
}

/* A vCPU's port is in its slot once the server is enabled. */
static bool bind_events(struct server *s)
{
    evtchn_port_t buffer;
    int port;
    size_t i;

    if (xendevicemodel_get_ioreq_server_info(s->dm->xdm, (domid_t)s->dm->domid,
                                             s->id, NULL, NULL, &buffer) ||
        xenevtchn_bind_interdomain(s->events, s->dm->domid, buffer) < 0)
        return complain(s, "event channel of the buffer");
    for (i = 0; i < s->nvcpus; i++) {
        port = xenevtchn_bind_interdomain(s->events, s->dm->domid,
                                          s->slots[i].vp_eport);
        if (port < 0)
            return complain(s, "event channel of a vCPU");
        s->ports[i] = (evtchn_port_t)port;
    }
    return true;
}

bool server_open(struct server *s, struct dm *dm,
                 const struct xldm__ranges *ranges)
{
    s->dm = dm;
    return open_all(s) && create(s) && take_ranges(s, ranges) && bind_events(s);
}

/* ------------------------------------------------------- requests ---- */

int server_fd(const struct server *s)
{
    return xenevtchn_fd(s->events);
}

void server_heard(struct server *s)
{
    int port;

    while ((port = xenevtchn_pending(s->events)) >= 0)
        xenevtchn_unmask(s->events, (evtchn_port_t)port);
}

bool server_take(struct server *s, size_t vcpu, ioreq_t *request)
{
    volatile ioreq_t *slot = &s->slots[vcpu];

    if (slot->state != STATE_IOREQ_READY)
        return false;
    __sync_synchronize(); /* the rest was written before the state */
    *request = *slot;
    slot->state = STATE_IOREQ_INPROCESS;
    return true;
}

/* Notifying fails only when the domain is going. */
void server_answer(struct server *s, size_t vcpu, uint64_t data)
{
    s->slots[vcpu].data = data;
    __sync_synchronize(); /* the vCPU reads data once it sees the state */
    s->slots[vcpu].state = STATE_IORESP_READY;
    xenevtchn_notify(s->events, s->ports[vcpu]);
}

static bool copy_page(struct server *s, uint64_t address, void *bytes,
                      size_t size, bool to_guest)
{
    xen_pfn_t frame = address / PAGE;
    char *page = xenforeignmemory_map(
        s->memory, s->dm->domid, to_guest ? PROT_READ | PROT_WRITE : PROT_READ,
        1, &frame, NULL);

    if (!page)
        return false;
    if (to_guest) {
        memcpy(page + address % PAGE, bytes, size);
        /* Else a live migration would leave it behind. */
        xendevicemodel_modified_memory(s->dm->xdm, (domid_t)s->dm->domid, frame,
                                       1);
    } else {
        memcpy(bytes, page + address % PAGE, size);
    }
    xenforeignmemory_unmap(s->memory, page, 1);
    return true;
}

bool server_copy(struct server *s, uint64_t address, void *bytes, size_t size,
                 bool to_guest)
{
    size_t here = PAGE - address % PAGE;

    if (here > size)
        here = size;
    return copy_page(s, address, bytes, here, to_guest) &&
           (here == size || copy_page(s, address + here, (char *)bytes + here,
                                      size - here, to_guest));
}

/* ---------------------------------------------------------- close ---- */

static bool is_open(const volatile ioreq_t *slot)
{
    return slot->state == STATE_IOREQ_READY ||
           slot->state == STATE_IOREQ_INPROCESS;
}

/* Disabled first, or a vCPU that was answered comes straight back. */
void server_close(struct server *s)
{
    domid_t domid = (domid_t)s->dm->domid;
    size_t i;

    if (s->created)
        xendevicemodel_set_ioreq_server_state(s->dm->xdm, domid, s->id, 0);
    for (i = 0; s->slots && i < s->nvcpus; i++)
        if (is_open(&s->slots[i]))
            server_answer(s, i, ~0ull);
    if (s->pages)
        xenforeignmemory_unmap_resource(s->memory, s->pages);
    if (s->created)
        xendevicemodel_destroy_ioreq_server(s->dm->xdm, domid, s->id);
    if (s->events)
        xenevtchn_close(s->events);
    if (s->memory)
        xenforeignmemory_close(s->memory);
    free(s->ports);
}

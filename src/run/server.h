/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ioreq server of xldm-dm's own.  (server.c, for broker.c) */
#ifndef XLDM_RUN_SERVER_H
#define XLDM_RUN_SERVER_H

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/hvm/ioreq.h>
#include "run/dm.h"

struct server {
    struct dm *dm;
    bool created;
    ioservid_t id;
    xenforeignmemory_handle *memory;
    xenforeignmemory_resource_handle *pages;
    xenevtchn_handle *events;
    volatile buffered_iopage_t *buffered;
    volatile ioreq_t *slots; /* one a vCPU */
    evtchn_port_t *ports;    /* likewise */
    size_t nvcpus;
};

/* Owns ranges from then on.  Reports; after a failure close it too. */
bool server_open(struct server *s, struct dm *dm,
                 const struct xldm__ranges *ranges);
/* Takes ports, or gives them up. */
bool server_ports(struct server *s, uint64_t first, uint64_t n, bool take);
/* What vCPUs wait for reads all-ones. */
void server_close(struct server *s);

/* Readable: server_heard(), then look at every vCPU. */
int server_fd(const struct server *s);
void server_heard(struct server *s);

/* false: this vCPU has no new request. */
bool server_take(struct server *s, size_t vcpu, ioreq_t *request);
void server_answer(struct server *s, size_t vcpu, uint64_t data);

/* Between bytes and the guest's memory, perhaps across two pages. */
bool server_copy(struct server *s, uint64_t address, void *bytes, size_t size,
                 bool to_guest);

#endif

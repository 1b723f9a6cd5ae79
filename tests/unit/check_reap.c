/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/reap.c: what vCPUs wait for of a dead QEMU; the test is Xen. */
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xen/hvm/ioreq.h>

#include "run/broker.h"
#include "unit.h"

#define PAGE 4096
#define SERVER 3

static struct dm dm;
static char page[2 * PAGE] __attribute__((aligned(PAGE)));
static ioreq_t *const vcpus = (ioreq_t *)(page + PAGE);
static bool paused, there, enabled;
static int notified, opened;
static char said[512];

int xendevicemodel_set_ioreq_server_state(xendevicemodel_handle *h, domid_t d,
                                          ioservid_t id, int on)
{
    (void)h, (void)d;
    ck_assert_uint_eq(id, SERVER);
    enabled = on;
    return there ? 0 : -1;
}

int xendevicemodel_destroy_ioreq_server(xendevicemodel_handle *h, domid_t d,
                                        ioservid_t id)
{
    (void)h, (void)d;
    ck_assert_uint_eq(id, SERVER);
    ck_assert(there && !enabled);
    there = false;
    return 0;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int n,
                          xc_domaininfo_t *info)
{
    (void)xch, (void)first;
    *info = (xc_domaininfo_t){ .max_vcpu_id = 1 };
    info->flags = paused ? XEN_DOMINF_paused : 0;
    return (int)n;
}

xenforeignmemory_handle *xenforeignmemory_open(xentoollog_logger *logger,
                                               unsigned flags)
{
    (void)logger, (void)flags;
    opened++;
    return (xenforeignmemory_handle *)page;
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
    (void)h;
    opened--;
    return 0;
}

xenforeignmemory_resource_handle *xenforeignmemory_map_resource(
    xenforeignmemory_handle *h, domid_t d, unsigned int type, unsigned int id,
    unsigned long frame, unsigned long n, void **address, int prot, int flags)
{
    (void)h, (void)d, (void)type, (void)frame, (void)prot, (void)flags;
    ck_assert_uint_eq(id, SERVER);
    ck_assert_uint_eq(n, 2);
    *address = page;
    opened++;
    return (xenforeignmemory_resource_handle *)page;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *h,
                                    xenforeignmemory_resource_handle *r)
{
    (void)h, (void)r;
    opened--;
    return 0;
}

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
    (void)logger, (void)flags;
    opened++;
    return (xenevtchn_handle *)page;
}

int xenevtchn_close(xenevtchn_handle *h)
{
    (void)h;
    opened--;
    return 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h,
                                                     uint32_t domid,
                                                     evtchn_port_t port)
{
    (void)h, (void)domid;
    return (xenevtchn_port_or_error_t)port;
}

/* vCPUs fetch their answers, if they run. */
static void fetch(void)
{
    int i;

    for (i = 0; !paused && i < 2; i++)
        if (vcpus[i].state == STATE_IORESP_READY)
            vcpus[i].state = STATE_IOREQ_NONE;
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
    (void)h;
    notified |= 1 << port;
    fetch();
    return 0;
}

void broker_look(struct dm *d)
{
    (void)d;
}

static void hear(void *arg, const struct xldm_diag *diag)
{
    (void)arg;
    snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s\n",
             diag->text);
}

static void setup(void)
{
    memset(page, 0, sizeof(page));
    *said = '\0';
    notified = 0;
    there = enabled = true;
    paused = false;
    dm = (struct dm){ .others = 0xf };
    dm.ctx = xldm_ctx_new(hear, NULL);
    vcpus[0] = (ioreq_t){ .vp_eport = 5, .state = STATE_IOREQ_NONE };
    vcpus[1] = (ioreq_t){ .vp_eport = 6, .state = STATE_IOREQ_INPROCESS };
}

static void teardown(void)
{
    ck_assert_int_eq(opened, 0);
    xldm_ctx_free(dm.ctx);
}

START_TEST(runs)
{
    ck_assert(dm_reap(&dm, SERVER));
    ck_assert(!there);
    ck_assert_int_eq(notified, 1 << 6);
    ck_assert_uint_eq(vcpus[1].data, ~0ull);
    ck_assert_uint_eq(dm.others, 7); /* a new QEMU may have the id */
    ck_assert_uint_eq(dm.left, 0);
    ck_assert_str_eq(said, "");
}
END_TEST

/* Its server goes once the domain runs again, or its id would be lost. */
START_TEST(stands)
{
    static const char stays[] = "ioreq server 3 stays for now: 1 vCPUs fetch "
                                "their answer when the domain is unpaused\n";

    paused = true;
    ck_assert(dm_reap(&dm, SERVER));
    ck_assert(there && !enabled);
    ck_assert_str_eq(said, stays);
    dm_reap_left(&dm);
    ck_assert(there);
    ck_assert_str_eq(said, stays); /* once */
    ck_assert_uint_eq(dm.others, 0xf);
    paused = false;
    fetch();
    dm_reap_left(&dm);
    ck_assert(!there);
    ck_assert_uint_eq(dm.left, 0);
    ck_assert_uint_eq(dm.others, 7);
    dm_reap_left(&dm); /* nothing more */
    ck_assert_str_eq(said, stays);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("reap");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, runs);
    tcase_add_test(tcase, stands);
    return unit_run(tcase, "reap");
}

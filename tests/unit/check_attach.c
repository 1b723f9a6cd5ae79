/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What attach and detach do without a Xen: DEVICE.xml, names, refusals, and
 * the map in libxl's record. */
#include <stdlib.h>
#include <string.h>
#include <libxl_utils.h>
#include <xenstore.h>

#include "config/xml.h"
#include "dm/plan.h"
#include "toolstack/device.h"
#include "unit.h"

static struct xldm_ctx *ctx;
static char said[1024];

static void report(void *arg, const struct xldm_diag *diag)
{
    size_t n = strlen(said);

    (void)arg;
    if (diag->severity == XLDM_ERROR)
        snprintf(said + n, sizeof(said) - n, "%d: %s\n", diag->loc.line,
                 diag->text);
}

static void setup(void)
{
    ctx = xldm_ctx_new(report, NULL);
    *said = '\0';
}

static void teardown(void)
{
    xldm_ctx_free(ctx);
}

/* --------------------------------------------------------- record ---- */

#define RECORD(map)                                                            \
    "{\n    \"b_info\": {\n        \"max_memkb\": 18446744073709551615,\n"     \
    "        \"extra_hvm\": [\n            \"-foo\",\n            "            \
    "\"-xldm-groups\",\n            \"" map "\"\n        ]\n    }\n}\n"

static const struct {
    const char *map, *id, *group, *emulator, *after;
} places[] = {
    { RECORD("net=nic0"), "hdb", "net", NULL, RECORD("net=hdb,nic0") },
    { RECORD("net=nic0"), "hdb", "new", NULL, RECORD("net=nic0;new=hdb") },
    { RECORD("net=nic0;x=hdb"), "hdb", "net", NULL, RECORD("net=hdb,nic0") },
    { RECORD("net=nic0,hdb@5,!onCrash=pause"), "hdb", "primary", NULL,
      RECORD("net=nic0,!onCrash=pause") },
    { RECORD("net=hdb"), "hdb", "net", NULL, RECORD("net=hdb") },
    { RECORD("a=hdb;b=hda;c=hdc"), "hda", "c", NULL,
      RECORD("a=hdb;c=hda,hdc") },
    { RECORD("a=nic10"), "nic1", "b", NULL, RECORD("a=nic10;b=nic1") },
    { RECORD("a=x%3by"), "x;y", "b", NULL, RECORD("b=x%3by") },
    { RECORD("a=hda"), "hdb", "b", "/q,1",
      RECORD("a=hda;b=hdb,"
             "!emulator=/q%2c1") },
    { RECORD("=hda@4;a=hdb"), "hdb", "b", NULL, RECORD("=hda@4;b=hdb") },
    { "{\"extra_hvm\":[\"-xldm-groups\",\"a\\/b=hda\"]}", "hdb", "c", NULL,
      "{\"extra_hvm\":[\"-xldm-groups\",\"a/b=hda;c=hdb\"]}" },
    { "{}", "hdb", "c", NULL, NULL },
    { "{\"extra_hvm\":[\"-xldm-groups\"]}", "hdb", "c", NULL, NULL },
    { "{\"extra_hvm\":[\"-xldm-groups\",\"a", "hdb", "c", NULL, NULL },
    { "", "hdb", "c", NULL, NULL },
};

START_TEST(record)
{
    xldm_dm_affinity a = { .group = (char *)places[_i].group,
                           .emulator = (char *)places[_i].emulator };
    char *after = xldm__record_place(places[_i].map, places[_i].id, &a);

    if (places[_i].after) {
        ck_assert_ptr_nonnull(after);
        ck_assert_str_eq(after, places[_i].after);
    } else {
        ck_assert_ptr_null(after);
    }
    free(after);
}
END_TEST

/* What is written can be read. */
START_TEST(record_is_a_map)
{
    xldm_dm_affinity a = { .group = (char *)"new",
                           .on_crash = XLDM_ON_CRASH_RESTART,
                           .restrict_ = XLDM_RESTRICT_NO };
    char *after = xldm__record_place(RECORD("net=nic0"), "0000:03:00.0", &a);
    struct xldm__arena arena = { 0 };
    struct xldm__wish *wishes;
    char *map, *end;
    size_t n;

    ck_assert_ptr_nonnull(after);
    map = strstr(after, "net=");
    end = strchr(map, '"');
    *end = '\0';
    ck_assert(xldm__map_read(ctx, &arena, map, "map", XLDM__NONE, &wishes, &n));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(wishes[1].id, "0000:03:00.0");
    ck_assert_str_eq(wishes[1].affinity->group, "new");
    ck_assert_int_eq(wishes[1].affinity->on_crash, XLDM_ON_CRASH_RESTART);
    ck_assert_int_eq(wishes[1].affinity->restrict_, XLDM_RESTRICT_NO);
    xldm__arena_dispose(&arena);
    free(after);
}
END_TEST

/* ----------------------------------------------------- DEVICE.xml ---- */

#define DISK                                                                   \
    "<disk type='file' device='disk'><source file='/x'/>"                      \
    "<target dev='xvde'/><devicemodel group='d'/></disk>"
#define CARD                                                                   \
    "<?xml version='1.0'?>\n<!-- a card -->\n<hostdev mode='subsystem' "       \
    "type='pci'>\n<source><address bus='3' slot='0' function='1'/></source>"   \
    "\n<devicemodel group='own'/></hostdev>\n"

static const struct {
    const char *xml, *word, *id, *group;
} devices[] = {
    { DISK, "disk", "xvde", "d" },
    { CARD, "pci", "0000:03:00.1", "own" },
    { "<interface type='bridge'><source bridge='b'/>"
      "<model type='netfront'/></interface>",
      "nic", "nic0", NULL },
    { "<graphics type='vnc'/>", "vfb", "vnc", NULL },
    { "<interface type='hostdev'><source><address bus='3' slot='0' "
      "function='1'/></source></interface>",
      "pci", "0000:03:00.1", NULL },
};

START_TEST(device_xml)
{
    const char *xml = devices[_i].xml;
    struct xldm_domain *dom = xldm__device_read(ctx, xml, strlen(xml), "d.xml");
    const struct xldm__api *api;
    xldm_dm_affinity *a;
    char id[64];
    void *dev = NULL;

    ck_assert_msg(dom, "%s", said);
    api = xldm__device_of(ctx, dom, &dev);
    ck_assert_msg(api, "%s", said);
    ck_assert_str_eq(api->word, devices[_i].word);
    api->name(dev, id, sizeof(id));
    ck_assert_str_eq(id, devices[_i].id);
    a = xldm__api_affinity(api, dev);
    ck_assert(!a->group == !devices[_i].group);
    if (a->group)
        ck_assert_str_eq(a->group, devices[_i].group);
    xldm__api_dispose(api, dev);
    free(dev);
    xldm_domain_free(dom);
    ck_assert_str_eq(said, "");
}
END_TEST

static const struct {
    const char *xml, *error;
} bad_devices[] = {
    { "<sound model='ac97'/>",
      "1: <sound> cannot be plugged into a guest that runs; accepted: <disk>, "
      "<interface>, <hostdev type='pci'>; USB by xl usbctrl-attach, "
      "usbdev-attach\n" },
    { "<graphics type='spice'/>", "1: <graphics> cannot be plugged into" },
    { "<disk>", "1: " },
    { "", "" },
    { "\n\n<interface type='bridge'/>", "3: <interface>" },
    { "<devicemodel isolate='none'/>",
      "1: this cannot be plugged into a guest that runs; accepted: <disk>, "
      "<interface>, <hostdev type='pci'>; USB by xl usbctrl-attach, "
      "usbdev-attach\n" },
};

START_TEST(bad_device_xml)
{
    const char *xml = bad_devices[_i].xml;
    struct xldm_domain *dom = xldm__device_read(ctx, xml, strlen(xml), "d.xml");
    void *dev = NULL;

    if (dom)
        ck_assert_ptr_null(xldm__device_of(ctx, dom, &dev));
    ck_assert_str_ne(said, "");
    ck_assert_msg(strstr(said, bad_devices[_i].error) == said, "%s", said);
    xldm_domain_free(dom);
}
END_TEST

START_TEST(device_by_name)
{
    struct xldm_domain *dom = xldm__device_read(ctx, DISK, strlen(DISK), "d");
    const struct xldm__api *api;
    void *dev = NULL;

    api = xldm__device_named(ctx, dom, "xvde", &dev);
    ck_assert_ptr_eq(api, &xldm__disk_api);
    xldm__api_dispose(api, dev);
    free(dev);
    ck_assert_ptr_null(xldm__device_named(ctx, dom, "nic0", &dev));
    ck_assert_str_eq(said, "0: there is no device 'nic0'; there are: xvde\n");
    xldm_domain_free(dom);
}
END_TEST

START_TEST(not_unpluggable)
{
    const char *xml = "<sound model='ac97'/>";
    struct xldm_domain *dom = xldm__device_read(ctx, xml, strlen(xml), "d");
    void *dev = NULL;

    ck_assert_ptr_null(xldm__device_named(ctx, dom, "ac97", &dev));
    ck_assert_str_eq(said, "0: sound 'ac97' cannot be unplugged from a guest "
                           "that runs\n");
    xldm_domain_free(dom);
}
END_TEST

/* ------------------------------------------------------- refusals ---- */

static void refused(bool ok, const char *error)
{
    ck_assert(!ok);
    ck_assert_msg(strstr(said, error), "%s", said);
    *said = '\0';
}

/* None of these comes as far as libxl. */
START_TEST(refusals)
{
    libxl_asyncop_how how = { .callback = NULL };
    xldm_device_nic nic;
    xldm_device_vfb vfb;
    xldm_device_disk disk;
    xldm_device_pci pci;

    xldm_device_vfb_init(&vfb);
    refused(xldm_device_vfb_add(ctx, 1, &vfb, NULL), "a display cannot come");
    refused(xldm_device_vfb_remove(ctx, 1, &vfb, NULL),
            "a display cannot come");
    refused(xldm_device_vfb_add(ctx, 1, NULL, NULL), "no vfb was given");
    refused(xldm_device_vfb_remove(ctx, 1, NULL, NULL), "no vfb was given");
    xldm_device_vfb_dispose(&vfb);
    xldm_device_nic_init(&nic);
    nic.libxl.model = strdup("e1000");
    refused(xldm_device_nic_add(ctx, 1, &nic, NULL), "nic: an emulated card");
    free(nic.libxl.model);
    nic.libxl.model = NULL;
    nic.dm_affinity.group = strdup("net");
    refused(xldm_device_nic_add(ctx, 1, &nic, NULL), "nic: an emulated card");
    nic.dm_affinity.group[0] = ' ';
    refused(xldm_device_nic_add(ctx, 1, &nic, NULL), "not a group's name");
    xldm_device_nic_dispose(&nic);
    xldm_device_disk_init(&disk);
    disk.libxl.is_cdrom = 1;
    disk.libxl.vdev = strdup("hdc");
    refused(xldm_device_disk_add(ctx, 1, &disk, NULL),
            "disk 'hdc': a CD-ROM drive");
    xldm_device_disk_dispose(&disk);
    xldm_device_pci_init(&pci);
    refused(xldm_device_pci_add(ctx, 1, &pci, &how), "ao_how needs");
    refused(xldm_device_pci_remove(ctx, 1, &pci, &how), "ao_how needs");
    xldm_device_pci_dispose(&pci);
}
END_TEST

/* ----------------------------------------------- a libxl of ours ---- */

static struct {
    int adds, removes; /* calls */
    int nic;           /* the one that the domain has */
    int stores;
    char *record;
} xl;

int libxl_domain_info(libxl_ctx *libxl, libxl_dominfo *info, uint32_t domid)
{
    (void)libxl;
    if (domid != 1)
        return ERROR_DOMAIN_NOTFOUND;
    info->dying = false;
    return 0;
}

int libxl_devid_to_device_nic(libxl_ctx *libxl, uint32_t domid, int devid,
                              libxl_device_nic *nic)
{
    (void)libxl, (void)domid;
    libxl_device_nic_init(nic);
    nic->devid = devid;
    nic->ifname = strdup("vif1.0");
    return devid == xl.nic ? 0 : ERROR_NOTFOUND;
}

int libxl_device_nic_remove(libxl_ctx *libxl, uint32_t domid,
                            libxl_device_nic *nic,
                            const libxl_asyncop_how *ao_how)
{
    (void)libxl, (void)domid, (void)nic, (void)ao_how;
    xl.removes++;
    return 0;
}

int libxl_device_disk_add(libxl_ctx *libxl, uint32_t domid,
                          libxl_device_disk *disk,
                          const libxl_asyncop_how *ao_how)
{
    (void)libxl, (void)domid, (void)disk, (void)ao_how;
    xl.adds++;
    return 0;
}

int libxl_device_pci_add(libxl_ctx *libxl, uint32_t domid,
                         libxl_device_pci *pci, const libxl_asyncop_how *ao_how)
{
    (void)libxl, (void)domid, (void)pci, (void)ao_how;
    xl.adds++;
    return 0;
}

/* Domain 1 is split. */
struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return (struct xs_handle *)(void *)&xl;
}

void xs_close(struct xs_handle *xs)
{
    (void)xs;
}

void *xs_read(struct xs_handle *xs, xs_transaction_t t, const char *path,
              unsigned *n)
{
    (void)xs, (void)t, (void)n;
    ck_assert_str_eq(path, "/libxl/1/xldm/pid");
    return strdup("77");
}

int libxl_userdata_retrieve(libxl_ctx *libxl, uint32_t domid, const char *id,
                            uint8_t **data, int *n)
{
    (void)libxl, (void)domid;
    ck_assert_str_eq(id, "libxl-json");
    *data = (uint8_t *)(xl.record ? strdup(xl.record) : NULL);
    *n = xl.record ? (int)strlen(xl.record) + 1 : 0;
    return 0;
}

int libxl_retrieve_domain_configuration(libxl_ctx *libxl, uint32_t domid,
                                        libxl_domain_config *cfg,
                                        const libxl_asyncop_how *ao_how)
{
    (void)domid, (void)ao_how;
    return libxl_domain_config_from_json(libxl, cfg, xl.record);
}

int libxl_userdata_store(libxl_ctx *libxl, uint32_t domid, const char *id,
                         const uint8_t *data, int n)
{
    (void)libxl, (void)domid, (void)id, (void)data, (void)n;
    xl.stores++;
    return 0;
}

static void lend(void)
{
    static max_align_t something[256]; /* more than libxl's own */

    memset(&xl, 0, sizeof(xl));
    xldm_ctx_use_libxl(ctx, (libxl_ctx *)(void *)something);
}

/* libxl says of a card that is not there that it has been removed. */
START_TEST(no_such_nic)
{
    xldm_device_nic nic;

    lend();
    xl.nic = 2;
    xldm_device_nic_init(&nic);
    refused(xldm_device_nic_remove(ctx, 1, &nic, NULL),
            "nic 'nic-1' cannot be removed from domain 1");
    nic.libxl.devid = 3;
    refused(xldm_device_nic_remove(ctx, 1, &nic, NULL),
            "nic 'nic3' cannot be removed from domain 1");
    ck_assert_int_eq(xl.removes, 0);
    nic.libxl.devid = 2;
    ck_assert(xldm_device_nic_remove(ctx, 1, &nic, NULL));
    ck_assert_int_eq(xl.removes, 1);
    refused(xldm_device_nic_remove(ctx, 9, &nic, NULL), "there is no domain 9");
    xldm_device_nic_dispose(&nic);
}
END_TEST

/* libxl would read what is at NULL. */
START_TEST(disk_without_vdev)
{
    xldm_device_disk disk;

    lend();
    xldm_device_disk_init(&disk);
    refused(xldm_device_disk_add(ctx, 1, &disk, NULL), "disk '': has no vdev");
    refused(xldm_device_disk_remove(ctx, 1, &disk, NULL),
            "disk '' cannot be removed");
    ck_assert_int_eq(xl.adds, 0);
    disk.libxl.vdev = strdup("xvde");
    ck_assert(xldm_device_disk_add(ctx, 1, &disk, NULL));
    ck_assert_int_eq(xl.adds, 1);
    xldm_device_disk_dispose(&disk);
}
END_TEST

/* Else it would come to a QEMU of another path, or not to its own. */
START_TEST(emulator_is_not_forgotten)
{
    xldm_device_pci pci;

    lend();
    xldm_device_pci_init(&pci);
    pci.dm_affinity.emulator = strdup("/q\xff");
    refused(xldm_device_pci_add(ctx, 1, &pci, NULL),
            "emulator, on_crash and restrict are a group's");
    pci.dm_affinity.group = strdup("g");
    refused(xldm_device_pci_add(ctx, 1, &pci, NULL),
            "emulator '/q\xff' is not UTF-8");
    xldm_device_pci_dispose(&pci);
    ck_assert_int_eq(xl.adds, 0);
}
END_TEST

/* The record of a split domain: IDE in group s1, nics in six others or less. */
static char *make_record(int nics)
{
    static const char head[] =
        "<domain type='xen'><name>d</name><memory unit='MiB'>64</memory>"
        "<os><type>hvm</type></os><devices><disk type='file' device='disk'>"
        "<source file='/x'/><target dev='hda'/><devicemodel group='s1'/>"
        "</disk>";
    char xml[4096], *json;
    size_t n = (size_t)snprintf(xml, sizeof(xml), "%s", head);
    struct xldm__arena arena = { 0 };
    struct xldm__tree tree = { 0 };
    struct xldm_domain *dom;
    struct xldm_plan *plan;
    char **extra = calloc(3, sizeof(*extra));

    for (int i = 0; i < nics; i++)
        n += (size_t)snprintf(
            xml + n, sizeof(xml) - n,
            "<interface type='bridge'><source bridge='b'/><model "
            "type='e1000'/><devicemodel group='g%d'/></interface>",
            i);
    snprintf(xml + n, sizeof(xml) - n, "</devices></domain>");
    ck_assert(xldm__tree_parse(ctx, xml, strlen(xml), "d", &tree));
    dom = xldm__domain_read_tree(ctx, tree.root, "d");
    xldm__tree_dispose(&tree);
    ck_assert_msg(dom, "%s", said);
    plan = xldm_plan_new(ctx, dom, 1);
    ck_assert_msg(plan && extra, "%s", said);
    extra[0] = strdup(XLDM__MAP_OPTION);
    extra[1] = strdup(xldm__map_write(&arena, plan));
    xldm_domain_config(dom)->b_info.extra_hvm = extra;
    json = libxl_domain_config_to_json(NULL, xldm_domain_config(dom));
    xldm__arena_dispose(&arena);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    return json;
}

static const struct {
    int nics;
    const char *vdev, *group, *error;
} waiting[] = {
    { 1, "hdb", "s1", NULL },
    { 1, "hdb", "s2", "devices of one controller share a group" },
    { 5, "sda", "s2", "one too many" },
    { 1, "xvde", "s2", NULL },
};

/* Else the domain would not come back from its next reboot. */
START_TEST(next_start)
{
    xldm_device_disk disk;
    bool ok;

    lend();
    xl.record = make_record(waiting[_i].nics);
    xldm_device_disk_init(&disk);
    disk.libxl.vdev = strdup(waiting[_i].vdev);
    disk.libxl.pdev_path = strdup("/y");
    disk.libxl.format = LIBXL_DISK_FORMAT_RAW;
    disk.libxl.readwrite = 1;
    disk.dm_affinity.group = strdup(waiting[_i].group);
    ok = xldm_device_disk_add(ctx, 1, &disk, NULL);
    if (waiting[_i].error)
        refused(ok, waiting[_i].error);
    else
        ck_assert_msg(ok, "%s", said);
    ck_assert_int_eq(xl.adds, ok);
    ck_assert_msg(xl.stores == ok, "%s", said);
    xldm_device_disk_dispose(&disk);
    free(xl.record);
}
END_TEST

/* To libxl the first is domain 0, the second domain 1. */
START_TEST(no_domain)
{
    static const char *const names[] = { "", "4294967297",
                                         "99999999999999999999" };
    struct xldm__libxl t = { .ctx = ctx };
    uint32_t domid;

    for (size_t i = 0; i < COUNT(names); i++)
        refused(xldm__domain_find(&t, names[i], &domid), "there is no domain");
    ck_assert(xldm__domain_find(&t, "1", &domid));
    ck_assert_int_eq(domid, 1);
    ck_assert(xldm__domain_find(&t, "0000000000001", &domid));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("attach");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, record, 0, COUNT(places));
    tcase_add_test(tcase, record_is_a_map);
    tcase_add_loop_test(tcase, device_xml, 0, COUNT(devices));
    tcase_add_loop_test(tcase, bad_device_xml, 0, COUNT(bad_devices));
    tcase_add_test(tcase, device_by_name);
    tcase_add_test(tcase, not_unpluggable);
    tcase_add_test(tcase, refusals);
    tcase_add_test(tcase, no_such_nic);
    tcase_add_test(tcase, disk_without_vdev);
    tcase_add_test(tcase, emulator_is_not_forgotten);
    tcase_add_test(tcase, no_domain);
    tcase_add_loop_test(tcase, next_start, 0, COUNT(waiting));
    return unit_run(tcase, "attach");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The C API: device structs, descriptions that programs make, plans. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/domain.h"
#include "devices/api.h"
#include "dm/plan.h"
#include "unit.h"

static struct xldm_ctx *ctx;
static char said[4096];

static void report(void *arg, const struct xldm_diag *diag)
{
    size_t n = strlen(said);

    (void)arg;
    if (diag->severity == XLDM_ERROR)
        snprintf(said + n, sizeof(said) - n, "%s: %s\n",
                 diag->loc.file ? diag->loc.file : "-", diag->text);
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

/* -------------------------------------------------------- structs ---- */

static char *json_of(const struct xldm__api *api, void *dev)
{
    if (api == &xldm__disk_api)
        return libxl_device_disk_to_json(NULL, dev);
    if (api == &xldm__nic_api)
        return libxl_device_nic_to_json(NULL, dev);
    if (api == &xldm__vfb_api)
        return libxl_device_vfb_to_json(NULL, dev);
    return libxl_device_pci_to_json(NULL, dev);
}

static bool in_table(const struct xldm__api *api, size_t at)
{
    for (size_t i = 0; i < api->nstrings; i++)
        if (api->strings[i] == at)
            return true;
    return false;
}

/* Where libxl's JSON shows our word there is a string: one that the table
 * lacks would be freed twice. */
START_TEST(every_string_is_in_the_table)
{
    const struct xldm__api *api = xldm__apis[_i];
    static char word[] = "probe-of-a-string";
    union {
        xldm_device_nic nic;
        char bytes[sizeof(xldm_device_nic)];
    } dev;
    size_t found = 0;

    ck_assert_uint_le(api->whole, sizeof(dev));
    for (size_t at = 0; at + sizeof(char *) <= api->size;
         at += sizeof(char *)) {
        char *pointer = word, *text;

        api->init(&dev);
        memcpy(dev.bytes + at, &pointer, sizeof(pointer));
        text = json_of(api, &dev);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(in_table(api, at) == (strstr(text, word) != NULL),
                      "%s, at %zu", api->word, at);
        found += strstr(text, word) != NULL;
        free(text);
    }
    ck_assert_uint_eq(found, api->nstrings);
}
END_TEST

START_TEST(copies_are_their_own)
{
    const struct xldm__api *api = xldm__apis[_i];
    xldm_dm_affinity *a;
    union {
        xldm_device_nic nic;
        char bytes[sizeof(xldm_device_nic)];
    } from, to;
    char text[32], **where;

    xldm__api_init(api, &from);
    a = xldm__api_affinity(api, &from);
    ck_assert(!a->group && !a->emulator && !a->on_crash && !a->restrict_);
    for (size_t i = 0; i < api->nstrings; i++) {
        snprintf(text, sizeof(text), "text %zu", i);
        where = (char **)(void *)(from.bytes + api->strings[i]);
        *where = strdup(text);
    }
    a->group = strdup("net");
    a->emulator = strdup("/q");
    a->on_crash = XLDM_ON_CRASH_PAUSE;
    a->restrict_ = XLDM_RESTRICT_NO;
    ck_assert(xldm__api_copy(ctx, api, &to, &from));
    xldm__api_dispose(api, &from);
    for (size_t i = 0; i < api->nstrings; i++) {
        snprintf(text, sizeof(text), "text %zu", i);
        where = (char **)(void *)(to.bytes + api->strings[i]);
        ck_assert_str_eq(*where, text);
    }
    a = xldm__api_affinity(api, &to);
    ck_assert_str_eq(a->group, "net");
    ck_assert_str_eq(a->emulator, "/q");
    ck_assert_int_eq(a->on_crash, XLDM_ON_CRASH_PAUSE);
    ck_assert_int_eq(a->restrict_, XLDM_RESTRICT_NO);
    xldm__api_dispose(api, &to);
    xldm__api_list_free(api, NULL, 3);
}
END_TEST

/* --------------------------------------------------- descriptions ---- */

static void add_disk(struct xldm_domain *dom, const char *vdev,
                     const char *group, bool ok)
{
    xldm_device_disk disk;

    xldm_device_disk_init(&disk);
    disk.libxl.pdev_path = strdup("/srv/web.img");
    disk.libxl.vdev = vdev ? strdup(vdev) : NULL;
    disk.libxl.format = LIBXL_DISK_FORMAT_RAW;
    disk.libxl.readwrite = 1;
    disk.dm_affinity.group = group ? strdup(group) : NULL;
    ck_assert_msg(xldm_domain_disk_add(ctx, dom, &disk) == ok, "%s", said);
    xldm_device_disk_dispose(&disk);
}

static void add_nic(struct xldm_domain *dom, const char *group, int devid)
{
    static const libxl_mac mac = { 0, 0x16, 0x3e, 0, 0, 1 };
    xldm_device_nic nic;

    xldm_device_nic_init(&nic);
    nic.libxl.model = strdup("e1000");
    memcpy(nic.libxl.mac, mac, sizeof(mac));
    nic.dm_affinity.group = strdup(group);
    nic.dm_affinity.on_crash = XLDM_ON_CRASH_RESTART;
    ck_assert_msg(xldm_domain_nic_add(ctx, dom, &nic), "%s", said);
    ck_assert_int_eq(nic.libxl.devid, devid);
    xldm_device_nic_dispose(&nic);
}

static void add_vfb(struct xldm_domain *dom, const char *group)
{
    xldm_device_vfb vfb;

    xldm_device_vfb_init(&vfb);
    libxl_defbool_set(&vfb.libxl.vnc.enable, true);
    vfb.libxl.vnc.listen = strdup("127.0.0.1");
    vfb.libxl.vnc.display = 7;
    libxl_defbool_set(&vfb.libxl.vnc.findunused, false);
    vfb.dm_affinity.group = strdup(group);
    ck_assert_msg(xldm_domain_vfb_add(ctx, dom, &vfb), "%s", said);
    xldm_device_vfb_dispose(&vfb);
}

static void add_pci(struct xldm_domain *dom, const char *group)
{
    xldm_device_pci pci;

    xldm_device_pci_init(&pci);
    pci.libxl.bus = 3;
    pci.dm_affinity.group = strdup(group);
    ck_assert_msg(xldm_domain_pci_add(ctx, dom, &pci), "%s", said);
    xldm_device_pci_dispose(&pci);
}

static struct xldm_domain *make(void)
{
    struct xldm_domain *dom = xldm_domain_new(ctx, "web");

    ck_assert_ptr_nonnull(dom);
    xldm_domain_config(dom)->b_info.max_memkb = 128 * 1024;
    xldm_domain_config(dom)->b_info.target_memkb = 128 * 1024;
    return dom;
}

static struct xldm_domain *make_all(void)
{
    struct xldm_domain *dom = make();

    add_disk(dom, "hda", "storage", true);
    add_nic(dom, "net", 0);
    add_vfb(dom, "ui");
    add_pci(dom, "card");
    return dom;
}

static char *print(const struct xldm_plan *plan, enum xldm_format format)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(plan);
    ck_assert(xldm_plan_print(plan, format, out));
    fclose(out);
    return text;
}

static const char same_cfg[] =
    "type = \"hvm\"\nname = \"web\"\nmemory = 128\n"
    "disk = [ \"/srv/web.img,raw,hda,rw\" ]\n"
    "vif = [ \"model=e1000,mac=00:16:3e:00:00:01\" ]\n"
    "vnc = 1\nvnclisten = \"127.0.0.1\"\nvncdisplay = 7\nvncunused = 0\n"
    "pci = [ \"03:00.0\" ]\n"
    "dm_groups = [ \"storage=hda\", \"net=nic0,!onCrash=restart\",\n"
    "    \"ui=vnc\", \"card=0000:03:00.0\" ]\n";

/* By calls or by a file: one plan. */
START_TEST(a_program_says_what_a_file_says)
{
    struct xldm_domain *made = make_all(), *read;
    struct xldm_plan *a, *b;
    char *x, *y, path[] = "/tmp/check_apiXXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_eq(write(fd, same_cfg, strlen(same_cfg)),
                     (ssize_t)strlen(same_cfg));
    close(fd);
    read = xldm_domain_read_cfg(ctx, path);
    unlink(path);
    ck_assert_msg(read, "%s", said);
    x = libxl_domain_config_to_json(NULL, xldm_domain_config(made));
    y = libxl_domain_config_to_json(NULL, xldm_domain_config(read));
    ck_assert_str_eq(x, y);
    free(x);
    free(y);
    a = xldm_plan_new(ctx, made, 5);
    b = xldm_plan_new(ctx, read, 5);
    x = print(a, XLDM_FORMAT_ARGV);
    y = print(b, XLDM_FORMAT_ARGV);
    ck_assert_str_eq(x, y);
    free(x);
    free(y);
    xldm_plan_free(a);
    xldm_plan_free(b);
    xldm_domain_free(made);
    xldm_domain_free(read);
    ck_assert_str_eq(said, "");
}
END_TEST

static const struct xldm_planned *planned(const struct xldm_plan *plan,
                                          const char *id)
{
    size_t n = xldm_plan_devices(plan);

    for (size_t i = 0; i < n; i++)
        if (!strcmp(xldm_planned_id(xldm_plan_device(plan, i)), id))
            return xldm_plan_device(plan, i);
    return NULL;
}

START_TEST(a_plan_is_seen)
{
    static const char *const names[] = { "primary", "card", "net", "storage",
                                         "ui" };
    struct xldm_domain *dom = make_all();
    struct xldm_plan *plan = xldm_plan_new(ctx, dom, -1);
    const struct xldm_planned *nic, *disk;
    const struct xldm_group *g;
    const struct xldm_range *ranges;
    const char *const *argv;
    bool found = false;
    size_t n;

    ck_assert_msg(plan, "%s", said);
    ck_assert_uint_eq(xldm_plan_groups(plan), COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++) {
        g = xldm_plan_group(plan, i);
        ck_assert_str_eq(xldm_group_name(g), names[i]);
        ck_assert(xldm_group_is_primary(g) == !i);
        argv = xldm_group_argv(g);
        ck_assert_str_eq(argv[0], xldm_group_emulator(g));
    }
    ck_assert_ptr_null(xldm_plan_group(plan, COUNT(names)));
    ck_assert_ptr_null(xldm_plan_device(plan, xldm_plan_devices(plan)));
    nic = planned(plan, "nic0");
    disk = planned(plan, "hda");
    ck_assert_str_eq(xldm_planned_kind(nic), "nic");
    ck_assert_int_gt(xldm_planned_pci(nic), 0);
    ck_assert_str_eq(xldm_planned_loc(nic).file, "web");
    g = xldm_planned_group(nic);
    ck_assert_str_eq(xldm_group_name(g), "net");
    ck_assert(xldm_group_is_restricted(g));
    ck_assert_int_eq(xldm_group_on_crash(g), XLDM_ON_CRASH_RESTART);
    for (argv = xldm_group_argv(g); *argv; argv++)
        found |= strstr(*argv, "e1000,id=nic0") != NULL;
    ck_assert(found);
    ranges = xldm_group_ranges(xldm_planned_group(disk), &n);
    found = false;
    for (size_t i = 0; i < n; i++)
        found |= ranges[i].space == XLDM_PORT && ranges[i].first <= 0x1f0 &&
                 ranges[i].last >= 0x1f7;
    ck_assert(found);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
}
END_TEST

START_TEST(lists_have_the_affinity)
{
    struct xldm_domain *dom = make_all();
    xldm_device_disk *disks;
    xldm_device_nic *nics;
    xldm_device_vfb *vfbs;
    xldm_device_pci *pcis;
    int n;

    add_disk(dom, "sda", NULL, true);
    disks = xldm_domain_disk_list(ctx, dom, &n);
    ck_assert_int_eq(n, 2);
    ck_assert_str_eq(disks[0].dm_affinity.group, "storage");
    ck_assert_str_eq(disks[1].libxl.vdev, "sda");
    ck_assert_ptr_null(disks[1].dm_affinity.group);
    ck_assert(xldm_domain_disk_remove(ctx, dom, &disks[0]));
    ck_assert(!xldm_domain_disk_remove(ctx, dom, &disks[0]));
    ck_assert_str_eq(said, "web: disk 'hda': there is none\n");
    xldm_device_disk_list_free(disks, n);
    nics = xldm_domain_nic_list(ctx, dom, &n);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(nics[0].dm_affinity.on_crash, XLDM_ON_CRASH_RESTART);
    ck_assert(xldm_domain_nic_remove(ctx, dom, nics));
    xldm_device_nic_list_free(nics, n);
    ck_assert_ptr_null(xldm_domain_nic_list(ctx, dom, &n));
    ck_assert_int_eq(n, 0);
    vfbs = xldm_domain_vfb_list(ctx, dom, &n);
    ck_assert_int_eq(n, 1);
    ck_assert_str_eq(vfbs[0].dm_affinity.group, "ui");
    ck_assert_int_eq(vfbs[0].libxl.vnc.display, 7);
    ck_assert(xldm_domain_vfb_remove(ctx, dom, vfbs));
    xldm_device_vfb_list_free(vfbs, n);
    ck_assert_ptr_null(xldm_domain_vfb_list(ctx, dom, &n));
    ck_assert_int_eq(n, 0);
    pcis = xldm_domain_pci_list(ctx, dom, &n);
    ck_assert_int_eq(n, 1);
    ck_assert_str_eq(pcis[0].dm_affinity.group, "card");
    ck_assert(xldm_domain_pci_remove(ctx, dom, pcis));
    xldm_device_pci_list_free(pcis, n);
    add_vfb(dom, "ui");
    add_nic(dom, "net", 0);
    xldm_domain_free(dom);
}
END_TEST

/* By another of its names it is the same disk. */
START_TEST(names_are_the_guests)
{
    struct xldm_domain *dom = make();
    xldm_device_disk disk;
    int n;

    add_disk(dom, "xvda", "storage", true);
    add_disk(dom, "hda", NULL, false);
    ck_assert_str_eq(said, "web: disk 'hda': 'xvda' is there already\n");
    xldm_device_disk_init(&disk);
    disk.libxl.vdev = strdup("hda");
    ck_assert(xldm_domain_disk_remove(ctx, dom, &disk));
    xldm_device_disk_dispose(&disk);
    ck_assert_ptr_null(xldm_domain_disk_list(ctx, dom, &n));
    ck_assert_int_eq(n, 0);
    xldm_domain_free(dom);
}
END_TEST

static const struct {
    const char *vdev, *group, *error;
} bad_disks[] = {
    { NULL, NULL, "web: disk: has no vdev; accepted: xvdX, hda to hdd, sda to "
                  "sdh\n" },
    { "", NULL, "web: disk: the vdev is empty, which libxl refuses; accepted: "
                "xvdX, hda to hdd, sda to sdh\n" },
    { "hda", "a b", "web: disk 'hda': 'a b' is not a group's name; accepted: "
                    "1 to 64 of A-Z a-z 0-9 _ . -\n" },
    { "hda", "", "web: disk 'hda': '' is not a group's name; accepted: 1 to "
                 "64 of A-Z a-z 0-9 _ . -\n" },
    { "sdi", "x", "web: disk 'sdi' is one too many for the SCSI controller, "
                  "which takes 8; accepted: sda to sdh\n" },
};

/* What is refused leaves nothing. */
START_TEST(bad_disk)
{
    struct xldm_domain *dom = make();
    char *before, *after;

    before = libxl_domain_config_to_json(NULL, xldm_domain_config(dom));
    add_disk(dom, bad_disks[_i].vdev, bad_disks[_i].group, false);
    ck_assert_str_eq(said, bad_disks[_i].error);
    after = libxl_domain_config_to_json(NULL, xldm_domain_config(dom));
    ck_assert_str_eq(before, after);
    ck_assert_ptr_null(dom->devices);
    free(before);
    free(after);
    xldm_domain_free(dom);
}
END_TEST

static void expect(bool ok, const char *error)
{
    ck_assert(!ok);
    ck_assert_str_eq(said, error);
    *said = '\0';
}

START_TEST(bad_values)
{
    struct xldm_domain *dom = make();
    xldm_device_nic nic;
    xldm_device_vfb vfb;
    xldm_device_pci pci;

    xldm_device_nic_init(&nic);
    nic.dm_affinity.emulator = strdup("qemu");
    expect(xldm_domain_nic_add(ctx, dom, &nic),
           "web: nic 'nic0': emulator 'qemu' is not an absolute path\n");
    free(nic.dm_affinity.emulator);
    nic.dm_affinity.emulator = NULL;
    nic.dm_affinity.on_crash = 77;
    expect(xldm_domain_nic_add(ctx, dom, &nic),
           "web: nic 'nic0': on_crash 77 is none of enum xldm_on_crash\n");
    nic.dm_affinity.on_crash = XLDM_ON_CRASH_DETACH;
    nic.dm_affinity.group = strdup("primary");
    expect(xldm_domain_nic_add(ctx, dom, &nic),
           "web: nic 'nic0': on_crash is not accepted for the primary group: "
           "when the primary dies, the domain's on_crash says what follows\n");
    nic.dm_affinity.on_crash = 0;
    nic.dm_affinity.restrict_ = 9;
    expect(xldm_domain_nic_add(ctx, dom, &nic),
           "web: nic 'nic0': restrict_ 9 is none of enum xldm_restrict\n");
    nic.dm_affinity.restrict_ = 0;
    nic.libxl.mac[0] = 1;
    expect(xldm_domain_nic_add(ctx, dom, &nic),
           "web: nic 'nic0': 01:00:00:00:00:00 is a multicast address, not a "
           "card's\n");
    xldm_device_nic_dispose(&nic);
    xldm_device_pci_init(&pci);
    pci.libxl.vdevfn = 0x100;
    expect(xldm_domain_pci_add(ctx, dom, &pci),
           "web: pci '0000:00:00.0': vdevfn 0x100 is not a slot of the "
           "guest's; accepted: 8 to 0xff, or 0 for any\n");
    xldm_device_pci_dispose(&pci);
    xldm_device_vfb_init(&vfb);
    libxl_defbool_set(&vfb.libxl.vnc.enable, false);
    expect(xldm_domain_vfb_add(ctx, dom, &vfb),
           "web: vfb: neither vnc nor sdl is enabled\n");
    xldm_device_vfb_dispose(&vfb);
    add_vfb(dom, "ui");
    xldm_device_vfb_init(&vfb);
    expect(xldm_domain_vfb_add(ctx, dom, &vfb),
           "web: vfb: there is a display already; libxl has one a guest\n");
    xldm_device_vfb_dispose(&vfb);
    xldm_domain_free(dom);
}
END_TEST

/* As what is not given to a call that can fail. */
START_TEST(nothing_given)
{
    struct xldm_domain *dom = make();
    xldm_device_disk disk, copy;
    int n = 7;

    xldm_ctx_set_libxl(NULL, XLDM_LIBXL_4_17);
    xldm_ctx_use_libxl(NULL, NULL);
    ck_assert_ptr_null(xldm_domain_disk_list(ctx, NULL, &n));
    expect(n != -1, "-: no domain was given\n");
    n = 7;
    ck_assert_ptr_null(xldm_domain_disk_list(NULL, dom, &n));
    ck_assert_int_eq(n, -1);
    n = 7;
    ck_assert_ptr_null(xldm_device_disk_list(NULL, 1, &n));
    ck_assert_int_eq(n, -1);
    memset(&copy, 0x55, sizeof(copy));
    expect(xldm_device_disk_copy(ctx, &copy, NULL), "-: no disk was given\n");
    ck_assert_ptr_null(copy.libxl.vdev);
    ck_assert_ptr_null(copy.dm_affinity.group);
    xldm_device_disk_init(&disk);
    expect(xldm_device_disk_copy(ctx, NULL, &disk),
           "-: no place for the copy was given\n");
    memset(&copy, 0x55, sizeof(copy));
    ck_assert(!xldm_device_disk_copy(NULL, &copy, &disk));
    ck_assert_ptr_null(copy.libxl.vdev);
    xldm_device_disk_dispose(&disk);
    xldm_domain_free(dom);
}
END_TEST

/* There is no number behind it. */
START_TEST(last_devid)
{
    struct xldm_domain *dom = make();
    xldm_device_nic nic;
    bool ok;

    xldm_device_nic_init(&nic);
    nic.libxl.devid = INT_MAX;
    ok = xldm_domain_nic_add(ctx, dom, &nic);
    if (ok) {
        nic.libxl.devid = -1;
        ok = xldm_domain_nic_add(ctx, dom, &nic);
    }
    ck_assert_msg(!ok && *said, "devid %d", nic.libxl.devid);
    xldm_device_nic_dispose(&nic);
    xldm_domain_free(dom);
}
END_TEST

START_TEST(bad_domains)
{
    struct xldm_domain *dom;
    libxl_domain_config cfg;

    expect(xldm_domain_new(ctx, NULL), "-: a domain needs a name\n");
    expect(xldm_domain_new(ctx, ""), "-: a domain needs a name\n");
    libxl_domain_config_init(&cfg);
    expect(xldm_domain_from_config(ctx, &cfg),
           ": c_info.type and b_info.type: accepted: LIBXL_DOMAIN_TYPE_HVM, "
           "for other guests have no QEMU\n");
    libxl_domain_config_dispose(&cfg);
    dom = make();
    free(xldm_domain_config(dom)->c_info.name);
    xldm_domain_config(dom)->c_info.name = NULL;
    expect(xldm_plan_new(ctx, dom, -1),
           "web: c_info.name: '' is not a domain's name\n");
    xldm_domain_config(dom)->c_info.name = strdup("");
    xldm_domain_config(dom)->b_info.device_model_version =
        LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN_TRADITIONAL;
    expect(xldm_plan_new(ctx, dom, -1),
           "web: c_info.name: '' is not a domain's name\n"
           "web: b_info.device_model_version: 1 is not accepted; accepted: "
           "LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN\n");
    xldm_domain_free(dom);
    dom = make();
    xldm_domain_config(dom)->b_info.max_memkb = 1024;
    ck_assert_ptr_null(xldm_plan_new(ctx, dom, -1));
    ck_assert_ptr_nonnull(strstr(said, "memory"));
    xldm_domain_free(dom);
}
END_TEST

/* ------------------------------------------------- libxl's config ---- */

/* What xldm gave libxl comes back from there, with the groups. */
START_TEST(config_comes_back)
{
    struct xldm_domain *dom = make_all();
    struct xldm_plan *plan = xldm_plan_new(ctx, dom, 5), *again;
    struct xldm__arena arena = { 0 };
    libxl_domain_config cfg;
    char *before, *after;

    add_disk(dom, "hdb", NULL, true); /* which the map does not know */
    before = print(plan, XLDM_FORMAT_ARGV);
    cfg = *xldm_domain_config(dom);
    libxl_domain_config_init(xldm_domain_config(dom));
    cfg.b_info.device_model = strdup("/usr/lib/xldm/xldm-dm");
    cfg.b_info.extra_hvm = calloc(4, sizeof(char *));
    cfg.b_info.extra_hvm[0] = strdup("-foo");
    cfg.b_info.extra_hvm[1] = strdup(XLDM__MAP_OPTION);
    cfg.b_info.extra_hvm[2] = strdup(xldm__map_write(&arena, plan));
    xldm_plan_free(plan);
    xldm_domain_free(dom);
    xldm__arena_dispose(&arena);

    dom = xldm_domain_from_config(ctx, &cfg);
    ck_assert_msg(dom, "%s", said);
    ck_assert_ptr_null(cfg.c_info.name);
    ck_assert_ptr_null(cfg.disks);
    libxl_domain_config_dispose(&cfg);
    ck_assert_ptr_null(xldm_domain_config(dom)->b_info.device_model);
    ck_assert_str_eq(xldm_domain_config(dom)->b_info.extra_hvm[0], "-foo");
    ck_assert_ptr_null(xldm_domain_config(dom)->b_info.extra_hvm[1]);
    libxl_string_list_dispose(&xldm_domain_config(dom)->b_info.extra_hvm);
    plan = xldm_plan_new(ctx, dom, 5);
    ck_assert_msg(plan, "%s", said);
    after = print(plan, XLDM_FORMAT_ARGV);
    ck_assert_str_ne(before, after); /* hdb */
    free(after);
    xldm_plan_free(plan);
    {
        xldm_device_disk disk;

        xldm_device_disk_init(&disk);
        disk.libxl.vdev = strdup("hdb");
        ck_assert(xldm_domain_disk_remove(ctx, dom, &disk));
        xldm_device_disk_dispose(&disk);
    }
    again = xldm_plan_new(ctx, dom, 5);
    after = print(again, XLDM_FORMAT_ARGV);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    xldm_plan_free(again);
    xldm_domain_free(dom);
}
END_TEST

/* A map may name what is gone. */
START_TEST(config_with_an_old_map)
{
    struct xldm_domain *dom = make();
    libxl_domain_config cfg = *xldm_domain_config(dom);
    struct xldm_plan *plan;

    libxl_domain_config_init(xldm_domain_config(dom));
    xldm_domain_free(dom);
    cfg.b_info.extra_hvm = calloc(3, sizeof(char *));
    cfg.b_info.extra_hvm[0] = strdup(XLDM__MAP_OPTION);
    cfg.b_info.extra_hvm[1] = strdup("net=nic7;card=0000:03:00.0@5");
    dom = xldm_domain_from_config(ctx, &cfg);
    ck_assert_msg(dom, "%s", said);
    plan = xldm_plan_new(ctx, dom, 5);
    ck_assert_msg(plan, "%s", said);
    ck_assert_uint_eq(xldm_plan_groups(plan), 1);
    xldm_plan_free(plan);
    xldm_domain_free(dom);
}
END_TEST

/* A description of a program's is written as any other. */
START_TEST(made_is_written)
{
    struct xldm_domain *dom = make_all();
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_msg(xldm_domain_write_xml(ctx, dom, out), "%s", said);
    fflush(out);
    ck_assert_ptr_nonnull(strstr(text, "<devicemodel group=\"storage\""));
    ck_assert_ptr_nonnull(strstr(text, "<devicemodel group=\"ui\""));
    ck_assert_msg(xldm_domain_write_cfg(ctx, dom, out), "%s", said);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "dm_groups"));
    free(text);
    xldm_domain_free(dom);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("api");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, every_string_is_in_the_table, 0, 4);
    tcase_add_loop_test(tcase, copies_are_their_own, 0, 4);
    tcase_add_test(tcase, a_program_says_what_a_file_says);
    tcase_add_test(tcase, a_plan_is_seen);
    tcase_add_test(tcase, lists_have_the_affinity);
    tcase_add_test(tcase, names_are_the_guests);
    tcase_add_loop_test(tcase, bad_disk, 0, COUNT(bad_disks));
    tcase_add_test(tcase, bad_values);
    tcase_add_test(tcase, nothing_given);
    tcase_add_test(tcase, last_devid);
    tcase_add_test(tcase, bad_domains);
    tcase_add_test(tcase, config_comes_back);
    tcase_add_test(tcase, config_with_an_old_map);
    tcase_add_test(tcase, made_is_written);
    return unit_run(tcase, "api");
}

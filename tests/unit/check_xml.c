/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The XML reader: values, lines, all errors at once. */
#include <stdlib.h>
#include <string.h>
#include "config/xml.h"
#include "unit.h"

struct log {
    char text[8192]; /* "LINE: text\n" of each error */
    int errors, notes;
};

static void collect(void *arg, const struct xldm_diag *diag)
{
    struct log *log = arg;
    size_t n = strlen(log->text);

    if (diag->severity != XLDM_ERROR) {
        log->notes++;
        return;
    }
    log->errors++;
    snprintf(log->text + n, sizeof(log->text) - n, "%d: %s\n", diag->loc.line,
             diag->text);
}

static struct xldm_domain *read_text(struct log *log, const char *text)
{
    struct xldm_ctx *ctx = xldm_ctx_new(collect, log);
    struct xldm_domain *dom;

    memset(log, 0, sizeof(*log));
    ck_assert_ptr_nonnull(ctx);
    dom = xldm__domain_read_memory(ctx, text, strlen(text), "t.xml");
    ck_assert((dom == NULL) == (log->errors > 0));
    xldm_ctx_free(ctx);
    return dom;
}

/* A whole description around some of it; malloc'ed. */
static char *around(const char *memory, const char *more, const char *devices)
{
    char *text;

    ck_assert_int_gt(asprintf(&text,
                              "<domain type='xen'>\n"
                              "<name>t</name>\n"
                              "%s\n"
                              "<os><type>hvm</type></os>\n"
                              "%s\n"
                              "<devices>\n"
                              "%s\n"
                              "</devices>\n"
                              "</domain>\n",
                              memory, more, devices),
                     0);
    return text;
}

static struct xldm_domain *read_around(struct log *log, const char *memory,
                                       const char *more, const char *devices)
{
    char *text = around(memory ? memory : "<memory>65536</memory>", more,
                        devices);
    struct xldm_domain *dom = read_text(log, text);

    free(text);
    return dom;
}

/* --------------------------------------------------------- values ---- */

static const struct {
    const char *element;
    uint64_t kib; /* 0: refused */
} amounts[] = {
    { "<memory>65536</memory>", 65536 },
    { "<memory unit='KiB'> 65536\n </memory>", 65536 },
    { "<memory unit='k'>65536</memory>", 65536 },
    { "<memory unit='b'>67108864</memory>", 65536 },
    { "<memory unit='bytes'>67108865</memory>", 65537 },
    { "<memory unit='KB'>1024</memory>", 1000 },
    { "<memory unit='MB'>1</memory>", 977 },
    { "<memory unit='M'>64</memory>", 65536 },
    { "<memory unit='MiB'>64</memory>", 65536 },
    { "<memory unit='GB'>1</memory>", 976563 },
    { "<memory unit='G'>1</memory>", 1048576 },
    { "<memory unit='GiB'>64</memory>", 67108864 },
    { "<memory unit='TiB'>1</memory>", 1073741824 },
    { "<memory unit='TiB'>64</memory>", 68719476736 },
    { "<memory unit='TiB'>65</memory>", 0 },
    { "<memory unit='TiB'>16777217</memory>", 0 },
    { "<memory unit='mib'>64</memory>", 0 },
    { "<memory>0</memory>", 0 },
    { "<memory>-1</memory>", 0 },
    { "<memory>+1</memory>", 0 },
    { "<memory>0x100</memory>", 0 },
    { "<memory>1.5</memory>", 0 },
    { "<memory>64M</memory>", 0 },
    { "<memory/>", 0 },
    { "<memory>9223372036854775807</memory>", 0 },
    { "<memory>18446744073709551616</memory>", 0 },
};

START_TEST(memory)
{
    struct log log;
    struct xldm_domain *dom = read_around(&log, amounts[_i].element, "", "");

    ck_assert((dom != NULL) == (amounts[_i].kib != 0));
    if (dom) {
        ck_assert_uint_eq(dom->cfg.b_info.max_memkb, amounts[_i].kib);
        ck_assert_uint_eq(dom->cfg.b_info.target_memkb, amounts[_i].kib);
    } else {
        ck_assert_int_eq(strncmp(log.text, "3: ", 3), 0);
    }
    xldm_domain_free(dom);
}
END_TEST

static const struct {
    const char *text;
    uint8_t mac[6];
    bool good;
} macs[] = {
    { "00:16:3e:00:00:01", { 0, 0x16, 0x3e, 0, 0, 1 }, true },
    { "FE:dc:BA:98:76:54", { 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54 }, true },
    { " 00:16:3e:00:00:01 ", { 0, 0x16, 0x3e, 0, 0, 1 }, true },
    { "00:16:3e:00:00", { 0 }, false },
    { "00:16:3e:00:00:01:02", { 0 }, false },
    { "0:16:3e:00:00:001", { 0 }, false },
    { "00-16-3e-00-00-01", { 0 }, false },
    { "00:16:3e:00:00:0g", { 0 }, false },
    { "00:16:3e:00:00:-1", { 0 }, false },
    { "00:16:3e:00:00: 1", { 0 }, false },
    { "01:16:3e:00:00:01", { 0 }, false },
    { "ff:ff:ff:ff:ff:ff", { 0 }, false },
    { "", { 0 }, false },
};

START_TEST(mac)
{
    struct log log;
    struct xldm_domain *dom;
    char *nic;

    ck_assert_int_gt(asprintf(&nic,
                              "<interface type='bridge'>\n"
                              "<source bridge='b'/><mac address='%s'/>"
                              "</interface>",
                              macs[_i].text),
                     0);
    dom = read_around(&log, NULL, "", nic);
    ck_assert((dom != NULL) == macs[_i].good);
    if (dom)
        ck_assert_mem_eq(dom->cfg.nics[0].mac, macs[_i].mac, 6);
    xldm_domain_free(dom);
    free(nic);
}
END_TEST

/* A vdev with its bus; libxl's name, or NULL if it is refused. */
static const struct {
    const char *dev, *bus, *vdev;
    bool ahci;
} vdevs[] = {
    { "hda", "ide", "hda", false },   { "hdd", "ide", "hdd", false },
    { "hde", "ide", NULL, false },    { "hda1", "ide", NULL, false },
    { "HDA", "ide", NULL, false },    { "hd", "ide", NULL, false },
    { "", "ide", NULL, false },       { "sda", "ide", NULL, false },
    { "sda", "scsi", "sda", false },  { "sdh", "scsi", "sdh", false },
    { "sdi", "scsi", NULL, false },   { "sda", "sata", "hda", true },
    { "sdf", "sata", "hdf", true },   { "hdf", "sata", "hdf", true },
    { "sdg", "sata", NULL, false },   { "xvda", "xen", "xvda", false },
    { "xvdz", "xen", "xvdz", false }, { "xvdaa", "xen", NULL, false },
    { "vda", "xen", NULL, false },
};

START_TEST(vdev)
{
    struct log log;
    struct xldm_domain *dom;
    char *disk;

    ck_assert_int_gt(asprintf(&disk,
                              "<disk type='file'><source file='/a'/>"
                              "<target dev='%s' bus='%s'/></disk>",
                              vdevs[_i].dev, vdevs[_i].bus),
                     0);
    dom = read_around(&log, NULL, "", disk);
    ck_assert((dom != NULL) == (vdevs[_i].vdev != NULL));
    if (dom) {
        ck_assert_str_eq(dom->cfg.disks[0].vdev, vdevs[_i].vdev);
        ck_assert((dom->cfg.b_info.u.hvm.hdtype == LIBXL_HDTYPE_AHCI) ==
                  vdevs[_i].ahci);
    }
    xldm_domain_free(dom);
    free(disk);
}
END_TEST

START_TEST(libxl_gets_the_whole_config)
{
    struct log log;
    struct xldm_domain *dom = read_around(
        &log, NULL, "<vcpu current='2'>9</vcpu>",
        "<disk type='file' device='cdrom'><target dev='hdc'/></disk>"
        "<disk type='block'><source dev='/dev/a'/><target dev='hda'/></disk>"
        "<interface type='bridge'><source bridge='b'/></interface>"
        "<interface type='bridge'><source bridge='c'/>"
        "<model type='netfront'/></interface>"
        "<serial type='pty'/><serial type='null'/>");
    const libxl_domain_config *cfg;

    ck_assert_ptr_nonnull(dom);
    cfg = &dom->cfg;
    ck_assert_int_eq(cfg->c_info.type, LIBXL_DOMAIN_TYPE_HVM);
    ck_assert_int_eq(cfg->b_info.max_vcpus, 9);
    ck_assert_uint_eq(cfg->b_info.avail_vcpus.size, 2);
    ck_assert_uint_eq(cfg->b_info.avail_vcpus.map[0], 3);
    ck_assert_int_eq(cfg->num_disks, 2);
    ck_assert_int_eq(cfg->disks[0].format, LIBXL_DISK_FORMAT_EMPTY);
    ck_assert_int_eq(cfg->disks[1].readwrite, 1);
    ck_assert_int_eq(cfg->num_nics, 2);
    ck_assert_int_eq(cfg->nics[1].devid, 1);
    ck_assert_int_eq(cfg->nics[1].nictype, LIBXL_NIC_TYPE_VIF);
    ck_assert_str_eq(cfg->b_info.u.hvm.serial_list[1], "null");
    ck_assert(!libxl_defbool_val(cfg->b_info.u.hvm.vnc.enable));
    xldm_domain_free(dom);
}
END_TEST

/* ---------------------------------------------------------- lines ---- */

START_TEST(errors_have_the_line_of_the_child)
{
    struct log log;
    struct xldm_domain *dom = read_around(&log, NULL, "",
                                          "<disk type='file'\n"
                                          "      device='disk'>\n"
                                          "  <source file='/a'/>\n"
                                          "  <target\n"
                                          "    dev='hda'\n"
                                          "    bus='floppy'/>\n"
                                          "</disk>");

    ck_assert_ptr_null(dom);
    ck_assert_str_eq(log.text,
                     "12: <disk> target/@bus: 'floppy' is not accepted; "
                     "accepted: ide, scsi, sata, xen\n");
}
END_TEST

START_TEST(lines_go_beyond_65535)
{
    struct log log;
    char *lines = malloc(70001), *devices;
    struct xldm_domain *dom;

    memset(lines, '\n', 70000);
    lines[70000] = '\0';
    ck_assert_int_gt(asprintf(&devices, "%s<nonsense>x</nonsense>", lines), 0);
    dom = read_around(&log, NULL, "", devices);
    ck_assert_ptr_null(dom);
    ck_assert_int_eq(strncmp(log.text, "70007: unknown element", 22), 0);
    free(devices);
    free(lines);
}
END_TEST

START_TEST(all_errors_at_once)
{
    static const char *const wanted[] = {
        "3: <memory>:", "5: unknown element <bla>", "7: unknown attribute",
        "8: <disk> target/@bus", "10: <disk> 'hda' is there twice",
        "12: <interface> mac/@address",
    };
    struct log log;
    struct xldm_domain *dom = read_around(
        &log, "<memory>much</memory>", "<bla/>",
        "<disk type='file' colour='red'>\n"
        "<target dev='hdb' bus='x'/></disk>\n"
        "<disk type='file'><source file='/a'/><target dev='hda'/></disk>\n"
        "<disk type='file'><source file='/b'/><target dev='hda'/></disk>\n"
        "<interface type='bridge'>\n"
        "<mac address='x'/></interface>");

    ck_assert_ptr_null(dom);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
        ck_assert_msg(strstr(log.text, wanted[i]), "no '%s' in:\n%s",
                      wanted[i], log.text);
    ck_assert_int_eq(log.errors, 6);
}
END_TEST

START_TEST(errors_are_bounded)
{
    struct log log;
    struct xldm_domain *dom;
    char *many = calloc(40000, 8);

    for (int i = 0; i < 40000; i++)
        memcpy(many + 4 * i, "<a/>", 4);
    dom = read_around(&log, NULL, "", many);
    ck_assert_ptr_null(dom);
    ck_assert_int_le(log.errors, 110);
    free(many);
}
END_TEST

START_TEST(nothing_but_wellformed_xml)
{
    static const char *const texts[] = {
        "", " ", "<", "<domain", "<domain type='xen'>", "\xff\xfe", "a=1",
        "<!DOCTYPE d [<!ENTITY a 'b'>]><domain type='xen'/>",
        "<!DOCTYPE d SYSTEM 'http://127.0.0.1/d.dtd'><d/>",
        "<?xml version='1.0' encoding='klingon'?><domain/>",
        "<x:domain xmlns:x='y' type='xen'/>",
    };
    struct log log;

    ck_assert_ptr_null(read_text(&log, texts[_i]));
    ck_assert_int_ge(log.errors, 1);
}
END_TEST

/* ----------------------------------------------------------- suite ---- */

#define N(array) ((int)(sizeof(array) / sizeof(*(array))))

int main(void)
{
    TCase *tcase = tcase_create("xml");

    tcase_add_loop_test(tcase, memory, 0, N(amounts));
    tcase_add_loop_test(tcase, mac, 0, N(macs));
    tcase_add_loop_test(tcase, vdev, 0, N(vdevs));
    tcase_add_test(tcase, libxl_gets_the_whole_config);
    tcase_add_test(tcase, errors_have_the_line_of_the_child);
    tcase_add_test(tcase, lines_go_beyond_65535);
    tcase_add_test(tcase, all_errors_at_once);
    tcase_add_test(tcase, errors_are_bounded);
    tcase_add_loop_test(tcase, nothing_but_wellformed_xml, 0, 11);
    return unit_run(tcase, "xml");
}

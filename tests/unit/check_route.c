/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/route.c and scan.c: who is asked, what is merged, what is JSON. */
#include <stdlib.h>
#include <string.h>

#include "run/route.h"
#include "run/scan.h"
#include "unit.h"

/* ----------------------------------------------------------- plan ---- */

static const char *const primary_argv[] = {
    "qemu", "-chardev", "socket,id=xldm,fd=3", "-serial", "pty", "-device",
    "rtl8139,id=nic0,netdev=net0,mac=00:16:3e:00:00:01,addr=3", "-netdev",
    "type=tap,id=net0,ifname=vif1.0-emu", "-S",
};
static const char *const net_argv[] = {
    "qemu", "-chardev", "socket,id=xldm,fd=3", "-device",
    "e1000,id=nic1,netdev=net1,addr=4", "-netdev", "type=tap,id=net1",
};
static const char *const serial_argv[] = {
    "qemu", "-chardev", "socket,id=xldm,fd=3", "-serial", "pty",
};
static const char *const ui_argv[] = {
    "qemu", "-vnc", "127.0.0.1:0,to=99", "-device", "VGA,vgamem_mb=16",
    "-drive", "if=ide,index=2,readonly=on,media=cdrom,id=ide-5632",
    "-drive", "file=/a,,id=nic0.img,if=ide,index=0,media=disk",
};

static const struct xldm__class serial_class = { .kind = "serial" };
static const struct xldm__class vfb_class = { .kind = "vfb" };
static const struct xldm__class disk_class = { .kind = "disk" };

static struct xldm__planned devices[] = {
    { .class = &serial_class, .id = "serial0", .controller = "serial" },
    { .class = &serial_class, .id = "serial1", .controller = "serial" },
    { .class = &vfb_class, .id = "vnc", .controller = "ui" },
    { .class = &disk_class, .id = "hda", .controller = "ide" },
};

static struct xldm_plan plan;

#define GROUP(i, title, a)                                                     \
    plan.groups[i].name = title;                                               \
    plan.groups[i].argv.v = (const char **)(uintptr_t)(a);                     \
    plan.groups[i].argv.n = sizeof(a) / sizeof(*(a))

static void setup(void)
{
    GROUP(0, "primary", primary_argv);
    GROUP(1, "net", net_argv);
    GROUP(2, "serial", serial_argv);
    GROUP(3, "ui", ui_argv);
    plan.ngroups = 4;
    devices[0].group = &plan.groups[0];
    devices[1].group = &plan.groups[2];
    devices[2].group = &plan.groups[3];
    devices[3].group = &plan.groups[3];
    plan.devices = devices;
    plan.ndevices = 4;
}

/* ---------------------------------------------------------- routes ---- */

static const struct {
    const char *command, *arguments;
    unsigned groups;
} routed[] = {
    { "cont", NULL, 15 },
    { "stop", NULL, 15 },
    { "query-chardev", NULL, 15 },
    { "query-status", NULL, 1 },
    { "query-vnc", NULL, 8 },
    { "change-vnc-password", "{\"password\": \"a\"}", 8 },
    { "device_del", "{\"id\": \"nic0\"}", 1 },
    { "device_del", "{\"id\": \"nic1\"}", 2 },
    { "device_del", "{\"id\": \"/machine/peripheral/nic1\"}", 2 },
    { "device_del", "{\"id\": \"nic9\"}", 1 },
    { "device_del", "{\"id\": 7}", 1 },
    { "device_del", NULL, 1 },
    { "set_link", "{\"name\": \"net1\", \"up\": true}", 2 },
    { "eject", "{\"device\": \"ide-5632\"}", 8 },
    { "eject", "{\"device\": \"ide0-hd0\"}", 8 },
    { "blockdev-change-medium", "{\"id\": \"ide-5632\"}", 8 },
    { "device_add", "{\"driver\": \"e1000\"}", 0 }, /* plug.c's */
    { "quit", NULL, 0 },
    { "xen-save-devices-state", NULL, 0 },
};

START_TEST(routes)
{
    const struct route_rule *rule = route_find(routed[_i].command);
    struct route_names names = { &plan, NULL };
    json_t *arguments = NULL;

    ck_assert_ptr_nonnull(rule);
    if (routed[_i].arguments)
        arguments = json_loads(routed[_i].arguments, 0, NULL);
    ck_assert_uint_eq(route_groups(&names, rule->route, arguments),
                      routed[_i].groups);
    json_decref(arguments);
}
END_TEST

START_TEST(unknown_commands)
{
    ck_assert_ptr_null(route_find("system_wakeup"));
    ck_assert_ptr_null(route_find(""));
    ck_assert_ptr_null(route_find("CONT"));
}
END_TEST

START_TEST(no_display)
{
    plan.ndevices = 2;
    ck_assert_uint_eq(route_groups(&(struct route_names){ &plan, NULL }, ROUTE_UI, NULL), 1);
}
END_TEST

START_TEST(events)
{
    ck_assert(route_event("STOP", true));
    ck_assert(!route_event("STOP", false));
    ck_assert(!route_event("SHUTDOWN", false));
    ck_assert(route_event("DEVICE_DELETED", false));
    ck_assert(route_event("VNC_CONNECTED", false));
}
END_TEST

/* ----------------------------------------------------------- merge ---- */

static void add(json_t *into, const char *command, size_t group,
                const char *text)
{
    json_t *list = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(list);
    route_find(command)->add(&plan, group, into, list);
    json_decref(list);
}

static void expect(json_t *into, const char *text)
{
    json_t *want = json_loads(text, 0, NULL);
    char *have = json_dumps(into, 0);

    ck_assert_msg(json_equal(into, want), "%s", have);
    free(have);
    json_decref(want);
    json_decref(into);
}

/* libxl publishes the tty of the label serialN as N's. */
START_TEST(chardevs)
{
    json_t *all = json_array();

    add(all, "query-chardev", 0,
        "[{\"label\": \"xldm\", \"filename\": \"unix:\"},"
        " {\"label\": \"serial0\", \"filename\": \"pty:/dev/pts/1\"}, 5]");
    add(all, "query-chardev", 2,
        "[{\"label\": \"serial0\", \"filename\": \"pty:/dev/pts/2\"},"
        " {\"label\": \"xldm\"}]");
    add(all, "query-chardev", 1, "[{\"label\": \"chr\"}, {\"nolabel\": 1}]");
    add(all, "query-chardev", 1, "{\"not\": \"a list\"}");
    expect(all,
           "[{\"label\": \"serial0\", \"filename\": \"pty:/dev/pts/1\"},"
           " {\"label\": \"serial1\", \"filename\": \"pty:/dev/pts/2\"},"
           " {\"label\": \"chr\"}]");
}
END_TEST

START_TEST(blocks)
{
    json_t *all = json_array();

    add(all, "query-block", 0, "[{\"device\": \"ide0-hd0\"}]");
    add(all, "query-block", 1, "[]");
    add(all, "query-block", 3, "[{\"device\": \"ide-5632\"}]");
    expect(all, "[{\"device\": \"ide0-hd0\"}, {\"device\": \"ide-5632\"}]");
}
END_TEST

START_TEST(pci)
{
    json_t *all = json_array();

    add(all, "query-pci", 0,
        "[{\"bus\": 0, \"devices\": [{\"slot\": 0, \"function\": 0},"
        " {\"slot\": 1, \"function\": 0}, {\"slot\": 1, \"function\": 1}]}]");
    add(all, "query-pci", 1,
        "[{\"bus\": 0, \"devices\": [{\"slot\": 0, \"function\": 0},"
        " {\"slot\": 4, \"function\": 0, \"qdev_id\": \"nic1\"}]},"
        " {\"bus\": 1, \"devices\": []}]");
    add(all, "query-pci", 2, "[{\"bus\": 0}, 3]");
    expect(all,
           "[{\"bus\": 0, \"devices\": [{\"slot\": 0, \"function\": 0},"
           " {\"slot\": 1, \"function\": 0}, {\"slot\": 1, \"function\": 1},"
           " {\"slot\": 4, \"function\": 0, \"qdev_id\": \"nic1\"}]},"
           " {\"bus\": 1, \"devices\": []}]");
}
END_TEST

START_TEST(pci_bound)
{
    json_t *all = json_array(), *one = json_array(), *bus = json_array();

    for (int i = 0; i < 1000; i++)
        json_array_append_new(bus, json_pack("{si}", "slot", i));
    json_array_append_new(one, json_pack("{so}", "devices", bus));
    route_find("query-pci")->add(&plan, 1, all, one);
    bus = json_object_get(json_array_get(all, 0), "devices");
    ck_assert_uint_eq(json_array_size(bus), 256);
    json_decref(one);
    json_decref(all);
}
END_TEST

/* ------------------------------------------------------------ scan ---- */

/* Each result is a letter: m message, g garbage, b too big. */
static void scan_all(const char *data, size_t size, size_t piece, char *out)
{
    static const char letters[] = { [SCAN_MESSAGE] = 'm',
                                    [SCAN_GARBAGE] = 'g',
                                    [SCAN_TOO_BIG] = 'b' };
    struct scan s = { 0 };
    json_t *message = NULL;
    size_t at = 0, taken, n;
    enum scan_result result;

    while (at < size) {
        n = size - at < piece ? size - at : piece;
        result = scan_bytes(&s, data + at, n, &taken, &message);
        ck_assert_uint_gt(taken, 0);
        at += taken;
        if (result == SCAN_MESSAGE)
            json_decref(message);
        if (result != SCAN_MORE)
            *out++ = letters[result];
        if (result == SCAN_TOO_BIG)
            break;
    }
    *out = '\0';
    scan_dispose(&s);
}

static const struct {
    const char *text, *results;
} streams[] = {
    { "", "" },
    { "\r\n \t", "" },
    { "{\"execute\": \"stop\"}\r\n", "m" },
    { "{\"a\": 1}{\"b\": [2, {}]}[]\n", "mmm" },
    { "{\"a\": \"}{\\\"\\\\\"}", "m" },
    { "{\"a\": ", "" },
    { "hello\n{}", "gm" },
    { "} {}\n{}", "gm" },
    { "{]{}", "gm" },
    { "{\"a\": 1, \"a\": 2}{}", "gm" },
    { "{\"open\n{}", "gm" },
    { "{\"a\\\n{}", "gm" },
    { "{'a': 1}{}", "gm" },
    { "{\"a\": tru}{}", "gm" },
    { "{\"a\": \"\xff\"}{}", "gm" },
};

START_TEST(scanning)
{
    size_t size = strlen(streams[_i].text), piece;
    char results[32];

    for (piece = 1; piece <= size + 1; piece++) {
        scan_all(streams[_i].text, size, piece, results);
        ck_assert_str_eq(results, streams[_i].results);
    }
}
END_TEST

START_TEST(too_big)
{
    size_t size = SCAN_MAX_BYTES + 10;
    char *text = malloc(size);
    char results[32];

    memset(text, 'x', size);
    memcpy(text, "{\"", 2);
    scan_all(text, size, 4096, results);
    ck_assert_str_eq(results, "b");
    memset(text, ' ', size); /* not a message */
    scan_all(text, size, 4096, results);
    ck_assert_str_eq(results, "");
    free(text);
}
END_TEST

START_TEST(too_deep)
{
    size_t size = SCAN_MAX_NESTING + 10;
    char *text = malloc(size + 3);
    char results[32];

    memset(text, '[', size);
    memcpy(text + size, "\n{}", 3);
    scan_all(text, size + 3, 100, results);
    ck_assert_str_eq(results, "gm");
    free(text);
}
END_TEST

static const struct {
    const char *line;
    enum route route;
    const char *device;
} said[] = {
    { "info pci", ROUTE_MERGE, "" },
    { "  info pci", ROUTE_MERGE, "" },
    { "info pcix", ROUTE_DEVICE, "pcix" },
    { "info version", ROUTE_DEVICE, "version" },
    { "info", ROUTE_DEVICE, "" },
    { "", ROUTE_DEVICE, "" },
    { "device_del nic1", ROUTE_DEVICE, "nic1" },
    { "eject -f  ide-5632", ROUTE_DEVICE, "ide-5632" },
    { "sendkey ctrl-alt-f1", ROUTE_UI, "" },
    { "stop", ROUTE_ALL, "" },
    { "q", ROUTE_QUIT, "" },
    { "savevm a", ROUTE_REFUSE, "" },
};

START_TEST(lines)
{
    char device[16];

    ck_assert_int_eq(
        route_line(said[_i].line, device, sizeof(device))->route,
        said[_i].route);
    ck_assert_str_eq(device, said[_i].device);
}
END_TEST

START_TEST(long_word)
{
    char device[8];

    route_line("device_del 12345678", device, sizeof(device));
    ck_assert_str_eq(device, "");
}
END_TEST

/* The platform's parts once; what only one QEMU has, too. */
START_TEST(texts)
{
    static const char *const parts[] = {
        "  Bus  0, device   0, function 0:\r\n    Host bridge\r\n"
        "  Bus  0, device   3, function 0:\r\n    VGA\r\n",
        "  Bus  0, device   0, function 0:\r\n    Host bridge\r\n"
        "  Bus  0, device   4, function 0:\r\n    Ethernet\r\n    IRQ 5\r\n",
        "", "xldm: filename=unix\r\nserial0: filename=pty\r\n",
    };
    const struct route_rule *rule = route_line("info pci", (char[8]){ 0 }, 8);
    json_t *all = json_array(), *text;
    size_t i;

    for (i = 0; i < 4; i++) {
        text = json_string(parts[i]);
        rule->add(&plan, i, all, text);
        json_decref(text);
    }
    ck_assert_uint_eq(json_array_size(all), 5);
    ck_assert_str_eq(json_string_value(json_array_get(all, 2)),
                     "  Bus  0, device   4, function 0:\r\n    Ethernet\r\n"
                     "    IRQ 5\r\n");
    ck_assert_str_eq(json_string_value(json_array_get(all, 4)),
                     "serial0: filename=pty\r\n");
    json_decref(all);
}
END_TEST

/* What one has nothing of, another may have; all have none: said once. */
START_TEST(none_of_it)
{
    static const char none[] = "Error: USB support not enabled\r\n",
                      one[] = "  Device 0.1, Port 1, Speed 12 Mb/s\r\n";
    static const struct {
        const char *parts[3], *text;
    } answers[] = {
        { { none, one, none }, one }, { { one, none, "" }, one },
        { { none, "", one }, one },   { { none, none, none }, none },
        { { none, "", none }, "" },
    };
    const struct route_rule *rule = route_line("info usb", (char[8]){ 0 }, 8);
    json_t *all, *text;
    char whole[128];
    size_t i, k;

    for (i = 0; i < COUNT(answers); i++) {
        whole[0] = '\0';
        all = json_array();
        for (k = 0; k < 3; k++) {
            text = json_string(answers[i].parts[k]);
            rule->add(&plan, k, all, text);
            json_decref(text);
        }
        json_array_foreach(all, k, text) strcat(whole, json_string_value(text));
        ck_assert_str_eq(whole, answers[i].text);
        json_decref(all);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("route");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_loop_test(tcase, routes, 0, COUNT(routed));
    tcase_add_test(tcase, unknown_commands);
    tcase_add_test(tcase, no_display);
    tcase_add_test(tcase, events);
    tcase_add_test(tcase, chardevs);
    tcase_add_test(tcase, blocks);
    tcase_add_test(tcase, pci);
    tcase_add_test(tcase, pci_bound);
    tcase_add_loop_test(tcase, scanning, 0, COUNT(streams));
    tcase_add_test(tcase, too_big);
    tcase_add_test(tcase, too_deep);
    tcase_add_loop_test(tcase, lines, 0, COUNT(said));
    tcase_add_test(tcase, long_word);
    tcase_add_test(tcase, texts);
    tcase_add_test(tcase, none_of_it);
    return unit_run(tcase, "route");
}

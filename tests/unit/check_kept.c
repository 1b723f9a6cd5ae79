/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/kept.c: what the next QEMU of a group is told. */
#include "router.h"
#include "run/request.h"

#define COMMAND(name, arguments)                                               \
    "{\"execute\": \"" name "\", \"arguments\": {" arguments "}}"
#define CARD                                                                   \
    COMMAND("device_add", "\"driver\": \"xen-pci-passthrough\", "              \
                          "\"id\": \"pci-pt-03_00.0\", "                       \
                          "\"hostaddr\": \"0000:03:00.0\"")
#define CARD_OUT COMMAND("device_del", "\"id\": \"pci-pt-03_00.0\"")
#define MEDIUM(word)                                                           \
    COMMAND("blockdev-change-medium", "\"id\": \"pci-pt-03_00.0\", "           \
                                      "\"filename\": \"" word "\"")
#define EJECT COMMAND("eject", "\"id\": \"pci-pt-03_00.0\", \"force\": true")

/* What the third QEMU is told when it is started anew. */
static void restart(int fd, const char *told)
{
    char words[512] = "", *word, *rest = order;
    size_t used = 0;

    ask(fd, "{\"execute\": \"query-block\"}", "{\"return\":[]}");
    order[0] = '\0';
    ask(fd, "{\"execute\": \"x-xldm-unplace\"}", "{\"return\":null}");
    ask(fd, "{\"execute\": \"x-xldm-restart\"}", "{\"return\":null}");
    ask(fd, "{\"execute\": \"query-block\"}", "{\"return\":[]}");
    while ((word = strtok_r(rest, " ", &rest)))
        if (*word == '2' && strcmp(word, "2:query-block"))
            used += (size_t)snprintf(words + used, sizeof(words) - used, "%s ",
                                     word + 2);
    ck_assert_str_eq(words, told);
}

/* In the slot it was in; until it is taken out. */
static void card(void)
{
    int fd = open_ready();

    restart(fd, "");
    ask(fd, CARD, "{\"return\":{}}");
    restart(fd, "device_add 4 ");
    ck_assert_str_eq(answered, "0000:03:00.0 1");
    ck_assert_int_eq(dm.router->plugged->devfn, 4 << 3);
    restart(fd, "device_add 4 ");
    ask(fd, CARD_OUT,
        "{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":"
        "\"pci-pt-03_00.0\"}}");
    expect(fd, "{\"return\":{}}");
    restart(fd, "");
    close(fd);
}

/* Taken out while its QEMU is gone; or another QEMU says that it was. */
static void card_lost(void)
{
    int fd = open_ready();

    ask(fd, CARD, "{\"return\":{}}");
    ask(fd, "{\"execute\": \"lie\"}",
        "{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":"
        "\"pci-pt-03_00.0\"}}");
    expect(fd, "{\"return\":{}}");
    restart(fd, "device_add 4 ");
    ask(fd, "{\"execute\": \"x-xldm-unplace\"}", "{\"return\":null}");
    fakes[0].refuses = "device_del";
    ask(fd, CARD_OUT,
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}");
    restart(fd, "device_add 4 ");
    ask(fd, "{\"execute\": \"x-xldm-unplace\"}", "{\"return\":null}");
    fakes[0].refuses = NULL;
    fakes[0].lacks = "device_del";
    ask(fd, CARD_OUT,
        "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"none\"}}");
    restart(fd, "");
    close(fd);
}

/* What is refused is not kept, and may be so the next time only. */
static void refused(void)
{
    int fd = open_ready();

    fakes[2].refuses = "device_add";
    ask(fd, CARD, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}");
    restart(fd, "");
    fakes[2].refuses = NULL;
    ask(fd, CARD, "{\"return\":{}}");
    fakes[2].refuses = "device_add";
    restart(fd, "device_add 4 ");
    ck_assert_str_eq(answered, "0000:03:00.0 0");
    ck_assert_ptr_null(dm.router->plugged);
    fakes[2].refuses = NULL;
    restart(fd, "device_add 4 ");
    ck_assert_ptr_nonnull(dm.router->plugged);
    close(fd);
}

static const char *drive(size_t group, const char *value)
{
    static struct xldm__arena arena;
    static char text[128];

    snprintf(text, sizeof(text), "%s",
             router_drive(&dm.qemus[group], &arena, value));
    xldm__arena_dispose(&arena);
    return text;
}

/* The last one counts, with its file; nobody else's drive. */
static void medium(void)
{
    int fd = open_ready(), ends[2];
    char text[64] = "";

    ask(fd, CARD, "{\"return\":{}}");
    ck_assert_str_eq(drive(2, "id=pci-pt-03_00.0"), "id=pci-pt-03_00.0");
    ask(fd, EJECT, "{\"return\":{}}");
    restart(fd, "device_add 4 eject ");
    ck_assert_str_eq(drive(2, "id=pci-pt-03_00.0,file=x"),
                     "id=pci-pt-03_00.0,file=x,file=/dev/null,format=raw");
    ck_assert_str_eq(drive(1, "id=pci-pt-03_00.0"), "id=pci-pt-03_00.0");
    ck_assert_str_eq(drive(2, "id=another"), "id=another");

    ck_assert_int_eq(pipe(ends), 0);
    send_file(fd, ends[1]);
    close(ends[1]);
    put(fd, "\"execute\": \"add-fd\"}");
    expect_start(fd, "{\"return\":{\"fdset-id\":0,\"fd\":");
    ask(fd, MEDIUM("/dev/fdset/0"), "{\"return\":{}}");
    ask(fd, "{\"execute\": \"remove-fd\", \"arguments\": {\"fdset-id\": 0}}",
        "{\"return\":{}}");
    restart(fd, "device_add 4 add-fd blockdev-change-medium remove-fd ");
    restart(fd, "device_add 4 add-fd blockdev-change-medium remove-fd ");
    ask(fd, EJECT, "{\"return\":{}}");
    restart(fd, "device_add 4 eject ");
    while (read(ends[0], text + strlen(text), sizeof(text) - strlen(text) - 1))
        ;
    ck_assert_str_eq(text, "add-fdadd-fdadd-fd"); /* and no copy is open */
    close(ends[0]);
    close(fd);
}

static void (*const cases[])(void) = { card, card_lost, refused, medium };

START_TEST(kept)
{
    play(cases[_i]);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("kept");

    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, kept, 0, sizeof(cases) / sizeof(*cases));
    return unit_run(tcase, "kept");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plugging into a domain that runs, with libxl, xenstore and xldm-dm played
 * here: what is left of it when something fails, and who is told. */
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "toolstack/device.h"
#include "toolstack/show.h"
#include "unit.h"

#define RECORD "{\"extra_hvm\":[\"-xldm-groups\",\"net=nic0\"]}"
#define PLACED                                                                 \
    "{\"extra_hvm\":[\"-xldm-groups\",\"net=nic0;late=0000:03:00.0\"]}"

/* ------------------------------------------------- played, and heard ---- */

static struct xldm_ctx *ctx;
static max_align_t inside[256]; /* more than libxl's own; zeros */
static libxl_ctx *libxl = (libxl_ctx *)(void *)inside;
static char said[1024];                      /* errors */
static char noted[1024]; /* the last note */
static char order[1024];                     /* what was called */
static char record[512];

static struct {
    bool split, dying, dm_gone;
    int begins, ends;      /* libxl's rc */
    bool at_once;          /* the operation is over before the call returns */
    libxl_asyncop_how how; /* of the one that goes on */
    bool has_how;
} world;

static void did(const char *what)
{
    strncat(order, what, sizeof(order) - strlen(order) - 1);
    strncat(order, " ", sizeof(order) - strlen(order) - 1);
}

struct xs_handle *xs_open(unsigned long flags)
{
    (void)flags;
    return (struct xs_handle *)&ctx;
}

void xs_close(struct xs_handle *xs)
{
    (void)xs;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
              unsigned int *len)
{
    (void)h, (void)t, (void)len;
    ck_assert_str_eq(path, "/libxl/7/xldm/pid");
    return world.split ? strdup("1") : NULL;
}

int libxl_domain_info(libxl_ctx *c, libxl_dominfo *info, uint32_t domid)
{
    ck_assert_ptr_eq(c, libxl);
    info->dying = world.dying;
    return domid == 7 ? 0 : ERROR_DOMAIN_NOTFOUND;
}

json_t *xldm__dm_ask(struct xldm_ctx *c, uint32_t domid, const char *command,
                     json_t *arguments, unsigned ms)
{
    ck_assert_uint_eq(domid, 7);
    ck_assert_uint_gt(ms, 0);
    did(command + strlen("x-xldm-"));
    did(json_string_value(json_object_get(arguments, "device")));
    if (json_object_get(arguments, "group"))
        did(json_string_value(json_object_get(arguments, "group")));
    json_decref(arguments);
    if (world.dm_gone)
        xldm__error(c, XLDM__NONE, "/run/x: Connection refused");
    return world.dm_gone ? NULL : json_object();
}

int libxl_userdata_retrieve(libxl_ctx *c, uint32_t domid, const char *id,
                            uint8_t **data, int *n)
{
    (void)c, (void)domid, (void)id;
    *data = (uint8_t *)strdup(record);
    *n = (int)strlen(record) + 1;
    return 0;
}

int libxl_retrieve_domain_configuration(libxl_ctx *c, uint32_t domid,
                                        libxl_domain_config *cfg,
                                        const libxl_asyncop_how *how)
{
    struct xldm_domain *dom = xldm_domain_new(ctx, "x");

    (void)c, (void)domid, (void)how;
    *cfg = *xldm_domain_config(dom);
    libxl_domain_config_init(xldm_domain_config(dom));
    xldm_domain_free(dom);
    cfg->b_info.extra_hvm = calloc(3, sizeof(char *));
    cfg->b_info.extra_hvm[0] = strdup("-xldm-groups");
    cfg->b_info.extra_hvm[1] = strdup("net=nic0");
    return 0;
}

int libxl_userdata_store(libxl_ctx *c, uint32_t domid, const char *id,
                         const uint8_t *data, int n)
{
    (void)c, (void)domid, (void)id;
    snprintf(record, sizeof(record), "%.*s", n, (const char *)data);
    did("record");
    return 0;
}

/* libxl's event loop comes to the operation's end. */
static void turn(void)
{
    world.has_how = false;
    if (world.how.callback)
        world.how.callback(libxl, world.ends, world.how.u.for_callback);
    else
        did("event");
}

static int begin(const char *what, const libxl_asyncop_how *how)
{
    did(what);
    if (!how || world.begins)
        return world.begins ? world.begins : world.ends;
    world.how = *how;
    world.has_how = true;
    if (world.at_once)
        turn();
    return 0;
}

int libxl_device_pci_add(libxl_ctx *c, uint32_t domid, libxl_device_pci *pci,
                         const libxl_asyncop_how *how)
{
    (void)c, (void)domid, (void)pci;
    return begin("pci", how);
}

int libxl_device_disk_add(libxl_ctx *c, uint32_t domid, libxl_device_disk *disk,
                          const libxl_asyncop_how *how)
{
    (void)c, (void)domid, (void)disk;
    return begin("disk", how);
}

/* ---------------------------------------------------------- fixture ---- */

static void report(void *arg, const struct xldm_diag *diag)
{
    size_t n = strlen(said);

    (void)arg;
    if (diag->severity == XLDM_NOTE)
        snprintf(noted, sizeof(noted), "%s", diag->text);
    if (diag->severity == XLDM_ERROR)
        snprintf(said + n, sizeof(said) - n, "%s\n", diag->text);
}

static void setup(void)
{
    ctx = xldm_ctx_new(report, NULL);
    xldm_ctx_use_libxl(ctx, libxl);
    memset(&world, 0, sizeof(world));
    world.split = true;
    *said = *noted = *order = '\0';
    strcpy(record, RECORD);
}

static void teardown(void)
{
    ck_assert(!world.has_how);
    xldm_ctx_free(ctx);
}

static bool add_card(const char *group, const libxl_asyncop_how *how)
{
    xldm_device_pci pci;
    bool ok;

    xldm_device_pci_init(&pci);
    pci.libxl.bus = 3;
    pci.dm_affinity.group = strdup(group);
    ok = xldm_device_pci_add(ctx, 7, &pci, how);
    xldm_device_pci_dispose(&pci); /* before the operation's end */
    return ok;
}

static void on_end(libxl_ctx *c, int rc, void *arg)
{
    ck_assert_ptr_eq(c, libxl);
    ck_assert_ptr_eq(arg, order);
    did(rc ? "told-no" : "told-yes");
}

static const libxl_asyncop_how callback = { .callback = on_end,
                                            .u.for_callback = order };
static const libxl_asyncop_how event = { .u.for_event = 5 };

/* ------------------------------------------------------------ cases ---- */

#define NO_CARD "pci '0000:03:00.0' cannot be added to domain 7\n"
#define PLACE "place 0000:03:00.0 late "
#define UNPLACE "unplace 0000:03:00.0 "

static const struct {
    const libxl_asyncop_how *how;
    int begins, ends;
    bool at_once, ok;
    const char *order, *said, *record;
} cards[] = {
    { NULL, 0, 0, false, true, PLACE "pci record ", "", PLACED },
    { NULL, 0, ERROR_FAIL, false, false, PLACE "pci " UNPLACE, NO_CARD,
      RECORD },
    { &callback, 0, 0, false, true, PLACE "pci record told-yes ", "", PLACED },
    { &callback, 0, ERROR_FAIL, false, true, PLACE "pci " UNPLACE "told-no ",
      NO_CARD, RECORD },
    { &callback, 0, 0, true, true, PLACE "pci record told-yes ", "", PLACED },
    { &callback, 0, ERROR_FAIL, true, true, PLACE "pci " UNPLACE "told-no ",
      NO_CARD, RECORD },
    { &callback, ERROR_NOMEM, 0, false, false, PLACE "pci " UNPLACE, NO_CARD,
      RECORD },
    /* libxl's event goes to the caller alone. */
    { &event, 0, 0, false, true, PLACE "pci record event ", "", PLACED },
    { &event, ERROR_NOMEM, 0, false, false, PLACE "pci " UNPLACE, NO_CARD,
      RECORD },
};

START_TEST(card)
{
    world.begins = cards[_i].begins;
    world.ends = cards[_i].ends;
    world.at_once = cards[_i].at_once;
    ck_assert(add_card("late", cards[_i].how) == cards[_i].ok);
    if (world.has_how)
        turn();
    ck_assert_str_eq(order, cards[_i].order);
    ck_assert_str_eq(said, cards[_i].said);
    ck_assert_str_eq(record, cards[_i].record);
}
END_TEST

/* A group of its own has a name by then. */
START_TEST(own_group)
{
    ck_assert(add_card("own", &callback));
    turn();
    ck_assert_str_eq(order, "place 0000:03:00.0 pci-0000:03:00.0 pci record "
                            "told-yes ");
    ck_assert_ptr_nonnull(strstr(record, ";pci-0000:03:00.0=0000:03:00.0\""));
}
END_TEST

/* No QEMU has a part of it now: there is nothing to be placed. */
START_TEST(a_disk)
{
    xldm_device_disk disk;

    xldm_device_disk_init(&disk);
    disk.libxl.vdev = strdup("xvde");
    disk.libxl.pdev_path = strdup("/x");
    disk.libxl.format = LIBXL_DISK_FORMAT_RAW;
    disk.dm_affinity.group = strdup("net");
    world.ends = ERROR_FAIL;
    ck_assert(xldm_device_disk_add(ctx, 7, &disk, &callback));
    turn();
    ck_assert_str_eq(order, "disk told-no ");
    ck_assert_str_eq(record, RECORD);
    world.ends = 0;
    ck_assert(xldm_device_disk_add(ctx, 7, &disk, &callback));
    turn();
    ck_assert_str_eq(order, "disk told-no disk record told-yes ");
    ck_assert_msg(strstr(record, "net=hde,nic0"), "%s", record);
    ck_assert_str_eq(noted, ""); /* PV for ever */
    strcpy(disk.libxl.vdev, "xvdb");
    world.split = false;
    xldm_device_disk_add(ctx, 7, &disk, NULL);
    ck_assert_str_eq(noted,
                     "disk 'xvdb': is paravirtual for now; when the domain is "
                     "started anew, the QEMU of group 'net' emulates it as "
                     "'hdb'");
    xldm_device_disk_dispose(&disk);
}
END_TEST

START_TEST(dm_is_gone)
{
    world.dm_gone = true;
    ck_assert(!add_card("late", &callback));
    ck_assert_str_eq(order, PLACE);
    ck_assert_str_eq(said, "/run/x: Connection refused\n"
                           "pci '0000:03:00.0' cannot be put into group 'late' "
                           "of domain 7\n");
    ck_assert_str_eq(record, RECORD);
}
END_TEST

START_TEST(one_qemu)
{
    world.split = false;
    ck_assert(!add_card("late", NULL));
    ck_assert_ptr_nonnull(strstr(said, "runs in one QEMU without xldm-dm"));
    ck_assert_str_eq(order, "");
    ck_assert(add_card("primary", NULL));
    ck_assert_str_eq(order, "pci ");
    ck_assert_str_eq(record, RECORD);
}
END_TEST

/* ---- no such domain, and nothing where something is needed ---- */

#define HOLLOW(kind)                                                           \
    do {                                                                       \
        xldm_device_##kind dev;                                                \
        int n = 0;                                                             \
        xldm_device_##kind##_init(&dev);                                       \
        ck_assert(!xldm_device_##kind##_add(NULL, 7, &dev, NULL));             \
        ck_assert(!xldm_device_##kind##_remove(NULL, 7, &dev, NULL));          \
        ck_assert_ptr_null(xldm_device_##kind##_list(NULL, 7, &n));            \
        ck_assert(!xldm_domain_##kind##_add(NULL, NULL, &dev));                \
        refused(xldm_device_##kind##_add(ctx, 7, NULL, NULL),                  \
                "no " #kind " was given\n");                                   \
        refused(xldm_device_##kind##_remove(ctx, 7, NULL, NULL),               \
                "no " #kind " was given\n");                                   \
        refused(xldm_device_##kind##_list(ctx, 7, NULL),                       \
                "no number was given\n");                                      \
        refused(xldm_device_##kind##_list(ctx, 8, &n), NO_DOMAIN);             \
        ck_assert_int_eq(n, -1);                                               \
        refused(xldm_domain_##kind##_add(ctx, NULL, &dev),                     \
                "no domain was given\n");                                      \
        refused(xldm_domain_##kind##_remove(ctx, NULL, &dev),                  \
                "no domain was given\n");                                      \
        refused(xldm_domain_##kind##_list(ctx, NULL, &n),                      \
                "no domain was given\n");                                      \
        xldm_device_##kind##_dispose(&dev);                                    \
    } while (0)
#define NO_DOMAIN "there is no domain 8, or it is dying\n"

#define refused(call, error)                                                   \
    do {                                                                       \
        ck_assert(!(call));                                                    \
        ck_assert_str_eq(said, error);                                         \
        *said = '\0';                                                          \
    } while (0)

START_TEST(hollow)
{
    HOLLOW(disk);
    HOLLOW(nic);
    HOLLOW(vfb);
    HOLLOW(pci);
    ck_assert_str_eq(order, "");
}
END_TEST

START_TEST(hollow_domain)
{
    struct xldm_domain *dom = xldm_domain_new(ctx, "x");
    uint32_t domid;

    refused(xldm_domain_create(ctx, NULL, false, &domid),
            "no domain was given\n");
    refused(xldm_domain_create(ctx, dom, false, NULL),
            "no place for the domain's number was given\n");
    refused(xldm_domain_supervise(ctx, NULL, 7), "no domain was given\n");
    refused(xldm_domain_destroy(ctx, NULL), "no domain was given\n");
    refused(xldm_domain_list(ctx, XLDM_FORMAT_TEXT, NULL), "no file was given\n");
    refused(xldm_domain_attach(ctx, NULL, "-"), "no domain was given\n");
    refused(xldm_domain_attach(ctx, "x", NULL), "no file was given\n");
    refused(xldm_domain_detach(ctx, NULL, "nic0"), "no domain was given\n");
    refused(xldm_domain_detach(ctx, "x", NULL), "no device's name was given\n");
    refused(xldm_domain_restart_group(ctx, NULL, "a"), "no domain was given\n");
    refused(xldm_domain_restart_group(ctx, "x", NULL), "no group was given\n");
    refused(xldm_plan_new(ctx, NULL, 7), "no domain was given\n");
    refused(xldm_domain_read(ctx, NULL), "no file was given\n");
    refused(xldm_domain_from_config(ctx, NULL), "no config was given\n");
    refused(xldm_domain_write_xml(ctx, dom, NULL), "no file was given\n");
    refused(xldm_domain_write_cfg(ctx, NULL, stdout), "no domain was given\n");
    ck_assert(!xldm_domain_destroy(NULL, "x"));
    xldm_domain_free(dom);
}
END_TEST

START_TEST(no_domain)
{
    xldm_device_pci pci;

    xldm_device_pci_init(&pci);
    refused(xldm_device_pci_add(ctx, 8, &pci, &callback), NO_DOMAIN);
    refused(xldm_device_pci_remove(ctx, 8, &pci, &event), NO_DOMAIN);
    world.dying = true;
    refused(xldm_device_pci_add(ctx, 7, &pci, NULL),
            "there is no domain 7, or it is dying\n");
    ck_assert_str_eq(order, "");
    xldm_device_pci_dispose(&pci);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("device");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, card, 0, COUNT(cards));
    tcase_add_test(tcase, own_group);
    tcase_add_test(tcase, a_disk);
    tcase_add_test(tcase, dm_is_gone);
    tcase_add_test(tcase, one_qemu);
    tcase_add_test(tcase, hollow);
    tcase_add_test(tcase, hollow_domain);
    tcase_add_test(tcase, no_domain);
    return unit_run(tcase, "device");
}

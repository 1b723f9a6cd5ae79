/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/nodes.c: whose QEMU sees which node of the real xenstore. */
#include <stdint.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#include "devices/class.h"
#include "run/nodes.h"
#include "unit.h"

#define DOMID 5

static struct xldm__group groups[] = {
    { .name = "primary", .primary = true },
    { .name = "loose" },
    { .name = "strict", .restricted = true },
};
static struct xldm__planned devices[] = {
    { .class = &xldm__disk, .id = "xvda", .group = &groups[1] },
    { .class = &xldm__disk, .id = "hdc", .group = &groups[2] },
    { .class = &xldm__disk, .id = "sdb", .group = &groups[1] },
    { .class = &xldm__disk, .id = "xvde", .group = &groups[0] },
    { .class = &xldm__nic, .id = "nic0", .group = &groups[1] },
};

static struct xldm_plan plan = { .ngroups = COUNT(groups),
                                 .devices = devices,
                                 .ndevices = COUNT(devices) };

enum { PRIMARY = 1, LOOSE = 2 };

static const struct {
    const char *path;
    uint32_t type;
    unsigned real; /* for whom */
} cases[] = {
    { "/local/domain/0/backend/qdisk/5/51712/state", XS_READ, LOOSE },
    { "backend/qdisk/5/51712/state", XS_WRITE, LOOSE },
    { "backend/qdisk/5/51712", XS_SET_PERMS, LOOSE },
    { "backend/qdisk/5/768", XS_DIRECTORY, LOOSE }, /* as hda */
    { "backend/qdisk/5/2064", XS_DIRECTORY, LOOSE },
    { "/local/domain/5/device/vbd/51712/state", XS_WATCH, LOOSE },
    { "/local/domain/5/device/vbd/51712/state", XS_WATCH_EVENT, LOOSE },
    /* the primary serves what is of no group, and of a restricted one */
    { "backend/qdisk/5/5632/state", XS_READ, PRIMARY },
    { "backend/qdisk/5/51776/state", XS_READ, PRIMARY },
    { "backend/qdisk/5/nonsense/state", XS_READ, PRIMARY },
    { "backend/qdisk/5/51712nonsense", XS_READ, PRIMARY },
    { "backend/qdisk/5/", XS_WRITE, PRIMARY },
    { "/local/domain/5/device/vif/0/state", XS_READ, PRIMARY },
    { "device-model/5/state", XS_WRITE, PRIMARY },
    { "backend/console/5", XS_DIRECTORY, PRIMARY },
    { "domid", XS_READ, PRIMARY },
    /* other domains' */
    { "backend/qdisk/55/51712/state", XS_READ, PRIMARY },
    { "/local/domain/50/device/vbd/51712/state", XS_READ, PRIMARY },
    { "/local/domain/1/backend/qdisk/5/51712/state", XS_READ, PRIMARY },
    /* from above */
    { "/", XS_DIRECTORY, PRIMARY | LOOSE },
    { "backend", XS_DIRECTORY, PRIMARY | LOOSE },
    { "backend", XS_WRITE, PRIMARY },
    { "backend/qdis", XS_DIRECTORY, PRIMARY },
    { "backend/qdisk/5", XS_DIRECTORY, PRIMARY | LOOSE },
    { "backend/qdisk/5", XS_WATCH, PRIMARY | LOOSE },
    { "backend/qdisk/5", XS_RM, PRIMARY },
    { "/local/domain/5/device/vbd", XS_DIRECTORY, PRIMARY | LOOSE },
    { "", XS_DIRECTORY, PRIMARY | LOOSE },
};

START_TEST(test_who)
{
    unsigned real = 0;
    size_t g;

    /* A restricted group has no view at all (xenstore.c). */
    for (g = 0; g < 2; g++)
        if (nodes_are_real(&plan, DOMID, &groups[g], cases[_i].type,
                           cases[_i].path))
            real |= 1u << g;
    ck_assert_msg(real == cases[_i].real, "%s: %u", cases[_i].path, real);
}
END_TEST

START_TEST(test_long)
{
    char path[2 * XENSTORE_ABS_PATH_MAX];

    memset(path, 'a', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    ck_assert(!nodes_are_real(&plan, DOMID, &groups[1], XS_READ, path));
    ck_assert(nodes_are_real(&plan, DOMID, &groups[0], XS_READ, path));
    memcpy(path, "backend/qdisk/5/", 16);
    ck_assert(!nodes_are_real(&plan, DOMID, &groups[1], XS_READ, path));
}
END_TEST

START_TEST(test_shared)
{
    struct xldm_plan none = { .ngroups = 3,
                              .devices = devices + 3,
                              .ndevices = 2 };

    ck_assert(nodes_shared(&plan));
    ck_assert(!nodes_shared(&none)); /* a card's are netback's */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nodes");

    tcase_add_loop_test(tcase, test_who, 0, COUNT(cases));
    tcase_add_test(tcase, test_long);
    tcase_add_test(tcase, test_shared);
    return unit_run(tcase, "nodes");
}

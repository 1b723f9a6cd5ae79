/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: what a subverted QEMU or guest says to xldm-dm: the text of
 * a human monitor, an ioreq, a xenstore path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "devices/class.h"
#include "run/access.h"
#include "run/flatview.h"
#include "run/nodes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take_block(void *arg, const struct ramblock *block)
{
    size_t *n = arg;

    return block->first <= block->last && ++*n < 1000;
}

static void monitor(const char *text)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges claims = { .arena = &arena };
    uint32_t value;
    size_t n = 0, i;

    if (flatview_claims(text, &claims))
        for (i = 0; i < claims.n; i++)
            if (claims.v[i].first > claims.v[i].last)
                abort();
    flatview_ramblocks(text, take_block, &n);
    access_answer(text, &value);
    xldm__arena_dispose(&arena);
}

static void guest(const uint8_t *data, size_t size)
{
    uint8_t enabled[GPE0_ENABLE_SIZE] = { 0 };
    ioreq_t r = { 0 };
    uint32_t value = 0;
    char line[48];

    memcpy(&r, data, size < sizeof(r) ? size : sizeof(r));
    if (access_decide(&r) < ACCESS_PRIMARY)
        return;
    access_command(&r, (uint32_t)r.data, line, sizeof(line));
    access_enable(&r, (uint32_t)r.data, enabled);
    access_enable_command(enabled, line, sizeof(line));
    access_unplug_command(access_unplug(&r, (uint32_t)r.data, 0xc000), line,
                          sizeof(line));
    access_merge(&r, access_nobody(&r), &value);
    access_address(&r, access_count(&r) - 1);
}

/* A node is never both groups', nor the primary's and a group's that serves. */
static void xenstore(const char *path, uint32_t type)
{
    struct xldm__group groups[] = { { .primary = true }, { .name = "a" },
                                    { .name = "b" } };
    struct xldm__planned devices[] = {
        { .class = &xldm__disk, .id = "hda", .group = &groups[1] },
        { .class = &xldm__disk, .id = "sda", .group = &groups[2] },
    };
    struct xldm_plan plan = { .devices = devices, .ndevices = 2 };
    bool real[3];

    for (size_t i = 0; i < 3; i++)
        real[i] = nodes_are_real(&plan, 7, &groups[i], type, path);
    if (real[0] ? real[1] != real[2] : real[1] && real[2])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    monitor(text);
    guest(data, size);
    xenstore(text, size ? data[size - 1] : 0);
    free(text);
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/run/flatview.c: `info mtree -f` and `info ramblock`, from QEMU 7.2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/flatview.h"
#include "unit.h"


#define PORTS                                                                  \
    " AS \"I/O\", root: io\r\n"                                                \
    " Root memory region: io\r\n"                                              \
    "  0000000000000000-0000000000000007 (prio 0, i/o): dma-chan\r\n"          \
    "  0000000000000008-000000000000000f (prio 0, i/o): dma-cont\r\n"          \
    "  0000000000000010-000000000000001f (prio 0, i/o): xen-fixed\r\n"         \
    "  0000000000000020-000000000000005f (prio 0, i/o): io "                   \
    "@0000000000000020\r\n"                                                    \
    "  0000000000000071-0000000000000071 (prio 0, i/o): rtc "                  \
    "@0000000000000001\r\n"                                                    \
    "  0000000000000080-0000000000000080 (prio 0, i/o): ioport80\r\n"          \
    "  00000000000003f6-00000000000003f6 (prio 0, i/o): ide\r\n"               \
    "  0000000000000cf8-0000000000000cf8 (prio 0, i/o): pci-conf-idx\r\n"      \
    "  0000000000000cf9-0000000000000cf9 (prio 1, i/o): "                      \
    "piix3-reset-control\r\n"                                                  \
    "  000000000000b140-000000000000ffff (prio 0, i/o): io "                   \
    "@000000000000b140\r\n\r\n"

#define MEMORY                                                                 \
    " AS \"memory\", root: system\r\n"                                         \
    " AS \"cpu-memory-0\", root: system\r\n"                                   \
    " Root memory region: system\r\n"                                          \
    "  0000000000000000-000000000009ffff (prio 0, ram): xen.ram\r\n"           \
    "  00000000000a0000-00000000000bffff (prio 1, i/o): vga-lowmem\r\n"        \
    "  00000000000c0000-0000000002ffffff (prio 0, ram): xen.ram "              \
    "@00000000000c0000\r\n"                                                    \
    "  00000000f0000000-00000000f0ffffff (prio 1, ram): vga.vram\r\n"          \
    "  00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic\r\n"            \
    "  00000000fee00000-00000000feefffff (prio 4096, i/o): "                   \
    "xen-apic-msi\r\n\r\n"

#define MASTERS                                                                \
    " AS \"i440FX\", root: bus master container\r\n"                           \
    " AS \"VGA\", root: bus master container\r\n"                              \
    " Root memory region: (none)\r\n"                                          \
    "  No rendered FlatView\r\n\r\n"

#define PORTS_SET "p0-1f p71-71 p80-80 p3f6-3f6 pcf8-cf9 "
#define MEMORY_SET                                                             \
    "ma0000-bffff mf0000000-f0ffffff mfec00000-fec00fff "                      \
    "mfee00000-feefffff "

static const struct view {
    const char *text;
    bool ok;
    const char *set;
} views[] = {
    { "FlatView #0\r\n" MEMORY "FlatView #1\r\n" MASTERS
      "FlatView #2\r\n" PORTS,
      true, PORTS_SET MEMORY_SET },
    { "FlatView #0\r\n" PORTS "FlatView #1\r\n" MEMORY
      "FlatView #2\r\n" MASTERS,
      true, PORTS_SET MEMORY_SET },
    /* what a device sees as bus master is not registered with Xen */
    { "FlatView #0\n" PORTS "FlatView #1\n" MEMORY
      "FlatView #2\n AS \"e1000\", root: bus master container\n"
      "  0000000000001000-0000000000001fff (prio 0, i/o): other\n",
      true, PORTS_SET MEMORY_SET },
    { "FlatView #0\n" PORTS, false, PORTS_SET },
    { "FlatView #0\n" MEMORY, false, MEMORY_SET },
    { "", false, "" },
    { "unknown command: 'info mtree -f'\r\n", false, "" },
    { "FlatView #0\n AS \"I/O\", root: io\n"
      "  zz-0 (prio 0, i/o): a\n  10-xx (prio 0, i/o): a\n"
      "  20-1f (prio 0, i/o): a\n  20-2f\n  30-3f (prio 0, i/o)\n  40-\n"
      "  50-5f (prio 0, i/o): iodine\nFlatView #1\n AS \"memory\", root: x\n"
      "  60-6f (prio 0, ram): xen.ramp",
      true, "p50-5f m60-6f " },
};

static void set_text(const struct xldm__ranges *set, char *out, size_t size)
{
    size_t i, n = 0;

    out[0] = '\0';
    for (i = 0; i < set->n && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%c%llx-%llx ",
                              "pmf"[set->v[i].space],
                              (unsigned long long)set -> v[i].first,
                              (unsigned long long)set->v[i].last);
}

START_TEST(test_claims)
{
    const struct view *v = &views[_i];
    struct xldm__arena arena = { 0 };
    struct xldm__ranges set = { .arena = &arena };
    char text[1024];

    ck_assert_int_eq(flatview_claims(v->text, &set), v->ok);
    set_text(&set, text, sizeof(text));
    ck_assert_str_eq(text, v->set);
    xldm__arena_dispose(&arena);
}
END_TEST

#define HEAD                                                                   \
    "              Block Name    PSize              Offset               Used" \
    "              Total\r\n"
#define RAM                                                                    \
    "                 xen.ram    4 KiB  0x0000000000000000 "                   \
    "0x0000000003000000 0x0000000003000000\r\n"

static const struct blocks {
    const char *text;
    bool ok;
    const char *list;
} blocks[] = {
    { HEAD RAM "   0000:00:03.0/vga.vram    4 KiB  0x0000000003000000 "
               "0x0000000001000000 0x0000000001000000\r\n"
               "  0000:00:04.0/e1000.rom    4 KiB  0x0000000004040000 "
               "0x0000000000040000 0x0000000000040000\r\n",
      true,
      "0000:00:03.0/vga.vram=3000000-3ffffff "
      "0000:00:04.0/e1000.rom=4040000-407ffff " },
    /* QEMU 10 has more columns */
    { HEAD "  xen.ram    4 KiB  0x0000000000000000 0x0000000003000000 "
           "0x0000000003000000                  0x0  rw\r\n"
           "  a.rom 2 MiB 0x0000000003000000 0x0000000000001000 "
           "0x0000000000002000 0x00007f0000000000 ro\r\n",
      true, "a.rom=3000000-3001fff " },
    { HEAD RAM, true, "" },
    { HEAD, false, "" },
    { "", false, "" },
    { HEAD RAM " 0x1\n 0x1 0x2\n x 4 KiB 0x1 0x2 0x0\n"
               " x 4 KiB 0xffffffffffffffff 0x1 0x2\n",
      true, "" },
    { HEAD RAM " 0x10 0x1 0x1\n", true, "=10-10 " },
};

static bool add_block(void *arg, const struct ramblock *b)
{
    char *list = arg;

    snprintf(list + strlen(list), 1024 - strlen(list), "%s=%llx-%llx ", b->name,
             (unsigned long long)b->first, (unsigned long long)b->last);
    return true;
}

START_TEST(test_blocks)
{
    const struct blocks *b = &blocks[_i];
    char list[1024] = "";

    ck_assert_int_eq(flatview_ramblocks(b->text, add_block, list), b->ok);
    ck_assert_str_eq(list, b->list);
}
END_TEST

/* A line may be cut anywhere, and longer than any buffer. */
START_TEST(test_cut)
{
    const char *whole = views[0].text;
    struct xldm__arena arena = { 0 };
    size_t n = strlen(whole), i;
    char *text, list[1024];

    for (i = 0; i < n; i++) {
        struct xldm__ranges set = { .arena = &arena };

        text = strndup(whole, i);
        ck_assert_ptr_nonnull(text);
        flatview_claims(text, &set);
        list[0] = '\0';
        flatview_ramblocks(text, add_block, list);
        free(text);
    }
    text = malloc(100001);
    ck_assert_ptr_nonnull(text);
    memset(text, '0', 100000);
    text[100000] = '\0';
    list[0] = '\0';
    ck_assert(!flatview_ramblocks(text, add_block, list));
    free(text);
    xldm__arena_dispose(&arena);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("flatview");

    tcase_add_loop_test(tcase, test_claims, 0, COUNT(views));
    tcase_add_loop_test(tcase, test_blocks, 0, COUNT(blocks));
    tcase_add_test(tcase, test_cut);
    return unit_run(tcase, "flatview");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/dm/option.c: a QEMU command line, one option at a time. */
#include <stdlib.h>
#include <string.h>

#include "dm/option.h"
#include "unit.h"


/* ---- where one option ends ---- */

static const struct line {
    const char *argv[8];
    const char *parts; /* "name=value|name|..." */
} lines[] = {
    { { NULL }, "" },
    { { "-S", NULL }, "-S" },
    { { "-S", "-m", "512", NULL }, "-S|-m=512" },
    { { "-device", "VGA", "-nographic", "-k", "de", NULL },
      "-device=VGA|-nographic|-k=de" },
    { { "--device", "VGA", "--nodefaults", "x", NULL },
      "--device=VGA|--nodefaults|x" },
    /* a value may be empty, or a dash alone */
    { { "-append", "", "-S", NULL }, "-append=|-S" },
    { { "-incoming", "-", "-S", NULL }, "-incoming=-|-S" },
    /* its value forgotten: the next option is not swallowed */
    { { "-device", "-S", NULL }, "-device|-S" },
    { { "-device", NULL }, "-device" },
    { { "-m", "-m", "5", NULL }, "-m|-m=5" },
    /* text that begins with a dash */
    { { "-append", "-v single", "-S", NULL }, "-append=-v single|-S" },
    { { "-name", "-S", NULL }, "-name=-S" },
    /* words that are no options: QEMU takes them for disk images */
    { { "a.img", "-S", NULL }, "a.img|-S" },
    { { "", "-S", NULL }, "|-S" },
    { { "-", "x", NULL }, "-=x" },
    { { "-xen-domid-restrict", "x", "-usb", "-no-acpi", NULL },
      "-xen-domid-restrict|x|-usb|-no-acpi" },
};

START_TEST(options_of_a_line)
{
    const struct line *line = &lines[_i];
    char *text = NULL;
    size_t size, argc = 0, i = 0;
    FILE *out = open_memstream(&text, &size);

    while (line->argv[argc])
        argc++;
    while (i < argc) {
        struct xldm__option o;
        size_t before = i;

        o = xldm__option_next(line->argv, argc, &i);
        ck_assert_uint_gt(i, before);
        fprintf(out, "%s%s%s%s", before ? "|" : "", o.name, o.value ? "=" : "",
                o.value ? o.value : "");
    }
    ck_assert_uint_eq(i, argc);
    fclose(out);
    ck_assert_str_eq(text, line->parts);
    free(text);
}
END_TEST

/* ---- which option it is ---- */

static const struct what {
    struct xldm__option option;
    const char *name, *first;
    bool is;
} whats[] = {
    { { "-device", "VGA,vgamem_mb=16" }, "device", NULL, true },
    { { "-device", "VGA,vgamem_mb=16" }, "device", "VGA", true },
    { { "--device", "VGA" }, "device", "VGA", true },
    { { "---device", "VGA" }, "device", "VGA", false },
    { { "-device", "VGA" }, "device", "VG", false },
    { { "-device", "VG" }, "device", "VGA", false },
    { { "-device", "VGA,,x" }, "device", "VGA", false },
    { { "-device", "" }, "device", "", true },
    { { "-device", NULL }, "device", NULL, true },
    { { "-device", NULL }, "device", "VGA", false },
    { { "-devices", "VGA" }, "device", NULL, false },
    { { "device", "VGA" }, "device", NULL, false },
    { { "", NULL }, "device", NULL, false },
    { { "-", NULL }, "device", NULL, false },
};

START_TEST(what_an_option_is)
{
    const struct what *w = &whats[_i];

    ck_assert_int_eq(xldm__option_is(&w->option, w->name, w->first), w->is);
}
END_TEST

/* ---- values of keys ---- */

static const struct get {
    const char *value, *key, *want; /* NULL: there is none */
} gets[] = {
    { "e1000,id=nic0,netdev=net0", "", "e1000" },
    { "e1000,id=nic0,netdev=net0", "id", "nic0" },
    { "e1000,id=nic0,netdev=net0", "netdev", "net0" },
    { "e1000,id=nic0,netdev=net0", "net", NULL },
    { "e1000,id=nic0,netdev=net0", "mac", NULL },
    { "id=nic0", "id", "nic0" },
    { "id=nic0,id=nic1", "id", "nic0" },
    { "id=", "id", "" },
    { "id", "id", NULL },
    { "", "", "" },
    { "", "id", NULL },
    { NULL, "", NULL },
    { NULL, "id", NULL },
    /* doubled commas */
    { "file=/a,,b.img,id=x", "file", "/a,b.img" },
    { "file=/a,,id=no,id=yes", "id", "yes" },
    { "file=/a,,,id=x", "id", "x" },
    { "file=/a,,,id=x", "file", "/a," },
    { "file=,,,,,id=x", "file", ",," },
    { "a,,b,id=x", "", "a,b" },
    { "file=/a,,", "file", "/a," },
    { "file=/a,", "file", "/a" },
    { ",id=x", "id", "x" },
    { ",id=x", "", "" },
    /* 7 characters fit into the smaller buffer; what does not is not there */
    { "id=1234567", "id", "1234567" },
    { "id=12345678", "id", "12345678" },
    { "id=123456,,", "id", "123456," },
};

START_TEST(value_of_a_key)
{
    const struct get *g = &gets[_i];
    struct xldm__option o = { "-device", g->value };
    char small[8], large[64], *got;

    got = xldm__option_get(&o, g->key, large, sizeof(large));
    ck_assert_ptr_eq(got, g->want ? large : NULL);
    if (g->want)
        ck_assert_str_eq(got, g->want);
    ck_assert_ptr_null(xldm__option_get(&o, g->key, small, 0));
    got = xldm__option_get(&o, g->key, small, sizeof(small));
    if (!g->want || strlen(g->want) >= sizeof(small))
        ck_assert_ptr_null(got);
    else
        ck_assert_str_eq(got, g->want);
}
END_TEST

/* ---- commas ---- */

static const char *const values[] = {
    "", "plain", ",", "a,b", ",,", "/srv/a,readonly=off", "a,", ",a",
};

/* What is escaped comes back, and does not reach what stands behind. */
START_TEST(escaped_and_back)
{
    struct xldm__arena arena = { 0 };
    char *value =
        xldm__fmt(&arena, "file=%s,id=x", xldm__escape(&arena, values[_i]));
    struct xldm__option o = { "-drive", value };
    char buf[64];

    ck_assert_str_eq(xldm__option_get(&o, "file", buf, sizeof(buf)),
                     values[_i]);
    ck_assert_str_eq(xldm__option_get(&o, "id", buf, sizeof(buf)), "x");
    ck_assert_ptr_null(xldm__option_get(&o, "readonly", buf, sizeof(buf)));
    xldm__arena_dispose(&arena);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("option");

    tcase_add_loop_test(tcase, options_of_a_line, 0, COUNT(lines));
    tcase_add_loop_test(tcase, what_an_option_is, 0, COUNT(whats));
    tcase_add_loop_test(tcase, value_of_a_key, 0, COUNT(gets));
    tcase_add_loop_test(tcase, escaped_and_back, 0, COUNT(values));
    return unit_run(tcase, "option");
}

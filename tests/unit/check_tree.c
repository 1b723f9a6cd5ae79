/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/config/tree.c, parse.c: what is parsed, and written again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/xml.h"
#include "unit.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XLDM "xmlns:xldm=\"https://xldm.org/schemas/domain/1.0\""

static const struct {
    const char *in, *out; /* NULL: the same */
} documents[] = {
    { "<a/>\n", NULL },
    { "<a b=\"1\" c=\"\">text</a>\n", NULL },
    { "<a>\n  <b/>\n  <c>\n    <d>1</d>\n  </c>\n  <b/>\n</a>\n", NULL },
    /* what stands for something else */
    { "<a b=\"&lt;&amp;&gt;&quot;'\">&lt;&amp;&gt;\"'</a>\n", NULL },
    { "<a b='&#60;&#38;&apos;&#x3e;'/>", "<a b=\"&lt;&amp;'&gt;\"/>\n" },
    { "<a b='&amp;lt;'>&amp;lt;</a>", "<a b=\"&amp;lt;\">&amp;lt;</a>\n" },
    { "<a><![CDATA[<x>&]]></a>", "<a>&lt;x&gt;&amp;</a>\n" },
    { "<a>\xc3\xbc&#252;</a>", "<a>\xc3\xbc\xc3\xbc</a>\n" },
    /* text in pieces, and what is none */
    { "<a> \n one<!-- x -->,<?y z?> two\n</a>", "<a>one, two\n</a>\n" },
    { "<!-- x --><a><!-- y --></a>", "<a/>\n" },
    /* any prefix for a namespace of the tables */
    { "<a " XLDM ">\n  <xldm:b/>\n</a>\n", "<a>\n  <xldm:b/>\n</a>\n" },
    { "<a xmlns:q='https://xldm.org/schemas/domain/1.0'><q:b/></a>",
      "<a>\n  <xldm:b/>\n</a>\n" },
    { "<a xmlns:q='http://other/'><q:b q:c='1'/></a>",
      "<a>\n  < q:c=\"1\"/>\n</a>\n" },
};

static char *text_of(struct xldm__tree *tree)
{
    struct xldm__text text = xldm__tree_text(tree);

    ck_assert_ptr_nonnull(text.v);
    ck_assert_uint_eq(strlen(text.v), text.n);
    ck_assert_int_eq(strncmp(text.v, HEAD, strlen(HEAD)), 0);
    return text.v + strlen(HEAD);
}

START_TEST(parsed_and_written)
{
    const char *in = documents[_i].in, *out = documents[_i].out;
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    struct xldm__tree tree = { 0 };

    ck_assert(xldm__tree_parse(ctx, in, strlen(in), "t.xml", &tree));
    ck_assert_str_eq(text_of(&tree), out ? out : in);
    xldm__tree_dispose(&tree);
    xldm_ctx_free(ctx);
}
END_TEST

static const char *const refused[] = {
    "", " ", "<a>", "<a></b>", "<a/><b/>", "<a b='1' b='2'/>", "<a>&x;</a>",
    "<a b='&x;'/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<q:a/>",
    "<a>\xff</a>", "<a>\xef\xbf\xbe</a>", "<a>&#0;</a>",
    /* libxml2 says what is in <a> though it has not said that it begins */
    "<a b>c</a>", "<a b\n>c<d>e</d>& <f/></a>",
};

START_TEST(not_parsed)
{
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    struct xldm__tree tree = { 0 };

    ck_assert(!xldm__tree_parse(ctx, refused[_i], strlen(refused[_i]), "t.xml",
                                &tree));
    ck_assert_uint_eq(ctx->errors, 1);
    xldm__tree_dispose(&tree);
    xldm_ctx_free(ctx);
}
END_TEST

START_TEST(made)
{
    struct xldm__tree tree = { 0 };
    struct xldm__node *a = xldm__node_add(&tree, NULL, "a", 1), *b, *c;

    b = xldm__node_add(&tree, a, "xen:b/@x", 5);
    c = xldm__node_add(&tree, a, "xldm:c", 6);
    xldm__node_set(&tree, b, "one", "12", 1);
    xldm__node_set(&tree, b, "two", "2", 1);
    xldm__node_set(&tree, b, "one", "3", 1);
    for (int i = 0; i < 3; i++)
        xldm__text_add(&tree.arena, &c->text, "<ab", 3);
    ck_assert_ptr_eq(xldm__node_child(a, "xldm:c"), c);
    ck_assert_ptr_null(xldm__node_child(a, "c"));
    ck_assert_str_eq(xldm__node_attribute(b, "one"), "3");
    ck_assert_ptr_null(xldm__node_attribute(b, "on"));
    ck_assert_str_eq(
        text_of(&tree),
        "<a xmlns:xen=\"http://libvirt.org/schemas/domain/xen/1.0\" " XLDM
        ">\n  <xen:b one=\"3\" two=\"2\"/>\n"
        "  <xldm:c>&lt;ab&lt;ab&lt;ab</xldm:c>\n</a>\n");
    xldm__tree_dispose(&tree);
}
END_TEST

/* Many pieces of text take no more than twice their size. */
START_TEST(long_text)
{
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    struct xldm__tree tree = { 0 };
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fputs("<a>", out);
    for (int i = 0; i < 100000; i++)
        fputs("x&lt;<b/>", out);
    fputs("</a>", out);
    fclose(out);
    ck_assert(xldm__tree_parse(ctx, text, size, "t.xml", &tree));
    ck_assert_uint_eq(tree.root->text.n, 200000);
    ck_assert_uint_le(tree.root->text.cap, 400002);
    xldm__tree_dispose(&tree);
    free(text);
    xldm_ctx_free(ctx);
}
END_TEST

/* xldm__fmt() does much of printf's work itself. */
START_TEST(formats)
{
    struct xldm__arena a = { 0 };
    char text[64];

#define SAME(...)                                                             \
    snprintf(text, sizeof(text), __VA_ARGS__);                                \
    ck_assert_str_eq(xldm__fmt(&a, __VA_ARGS__), text)
    SAME("%s-%c%d,%u", "x", 'y', -12, 4000000000u);
    SAME("%d %d %x", 0, INT32_MIN, 0xabcdefu);
    SAME("%02x:%02hhx:%04x:%x", 5u, (unsigned char)0xff, 0x12345u, 0u);
    SAME("%02hhx%02hhx", (unsigned char)0, (unsigned char)9);
    SAME("%02d%04u%5d%-3s|%%", -3, 7u, 42, "a");
    SAME("%llu %.3s", 1ull << 40, "abcdef");
    xldm__arena_dispose(&a);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("tree");

    tcase_add_loop_test(tcase, parsed_and_written, 0, COUNT(documents));
    tcase_add_loop_test(tcase, not_parsed, 0, COUNT(refused));
    tcase_add_test(tcase, made);
    tcase_add_test(tcase, long_text);
    tcase_add_test(tcase, formats);
    return unit_run(tcase, "tree");
}

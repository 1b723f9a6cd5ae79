/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each key of the tables has a golden case that shows what becomes of it, and
 * a name in the schema if <xldm:config> can have it. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include "config/cfg.h"
#include "config/xml.h"
#include "unit.h"

/* All of them, one behind the other; malloc'ed. */
static char *read_all(const char *pattern)
{
    struct xldm_ctx *ctx = xldm_ctx_new(NULL, NULL);
    size_t used = 0;
    char *all = NULL;
    glob_t files;

    ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        size_t size;
        char *text = xldm__file_read(ctx, files.gl_pathv[i], &size);

        ck_assert_ptr_nonnull(text);
        all = realloc(all, used + size + 1);
        memcpy(all + used, text, size);
        used += size;
        all[used] = '\0';
        free(text);
    }
    globfree(&files);
    xldm_ctx_free(ctx);
    return all;
}

static void check_rows(const struct xldm__key *rows, const char *reports,
                       const char *schema)
{
    char text[80];

    for (; rows && rows->key; rows++) {
        snprintf(text, sizeof(text), ": %s:", rows->key);
        if (rows->kind != XLDM__KEY_REFUSED)
            ck_assert_msg(strstr(reports, text) != NULL,
                          "no tests/golden/convert-*/report.txt has '%s'",
                          rows->key);
        if (!xldm__exact_known(rows->key))
            continue;
        snprintf(text, sizeof(text), "<name ns=\"\">%s</name>", rows->key);
        ck_assert_msg(strstr(schema, text) != NULL,
                      "schemas/config.rng lacks '%s'", rows->key);
    }
}

START_TEST(every_key)
{
    char *reports = read_all("tests/golden/convert-*/report.txt");
    char *schema = read_all("schemas/config.rng");

    check_rows(xldm__machine_keys, reports, schema);
    for (size_t i = 0; xldm__classes[i]; i++)
        check_rows(xldm__classes[i]->keys, reports, schema);
    free(reports);
    free(schema);
}
END_TEST

START_TEST(every_name_of_the_schema)
{
    static const char mark[] = "<name ns=\"\">";
    char *schema = read_all("schemas/config.rng"), *p = schema;
    char name[64];
    int n = 0;

    for (; (p = strstr(p, mark)); n++) {
        p += strlen(mark);
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "<"), p);
        ck_assert_msg(!strcmp(name, "unset") || xldm__exact_known(name),
                      "schemas/config.rng has '%s', which is no key", name);
    }
    ck_assert_int_gt(n, 100);
    free(schema);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("convert");

    tcase_add_test(tcase, every_key);
    tcase_add_test(tcase, every_name_of_the_schema);
    return unit_run(tcase, "convert");
}

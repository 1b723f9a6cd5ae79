/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* src/dm/range.c: sets of inclusive ranges. */
#include <stdlib.h>
#include <string.h>

#include "dm/range.h"
#include "unit.h"

/* ---- what a few steps make; a set is written "p10-1f m0-3 f8-8" ---- */

static const struct steps {
    const char *steps; /* +: add, -: remove */
    const char *set;
} steps[] = {
    { "", "" },
    { "+p10-1f", "p10-1f" },
    { "+p0-0", "p0-0" },
    { "+p10-1f +p30-3f", "p10-1f p30-3f" },
    { "+p30-3f +p10-1f", "p10-1f p30-3f" },
    /* overlap, inside, around, the same again */
    { "+p10-1f +p18-2f", "p10-2f" },
    { "+p10-1f +p12-13", "p10-1f" },
    { "+p12-13 +p10-1f", "p10-1f" },
    { "+p10-1f +p10-1f", "p10-1f" },
    { "+p0-1 +p4-5 +p8-9 +p1-8", "p0-9" },
    /* neighbours merge, but PCI functions stay single, and spaces apart */
    { "+p10-1f +p20-2f", "p10-2f" },
    { "+p20-2f +p10-1f", "p10-2f" },
    { "+p10-1f +p21-2f", "p10-1f p21-2f" },
    { "+p0-0 +p2-2 +p1-1", "p0-2" },
    { "+f8-8 +f9-9 +fb-b", "f8-8 f9-9 fb-b" },
    { "+f9-9 +f8-8 +f9-9", "f8-8 f9-9" },
    { "+p10-1f +m20-2f +f10-10", "p10-1f m20-2f f10-10" },
    { "+f10-10 +m10-1f +p10-1f -m10-1f", "p10-1f f10-10" },
    /* the ends of the numbers */
    { "+m0-0 +mffffffffffffffff-ffffffffffffffff",
      "m0-0 mffffffffffffffff-ffffffffffffffff" },
    { "+m0-fffffffffffffffe +mffffffffffffffff-ffffffffffffffff",
      "m0-ffffffffffffffff" },
    { "+m0-ffffffffffffffff -m0-0", "m1-ffffffffffffffff" },
    { "+m0-ffffffffffffffff -mffffffffffffffff-ffffffffffffffff",
      "m0-fffffffffffffffe" },
    { "+m0-ffffffffffffffff -m0-ffffffffffffffff", "" },
    /* removing: nothing there, all, ends, a hole, across several */
    { "-p0-f", "" },
    { "+p10-1f -p20-2f", "p10-1f" },
    { "+p10-1f -p0-f", "p10-1f" },
    { "+p10-1f -p10-1f", "" },
    { "+p10-1f -p0-ff", "" },
    { "+p10-1f -p10-17", "p18-1f" },
    { "+p10-1f -p18-1f", "p10-17" },
    { "+p10-1f -p14-17", "p10-13 p18-1f" },
    { "+p10-1f +p30-3f +p50-5f -p18-57", "p10-17 p58-5f" },
    { "+p10-1f +m10-1f -p0-ff", "m10-1f" },
};

static struct xldm_range parse(const char *s, const char **end)
{
    struct xldm_range r = { XLDM_PORT, 0, 0 };
    char *p;

    r.space = *s == 'p' ? XLDM_PORT : *s == 'm' ? XLDM_MEMORY : XLDM_PCI;
    r.first = strtoull(s + 1, &p, 16);
    r.last = strtoull(p + 1, &p, 16);
    *end = p;
    return r;
}

static char *print(const struct xldm__ranges *set)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; i < set->n; i++)
        fprintf(out, "%s%c%llx-%llx", i ? " " : "", "pmf"[set->v[i].space],
                (unsigned long long)set -> v[i].first,
                (unsigned long long)set->v[i].last);
    fclose(out);
    return text;
}

START_TEST(a_few_steps)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges set = { .arena = &arena };
    const char *s = steps[_i].steps;
    char *text;

    while (*s) {
        bool add = *s++ == '+';
        struct xldm_range r = parse(s, &s);

        if (add)
            xldm__ranges_add(&set, r);
        else
            xldm__ranges_remove(&set, r);
        s += strspn(s, " ");
    }
    text = print(&set);
    ck_assert_str_eq(text, steps[_i].set);
    free(text);
    xldm__arena_dispose(&arena);
}
END_TEST

/* ---- questions, all to the same set ---- */

static const struct question {
    const char *range;
    bool contained;
    const char *met; /* NULL: none */
} questions[] = {
    { "p10-1f", true, "p10-1f" },  { "p10-10", true, "p10-1f" },
    { "p1f-1f", true, "p10-1f" },  { "pf-10", false, "p10-1f" },
    { "p1f-20", false, "p10-1f" }, { "p0-ff", false, "p10-1f" },
    { "p20-2f", false, NULL },     { "pf-f", false, NULL },
    { "p1c-34", false, "p10-1f" }, { "p34-34", true, "p30-3f" },
    { "m10-1f", false, NULL },     { "m100-100", true, "m100-1ff" },
    { "f9-9", true, "f9-9" },      { "f8-9", false, "f9-9" },
    { "p40-ffff", false, NULL },   { "f0-8", false, NULL },
};

START_TEST(a_question)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges set = { .arena = &arena };
    const struct question *q = &questions[_i];
    const char *end;
    struct xldm_range r = parse(q->range, &end);
    const struct xldm_range *met;

    xldm__ranges_add(&set, parse("p10-1f", &end));
    xldm__ranges_add(&set, parse("p30-3f", &end));
    xldm__ranges_add(&set, parse("m100-1ff", &end));
    xldm__ranges_add(&set, parse("f9-9", &end));
    ck_assert_int_eq(xldm__ranges_contain(&set, r), q->contained);
    met = xldm__ranges_meet(&set, r);
    ck_assert_int_eq(met != NULL, q->met != NULL);
    if (met) {
        struct xldm_range want = parse(q->met, &end);

        ck_assert_int_eq(met->space, want.space);
        ck_assert_uint_eq(met->first, want.first);
        ck_assert_uint_eq(met->last, want.last);
    }
    xldm__arena_dispose(&arena);
}
END_TEST

START_TEST(an_empty_set)
{
    struct xldm__ranges set = { 0 };
    struct xldm_range r = { XLDM_PORT, 0, UINT64_MAX };

    ck_assert(!xldm__ranges_contain(&set, r));
    ck_assert_ptr_null(xldm__ranges_meet(&set, r));
}
END_TEST

/* ---- a long run against one flag a port ---- */

#define PORTS 128

/* One assertion a step: Check writes each of them down. */
static bool agrees(const struct xldm__ranges *set, const bool *has)
{
    bool ok = true;

    for (unsigned port = 0; port < PORTS; port++) {
        struct xldm_range r = { XLDM_PORT, port, port };

        ok &= xldm__ranges_contain(set, r) == has[port];
        ok &= (xldm__ranges_meet(set, r) != NULL) == has[port];
    }
    for (size_t i = 1; i < set->n; i++) /* sorted, merged */
        ok &= set->v[i].first > set->v[i - 1].last + 1;
    return ok;
}

START_TEST(a_long_run)
{
    struct xldm__arena arena = { 0 };
    struct xldm__ranges set = { .arena = &arena };
    bool has[PORTS] = { false };
    unsigned seed = (unsigned)_i;

    for (int step = 0; step < 300; step++) {
        unsigned first = (unsigned)rand_r(&seed) % PORTS,
                 size = 1 + (unsigned)rand_r(&seed) % 9;
        bool add = rand_r(&seed) % 2;
        struct xldm_range r = { XLDM_PORT, first, first + size - 1 };

        for (unsigned i = first; i < first + size && i < PORTS; i++)
            has[i] = add;
        if (add)
            xldm__ranges_add(&set, r);
        else
            xldm__ranges_remove(&set, r);
        ck_assert_msg(agrees(&set, has), "step %d", step);
    }
    xldm__arena_dispose(&arena);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ranges");

    tcase_add_loop_test(tcase, a_few_steps, 0, COUNT(steps));
    tcase_add_loop_test(tcase, a_question, 0,
                        COUNT(questions));
    tcase_add_test(tcase, an_empty_set);
    tcase_add_loop_test(tcase, a_long_run, 1, 20);
    return unit_run(tcase, "ranges");
}

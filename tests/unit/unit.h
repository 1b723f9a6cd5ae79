/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every suite of Check's ends with. */
#ifndef XLDM_UNIT_H
#define XLDM_UNIT_H

#include <check.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Runs one test case as a suite; the exit status. */
static inline int unit_run(TCase *tcase, const char *name)
{
    Suite *suite = suite_create(name);
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verbs share: one verb a file, one row each in main.c's table. */
#ifndef XLDM_CLI_H
#define XLDM_CLI_H

#include "xldm.h"

/* Exit status of a verb. */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1, /* the input or the action; it was reported */
    CLI_USAGE = 2,  /* main prints the verb's usage line */
};

/* main's context: it prints FILE:LINE: error: text on standard error. */
struct xldm_ctx *cli_ctx(void);

/* --libxl VERSION, for what is read from now on; false: it was reported. */
bool cli_set_libxl(const char *version);

/* argv[0] is the verb. */
int verb_convert(int argc, char **argv);
int verb_plan(int argc, char **argv);
int verb_check(int argc, char **argv);

/* These need Xen: NULL in the static xldm, where xldm-xen has them. */
#define CLI_XEN __attribute__((weak))
CLI_XEN int verb_create(int argc, char **argv);
CLI_XEN int verb_destroy(int argc, char **argv);
CLI_XEN int verb_list(int argc, char **argv);
CLI_XEN int verb_show(int argc, char **argv);
CLI_XEN int verb_restart(int argc, char **argv);
CLI_XEN int verb_detach(int argc, char **argv);
CLI_XEN int verb_attach(int argc, char **argv);

/* The options of list and show, --format text|json: the index of the first
 * other argument; -1: it was reported. */
int cli_format(int argc, char **argv, enum xldm_format *format);

/* Becomes the xldm-xen that was built or installed with this program; returns
 * once it has reported that there is none. */
int cli_become_xen(char **argv);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `xldm show` and `xldm list` put together, and how they print that. */
#ifndef XLDM_SHOW_H
#define XLDM_SHOW_H

#include <jansson.h>
#include "toolstack/toolstack.h"

/* ---- show.c ---- */

/* A command of our own, to the domain's xldm-dm; as xldm__monitor_ask(). */
json_t *xldm__dm_ask(struct xldm_ctx *ctx, uint32_t domid, const char *command,
                     json_t *arguments, unsigned ms);

/* ---- usage.c ---- */

/* Puts uptime-seconds, cpu-seconds and pss-kib of the process into o, as far
 * as proc ("/proc") knows them. */
void xldm__usage(json_t *o, const char *proc, long pid);
/* Where its standard error goes; NULL: not into a file. */
json_t *xldm__usage_log(const char *proc, long pid);
/* The program that it runs; malloc'ed, or NULL. */
char *xldm__usage_program(const char *proc, long pid);

/* ---- show_text.c ---- */
void xldm__show_text(const json_t *state, FILE *out);
/* As JSON, or with text as text.  false: reported. */
bool xldm__state_print(struct xldm_ctx *ctx, const json_t *state,
                       enum xldm_format format,
                       void (*text)(const json_t *, FILE *), FILE *out);

#endif

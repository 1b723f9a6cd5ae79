/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The listening sockets of the router. */
#ifndef XLDM_RUN_LINK_H
#define XLDM_RUN_LINK_H

#include "run/router.h"

bool links_open(struct router *router);
/* Accepts again after a time without free file descriptors. */
void links_resume(struct router *router);
/* Closes them, removes those that are ours, and frees router. */
void links_close(struct router *router);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What router.c (who is asked) and client.c (bytes and fds) share. */
#ifndef XLDM_RUN_ROUTER_H
#define XLDM_RUN_ROUTER_H

#include "run/dm.h"
#include "run/scan.h"

#define CLIENT_MAX_FDS 8

struct fdset;
struct kept;
struct plugged;
struct request;

struct link { /* a socket libxl connects to */
    struct router *router;
    uv_poll_t poll;
    int fd;
    char path[108]; /* empty: libxl made the socket and removes it */
    dev_t dev;
    ino_t ino;
};

struct client { /* one connection to it */
    struct client *next;
    struct router *router;
    uv_poll_t poll;
    int fd; /* -1: closed, and freed soon */
    struct scan scan;
    char in[4096]; /* in[start..used) was not looked at yet */
    size_t start, used;
    char *out; /* out[out_start..out_used) is not written yet */
    size_t out_start, out_used, out_cap;
    int fds[CLIENT_MAX_FDS]; /* came with what was read; oldest first */
    size_t nfds;
    bool negotiated; /* qmp_capabilities was said */
    bool eof;
    bool looking;            /* client_look() is at work */
    struct request *request; /* being carried out; the next one waits */
};

struct router {
    struct dm *dm;
    struct link links[4];
    size_t nlinks;
    struct client *clients;
    struct request *requests;
    json_t *greeting;
    struct plugged *plugged;
    struct fdset *fdsets;
    struct kept *kept;
    json_int_t last_fdset;
    json_t *unknown; /* names of commands that were logged */
    json_t *on;      /* "COMMAND": its arguments, which switch it on */
    size_t handles;  /* the links' that are not closed yet */
};

/* ---- client.c ---- */
bool client_new(struct router *router, int fd);
void client_close(struct client *client);
/* Queues and writes what goes; a client that lets too much wait is closed. */
void client_send(struct client *client, const json_t *message);
void client_send_text(struct client *client, const char *text);
/* Goes on with what was read, as far as no request is under way. */
void client_look(struct client *client);
/* The oldest fd that the client sent, the caller's from now on; or -1. */
int client_take_fd(struct client *client);

/* ---- router.c, called by client.c ---- */
void router_message(struct client *client, json_t *message); /* borrowed */
void router_garbage(struct client *client);
void router_forget(struct client *client); /* closed */

#endif

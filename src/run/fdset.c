/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libxl sends an open file with add-fd and says only in its next command,
 * "/dev/fdset/N", which device it is for.  No other QEMU is to have it, so it
 * waits here.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/request.h"

struct fdset {
    struct fdset *next;
    const struct client *client; /* who sent it */
    json_int_t id;
    int fd;
    unsigned groups; /* whose QEMU has it */
};

static json_int_t integer_of(const json_t *command, const char *name)
{
    const json_t *n =
        json_object_get(json_object_get(command, "arguments"), name);

    return json_is_integer(n) ? json_integer_value(n) : -1;
}

static json_t *add(struct client *client, const json_t *command)
{
    struct router *router = client->router;
    json_int_t id = integer_of(command, "fdset-id");
    struct fdset *set = calloc(1, sizeof(*set));

    if (!set)
        return error_new("GenericError", "out of memory");
    set->fd = client_take_fd(client);
    if (set->fd < 0) {
        free(set);
        return error_new("GenericError",
                         "No file descriptor supplied via SCM_RIGHTS");
    }
    set->client = client;
    set->id = id >= 0 ? id : router->last_fdset++;
    set->next = router->fdsets;
    router->fdsets = set;
    return json_pack("{s:{s:I, s:i}}", "return", "fdset-id", set->id, "fd",
                     set->fd);
}

void fdset_tell(struct qemu *q, json_int_t id, const char *what, const int *fd)
{
    json_t *command = json_pack("{s:s, s:{s:I}}", "execute", what, "arguments",
                                "fdset-id", id);

    if (command && q->qmp)
        qmp_send(q->qmp, command, fd, fd ? 1 : 0, NULL, NULL);
    else
        json_decref(command);
}

/* A QEMU keeps what it uses: it has a copy. */
static void drop(struct router *router, struct fdset **at)
{
    struct fdset *set = *at;
    size_t i;

    for (i = 0; i < router->dm->nqemus; i++)
        if (set->groups & 1u << i)
            fdset_tell(&router->dm->qemus[i], set->id, "remove-fd", NULL);
    *at = set->next;
    close(set->fd);
    free(set);
}

static json_t *take_off(struct router *router, const json_t *command)
{
    json_int_t id = integer_of(command, "fdset-id");
    json_int_t fd = integer_of(command, "fd");
    struct fdset **at = &router->fdsets;
    bool found = false;

    while (*at) {
        if ((*at)->id != id || (fd >= 0 && (*at)->fd != fd)) {
            at = &(*at)->next;
            continue;
        }
        found = true;
        drop(router, at);
    }
    if (!found)
        return error_new("GenericError",
                         "File descriptor named 'fdset-id:%lld' not found",
                         (long long)id);
    return json_pack("{s:{}}", "return");
}

json_t *fdset_command(struct client *client, const json_t *command)
{
    const char *name = json_string_value(json_object_get(command, "execute"));

    return strcmp(name, "add-fd") ? take_off(client->router, command)
                                  : add(client, command);
}

static bool is_named(const char *text, json_int_t id)
{
    char word[48];
    size_t n =
        (size_t)snprintf(word, sizeof(word), "/dev/fdset/%lld", (long long)id);

    while ((text = strstr(text, word))) {
        text += n;
        if (!strchr("0123456789", *text))
            return true;
    }
    return false;
}

void fdset_give(struct router *router, const json_t *command, size_t group)
{
    char *text = router->fdsets ? json_dumps(command, JSON_COMPACT) : NULL;
    struct fdset *set;
    int fd;

    for (set = text ? router->fdsets : NULL; set; set = set->next) {
        if (set->groups & 1u << group || !is_named(text, set->id))
            continue;
        fd = fcntl(set->fd, F_DUPFD_CLOEXEC, 0); /* a QEMU may be spawned */
        if (fd < 0)
            continue; /* the command itself will then fail */
        set->groups |= 1u << group;
        fdset_tell(&router->dm->qemus[group], set->id, "add-fd", &fd);
    }
    free(text);
}

int fdset_find(struct router *router, const char *name, json_int_t *id)
{
    struct fdset *set = router->fdsets;
    char word[48];

    for (; set; set = set->next) {
        snprintf(word, sizeof(word), "/dev/fdset/%lld", (long long)set->id);
        if (!strcmp(word, name)) {
            *id = set->id;
            return fcntl(set->fd, F_DUPFD_CLOEXEC, 0);
        }
    }
    return -1;
}

void fdset_lost(struct router *router, size_t group)
{
    struct fdset *set;

    for (set = router->fdsets; set; set = set->next)
        set->groups &= ~(1u << group);
}

void fdset_leave(struct client *client)
{
    struct fdset **at = &client->router->fdsets;

    while (*at) {
        if ((*at)->client == client)
            drop(client->router, at);
        else
            at = &(*at)->next;
    }
}

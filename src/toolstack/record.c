/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The affinity map in libxl's record of a domain, which a reboot is built of.
 * Only the map's own text is changed: libxl's numbers go beyond what other
 * readers of JSON keep.
 */
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "dm/plan.h"
#include "toolstack/device.h"

#define RECORD "libxl-json" /* libxl's name of it */
#define LOCK_MS 5000
#define AGAIN_MS 20

/* ------------------------------------------------------------ map ---- */

/* Is word this device, pinned or not? */
static bool is_device(const char *word, size_t n, const char *id)
{
    size_t length = strlen(id);

    return n >= length && !strncmp(word, id, length) &&
           (n == length || word[length] == '@');
}

/* One group's words without the device; "" if no device is left. */
static const char *without(struct xldm__arena *a, const char *list, size_t n,
                           const char *id)
{
    const char *left = "";
    bool devices = false;

    while (n) {
        size_t length = strcspn(list, ",;");

        if (length > n)
            length = n;
        if (length && !is_device(list, length, id)) {
            devices |= *list != '!';
            left = xldm__fmt(a, "%s%s%.*s", left ? left : "",
                             left && *left ? "," : "", (int)length, list);
        }
        list += length;
        n -= length;
        if (n) {
            list++;
            n--;
        }
    }
    return devices && left ? left : "";
}

/* The map with the device in its group alone; out of all if that is the
 * primary. */
static const char *placed(struct xldm__arena *a, const char *map,
                          const char *id, const xldm_dm_affinity *to)
{
    const char *out = "", *word = xldm__map_word(a, id);
    const char *attributes = xldm__map_attributes(a, to);
    bool there = !strcmp(to->group, "primary");

    while (*map) {
        size_t n = strcspn(map, ";"), name = strcspn(map, "=;");
        const char *list = "";

        if (name < n)
            list = without(a, map + name + 1, n - name - 1, word);
        if (!there && name == strlen(to->group) &&
            !strncmp(map, to->group, name)) {
            there = true;
            list = xldm__fmt(a, "%s%s%s", word, list && *list ? "," : "",
                             list ? list : "");
        }
        if (list && *list)
            out = xldm__fmt(a, "%s%s%.*s=%s", out ? out : "",
                            out && *out ? ";" : "", (int)name, map, list);
        map += n + (map[n] == ';');
    }
    if (!there)
        out = xldm__fmt(a, "%s%s%s=%s%s", out ? out : "",
                        out && *out ? ";" : "", to->group, word, attributes);
    return out;
}

/* --------------------------------------------------------- record ---- */

/* The string literal that follows the option's, from quote to quote. */
static const char *find_map(const char *record, size_t *n)
{
    const char *at = strstr(record, "\"" XLDM__MAP_OPTION "\"");
    const char *end;

    at = at ? strchr(at + strlen("\"" XLDM__MAP_OPTION "\""), '"') : NULL;
    if (!at)
        return NULL;
    for (end = at + 1; *end && *end != '"'; end++)
        if (*end == '\\' && end[1])
            end++;
    *n = (size_t)(end - at) + 1;
    return *end ? at : NULL;
}

char *xldm__record_place(const char *record, const char *id,
                         const xldm_dm_affinity *a)
{
    struct xldm__arena arena = { 0 };
    size_t n = 0;
    const char *at = find_map(record, &n), *map;
    json_t *old = at ? json_loadb(at, n, JSON_DECODE_ANY, NULL) : NULL;
    char *literal = NULL, *text = NULL;

    if (json_is_string(old)) {
        map = placed(&arena, json_string_value(old), id, a);
        if (!arena.failed && map) {
            json_t *new = json_string(map);

            literal = new ? json_dumps(new, JSON_ENCODE_ANY) : NULL;
            json_decref(new);
        }
    }
    if (literal && asprintf(&text, "%.*s%s%s", (int)(at - record), record,
                            literal, at + n) < 0)
        text = NULL;
    free(literal);
    json_decref(old);
    xldm__arena_dispose(&arena);
    return text;
}

/* From what libxl makes of the record: the file has devices that are gone. */
bool xldm__record_planned(struct xldm__libxl *t, uint32_t domid, const char *id,
                          const xldm_dm_affinity *a, libxl_domain_config *cfg)
{
    char *record = NULL, *text = NULL;
    bool ok;

    if (!libxl_retrieve_domain_configuration(t->libxl, domid, cfg, NULL))
        record = libxl_domain_config_to_json(t->libxl, cfg);
    libxl_domain_config_dispose(cfg);
    libxl_domain_config_init(cfg);
    if (record)
        text = xldm__record_place(record, id, a);
    ok = text && !libxl_domain_config_from_json(t->libxl, cfg, text);
    free(record);
    free(text);
    return ok;
}

/* Two of us at once; libxl's own lock is not to be had from outside.  The
 * folder is there as long as any domain is split.  -1, or who has it stands
 * still: do without. */
static int lock_records(void)
{
    int fd = open("/run/xldm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int tries = LOCK_MS / AGAIN_MS;

    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && tries--)
        poll(NULL, 0, AGAIN_MS);
    return fd;
}

void xldm__record_keep(struct xldm__libxl *t, uint32_t domid, const char *id,
                       const xldm_dm_affinity *a)
{
    uint8_t *data = NULL;
    char *record = NULL, *text = NULL;
    int n = 0, lock = lock_records();
    bool ok = false;

    if (libxl_userdata_retrieve(t->libxl, domid, RECORD, &data, &n) == 0 &&
        n > 0)
        record = strndup((char *)data, (size_t)n);
    if (record)
        text = xldm__record_place(record, id, a);
    if (text) /* with its NUL, as libxl has it */
        ok = libxl_userdata_store(t->libxl, domid, RECORD, (uint8_t *)text,
                                  (int)strlen(text) + 1) == 0;
    if (lock >= 0)
        close(lock);
    if (!ok)
        xldm__warning(t->ctx, XLDM__NONE,
                      "libxl's record of domain %u cannot be changed: after a "
                      "reboot '%s' is not in group '%s'",
                      domid, id, a->group);
    free(data);
    free(record);
    free(text);
}

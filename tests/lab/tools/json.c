/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json KEY... < FILE: the value that the keys lead to, text without quotes,
 * anything else as compact JSON; exit status 1 if there is none.  A key into a
 * list is a number, or the "name" or "id" of the object that is meant.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_called(const json_t *o, const char *key, const char *name)
{
    const char *value = json_string_value(json_object_get(o, key));

    return value && !strcmp(value, name);
}

static json_t *step(json_t *at, const char *key)
{
    json_t *entry;
    char *end;
    size_t i;

    if (!json_is_array(at))
        return json_object_get(at, key);
    json_array_foreach(at, i, entry)
        if (is_called(entry, "name", key) || is_called(entry, "id", key))
            return entry;
    i = strtoul(key, &end, 10);
    return *end ? NULL : json_array_get(at, i);
}

int main(int argc, char **argv)
{
    json_error_t error;
    json_t *root = json_loadf(stdin, 0, &error), *at = root;

    if (!root) {
        fprintf(stderr, "json: line %d: %s\n", error.line, error.text);
        return 2;
    }
    for (int i = 1; at && i < argc; i++)
        at = step(at, argv[i]);
    if (json_is_string(at))
        printf("%s", json_string_value(at));
    else if (at)
        json_dumpf(at, stdout, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    if (at)
        putchar('\n');
    json_decref(root);
    return at ? 0 : 1;
}

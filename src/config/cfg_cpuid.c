/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUID policies of xl.cfg. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/cfg.h"
#include "config/xml.h"

static const char *const leaf_errors[] = {
    "illegal leaf number", "illegal subleaf number", "missing colon",
    "invalid register name (must be e[abcd]x)",
    "policy string must be exactly 32 characters long",
};
static const char *const flag_errors[] = {
    "missing '=' in key=value", "unknown CPUID flag name",
    "illegal CPUID value (must be: [0|1|x|k|s])",
};

/* xl goes on past a bad one. */
XLDM__ITEM(cpuid)
{
    int e = libxl_cpuid_parse_config_xend(&cfg->dom->cfg.b_info.cpuid, text);

    if (e)
        xldm__warning(cfg->ctx, loc, "%s: '%s': %s; xl goes on without it",
                      s->key, text, e > 0 && e <= 5 ? leaf_errors[e - 1]
                                                    : "not understood");
    return true;
}

static void cpuid_flags(struct xldm__cfg *cfg, const struct xldm__setting *s,
                        char *text)
{
    char *save = NULL, *word = strtok_r(text, ",", &save);

    if (word && strcmp(word, "host")) {
        xldm__warning(cfg->ctx, s->loc, "cpuid: the first word is '%s', not "
                      "'host'; xl goes on without it", word);
        return;
    }
    while (word && (word = strtok_r(NULL, ",", &save))) {
        int e = libxl_cpuid_parse_config(&cfg->dom->cfg.b_info.cpuid, word);

        if (e)
            xldm__warning(cfg->ctx, s->loc, "cpuid: '%s': %s; xl goes on "
                          "without it", word,
                          e > 0 && e <= 3 ? flag_errors[e - 1]
                                          : "not understood");
    }
}

XLDM__SET(cpuid)
{
    static const struct xldm__key row = { .item = xldm__cfg_item_cpuid };
    const char *text;
    char *copy;

    if (s->list)
        return xldm__cfg_items(cfg, s, &row);
    if (!xldm__cfg_string(cfg, s, &text))
        return true;
    copy = strdup(text);
    if (!copy)
        return xldm__oom(cfg->ctx);
    cpuid_flags(cfg, s, copy);
    free(copy);
    return true;
}

/* ------------------------------------------------ as XML writes it ---- */

static const char *leaf_text(struct xldm__arena *a, json_t *leaf)
{
    static const char *const registers[] = { "eax", "ebx", "ecx", "edx" };
    json_t *sub = json_object_get(leaf, "subleaf");
    const char *text, *mark = ":";

    text = xldm__fmt(a, "0x%llx",
                     json_integer_value(json_object_get(leaf, "leaf")));
    if (sub && text)
        text = xldm__fmt(a, "%s,0x%llx", text, json_integer_value(sub));
    for (size_t i = 0; text && i < 4; i++) {
        json_t *policy = json_object_get(leaf, registers[i]);

        if (!policy)
            continue;
        text = xldm__fmt(a, "%s%s%s=%s", text, mark, registers[i],
                         json_string_value(policy));
        mark = ",";
    }
    return text && *mark == ':' ? xldm__fmt(a, "%s:", text) : text;
}

/* libxl keeps them to itself, but tells them as JSON. */
XLDM__GET(cpuid)
{
    libxl_domain_build_info *b = (libxl_domain_build_info *)&cfg->b_info;
    const char *text = NULL;
    json_t *root, *list;
    char *json;

    if (!b->cpuid)
        return NULL;
    json = libxl_domain_build_info_to_json(NULL, b);
    root = json ? json_loads(json, 0, NULL) : NULL;
    list = json_object_get(root, "cpuid");
    if (json_is_object(list)) /* since Xen 4.19 */
        list = json_object_get(list, "cpuid");
    if (i < json_array_size(list))
        text = leaf_text(a, json_array_get(list, i));
    json_decref(root);
    free(json);
    return text;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A description as xl.cfg: every key whose member says something. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/convert.h"
#include "config/write_cfg.h"

/* ----------------------------------------------------------- text ---- */

/* Escapes that xl's lexer knows; other bytes stand for themselves. */
static void quote(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        const char *p = strchr("\n\\\"\r", *s);

        if (!p)
            fputc(*s, out);
        else
            fprintf(out, "\\%c", *s == '\n' ? 'n' : *s == '\r' ? 'r' : *s);
    }
    fputc('"', out);
}

void xldm__write_text(struct xldm__cfg_out *o, const char *key,
                      const char *value)
{
    fprintf(o->out, "%s = ", key);
    quote(o->out, value);
    fputc('\n', o->out);
}

void xldm__write_flag(struct xldm__cfg_out *o, const char *key,
                      libxl_defbool value)
{
    if (!libxl_defbool_is_default(value))
        fprintf(o->out, "%s = %d\n", key, libxl_defbool_val(value));
}

struct xldm_loc xldm__write_loc(const struct xldm__cfg_out *o, int i)
{
    for (const struct xldm__device *d = o->dom->devices; d; d = d->next)
        if (o->class && !strcmp(d->class->kind, o->class->kind) && !i--)
            return d->loc;
    return o->dom->loc;
}

/* ---------------------------------------------------------- lists ---- */

static FILE *item(struct xldm__cfg_out *o)
{
    if (o->item)
        fputc(',', o->item);
    else
        o->item = open_memstream(&o->text, &o->size);
    o->failed |= !o->item;
    return o->item;
}

void xldm__write_wordf(struct xldm__cfg_out *o, const char *fmt, ...)
{
    FILE *out = item(o);
    va_list ap;

    va_start(ap, fmt);
    if (out)
        vfprintf(out, fmt, ap);
    va_end(ap);
}

void xldm__write_word(struct xldm__cfg_out *o, struct xldm_loc loc,
                      const char *name, const char *value, const char *cannot)
{
    if (!value)
        return;
    if (value[strcspn(value, cannot)])
        o->unsaid = !xldm__error(o->ctx, loc,
                                 "xl.cfg cannot say %s '%s', "
                                 "which holds one of '%s'",
                                 name, value, cannot);
    else
        xldm__write_wordf(o, "%s=%s", name, value);
}

void xldm__write_item(struct xldm__cfg_out *o, const char *key)
{
    if (o->item && fclose(o->item))
        o->failed = true;
    if (!o->open)
        fprintf(o->out, "%s = [\n", key);
    o->open = true;
    fputs("    ", o->out);
    quote(o->out, o->item && o->text ? o->text : "");
    fputs(",\n", o->out);
    free(o->text);
    o->text = NULL;
    o->item = NULL;
}

void xldm__write_close(struct xldm__cfg_out *o)
{
    if (o->open)
        fputs("]\n", o->out);
    o->open = false;
}

void xldm__write_strings(struct xldm__cfg_out *o, const char *key,
                         const char *one, char *const *list)
{
    if (one)
        xldm__write_text(o, key, one);
    for (; !one && list && *list; list++) {
        xldm__write_wordf(o, "%s", *list);
        xldm__write_item(o, key);
    }
    xldm__write_close(o);
}

/* ---------------------------------------------------------- kinds ---- */

static const void *member(const struct xldm__cfg_out *o,
                          const struct xldm__key *row)
{
    return (const char *)&o->dom->cfg + row->offset;
}

static bool is_plain(const struct xldm__cfg_out *o, const struct xldm__key *row)
{
    return !memcmp(member(o, row), (const char *)&o->plain->cfg + row->offset,
                   row->size);
}

XLDM__WRITE(string)
{
    char *const *value = member(o, row);

    if (*value)
        xldm__write_text(o, row->key, *value);
}

static uint64_t number(const struct xldm__cfg_out *o,
                       const struct xldm__key *row)
{
    return row->size == 4 ? *(const uint32_t *)member(o, row)
                          : *(const uint64_t *)member(o, row);
}

XLDM__WRITE(long)
{
    if (!is_plain(o, row))
        fprintf(o->out, "%s = %llu\n", row->key,
                (unsigned long long)number(o, row));
}

XLDM__WRITE(mib)
{
    unsigned long long kib = number(o, row), mib = (kib + 1023) / 1024;

    if (is_plain(o, row))
        return;
    o->near |= kib % 1024 != 0;
    if (kib % 1024)
        xldm__warning(o->ctx,
                      o->class ? xldm__write_loc(o, 0) : o->dom->memory_loc,
                      "xl.cfg cannot say %llu KiB: %s is in MiB, of which %llu "
                      "are written",
                      kib, row->key, mib);
    fprintf(o->out, "%s = %llu\n", row->key, mib);
}

XLDM__WRITE(defbool)
{
    xldm__write_flag(o, row->key, *(const libxl_defbool *)member(o, row));
}

XLDM__WRITE(name)
{
    const char *name =
        xldm__cfg_name_of(row->names, *(const int *)member(o, row));

    if (name && !is_plain(o, row))
        xldm__write_text(o, row->key, name);
}

XLDM__WRITE(list)
{
    xldm__write_strings(o, row->key, NULL,
                        *(const libxl_string_list *)member(o, row));
}

XLDM__WRITE(get)
{
    struct xldm__arena a = { 0 };
    const char *text;

    for (size_t i = 0; (text = row->get(&a, &o->dom->cfg, i)); i++) {
        xldm__write_wordf(o, "%s", text);
        xldm__write_item(o, row->key);
    }
    xldm__write_close(o);
    o->failed |= a.failed;
    xldm__arena_dispose(&a);
}

/* ------------------------------------------------------ the whole ---- */

static void write_rows(struct xldm__cfg_out *o, const struct xldm__key *row)
{
    static void (*const by_kind[])(struct xldm__cfg_out *,
                                   const struct xldm__key *) = {
        [XLDM__KEY_STRING] = xldm__write_string,
        [XLDM__KEY_LONG] = xldm__write_long,
        [XLDM__KEY_MIB] = xldm__write_mib,
        [XLDM__KEY_DEFBOOL] = xldm__write_defbool,
        [XLDM__KEY_ENUM] = xldm__write_name,
        [XLDM__KEY_MODE] = xldm__write_name,
        [XLDM__KEY_LIST] = xldm__write_list,
        [XLDM__KEY_KIB] = xldm__write_mib, /* of XML; here it is MiB */
        [XLDM__KEY_REFUSED] = NULL,
    };

    for (; row && row->key; row++) {
        enum xldm__key_kind kind = row->as ? row->as : row->kind;

        if (row->write)
            row->write(o, row);
        else if (row->get)
            xldm__write_get(o, row);
        else if (by_kind[kind])
            by_kind[kind](o, row);
    }
}

static void keep_first(void *arg, const struct xldm_diag *diag)
{
    char **first = arg;

    if (diag->severity == XLDM_ERROR && !*first)
        *first = strdup(diag->text);
}

/* Is it read as what it was written of?  But for the id that xl makes anew. */
static bool prove(const struct xldm__cfg_out *o, const char *text, size_t size)
{
    char *why = NULL;
    struct xldm_ctx *silent = xldm__ctx_inner(o->ctx, keep_first, &why);
    struct xldm_domain *dom = (struct xldm_domain *)o->dom, *again = NULL;
    bool same = false;

    if (silent)
        again = xldm__cfg_read_memory(silent, text, size, o->dom->file);
    if (again) {
        again->cfg.b_info.u.hvm.ms_vm_genid = dom->cfg.b_info.u.hvm.ms_vm_genid;
        same = xldm__same_domain(dom, again, &why);
    }
    if (!same)
        xldm__error(o->ctx, dom->loc, "xl.cfg cannot say all of it: %s",
                    why ? why : "out of memory");
    xldm_domain_free(again);
    xldm_ctx_free(silent);
    free(why);
    return same;
}

static void write_all(struct xldm__cfg_out *o)
{
    write_rows(o, xldm__machine_keys);
    for (size_t i = 0; xldm__classes[i]; i++) {
        o->class = xldm__classes[i];
        write_rows(o, o->class->keys);
    }
}

bool xldm_domain_write_cfg(struct xldm_ctx *ctx, const struct xldm_domain *dom,
                           FILE *out)
{
    struct xldm__cfg_out o = { .ctx = ctx, .dom = dom };
    struct xldm_domain *plain;
    char *text = NULL;
    size_t size;
    bool ok;

    if (!xldm__given(ctx, dom, "domain") || !xldm__given(ctx, out, "file"))
        return false;
    o.plain = plain = xldm__domain_new("");
    o.out = open_memstream(&text, &size);
    ok = plain && o.out;
    if (ok)
        write_all(&o);
    if (o.out && fclose(o.out))
        ok = false;
    xldm_domain_free(plain);
    if (!ok || o.failed)
        ok = xldm__oom(ctx);
    ok = ok && !o.unsaid && (o.near || prove(&o, text, size));
    if (ok && (fwrite(text, 1, size, out) != size || fflush(out)))
        ok = xldm__error(ctx, dom->loc, "cannot write: %s", strerror(errno));
    free(text);
    return ok;
}

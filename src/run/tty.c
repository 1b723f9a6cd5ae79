/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The terminals of a QEMU that was restarted are new ones: `xl console -t
 * serial` finds them in xenstore, where libxl has put the old ones. */
#include <stdlib.h>
#include <string.h>

#include "run/dm.h"
#include "run/route.h"

static void announce(struct dm *dm, const char *label, const char *file)
{
    static const char pty[] = "pty:";
    char path[64];
    void *old;
    unsigned n;

    /* It is a person's terminal that will be opened: nothing else. */
    if (!label || !file || sscanf(label, "serial%u", &n) != 1 ||
        strncmp(file, "pty:/dev/pts/", 13) || strstr(file, ".."))
        return;
    snprintf(path, sizeof(path), "/local/domain/%u/serial/%u/tty", dm->domid,
             n);
    old = xs_read(dm->xs, XBT_NULL, path, &n);
    file += sizeof(pty) - 1;
    if (old && !xs_write(dm->xs, XBT_NULL, path, file, strlen(file)))
        xldm__warning(dm->ctx, XLDM__NONE, "%s is %s now: cannot write that: %m",
                      path, file);
    free(old);
}

void dm_ttys_announce(struct qemu *q)
{
    json_t *reply = qmp_call(q->qmp, "query-chardev", NULL);
    json_t *all = json_array(), *entry;
    size_t i;

    route_find("query-chardev")
        ->add(q->dm->plan, (size_t)(q - q->dm->qemus), all,
              json_object_get(reply, "return"));
    json_array_foreach(all, i, entry)
        announce(q->dm, json_string_value(json_object_get(entry, "label")),
                 json_string_value(json_object_get(entry, "filename")));
    json_decref(all);
    json_decref(reply);
}

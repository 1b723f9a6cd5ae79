/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a domain's end asks for: reason, then on_REASON, then what is done. */
#include "toolstack/toolstack.h"

struct reason {
    int reason;
    const char *name;
    size_t action; /* where libxl's config says what to do */
};

#define ON(member) offsetof(libxl_domain_config, member)

static const struct reason reasons[] = {
    { LIBXL_SHUTDOWN_REASON_POWEROFF, "poweroff", ON(on_poweroff) },
    { LIBXL_SHUTDOWN_REASON_REBOOT, "reboot", ON(on_reboot) },
    { LIBXL_SHUTDOWN_REASON_CRASH, "crash", ON(on_crash) },
    { LIBXL_SHUTDOWN_REASON_WATCHDOG, "watchdog", ON(on_watchdog) },
    { LIBXL_SHUTDOWN_REASON_SOFT_RESET, "soft reset", ON(on_soft_reset) },
};

struct action {
    libxl_action_on_shutdown action;
    const char *name;
    bool core_dump;
    enum xldm__next next;
};

#define ACTION(a) LIBXL_ACTION_ON_SHUTDOWN_##a

static const struct action actions[] = {
    { ACTION(DESTROY), "destroy", false, XLDM__DESTROY },
    { ACTION(RESTART), "restart", false, XLDM__RESTART },
    { ACTION(RESTART_RENAME), "rename-restart", false, XLDM__RENAME_RESTART },
    { ACTION(PRESERVE), "preserve", false, XLDM__LEAVE },
    { ACTION(COREDUMP_DESTROY), "coredump-destroy", true, XLDM__DESTROY },
    { ACTION(COREDUMP_RESTART), "coredump-restart", true, XLDM__RESTART },
    { ACTION(SOFT_RESET), "soft-reset", false, XLDM__SOFT_RESET },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct action *action_of(const libxl_domain_config *cfg,
                                      const struct reason *r)
{
    libxl_action_on_shutdown wanted = *(const libxl_action_on_shutdown *)
        ((const char *)cfg + r->action);

    for (size_t i = 0; i < COUNT(actions); i++)
        if (actions[i].action == wanted)
            return &actions[i];
    return &actions[0];
}

struct xldm__verdict xldm__verdict(const libxl_domain_config *cfg, int reason)
{
    struct xldm__verdict v = { "unknown reason", "destroy", false,
                               XLDM__DESTROY };

    if (reason == LIBXL_SHUTDOWN_REASON_SUSPEND)
        return (struct xldm__verdict){ "suspend", "wait", false, XLDM__WATCH };
    for (size_t i = 0; i < COUNT(reasons); i++) {
        const struct action *a;

        if (reasons[i].reason != reason)
            continue;
        a = action_of(cfg, &reasons[i]);
        v = (struct xldm__verdict){ reasons[i].name, a->name, a->core_dump,
                                    a->next };
    }
    return v;
}

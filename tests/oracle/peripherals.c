/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of a random config: displays, graphics card, USB, sound, channels. */
#include <stdlib.h>
#include <string.h>
#include "oracle.h"

/* ---- display ---- */

static void random_vnc(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const listens[] = { "0.0.0.0", "127.0.0.1",
                                           "::", "[::1]:5", "unix:/run/a,b" };
    libxl_vnc_info *vnc = &info->u.hvm.vnc;

    random_bool(dice, &vnc->enable);
    random_bool(dice, &vnc->findunused);
    if (dice_chance(dice, 50))
        vnc->listen = word(PICK(dice, listens));
    if (dice_chance(dice, 30))
        vnc->passwd = word(dice_chance(dice, 80) ? "secret" : "");
    if (dice_chance(dice, 40) && (!vnc->listen || !strchr(vnc->listen, ':')))
        vnc->display = dice_below(dice, 100);
    if (dice_chance(dice, 10))
        libxl_defbool_set(&info->u.hvm.sdl.enable, dice_chance(dice, 50));
    if (dice_chance(dice, 30))
        info->u.hvm.keymap = word(dice_chance(dice, 50) ? "de" : "en-us");
    if (dice_chance(dice, 10))
        libxl_defbool_set(&info->u.hvm.nographic, true);
}

static void random_video(struct dice *dice, libxl_domain_build_info *info)
{
    static const libxl_vga_interface_type kinds[] = {
        0, LIBXL_VGA_INTERFACE_TYPE_CIRRUS, LIBXL_VGA_INTERFACE_TYPE_STD,
        LIBXL_VGA_INTERFACE_TYPE_NONE, LIBXL_VGA_INTERFACE_TYPE_QXL
    };
    bool room = info->max_memkb != LIBXL_MEMKB_DEFAULT &&
                info->max_memkb > 300 * 1024;

    info->u.hvm.vga.kind = kinds[dice_below(dice, room ? 5 : 4)];
    /* -m is what is left of max_memkb: with less libxl's number wraps */
    if (dice_chance(dice, 40) && info->max_memkb != LIBXL_MEMKB_DEFAULT &&
        info->max_memkb > 160 * 1024 &&
        info->u.hvm.vga.kind != LIBXL_VGA_INTERFACE_TYPE_NONE) {
        info->video_memkb =
            info->u.hvm.vga.kind == LIBXL_VGA_INTERFACE_TYPE_QXL
                ? 131072u << dice_below(dice, 2)
                : 16384u << dice_below(dice, 4);
        if (dice_chance(dice, 20))
            info->video_memkb += dice_below(dice, 1024);
    }
}

static void random_spice(struct dice *dice, libxl_spice_info *spice)
{
    static const char *const hosts[] = { "0.0.0.0", "127.0.0.1", "::" };
    static const char *const images[] = { "auto_glz", "off", "lz" };
    static const char *const videos[] = { "filter", "all", "off" };

    if (!dice_chance(dice, 30)) {
        spice->usbredirection = dice_chance(dice, 5); /* without effect */
        return;
    }
    libxl_defbool_set(&spice->enable, true);
    if (dice_chance(dice, 80))
        spice->port = 5930 + dice_below(dice, 9);
    if (!spice->port || dice_chance(dice, 20))
        spice->tls_port = 5940;
    if (dice_chance(dice, 50))
        spice->host = word(PICK(dice, hosts));
    random_bool(dice, &spice->disable_ticketing);
    if (libxl_defbool_is_default(spice->disable_ticketing) ||
        !libxl_defbool_val(spice->disable_ticketing))
        spice->passwd = word(dice_chance(dice, 80) ? "secret" : "a,b");
    random_bool(dice, &spice->agent_mouse);
    random_bool(dice, &spice->vdagent);
    random_bool(dice, &spice->clipboard_sharing);
    if (dice_chance(dice, 30))
        spice->image_compression = word(PICK(dice, images));
    if (dice_chance(dice, 30))
        spice->streaming_video = word(PICK(dice, videos));
}

/* ---- the rest ---- */

static void random_usb(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const devices[] = {
        "tablet", "mouse", "tablet", "keyboard", "host:1.3", "host:0525:a4a0",
        "serial", "u2f-key",
    };
    const char *device = PICK(dice, devices);

    switch (dice_below(dice, 8)) {
    case 0:
        random_bool(dice, &info->u.hvm.usb);
        break;
    case 1:
        libxl_defbool_set(&info->u.hvm.usb, true);
        break;
    case 2:
        info->u.hvm.usbdevice = word(device);
        break;
    case 3:
        info->u.hvm.usbdevice_list =
            random_list(dice, devices, 8, 1 + dice_below(dice, 4));
        break;
    case 4:
    case 5:
        info->u.hvm.usbversion = 1 + dice_below(dice, 3);
        /* fallthrough */
    case 6:
        info->u.hvm.spice.usbredirection = dice_below(dice, 5);
        break;
    }
}

static void random_sound(struct dice *dice, libxl_domain_build_info *info)
{
    static const char *const models[] = { "hda",     "ac97", "es1370", "adlib",
                                          "cs4231a", "gus",  "sb16",   "HDA",
                                          "AC97" };

    if (dice_chance(dice, 40))
        info->u.hvm.soundhw = word(PICK(dice, models));
}

static void random_channels(struct dice *dice, libxl_domain_config *cfg)
{
    static const char *const paths[] = { "/run/agent.sock", "/run/a,b" };
    unsigned n = dice_chance(dice, 20) ? 1 + dice_below(dice, 2) : 0;

    cfg->num_channels = n;
    NEW(cfg->channels, n + 1);
    for (unsigned i = 0; i < n; i++) {
        libxl_device_channel *c = &cfg->channels[i];

        libxl_device_channel_init(c);
        c->devid = i;
        c->name = word("org.example.agent");
        if (dice_chance(dice, 50)) {
            libxl_device_channel_init_connection(
                c, LIBXL_CHANNEL_CONNECTION_PTY);
            continue;
        }
        libxl_device_channel_init_connection(c,
                                             LIBXL_CHANNEL_CONNECTION_SOCKET);
        c->u.socket.path = word(PICK(dice, paths));
    }
}

void generate_peripherals(struct dice *dice, libxl_domain_config *cfg)
{
    libxl_domain_build_info *info = &cfg->b_info;

    random_vnc(dice, info);
    random_video(dice, info);
    random_spice(dice, &info->u.hvm.spice);
    random_usb(dice, info);
    random_sound(dice, info);
    random_channels(dice, cfg);
}

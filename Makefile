# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything is built under build/ (SAN=1: build/san, with ASan and UBSan).
#   make            xldm, xldm-dm, libxldm          make demo     see it run
#   make check      all tests, the lab included     make check-fast  no lab
#   make check-lab T='ide nic'   those lab cases    make bench    ratios
#   make deps | install | uninstall | clean | regen

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/lib/xldm
# The QEMU libxl starts by default; Debian's.
QEMU       ?= /usr/libexec/xen-qemu-system-i386

B := build
CFLAGS ?= -O2 -g
ifdef SAN
B := build/san
CFLAGS := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer
endif
ifdef CLANG
B := build/clang
CC := clang
endif
WARN := -Wall -Wextra -Wformat=2 -Wmissing-prototypes -Wshadow $(if $(WERROR),-Werror)

PKGS := xenlight xlutil xencontrol xendevicemodel xenforeignmemory xenevtchn \
        xenstore xentoollog libxml-2.0 jansson libuv
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
# libxldm needs no xen beyond libxl's types; each program names its own libs.
LIB_LIBS = $(shell pkg-config --libs xenlight xlutil xentoollog xenstore libxml-2.0 jansson)
DM_LIBS  = $(shell pkg-config --libs xencontrol xendevicemodel xenforeignmemory xenevtchn xenstore libuv jansson)

CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc -DXLDM_QEMU='"$(QEMU)"' \
            -DXLDM_LIBEXECDIR='"$(LIBEXECDIR)"'
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(PKG_CFLAGS)

LIB_SRC := $(wildcard src/base/*.c src/config/*.c src/devices/*.c src/dm/*.c)
# src/run is xldm-dm: the only part that needs a live Xen besides src/toolstack
DM_SRC  := $(wildcard src/run/*.c)
TS_SRC  := $(wildcard src/toolstack/*.c)
CLI_SRC := $(wildcard src/cli/*.c)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

all: $(B)/xldm $(B)/xldm-dm $(B)/libxldm.so.0

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(B)/libxldm.a: $(call obj,$(LIB_SRC) $(TS_SRC))
	rm -f $@; $(AR) rcs $@ $^

$(B)/libxldm.so.0: $(call obj,$(LIB_SRC) $(TS_SRC))
	$(CC) $(CFLAGS) -shared -Wl,-soname,libxldm.so.0 -Wl,--version-script=src/libxldm.map -o $@ $^ $(LIB_LIBS)

$(B)/xldm: $(call obj,$(CLI_SRC)) $(B)/libxldm.a
	$(CC) $(CFLAGS) -o $@ $^ $(LIB_LIBS)

$(B)/xldm-dm: $(call obj,$(DM_SRC)) $(B)/libxldm.a
	$(CC) $(CFLAGS) -o $@ $^ $(DM_LIBS) $(LIB_LIBS)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf build

.PHONY: all clean

# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything is built under build/ (SAN=1: build/san, with ASan and UBSan).
#   make            xldm, xldm-dm, libxldm          make demo     see it run
#   make check      all tests, the lab included     make check-fast  no lab
#   make check-lab T='ide nic'   those lab cases    make bench    ratios
#   make deps | install | uninstall | clean | regen          V=1: commands
# STATIC=no: xldm without static libraries, for where there are none.

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
# SUITE=trixie: with that Debian's libxl (4.20), for check-oracle, check-golden
# and, as LAB_SUITE says, the lab.
SUITE := $(or $(SUITE),$(filter-out bookworm,$(LAB_SUITE)))
ifdef SUITE
B := build/$(SUITE)
CFLAGS := -O1
XEN := build/xen-$(SUITE)
endif
WARN := -Wall -Wextra -Wformat=2 -Wmissing-prototypes -Wshadow $(if $(WERROR),-Werror)

PKGS := xenlight xlutil xencontrol xendevicemodel xenforeignmemory xenevtchn \
        xenstore xentoollog libxml-2.0 jansson libuv
PKG_CFLAGS = $(if $(SUITE),-isystem $(XEN)/include) $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
# libxldm needs no xen beyond libxl's types; each program names its own libs.
LIB_PKGS := xenlight xlutil xentoollog xenstore libxml-2.0 jansson
LIB_LIBS = $(shell pkg-config --libs $(LIB_PKGS))
LIVE_LIBS = $(LIB_LIBS)
DM_LIBS  = $(shell pkg-config --libs xencontrol xendevicemodel xenforeignmemory xenevtchn xenstore libuv jansson)

ifdef SUITE
# static for what runs here, since the shared ones want that Debian's libc
XEN_LIBS = -L$(XEN)/lib -Wl,--start-group -lxenlight -lxlutil $(ORACLE_LIBS) \
           -l:libz.so.1 -l:liblzma.so.5 -l:libzstd.so.1 -Wl,--end-group
LIB_LIBS = -Wl,--as-needed $(XEN_LIBS) $(shell pkg-config --libs libxml-2.0 jansson)
# and shared for what runs there
LIVE_LIBS = -L$(XEN)/so -Wl,-rpath-link,$(XEN)/so -Wl,--allow-shlib-undefined \
            -lxenlight -lxlutil -lxenstore -lxentoollog $(shell pkg-config --libs libxml-2.0 jansson)
DM_LIBS = -L$(XEN)/so -Wl,-rpath-link,$(XEN)/so -Wl,--allow-shlib-undefined \
          -lxenctrl -lxendevicemodel -lxenforeignmemory -lxenevtchn -lxenstore $(shell pkg-config --libs libuv jansson)
endif

CPPFLAGS += -D_GNU_SOURCE -Iinclude -Isrc -DXLDM_QEMU='"$(QEMU)"' \
            -DXLDM_LIBEXECDIR='"$(LIBEXECDIR)"'
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(PKG_CFLAGS)

LIB_SRC := $(wildcard src/base/*.c src/config/*.c src/devices/*.c src/dm/*.c)
# src/run is xldm-dm: the only part that needs a live Xen besides src/toolstack
DM_SRC  := $(wildcard src/run/*.c)
TS_SRC  := $(wildcard src/toolstack/*.c)
CLI_SRC := $(wildcard src/cli/*.c)
# verbs that need Xen
XEN_CLI := $(addprefix src/cli/,create.c destroy.c list.c show.c attach.c \
                           detach.c restart.c)

# A word and the target instead of the command.
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $@;)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

all: $(B)/xldm $(B)/xldm-dm $(if $(SUITE),,$(B)/libxldm.so.0)

$(B)/obj/%.o: %.c | $(XEN)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(B)/libxldm.a: $(call obj,$(LIB_SRC) $(TS_SRC))
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

$(B)/libxldm.so.0: $(call obj,$(LIB_SRC) $(TS_SRC)) src/libxldm.map
	$(call say,LD)$(CC) $(CFLAGS) -shared -Wl,-soname,libxldm.so.0 -Wl,--version-script=src/libxldm.map -o $@ $(filter %.o,$^) $(LIB_LIBS)

# Loading 26 shared libraries takes four times as long as a plan does: so the
# verbs that need no Xen are a static program.  The others are in xldm-xen, which
# it runs: what talks to a hypervisor has the system's libraries.
$(B)/xldm-xen: $(call obj,$(CLI_SRC)) $(B)/libxldm.a
	$(call say,LD)$(CC) $(CFLAGS) -o $@ $^ $(LIVE_LIBS)

ifdef SAN
STATIC := no
endif
ifeq ($(STATIC),no)
$(B)/xldm: $(B)/xldm-xen
	@ln -f $< $@
else
ifdef SUITE
STATIC_LIBS = $(LIB_LIBS)
else
STATIC_LIBS = -static -Wl,--no-warnings -Wl,--start-group $(shell pkg-config --libs --static $(LIB_PKGS)) \
              -lyajl_s -luuid -lzstd -lstdc++ -Wl,--end-group
endif
$(B)/xldm: $(call obj,$(filter-out $(XEN_CLI),$(CLI_SRC))) $(B)/libxldm.a | $(B)/xldm-xen
	$(call say,LD)$(CC) $(CFLAGS) -o $@ $^ $(STATIC_LIBS)
endif

$(B)/xldm-dm: $(call obj,$(DM_SRC)) $(B)/libxldm.a
	$(call say,LD)$(CC) $(CFLAGS) -o $@ $^ $(DM_LIBS) $(LIVE_LIBS)

# ------------------------------------------------------------- tests ----

# Everything of xldm-dm but its main(), so that tests can link it.
$(B)/libxldm-run.a: $(call obj,$(filter-out src/run/main.c,$(DM_SRC)))
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

UNITS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/check_*.c))

$(B)/unit/%: tests/unit/%.c $(B)/libxldm-run.a $(B)/libxldm.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libxldm-run.a $(B)/libxldm.a \
	    $(shell pkg-config --libs check) $(DM_LIBS) $(LIB_LIBS)

# Two at a time; their lines may mix, the counts do not.
check-unit: $(UNITS)
	@printf '%s\n' $(UNITS) | xargs -P 2 -I @ sh -c '@ || { echo "failed: @"; exit 1; }'

check-golden: $(B)/xldm
	@XLDM=$< tests/golden/run

# The two that count a lot take minutes in valgrind; ASan has them.
SLOW := $(B)/unit/check_schema $(B)/unit/check_ranges
check-valgrind: $(filter-out $(SLOW),$(UNITS))
	@printf '%s\n' $^ | CK_FORK=no xargs -P 2 -I @ sh -c \
	    'valgrind -q --error-exitcode=9 --leak-check=full @ || { echo "failed: @"; exit 1; }'

# The public header stands alone, in C99 and in C++.
check-headers:
	$(CC) -std=c99 -Wall -Wextra -pedantic -fsyntax-only -x c $(PKG_CFLAGS) include/xldm.h
	$(CXX) -std=c++11 -Wall -fsyntax-only -x c++ $(PKG_CFLAGS) include/xldm.h

# What programs outside see: the ABI, and the example of the C API built from
# what is installed.  After a change that is meant: REGEN=1 make check-abi
check-abi: all
	@tests/abi/run $(B)

include tests/oracle/oracle.mk
-include tests/fuzz/fuzz.mk

GUEST := build/guest/probe.elf
include tests/guest/guest.mk

deps:
	@tests/deps build lab check

check: deps
	@tests/check all

check-fast: deps
	@tests/check fast

# Programs that only the lab's cases use.
LAB_TOOLS := $(patsubst tests/lab/tools/%.c,$(B)/tools/%,$(wildcard tests/lab/tools/*.c))

$(B)/tools/%: tests/lab/tools/%.c | $(XEN)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) -std=gnu11 $(WARN) $(CFLAGS) -o $@ $< $(DM_LIBS)

# The example of the C API, for the lab; check-abi builds it from what is
# installed.  It finds xldm-dm beside itself, as xldm does.
$(B)/attach-example: doc/examples/attach.c $(B)/libxldm.a
	$(call say,LD)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $^ $(LIVE_LIBS)
LAB_TOOLS += $(B)/attach-example

# T='case case...': those cases only
check-lab: all $(GUEST) $(LAB_TOOLS)
	@tests/deps build lab
	@tests/lab/run $(T)

demo:
	@tests/deps build lab
	@$(MAKE) -s -j2 all $(GUEST) $(LAB_TOOLS)
	@tests/lab/demo

build/bench/%: tests/bench/%.c $(B)/libxldm.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $< $(B)/libxldm.a $(LIB_LIBS)

build/bench/route: tests/bench/route.c $(B)/libxldm-run.a $(B)/libxldm.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $^ $(DM_LIBS) $(LIB_LIBS)

bench: all $(GUEST) $(LAB_TOOLS) $(addprefix build/bench/,resolver convert process libvirt route) build/oracle \
       $(B)/oracle.d/xlmock.so
	@tests/deps build lab bench
	@tests/bench/run

regen:
	REGEN=1 tests/golden/run

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBEXECDIR) \
	    $(DESTDIR)$(PREFIX)/share/xldm/schemas $(DESTDIR)$(PREFIX)/share/doc/xldm/doc/examples
	install -m 755 $(B)/xldm $(DESTDIR)$(PREFIX)/bin/xldm
	install -m 755 $(B)/xldm-dm $(DESTDIR)$(LIBEXECDIR)/xldm-dm
	install -m 755 $(B)/xldm-xen $(DESTDIR)$(LIBEXECDIR)/xldm-xen
	install -m 644 include/xldm.h $(DESTDIR)$(PREFIX)/include/xldm.h
	install -m 644 $(B)/libxldm.a $(DESTDIR)$(LIBDIR)/libxldm.a
	install -m 755 $(B)/libxldm.so.0 $(DESTDIR)$(LIBDIR)/libxldm.so.0
	ln -sf libxldm.so.0 $(DESTDIR)$(LIBDIR)/libxldm.so
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' src/xldm.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/xldm.pc
	install -m 644 schemas/*.rng $(DESTDIR)$(PREFIX)/share/xldm/schemas
	install -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/xldm
	install -m 644 doc/*.md $(DESTDIR)$(PREFIX)/share/doc/xldm/doc
	install -m 644 doc/examples/* $(DESTDIR)$(PREFIX)/share/doc/xldm/doc/examples

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/xldm $(DESTDIR)$(LIBEXECDIR)/xldm-dm $(DESTDIR)$(LIBEXECDIR)/xldm-xen $(DESTDIR)$(PREFIX)/include/xldm.h \
	    $(DESTDIR)$(LIBDIR)/libxldm.a $(DESTDIR)$(LIBDIR)/libxldm.so $(DESTDIR)$(LIBDIR)/libxldm.so.0 \
	    $(DESTDIR)$(LIBDIR)/pkgconfig/xldm.pc
	rm -rf $(DESTDIR)$(PREFIX)/share/xldm $(DESTDIR)$(PREFIX)/share/doc/xldm
	-rmdir $(DESTDIR)$(LIBEXECDIR)

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)

clean:
	rm -rf build

.PHONY: all clean deps check check-fast check-lab check-unit check-golden \
        check-valgrind check-headers check-abi check-oracle demo bench fuzz regen install uninstall

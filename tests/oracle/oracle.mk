# SPDX-License-Identifier: LGPL-2.1-or-later
# $(B)/oracle: libxl's own object code beside our library (tests/oracle).
# libxl's objects become one, in which what lies below libxl has other names
# (below.syms) and the static builder of QEMU's arguments can be called.
# SUITE=trixie: the same with that Debian's libxl, and our library built
# against it.

# disk-comma: libxl's own argv loses that path
ORACLE_XML  := $(filter-out %/disk-comma/domain.xml,$(wildcard tests/golden/*/domain.xml))
ORACLE_SRC  := $(wildcard tests/oracle/*.c)
ORACLE_LIBS := -lxentoollog -lxenevtchn -lxenctrl -lxenguest -lxenstore \
               -lxenhypfs -lxentoolcore -lxendevicemodel -lxengnttab \
               -lxenforeignmemory -lxencall -l:libyajl.so.2 -l:libuuid.so.1 \
               -lpthread -ldl -lutil

# random configs
ORACLE_COUNT ?= 2000

LIBXL_A = $(if $(SUITE),$(CURDIR)/$(XEN)/lib/libxenlight.a,$$($(CC) -print-file-name=libxenlight.a))

build/xen-%: tests/oracle/fetch
	$(call say,GET)$< $* $@ && touch $@

$(B)/oracle.d/libxl.o: tests/oracle/below.syms | $(XEN)
	@rm -rf $(@D); mkdir -p $(@D)/ar
	@cd $(@D)/ar && $(AR) x $(LIBXL_A)
	@objcopy --globalize-symbol=libxl__build_device_model_args $(@D)/ar/libxl_dm.o
	$(call say,LD)ld -r -o $@.tmp $(@D)/ar/*.o
	@objcopy --redefine-syms=$< $@.tmp $@
	@rm -r $(@D)/ar $@.tmp

# By name, before the libraries: nothing of libxl may come from its .so.
$(B)/oracle: $(call obj,$(ORACLE_SRC)) $(B)/oracle.d/libxl.o $(B)/libxldm.a
	$(call say,LD)$(CC) $(CFLAGS) -o $@ $^ -Wl,--as-needed $(ORACLE_LIBS) $(LIB_LIBS)

# xl's own reader of xl.cfg, from the same packages
$(B)/oracle.d/xlmock.so: tests/oracle/xl/mock.c
	@mkdir -p $(@D)
	$(CC) $(WARN) -shared -fPIC $(shell pkg-config --cflags xenlight xencontrol) -o $@ $<

$(B)/obj/tests/oracle/oracle.o: CPPFLAGS += -DORACLE_XL='"$(lastword $(wildcard /usr/lib/xen-*/bin/xl))"'

ifdef SUITE # xl itself would need that Debian's libc
check-oracle: $(B)/oracle
	@$<
else
check-oracle: $(B)/oracle $(B)/oracle.d/xlmock.so
	@$(B)/oracle --count $(ORACLE_COUNT) >$(B)/oracle.d/log; s=$$?; cat $(B)/oracle.d/log; \
	$(B)/oracle --count $$(($(ORACLE_COUNT) / 2)) xl >$(B)/oracle.d/xl.log || s=1; cat $(B)/oracle.d/xl.log; \
	$(B)/oracle xl $(ORACLE_XML) >$(B)/oracle.d/xml.log || s=1; cat $(B)/oracle.d/xml.log; \
	cat $(B)/oracle.d/log $(B)/oracle.d/xl.log $(B)/oracle.d/xml.log | awk '/^[0-9]+ passed/ { p += $$1; f += $$3 } \
	    END { print p " passed, " f " failed" }'; exit $$s
endif

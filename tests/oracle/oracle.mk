# SPDX-License-Identifier: LGPL-2.1-or-later
# $(B)/oracle: libxl's own object code beside our library (tests/oracle).
# libxl's objects become one, in which what lies below libxl has other names
# (below.syms) and the static builder of QEMU's arguments can be called.

ORACLE_SRC  := $(wildcard tests/oracle/*.c)
ORACLE_LIBS := -lxentoollog -lxenevtchn -lxenctrl -lxenguest -lxenstore \
               -lxenhypfs -lxentoolcore -lxendevicemodel -lxengnttab \
               -lxenforeignmemory -lxencall -l:libyajl.so.2 -l:libuuid.so.1 \
               -lpthread -ldl -lutil

$(B)/oracle.d/libxl.o: tests/oracle/below.syms
	@rm -rf $(@D); mkdir -p $(@D)/ar
	@cd $(@D)/ar && $(AR) x $$($(CC) -print-file-name=libxenlight.a)
	@objcopy --globalize-symbol=libxl__build_device_model_args $(@D)/ar/libxl_dm.o
	$(call say,LD)ld -r -o $@.tmp $(@D)/ar/*.o
	@objcopy --redefine-syms=$< $@.tmp $@
	@rm -r $(@D)/ar $@.tmp

# By name, before the libraries: nothing of libxl may come from its .so.
$(B)/oracle: $(call obj,$(ORACLE_SRC)) $(B)/oracle.d/libxl.o $(B)/libxldm.a
	$(call say,LD)$(CC) $(CFLAGS) -o $@ $^ -Wl,--as-needed $(ORACLE_LIBS) $(LIB_LIBS)

check-oracle: $(B)/oracle
	@$(B)/oracle

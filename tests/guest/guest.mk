# SPDX-License-Identifier: LGPL-2.1-or-later
# The test guest.  Included by the Makefile; alone:
#   make -f tests/guest/guest.mk
GUEST_CFLAGS = -m32 -march=i686 -O1 -std=gnu11 -Wall -Wextra -ffreestanding \
	-fno-pic -no-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -nostdlib -static -mno-sse -mno-mmx

build/guest/probe.elf: $(wildcard tests/guest/*.[ch]) tests/guest/probe.ld \
		tests/guest/guest.mk
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -Wl,-T,tests/guest/probe.ld -Wl,--build-id=none \
		-Wl,--no-warn-rwx-segments -o $@ $(filter %.c,$^)

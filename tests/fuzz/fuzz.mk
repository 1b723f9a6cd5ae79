# SPDX-License-Identifier: LGPL-2.1-or-later
# `make fuzz` runs each tests/fuzz/fuzz_NAME.c, at most FUZZ_SECONDS, with clang's
# libFuzzer, ASan and UBSan.  tests/fuzz/corpus/NAME has the seeds, and keeps
# what made it crash: as a case from then on.  What else is found stays under
# build/.  FUZZ='argv qmp' chooses targets.  Seed and number of inputs are
# fixed, so that what passed passes again on a faster machine; SEED=0 is another
# one each time, FUZZ_RUNS=-1 has no end but the time's.

FUZZ_SECONDS ?= 10
FUZZ_RUNS ?= 100000
SEED ?= 1
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

FUZZ_B     := build/fuzz
FUZZ_FLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
              -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_SRC   := $(LIB_SRC) $(TS_SRC) $(filter-out src/run/main.c,$(DM_SRC))

$(FUZZ_B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)clang $(CPPFLAGS) -std=gnu11 $(WARN) $(PKG_CFLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_B)/libxldm.a: $(patsubst %.c,$(FUZZ_B)/obj/%.o,$(FUZZ_SRC))
	$(call say,AR)rm -f $@; $(AR) rcs $@ $^

$(FUZZ_B)/fuzz_%: $(FUZZ_B)/obj/tests/fuzz/fuzz_%.o $(FUZZ_B)/libxldm.a
	$(call say,LD)clang -fsanitize=fuzzer,address,undefined -o $@ $^ -Wl,--as-needed $(DM_LIBS) $(LIB_LIBS)

fuzz: $(patsubst %,$(FUZZ_B)/fuzz_%,$(FUZZ))
	@for f in $(FUZZ); do \
	    mkdir -p tests/fuzz/corpus/$$f $(FUZZ_B)/corpus/$$f; \
	    echo "fuzz $$f for $(FUZZ_SECONDS) s"; \
	    $(FUZZ_B)/fuzz_$$f -runs=$(FUZZ_RUNS) -max_total_time=$(FUZZ_SECONDS) -seed=$(SEED) -timeout=5 \
	        -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
	        -artifact_prefix=tests/fuzz/corpus/$$f/ \
	        $(FUZZ_B)/corpus/$$f tests/fuzz/corpus/$$f 2>$(FUZZ_B)/$$f.log || \
	        { cat $(FUZZ_B)/$$f.log; echo "again: $(FUZZ_B)/fuzz_$$f FILE"; exit 1; }; \
	    grep -aE 'units:|new_units' $(FUZZ_B)/$$f.log; \
	done

.PRECIOUS: $(FUZZ_B)/obj/%.o
.PHONY: fuzz

# The performance harness: `make bench` measures and prints, it does not pass or fail.
# BENCH_ROUNDS=N for more rounds, BENCH_ONLY="tiny echo" for some of the cases,
# BENCH_PATIENCE=SECONDS to wait longer for others to leave the machine alone.

PACKAGES_BENCH := python3 strace

BENCH := $(B)/tests/bench
BENCH_PROGRAMS := $(addprefix $(BENCH)/,tiny min min-dynamic sleeper floor loadgen spawn_cost \
	bare_sendfile bare_splice drain) $(B)/tests/bin/take_one
BENCH_RUN = tests/bench/bench.py --build $(B) --peers $(B)/peers

.PHONY: bench bench-quick bench-spawn bench-programs packages-bench
packages-bench: packages-build
	$(call install-packages,$(PACKAGES_BENCH))

bench-programs: $(BENCH_PROGRAMS)

## bench: measures speed and memory, beside a bare loop and other super-servers; about five minutes
bench: packages-bench
	+@$(MAKE) --no-print-directory all bench-programs
	/usr/bin/python3 -B $(BENCH_RUN)

## bench-quick: a rough look, without the other super-servers
bench-quick: packages-bench
	+@$(MAKE) --no-print-directory all bench-programs
	/usr/bin/python3 -B $(BENCH_RUN) --quick --no-peers

## bench-spawn: where the time of one start goes, step by step
bench-spawn: packages-bench
	+@$(MAKE) --no-print-directory bench-programs
	$(BENCH)/spawn_cost $(abspath $(BENCH)/tiny)

BENCH_OBJ = $(patsubst %,$(B)/obj/tests/bench/%.o,$(1))

$(BENCH)/floor: $(call BENCH_OBJ,floor spawn spawn_ahead)
$(BENCH)/loadgen: $(call BENCH_OBJ,loadgen gen gen_conn gen_echo gen_fetch gen_idle gen_memory gen_udp hist)
$(BENCH)/spawn_cost: $(call BENCH_OBJ,spawn_cost spawn_parent spawn_steps spawn spawn_ahead)
$(BENCH)/bare_sendfile: $(call BENCH_OBJ,bare_sendfile)
$(BENCH)/bare_splice: $(call BENCH_OBJ,bare_splice)
$(BENCH)/drain: $(call BENCH_OBJ,drain)
$(BENCH)/floor $(BENCH)/loadgen $(BENCH)/spawn_cost $(BENCH)/bare_sendfile $(BENCH)/bare_splice $(BENCH)/drain:
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What is served: as small as it can be, and built without what needs a C library's start.
$(BENCH)/tiny $(BENCH)/sleeper: $(BENCH)/%: tests/bench/%.c tests/bench/nolibc.h
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) -std=gnu11 $(WARNINGS) -O2 -D_GNU_SOURCE -ffreestanding -fno-stack-protector -fno-pie \
		-nostdlib -static -Wl,-z,noseparate-code -Wl,--build-id=none -o $@ $<

$(BENCH)/min-dynamic: tests/bench/min.c
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) -std=gnu11 $(WARNINGS) -O2 -fPIE -pie -o $@ $<

$(BENCH)/min: tests/bench/min.c
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) -std=gnu11 $(WARNINGS) -O2 -fno-pie -static -o $@ $<

# `make torture`: the daemon against its own machine, TORTURE_SECONDS for each campaign. Every call that can fail
# fails in turn (faults.py; each run goes on where the last has ended); random walks are held against a model (walk.py).
# hostile programs and peers come all together (siege.py); then the fuzzers have as long, all of them, and go on with
# what they have found before. What a campaign did and found is printed, with how to have it again; the exit status is
# 1 if it found anything. tests/torture/*.bats are short rounds and the places where something was found, in
# `make test`.

TORTURE_SECONDS ?= 300
TORTURE := $(B)/torture
CAMPAIGNS := faults walk siege
TORTURE_PROBES := take_one stopper fuse

# The calls of inject.h, as options for the linker.
INJECTED = $(addprefix -Wl$(comma)--wrap=,$(shell $(CC) -E -P -x c $(foreach how,CALL DO_CALL STREAM, \
	-D'$(how)(type,failure,name,...)=name') -D'VARIADIC(name)=name' tests/torture/inject.h))
comma := ,
INJECT := $(TORTURE)/inject.o

$(INJECT): tests/torture/inject.c tests/torture/inject.h
	@mkdir -p $(@D)
	$(call SAY,CC  )$(CC) -std=gnu11 $(WARNINGS) -O2 -g $(CPPFLAGS) $(call PKG,--cflags libseccomp inih) -c -o $@ $<

# inetd and worker with sanitizers, and both again with the injector, where libc makes the calls of children on their
# way, however long they take; the programs that they serve are those of the build.
.PHONY: torture torture-build
torture-build: all $(INJECT) $(TORTURE_PROBES:%=$(B)/tests/bin/%)
	+@$(ASAN) $(B)/asan/inetd $(B)/asan/inetd-worker
	+@$(MAKE) --no-print-directory B=$(TORTURE) OFFSET_BITS= LINK_WITH=$(INJECT) \
		HARDEN='$(SANITIZE) -DNO_RAWCALL -DWAIT_NAPS=2500 -DKEEPER_IDLE_MS=200' HARDEN_LD='-fsanitize=address,undefined $(INJECTED)' LDLIBS='$(LDLIBS) -lseccomp -linih' \
		LIBEXECDIR=$(abspath $(TORTURE)) $(TORTURE)/inetd $(TORTURE)/inetd-worker

# What is linked into the two besides; coverage.mk has a use for it too.
LINK_WITH ?=
$(B)/inetd $(B)/inetd-worker: $(LINK_WITH)

# Each a target, so that `make -n` runs none, and one that finds something does not keep the others from their turn.
.PHONY: $(CAMPAIGNS:%=torture-%) torture-fuzz
$(CAMPAIGNS:%=torture-%): torture-%:
	@/usr/bin/python3 -B tests/torture/$*.py --build $(B) --seconds $(TORTURE_SECONDS) $(if $(filter faults,$*),--go-on)

torture-fuzz:
	+@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$$(($(TORTURE_SECONDS) / $(words $(FUZZERS)) + 1))

## torture: faults, random walks, a siege and the fuzzers, TORTURE_SECONDS=300 for each
torture: packages-test packages-fuzz
	+@$(MAKE) --no-print-directory torture-build
	+@$(MAKE) --no-print-directory -k -j1 $(CAMPAIGNS:%=torture-%) torture-fuzz

# `make test` and its relatives. Each installs what it needs and builds into $(B), or into a directory of
# its own below it where the flags are others.

UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
PROBES := $(patsubst %.c,$(B)/%,$(wildcard tests/bin/*.c))
FAULTS := $(patsubst %.c,$(B)/%.so,$(wildcard tests/fault/*.c))

TESTS ?= $(UNIT) $(sort $(wildcard tests/*/*.bats))
# What they need: packages besides those of every test, and the scratch root.
NEEDS = $(eval NEEDS := $$(shell tests/needs $$(filter %.bats,$$(TESTS))))$(NEEDS)
# Three at a time, as families mostly wait for what the daemon does after a time; PROVE_FLAGS=-v shows each case.
PROVE = B=$(abspath $(B)) prove -j3 $(PROVE_FLAGS) --exec tests/run-one

# A test of something that is not in $(PURE) has its objects as further prerequisites.
$(filter $(B)/tests/unit/test_worker%,$(UNIT)): \
	$(call OBJ,$(filter-out inetd/worker/main.c,$(SRC_worker)))

$(filter $(B)/tests/unit/test_service%,$(UNIT)): $(SERVICE_LIB)

$(filter $(B)/tests/unit/test_control%,$(UNIT)): \
	$(call OBJ,$(addprefix inetd/control/,client.c peer.c) \
		$(addprefix inetd/run/process/,closer.c helper.c child.c))

$(filter $(B)/tests/unit/test_cage%,$(UNIT)): $(call OBJ,inetd/run/cage/filter_program.c)
$(filter $(B)/tests/unit/test_spare%,$(UNIT)): $(call OBJ,inetd/run/program/spare_turn.c)
$(filter $(B)/tests/unit/test_accept%,$(UNIT)): $(call OBJ,inetd/run/accept/client_name.c)
$(filter $(B)/tests/unit/test_child%,$(UNIT)): $(call OBJ,inetd/run/process/child.c)
$(filter $(B)/tests/unit/test_suspect%,$(UNIT)): \
	$(call OBJ,$(addprefix inetd/run/,service/suspect_socket.c process/helper.c process/child.c))

# What a configuration of tests/conf names.
$(B)/tests/unit/test_config_golden: | $(B)/services/identd

$(UNIT): $(B)/%: %.c $(PURE)
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) $(ALL_CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) \
		$(filter $(SERVICE_LIB),$^) $(PURE) -lcmocka $(LDLIBS)

# Without the flags of a sanitizer or of coverage: signal handlers, descriptors and messages would be seen. The calls
# are those of coverage.mk.
$(PROBES): override HARDEN := $(filter-out -fsanitize% --coverage,$(HARDEN))
$(PROBES): override HARDEN_LD := $(filter-out -fsanitize% --coverage \
	$(addprefix %wrap=,fork _exit execve chroot seccomp_load setrlimit),$(HARDEN_LD))
$(PROBES): $(B)/%: %.c
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) $(ALL_CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(filter-out %/coverage/keep.o,$(LDLIBS))

# Libraries for LD_PRELOAD that make system calls fail; without the flags of a sanitizer.
$(FAULTS): $(B)/%.so: %.c
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) -std=gnu11 $(WARNINGS) -O2 -g $(CPPFLAGS) -MMD -MP -fPIC -shared -o $@ $<

.PHONY: test quick test-build test-build-some test-run scratch
# The fuzzers are compiled too, so that they go with what they are about.
test-build: all $(UNIT) $(PROBES) $(FAULTS) $(call OBJ,$(wildcard tests/fuzz/fuzz_*.c))
# For $(TESTS) only.
test-build-some: $(filter $(UNIT),$(TESTS)) $(if $(filter %.bats,$(TESTS)),all $(PROBES) $(FAULTS)) \
	$(if $(filter tests/torture/%,$(TESTS)),torture-build)

# In steps, so that what the first one installs (pkg-config, for one) is there for the next.
## test: builds and runs every test, or those of TESTS='tests/run/reload.bats ...' (PROVE_FLAGS=-v shows each case)
test: packages-test
	+@$(MAKE) --no-print-directory test-build-some
	$(if $(filter scratch,$(NEEDS)),+@$(MAKE) --no-print-directory scratch)
	+@$(MAKE) --no-print-directory test-run

# Neither a browser nor the scratch root, and no family that waits for long.
QUICK := $(UNIT) $(patsubst %,tests/%.bats,run/accepting run/reload config/show worker/worker services/hello_unix \
	system/lint)
## quick: builds and runs the unit programs and a few families, in less than a minute
quick:
	+@$(MAKE) --no-print-directory test TESTS='$(QUICK)'

test-run:
	$(PROVE) $(TESTS)

# tests/admit/counters.bats at full length; its time limit is longer too.
.PHONY: soak
## soak: a million connections of every outcome: counters are exact, nothing is left
soak: export OUTCOMES = 1000000
soak: export INETD_PATIENCE = 6
soak: packages-test
	+@$(MAKE) --no-print-directory test-build
	$(PROVE) tests/admit/counters.bats

# Real programs to serve and their clients; the same for all builds.
export SCRATCH ?= $(CURDIR)/build/scratch
## scratch: makes the directory of real programs that some tests serve; `make test` does so where it is needed
scratch:
	@tests/scratch/build "$(SCRATCH)"

.PHONY: check-asan check-valgrind
SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
check-asan: export INETD_SANITIZED = yes
check-asan: export INETD_PATIENCE = 3
# Flags as for the build, also for what a test may have to make: it must be the same.
ASAN = $(MAKE) --no-print-directory B=$(B)/asan HARDEN='$(SANITIZE)' \
	HARDEN_LD='-fsanitize=address,undefined'
## check-asan: `make test` with AddressSanitizer and UndefinedBehaviorSanitizer
check-asan: packages-test
	+@$(ASAN) test-build-some
	$(if $(filter scratch,$(NEEDS)),+@$(MAKE) --no-print-directory scratch)
	+@$(ASAN) test-run

VALGRIND = env LD_PRELOAD=$(abspath $(B))/tests/fault/plain-fork.so valgrind -q --error-exitcode=99 \
	--leak-check=full --errors-for-leak-kinds=definite --trace-children=no --vgdb=no
VALGRIND_TESTS ?= $(UNIT) $(patsubst %,tests/%.bats,run/listening run/accepting run/reaping run/reload \
	control/control admit/access admit/overload run/stderr run/max_time config/environment)
check-valgrind: export INETD_PATIENCE = 5
check-valgrind: export UNIT_ROUNDS = 20000
## check-valgrind: unit programs, inetd in some families, and the service programs under valgrind
check-valgrind: packages-valgrind
	+@$(MAKE) --no-print-directory test-build
	INETD_UNDER='$(VALGRIND)' $(PROVE) $(VALGRIND_TESTS)
	+@$(MAKE) --no-print-directory check-valgrind-services

# A directory like $(B) in which each service program is a script that runs the one of $(B) under valgrind, so
# that inetd and the tests see no difference. What valgrind has to say is in the files of log/, also of processes
# whose exit status nobody asks for; lines that begin with "--" tell that it does not know a system call, openat2(2),
# and answers ENOSYS as older kernels do.
VG = $(abspath $(B))/valgrind
VG_RUN = valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --vgdb=no \
	--log-file=$(VG)/log/%p
VG_TESTS ?= $(filter-out %_browser.bats %/shell.bats %/template.bats %/usage.bats,$(wildcard tests/services/*.bats))
.PHONY: check-valgrind-services
check-valgrind-services: export SERVICES_UNDER = valgrind
check-valgrind-services: export INETD_PATIENCE = 3
check-valgrind-services:
	rm -rf $(VG)
	mkdir -p $(VG)/services && mkdir -m 1777 $(VG)/log
	ln -s $(filter-out %/services %/valgrind,$(wildcard $(abspath $(B))/*)) $(VG)
	ln -s $(filter %.sh %.py,$(abspath $(SERVICES))) $(VG)/services
	for program in $(filter-out %.sh %.py,$(abspath $(SERVICES))); do \
		printf '#!/bin/sh\nexec %s %s "$$@"\n' '$(VG_RUN)' $$program \
			>$(VG)/services/$${program##*/}; \
	done
	chmod 755 $(VG)/services/*
	$(MAKE) --no-print-directory test-run B=$(VG) TESTS='$(VG_TESTS)'
	! find $(VG)/log -type f -size +0 -exec cat {} + | grep -v '^--'

.PHONY: lint lint-static
LINTS := tidy cppcheck format layers circles sizes names shell manuals
.PHONY: $(LINTS:%=lint-%)
## lint: warnings of two compilers, static analysis, layout, layers, circles, sizes, names, shell, manuals
lint: packages-lint
	+@$(MAKE) --no-print-directory CC=gcc B=$(B)/lint/gcc test-build
	+@$(MAKE) --no-print-directory CC=clang B=$(B)/lint/clang test-build
	+@$(MAKE) --no-print-directory -k -j2 --output-sync=target lint-static
lint-static: $(LINTS:%=lint-%)

LINT_C := $(wildcard inetd/*.c inetd/*/*.c inetd/*/*/*.c services/*.c services/*/*.c tests/*/*.c)
LINT_H := $(wildcard inetd/*.h inetd/*/*.h inetd/*/*/*.h services/*/*.h tests/*/*.h)
LINT_SH := $(wildcard tests/*/*.bats tests/*/*.bash tests/scratch/* tests/machines/*) tests/platforms/root tests/platforms/check tests/platforms/musl tests/vm/run tests/run-one tests/needs \
	etc/install etc/container/root etc/debian/tests/families \
	tests/lint/layers tests/lint/circles tests/lint/names \
	.ci/run $(wildcard services/*.sh) etc/inetd.init

lint-tidy:
	@mkdir -p $(B)/lint
	@printf '%s\n' -std=gnu11 $(CPPFLAGS) $(filter -I%,$(TIRPC)) -I$(CURDIR)/inetd -I$(CURDIR)/services >$(B)/lint/compile_flags.txt
	@printf '%s\n' $(LINT_C) | xargs -P2 -n4 clang-tidy --quiet -p $(B)/lint

lint-cppcheck:
	cppcheck -q -j2 --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem '--suppress=*:/usr/include/*' \
		-D_GNU_SOURCE -DLIBBSD_OVERLAY -Iinetd -Iservices -I/usr/include/bsd $(LINT_C)

lint-format:
	clang-format --dry-run -Werror $(LINT_C) $(LINT_H)

lint-layers:
	tests/lint/layers

LINT_OBJ := $(call OBJ,$(wildcard inetd/*.c inetd/*/*.c inetd/*/*/*.c services/*/*.c))
lint-circles: $(LINT_OBJ)
	tests/lint/circles $(B)/obj $(LINT_OBJ)

lint-sizes:
	tests/lint/sizes $(LINT_C) $(LINT_H)

lint-names:
	tests/lint/names

lint-shell:
	shellcheck $(LINT_SH)

lint-manuals:
	mandoc -T lint -W warning $(wildcard man/*.[1-9])

include tests/platforms/platforms.mk
include tests/vm/vm.mk
-include tests/fuzz/fuzz.mk tests/torture/torture.mk tests/coverage/coverage.mk
-include $(PROBES:%=%.d) $(UNIT:%=%.d) $(FAULTS:.so=.d)

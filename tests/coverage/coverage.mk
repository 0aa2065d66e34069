# `make coverage`: which lines the tests run, by folder and in all; TESTS='...' for some of them. A line counts where
# any program has run it: the daemon, its helpers and its worker (keep.c), inetctl, unit programs, services.
# `make coverage-report COVERAGE_LINES=FILE` lists those of one file that no test runs.

COVERAGE := $(B)/coverage
KEEP := $(COVERAGE)/keep.o

$(KEEP): tests/coverage/keep.c
	@mkdir -p $(@D)
	$(call SAY,CC  )$(CC) -std=gnu11 $(WARNINGS) -O1 -g $(CPPFLAGS) -c -o $@ $<

# Not those that build the programs again, and not test_service_confine, which is about a filter of system calls.
COVERED = $(filter-out %/test_service_confine tests/torture/% \
	$(patsubst %,tests/system/%.bats,build container dist install lint old_kernel package package_build package_others), \
	$(patsubst $(B)/tests/unit/%,$(COVERAGE)/tests/unit/%,$(TESTS)))
# Functions have the names that keep.c knows.
COVERED_BUILD = $(MAKE) --no-print-directory B=$(COVERAGE) OFFSET_BITS= LDLIBS='$(LDLIBS) $(abspath $(KEEP))' \
	HARDEN='-O0 --coverage -fprofile-update=atomic -fno-builtin-fork -fno-builtin-execve -fno-builtin-execv -fno-builtin-execvp' \
	HARDEN_LD='--coverage $(addprefix -Wl$(comma)--wrap=,fork _exit execve chroot seccomp_load setrlimit)' TESTS='$(COVERED)'

# Files for the counters are made before: a process that is another user by then finds them.
.PHONY: coverage coverage-more coverage-report
## coverage: runs the tests with counters, and prints which part of the lines they run, by folder
coverage: packages-test
	+@$(MAKE) --no-print-directory $(KEEP)
	+@$(COVERED_BUILD) test-build-some
	@find $(COVERAGE) -name '*.gcda' -delete
	+@$(MAKE) --no-print-directory coverage-more

# A test that fails has run its lines, too.
## coverage-more: adds to what has been counted
coverage-more: $(KEEP)
	+@$(COVERED_BUILD) test-build-some
	@find $(COVERAGE) -name '*.gcno' | sed 's/gcno$$/gcda/' | xargs touch
	@find $(COVERAGE) -name '*.gcda' -exec chmod 666 {} +
	$(if $(filter scratch,$(NEEDS)),+@$(MAKE) --no-print-directory scratch)
	+-@$(MAKE) --no-print-directory B=$(COVERAGE) test-run INETD_SANITIZED=coverage TESTS='$(COVERED)'
	+@$(MAKE) --no-print-directory coverage-report

coverage-report:
	@tests/coverage/report $(COVERAGE) $(COVERAGE_LINES)

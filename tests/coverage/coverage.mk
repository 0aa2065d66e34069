# `make coverage`: which lines the tests run, by folder and in all; TESTS='...' for some of them. A line counts where
# any program has run it: the daemon, its helpers and its worker (keep.c), inetctl, unit programs, services.
# COVERAGE_LINES=FILE lists those of one file that no test runs.

COVERAGE := $(B)/coverage
KEEP := $(COVERAGE)/keep.o

$(KEEP): tests/coverage/keep.c
	@mkdir -p $(@D)
	$(call SAY,CC  )$(CC) -std=gnu11 $(WARNINGS) -O1 -g $(CPPFLAGS) -c -o $@ $<

# Files for the counters are made before: a process that is another user by then finds them.
.PHONY: coverage coverage-report
## coverage: runs the tests with counters, and prints which part of the lines they run, by folder
coverage: packages-test
	+@$(MAKE) --no-print-directory $(KEEP)
	+@$(MAKE) --no-print-directory B=$(COVERAGE) LDLIBS='$(LDLIBS) $(abspath $(KEEP))' \
		HARDEN='-O0 --coverage -fprofile-update=atomic -fno-builtin-fork -fno-builtin-execve -fno-builtin-execv -fno-builtin-execvp -DCOVERAGE' \
		HARDEN_LD='--coverage $(addprefix -Wl$(comma)--wrap=,fork _exit execve chroot seccomp_load setrlimit)' \
		test-build-some
	@find $(COVERAGE) -name '*.gcda' -delete
	@find $(COVERAGE) -name '*.gcno' | sed 's/gcno$$/gcda/' | xargs touch
	@find $(COVERAGE) -name '*.gcda' -exec chmod 666 {} +
	+-@$(MAKE) --no-print-directory B=$(COVERAGE) test-run INETD_SANITIZED=coverage
	+@$(MAKE) --no-print-directory coverage-report

coverage-report:
	@tests/coverage/report $(COVERAGE) $(COVERAGE_LINES)

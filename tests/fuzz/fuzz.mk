# `make fuzz`: the readers of configuration and of what callers and clients send under libFuzzer with sanitizers,
# FUZZ_SECONDS each. What is found grows below $(B)/fuzz, and `make fuzz-keep` puts those that reach code which no seed
# here reaches beside the seeds. A crash leaves its input below $(B)/fuzz too.
# Each has the words of NAME.dict, or else those of config.dict: libFuzzer takes one dictionary only.

FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FLAGS := -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_SANITIZE := address,undefined
FUZZ_OBJ := $(patsubst %.c,$(B)/fuzz/obj/%.o,$(SRC_base) $(SRC_config) \
	$(SRC_protocol) $(wildcard services/common/*.c services/page/*.c) tests/fuzz/names.c) \
	$(B)/fuzz/obj/services/page/text.o
# Importers read files, which the target hands to them.
FUZZ_IMPORT := $(patsubst %.c,$(B)/fuzz/obj/%.o,\
	$(filter-out %/import.c inetd/inetctl/import/export%,$(wildcard inetd/inetctl/import/*.c)) \
	inetd/inetctl/quoting.c inetd/inetctl/adhoc_service.c)

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) $(CPPFLAGS) -MMD -MP \
		-c -o $@ $<

$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_OBJ)
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) $(CPPFLAGS) -o $@ $< $(FUZZ_OBJ) \
		$(LDLIBS)

$(B)/fuzz/fuzz_import: FUZZ_OBJ += $(FUZZ_IMPORT) -Wl,--wrap=source_open,--wrap=source_names
$(B)/fuzz/fuzz_import: $(FUZZ_IMPORT)

# Not by the rule for text.c in $(B): it is a source that is made.
$(B)/fuzz/obj/services/page/text.o: $(B)/obj/services/page/text.c
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) $(CPPFLAGS) -c -o $@ $<

# Kept, so that one changed file is not all of them anew.
.SECONDARY: $(FUZZ_OBJ) $(FUZZ_IMPORT)

.PHONY: fuzz fuzz-build fuzz-keep
fuzz-build: $(FUZZERS:%=$(B)/fuzz/fuzz_%)
## fuzz: the parsers under libFuzzer, FUZZ_SECONDS each
fuzz: packages-fuzz
	+@$(MAKE) --no-print-directory fuzz-build
	@for name in $(FUZZERS); do \
		mkdir -p $(B)/fuzz/$$name && \
		$(B)/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-max_len=2048 -print_final_stats=1 -artifact_prefix=$(B)/fuzz/$$name- \
			-dict=tests/fuzz/$$(test -e tests/fuzz/$$name.dict && echo $$name || echo config).dict \
			$(B)/fuzz/$$name tests/fuzz/corpus-$$name || exit 1; \
	done

## fuzz-keep: adds to the seeds what `make fuzz` has found that reaches further
fuzz-keep: fuzz-build
	@for name in $(FUZZERS); do \
		test ! -d $(B)/fuzz/$$name || $(B)/fuzz/fuzz_$$name -merge=1 -max_len=2048 tests/fuzz/corpus-$$name \
			$(B)/fuzz/$$name || exit 1; \
	done

-include $(FUZZ_OBJ:.o=.d) $(FUZZ_IMPORT:.o=.d)

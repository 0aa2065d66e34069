#!/usr/bin/env bats
# The checks of `make lint` that are written here: each finds what it is there for.

bats_require_minimum_version 1.5.0

setup() {
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# compile FILE...: objects below obj/, as make has them.
compile() {
	local file
	for file; do
		mkdir -p "obj/${file%/*}"
		cc -c -o "obj/${file%.c}.o" "$file"
	done
}

@test "circles: files that call each other are found, in one folder and across folders" {
	mkdir low high
	echo 'int low_b(void); int low_a(void) { return low_b(); }' >low/a.c
	echo 'int low_b(void) { return 1; }' >low/b.c
	echo 'int low_a(void); int high(void) { return low_a(); }' >high/c.c
	compile low/a.c low/b.c high/c.c
	run -0 "$TOP/tests/lint/circles" obj obj/*/*.o
	[ -z "$output" ]

	echo 'int low_a(void); int low_b(void) { return low_a(); }' >low/b.c
	compile low/b.c
	run -1 "$TOP/tests/lint/circles" obj obj/*/*.o
	[ "$output" = "circle:
  low/a needs low_b of low/b
  low/b needs low_a of low/a" ]

	# Not by a call alone: a table is enough.
	echo 'int high(void); int (*table[])(void) = {high}; int low_b(void) { return 1; }' >low/b.c
	compile low/b.c
	run -1 "$TOP/tests/lint/circles" obj obj/*/*.o
	[[ $output == *"low/b needs high of high/c"* ]]
	[[ $output == *"high/c needs low_a of low/a"* ]]
}

@test "circles: one name that is defined in two files is found, and so is a list of files without calls" {
	mkdir low
	echo 'int both(void) { return 1; }' >low/a.c
	echo 'int both(void) { return 2; }' >low/b.c
	compile low/a.c
	run -1 "$TOP/tests/lint/circles" obj obj/low/a.o
	[[ $output == *"no object files that need one another"* ]]
	compile low/b.c
	run -1 "$TOP/tests/lint/circles" obj obj/low/*.o
	[ "$output" = 'both is defined in low/a and in low/b' ]
}

@test "layers: a header of a higher folder is found, and a folder that is no layer" {
	mkdir -p tests inetd/base inetd/run/service
	cp -r "$TOP/tests/lint" tests
	echo '#include "base/loop.h"' >inetd/base/loop.c
	echo '#include "base/loop.h"' >inetd/run/service/socket.c
	run -0 tests/lint/layers
	echo '#include "run/service/socket.h"' >inetd/base/loop.c
	run -1 tests/lint/layers
	[ "$output" = 'inetd/base/loop.c:1: base may not include "run/service/socket.h"' ]
	mkdir inetd/cellar
	echo '#include "base/loop.h"' | tee inetd/base/loop.c >inetd/cellar/wine.c
	run -1 tests/lint/layers
	[ "$output" = 'inetd/cellar/wine.c: cellar is not a layer' ]
}

@test "sizes: files, functions and lines that are too long are found" {
	{ echo 'int f(void)' && echo '{' && seq -f '	x(%.0f);' 60 && echo '}'; } >fits.c
	run -0 "$TOP/tests/lint/sizes" fits.c
	{ echo 'int f(void)' && echo '{' && seq -f '	x(%.0f);' 61 && echo '}'; } >long.c
	run -1 "$TOP/tests/lint/sizes" fits.c long.c
	[ "$output" = 'long.c:2: a function of 61 lines, more than 60' ]
	seq 401 >many.c
	printf '\t%093d\n' 0 >wide.c
	run -1 "$TOP/tests/lint/sizes" many.c wide.c fits.c
	[ "$output" = 'many.c: 401 lines, more than 400
wide.c:1: longer than 100 columns' ]
}

@test "names: the path of the tree is found in what is committed" {
	mkdir -p tests
	cp -r "$TOP/tests/lint" tests
	git init -q .
	git add .
	run -0 tests/lint/names
	pwd >path.txt
	git add .
	run -1 tests/lint/names
	[[ $output == path.txt:1:* ]]

	# Where nothing can be looked at, nothing is well.
	rm -r .git path.txt
	run -1 tests/lint/names
}

# recipes_with_more FILE...: commands of recipes that make runs even so with -n, as they call make, and that do something else.
recipes_with_more() {
	sed -e ':more' -e '/\\$/{N;s/\\\n[[:space:]]*//;b more' -e '}' "$@" |
		grep -E $'^\t.*\\$[({](MAKE|ASAN)[)}]' |
		grep -vE $'^\t(\\$\\(if [^+@]*,)?[+@-]*(INETD_UNDER=[^ ]* )?\\$\\((MAKE|ASAN)\\)( [^;&|]*|[^;&|]*>[^;&|]*)$'
}

# shellcheck disable=SC2016 # for make
@test "make -n runs nothing: what calls make does so only" {
	printf '\t+@$(MAKE) --no-print-directory more\n\techo; \\\n\t$(MAKE) all\n' >first.mk
	printf '\t@stage=x && $(MAKE) files\n' >second.mk
	run -0 recipes_with_more first.mk second.mk
	[ "${#lines[@]}" = 2 ] || { echo "$output"; false; }
	run -1 recipes_with_more "$TOP/Makefile" "$TOP"/*/*.mk "$TOP"/tests/*/*.mk
	[ -z "$output" ]
}

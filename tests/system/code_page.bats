#!/usr/bin/env bats
# inetd/README.md, the page for who changes the code, held to the tree: each file, folder, function and struct that it
# names exists, no folder is left out, and the folders are in the order that the lint of layers has.
# shellcheck disable=SC2016 # backquotes of markdown

bats_require_minimum_version 1.5.0
load ../helpers/words

setup() {
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	PAGE=$TOP/inetd/README.md
	cd "$TOP/inetd" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# quoted PAGE: what stands in backquotes, outside of blocks, one a line.
quoted() {
	awk '/^```/ { inside = !inside } !inside' "$1" | grep -oE '`[^`]+`' | tr -d '`' | sort -u
}

# missing PAGE: what it names and the tree does not have. Paths count from inetd/.
missing() {
	local name
	while IFS= read -r name; do
		case $name in
		*'()') is_function "${name%'()'}" ;;
		'struct '* | 'enum '*) grep -rqE "^$name \{" . --include='*.h' ;;
		*.c | *.h | *.def | *.bats | ../* | */) [ -e "$name" ] || [ -e "../$name" ] ;;
		tests/*) [ -e "../$name" ] ;;
		esac || echo "$name"
	done < <(quoted "$1")
}

# is_function NAME: a file of the tree begins its definition.
is_function() {
	grep -rqE "^[a-z][^;=]*[ *]$1\(" . --include='*.c'
}

# count_of PAGE PATTERN: how many names of a kind there are.
count_of() {
	quoted "$1" | grep -cE "$2"
}

@test "files, folders, functions and structs that the page names exist" {
	run -0 missing "$PAGE"
	[ -z "$output" ]
	[ "$(count_of "$PAGE" '\(\)$')" -ge 20 ]
	[ "$(count_of "$PAGE" '\.[ch]$')" -ge 10 ]
	[ "$(count_of "$PAGE" '^struct ')" -ge 6 ]
	[ "$(count_of "$PAGE" '/$')" -ge 15 ]

	# Each kind of name that is wrong is seen.
	for name in 'nobody_knows()' 'base/nothing.c' 'struct nothing' 'cellar/' '../man/inetd.9' 'tests/lint/nothing'; do
		sed "s|\`base/\`|\`$name\`|" "$PAGE" >"$BATS_TEST_TMPDIR/wrong.md"
		run -0 missing "$BATS_TEST_TMPDIR/wrong.md"
		[ "$output" = "$name" ] || { echo "not seen: $name" && false; }
	done
}

# folders PAGE: those of its table, in order.
folders() {
	sed -nE 's/^\| `([a-z/]+)\/` \|.*/\1/p' "$1"
}

@test "every folder has its row, in the order of the layers" {
	local layers
	same_words "$(folders "$PAGE" | sort)" "$(find . -mindepth 1 -type d -name '[a-z]*' ! -path './run' -printf '%P\n' | sort)"
	layers=$(sed -nE 's/^\t\[([a-z/]+)\]=.*/\1/p' ../tests/lint/layers)
	at_least 15 "$layers"
	same_words "$(folders "$PAGE")" "$layers"
	same_words "$(folders "$PAGE" | sed -n 's|^run/||p')" $'process\ncage\nservice\nprogram\nworker\naccept\nreload\nupgrade'
	run -1 same_words "$(sed '/^| `admit/d' "$PAGE" >"$BATS_TEST_TMPDIR/less.md"; folders "$BATS_TEST_TMPDIR/less.md")" "$layers"
}

# section PAGE HEADING: the text below a heading.
section() {
	awk -v heading="## $2" '/^## / { inside = $0 == heading } inside' "$1"
}

@test "the words are ten to twenty-four, each of them in the code" {
	local terms term part
	terms=$(section "$PAGE" Words | sed -nE 's/^\| ([a-z, ]+) \|.*/\1/p' | grep -vx 'word')
	at_least 10 "$terms"
	[ "$(wc -l <<<"$terms")" -le 24 ]
	while IFS= read -r term; do
		for part in ${term//,/}; do
			grep -rqwi "$part" . --include='*.[ch]' || { echo "$part is in no file" && false; }
		done
	done <<<"$terms"
}

@test "from the page it is two hops to a limit, to a mode, to a rate and to SIGHUP" {
	# The page names a function, and the function does it.
	grep -q 'admit_check()' "$PAGE"
	grep -q 'instances' admit/admit.c
	grep -q 'set_owner()' "$PAGE"
	sed -n '/^static const char \*set_owner/,/^}/p' run/service/socket_path.c | grep -q 'chmod'
	grep -q 'parse_rate()' "$PAGE"
	sed -n '/^static int parse_rate/,/^}/p' config/keys/type_number.c | grep -q 'struct rate'
	grep -q 'SIGHUP' "$PAGE"
	sed -n '/^static void signalled/,/^}/p' main.c | sed -n '/SIGHUP/,/break/p' | grep -q 'configure_reload'
}

@test "the commands of the page are ones" {
	local name count=0
	while read -r name; do
		grep -qE "^## $name( |:)" "$TOP/Makefile" "$TOP"/*/*.mk "$TOP"/*/*/*.mk || { echo "no make $name" && false; }
		count=$((count + 1))
	done < <(section "$PAGE" 'Build, run, debug' | grep -oE '^make [a-z-]+' | sed 's/make //' | grep -v '^build$')
	[ "$count" -ge 3 ]
	section "$PAGE" 'Build, run, debug' | grep -oE 'TESTS=[^ ]+' | sed 's/TESTS=//' | (cd "$TOP" && xargs ls)
}

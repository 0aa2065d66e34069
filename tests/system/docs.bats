#!/usr/bin/env bats
# What the documents say, held against the programs: examples are run, options and verbs compared in
# both directions, the tutorial is typed in.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0
load ../helpers/words

setup() {
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	B=$(realpath "${B:-$TOP/build}")
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${demo_directory:-}" ] || rm -rf "$demo_directory"
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# manual_examples PAGE DIR: every literal display of a manual page, one file each, as a reader sees it.
manual_examples() {
	mkdir -p "$2"
	awk -v dir="$2" '
		/^\.Bd -literal/ { n++; first = 1; next }
		first { file = sprintf("%s/%02d.%s", dir, n, /^\[/ ? "ini" : "conf"); first = 0 }
		/^\.Ed/ { file = "" }
		file { gsub(/\\&/, ""); gsub(/\\\(dq/, "\""); gsub(/\\e/, "\\"); print > file }
	' "$1"
}

# fenced_examples FILE LANGUAGE DIR: every fenced block of that language in a markdown file.
fenced_examples() {
	mkdir -p "$3"
	awk -v dir="$3" -v lang="$2" -v fence='```'"$2" '
		$0 == fence { file = sprintf("%s/%02d.%s", dir, ++n, lang == "ini" ? "ini" : "conf"); next }
		/^```/ { file = "" }
		file { print > file }
	' "$1"
}

# check_examples DIR: each file passes inetd -t; prints how many there were.
check_examples() {
	local file count=0 status
	for file in "$1"/*.conf "$1"/*.ini; do
		[ -e "$file" ] || continue
		status=0
		"$B/inetd" -t "$file" >"$file.out" 2>&1 || status=$?
		if [ $status != 0 ]; then
			echo "$file: exit $status"
			cat "$file" "$file.out"
			return 1
		fi
		count=$((count + 1))
	done
	echo "$count"
}

# help_options PROGRAM: every option that its --help names, one a line, sorted.
help_options() {
	"$1" --help 2>&1 | grep -oE -- '(^|[][ ,|(])-(-[a-z][a-z-]*|[0-9A-Za-z]+)' |
		sed 's/^[^-]*//' | split_clusters | sort -u
}

# manual_options PAGE: every option that the page describes in a list of its own, sorted.
manual_options() {
	sed -n 's/^\.It Fl //p' "$1" | tr ',' '\n' |
		sed -E 's/^ *(Fl )?//; s/ .*//; s/^/-/' | grep -v '^-$' | sort -u
}

# "-46d" is "-4", "-6" and "-d".
split_clusters() {
	local option i
	while read -r option; do
		case $option in
		--*) echo "$option" ;;
		*) for ((i = 1; i < ${#option}; i++)); do printf -- '-%s\n' "${option:i:1}"; done ;;
		esac
	done
}

# alone COMMAND...: for a minute at most; as root, in a network where nobody else has the ports and with
# processes that all end with it.
alone() {
	if [ "$(id -u)" = 0 ] && unshare -m true; then
		timeout -k 5 60 unshare -mnpf --mount-proc --kill-child \
			sh -c 'ip link set lo up && "$@"' sh "$@"
	else
		timeout -k 5 60 "$@"
	fi
}

@test "manual pages pass mandoc without warnings" {
	local page
	sed 's/^\.Sh DESCRIPTION/.Sh/' "$TOP/man/inetd.8" >broken.8
	run ! mandoc -T lint -W warning broken.8
	[ -n "$output" ]
	for page in "$TOP"/man/*.[578]; do
		run -0 mandoc -T lint -W warning "$page"
		[ -z "$output" ] || { echo "$output" && false; }
	done
}

@test "cross references to pages of this project lead to one" {
	local page count=0
	while read -r page; do
		[ -e "$TOP/man/$page" ] || { echo "$page is missing" && false; }
		count=$((count + 1))
	done < <(cat "$TOP"/man/*.[578] | sed -nE 's/^\.Xr (inet[a-z.-]*) ([0-9]).*/\1.\2/p' | sort -u)
	[ "$count" -ge 3 ]
}

@test "a broken example would be found" {
	manual_examples "$TOP/man/inetd.conf.5" good
	run -0 check_examples good
	cp -r good broken
	sed -i '$a 9999 stream tcp nowait nobody relative-without-a-wait-word' broken/01.conf
	sed -i 's/nowait/nowiat/' broken/01.conf
	run -1 check_examples broken
	[[ $output == *broken/01.conf* ]]
}

@test "every configuration in inetd.conf(5) and inetd.ini(5) is accepted" {
	local page displays
	for page in inetd.conf.5 inetd.ini.5; do
		displays=$(grep -c '^\.Bd -literal' "$TOP/man/$page")
		[ "$displays" -ge 8 ]
		manual_examples "$TOP/man/$page" "$page"
		run -0 check_examples "$page"
		[ "$output" = "$displays" ]
	done
}

@test "every configuration in the README is accepted" {
	local fences
	fences=$(grep -cxE '```(conf|ini)' "$TOP/README.md")
	[ "$fences" -ge 2 ]
	# Together: a section changes what a line above it says.
	fenced_examples "$TOP/README.md" conf examples
	fenced_examples "$TOP/README.md" ini examples
	[ "$(find examples -type f | wc -l)" = "$fences" ]
	run -0 "$B/inetd" -t examples/*
	sed -i 's/per_source/per_sauce/' examples/*.ini
	run -2 "$B/inetd" -t examples/*
}

@test "the sample inetd.conf offers nothing, and each of its lines can be uncommented" {
	run -0 "$B/inetd" -t "$TOP/etc/inetd.conf"
	run ! grep -v '^#' <(grep . "$TOP/etc/inetd.conf")

	mkdir sample
	sed -nE 's/^#([^ \t#]+\t.*)/\1/p' "$TOP/etc/inetd.conf" >sample/all.conf
	[ "$(wc -l <sample/all.conf)" -ge 20 ]
	run -0 check_examples sample
}

@test "the demo configuration is accepted" {
	mkdir demo
	sed -e "s|@BUILD@|$B|g" -e "s/@USER@\|@CALLER@/$(id -un)/g" "$TOP/etc/demo.conf" >demo/demo.conf
	sed -e "s|@GROUP@|$(id -gn)|g" "$TOP/etc/demo.ini" >demo/demo.ini
	run -0 check_examples demo
	run ! grep -E 'warning|error' demo/demo.conf.out demo/demo.ini.out
}

# Each command with a standard input that does not end, as a terminal's does not, and where echo waits for it something
# to say; how it is ended does not matter once it has an answer.
@test "every command that make demo names gets an answer" {
	local demo
	demo=$(mktemp -d)
	demo_directory=$demo
	chmod 755 "$demo" # another user gets there
	cp -rL "$B"/{inetd,inetd-worker,inetctl,services} "$demo"
	make -s -C "$TOP" demo-config B="$demo"
	[ "$(id -u)" != 0 ] || grep -q nobody "$demo/demo.conf"
	sed -n 's/^  \([^ ].*\)/\1/p' "$TOP/etc/demo.txt" | sed -E "s|@BUILD@|$demo|g; s/   +.*//" >commands
	[ "$(wc -l <commands)" -ge 15 ]
	cat >session <<-'END'
		"$1/inetd" -p "$PWD/pid" --control "$1/demo.sock" "$1/demo.conf" "$1/demo.ini"
		while IFS= read -r command; do
			echo "--- $command"
			rm -f terminal answer && mkfifo terminal && exec 3<>terminal
			[[ $command != 'nc -N '* ]] || echo Ada >&3
			timeout 60 sh -c "$command" <terminal >answer 3<&- &
			case $command in
			*7009*)
				wait
				[ ! -s answer ] || exit 1
				;;
			*)
				until [ -s answer ] || ! kill -0 $! 2>/dev/null; do :; done
				kill $! 2>/dev/null
				wait $!
				[ $? != 124 ] && [ -s answer ] || exit 1
				;;
			esac
		done <commands
		kill "$(cat pid)"
	END
	run -0 alone bash session "$demo"
	[[ $output == *7105* ]]
}

@test "every option of inetd --help is in inetd(8), and the other way round" {
	local help manual
	help=$(help_options "$B/inetd")
	manual=$(manual_options "$TOP/man/inetd.8")
	[ "$(echo "$help" | wc -l)" -ge 25 ]
	same_words "$help" "$manual"
	# The comparison sees one that is missing.
	run -1 same_words "$help" "$(echo "$manual" | grep -vx -- --resolve)"
}

@test "every verb and option of inetctl --help is in inetctl(8), and the other way round" {
	local help manual
	help=$("$B/inetctl" --help 2>&1 | sed -nE 's/^  ([a-z-]+) .*/\1/p' | sort)
	manual=$(sed -nE 's/^\.It Cm ([a-z-]+).*/\1/p' "$TOP/man/inetctl.8" | sort)
	[ "$(echo "$help" | wc -l)" -ge 4 ]
	same_words "$help" "$manual"
	# Its help does not name itself.
	same_words "$(help_options "$B/inetctl")" \
		"$(manual_options "$TOP/man/inetctl.8" | grep -vx -- --help)"
}

@test "bash completes every verb of inetctl and every long option of inetd" {
	run -0 bash -c '
		. "$1/etc/completion.bash"
		PATH=$2:$PATH COMP_CWORD=1
		COMP_WORDS=(inetctl re) && _inetctl inetctl && echo "${COMPREPLY[@]}"
		COMP_WORDS=(inetctl keys ba) COMP_CWORD=2 && _inetctl inetctl && echo "${COMPREPLY[@]}"
		COMP_WORDS=(inetd --) COMP_CWORD=1 && _inetd inetd && printf "%s\n" "${COMPREPLY[@]}"
	' bash "$TOP" "$B"
	[ "${lines[0]}" = reload ]
	[ "${lines[1]}" = 'banner banner_fail backlog' ]
	same_words "$(printf '%s\n' "${lines[@]:2}")" "$(manual_options "$TOP/man/inetd.8" | grep '^--')"
}

# listed_words PAGE LETTERS: the words of these letters that the page explains of inetctl list, sorted.
listed_words() {
	awk '/^\.It Cm list/ { inside = 1 } inside && /^\.It Cm/ && !/ list/ { exit } inside' "$1" |
		sed -nE "s/^\.It Sy ([$2]+)\$/\1/p" | sort
}

@test "every column and state of inetctl list is in inetctl(8), and the other way round" {
	local columns states page=$TOP/man/inetctl.8
	echo "127.0.0.1:0 stream tcp nowait $(id -un) /bin/true" >list.conf
	"$B/inetd" -f -e -p "$PWD/pid" --control "$PWD/control" "$PWD/list.conf" 2>log &
	timeout 60 sh -c "until '$B/inetctl' -s '$PWD/control' list >list 2>/dev/null; do sleep 0.02; done"
	kill $!
	wait $!
	columns=$(head -n 1 list | xargs -n 1 | sort)
	same_words "$columns" "$(listed_words "$page" A-Z)"
	states=$(source_body reasons | grep -oE '\.state = "[a-z]+"' | cut -d'"' -f2 && printf '%s\n' lookup ready failing)
	at_least 10 "$states"
	same_words "$(sort <<<"$states")" "$(listed_words "$page" a-z)"

	# Each direction sees one that is missing.
	sed '/^\.It Sy STATE/d; /^\.It Sy draining/d' "$page" >wrong.8
	run -1 same_words "$columns" "$(listed_words wrong.8 A-Z)"
	run -1 same_words "$(sort <<<"$states")" "$(listed_words wrong.8 a-z)"
}

@test "a list that is empty equals none, and a definition that has gone is missed" {
	run -0 same_words 'a b' 'a b'
	run -1 same_words '' ''
	run -0 at_least 2 $'a\nb'
	run -1 at_least 2 a
	run -1 at_least 1 ''
	run -0 source_body reasons
	[[ $output == *'"draining"'* ]]
	run -1 source_body reasons_of_nothing
}

# table_keys: NAME|TYPE, RANGE; WHERE|DEFAULT of every key, as inetctl knows it, sorted.
table_keys() {
	"$B/inetctl" keys | awk -F '   *' '
		NR > 1 { print $1 "|" $2 ($3 == "-" ? "" : ", " $3) "; " $4 "|" $5 }' | sort
}

# manual_keys PAGE: the same as the manual says it; two lines where a key has two entries.
manual_keys() {
	awk '
		function end_entry() { if (name) print name "|" type "|" default_; name = "" }
		/^\.Sh / { end_entry(); keys = /^\.Sh KEYS/ }
		keys && /^\.It Cm / { end_entry(); name = $3; type = default_ = "missing" }
		name && /^\.Pq / && type == "missing" { type = substr($0, 5) }
		name && sub(/^Default: /, "") { sub(/\.$/, ""); default_ = $0 }
	' "$1" | sort
}

@test "inetd.ini(5) has each key once, with the type, range, place and default of the table" {
	local page=$TOP/man/inetd.ini.5
	[ "$(table_keys | wc -l)" = "$(grep -c '^KEY(' "$TOP/inetd/config/keys/key_rows.def")" ]
	same_words "$(table_keys)" "$(manual_keys "$page")"

	# Each of these is seen.
	sed 's/^Default: 10s\./Default: 11s./' "$page" >wrong.5
	run -1 same_words "$(table_keys)" "$(manual_keys wrong.5)"
	[[ $output == *'kill_after'* ]]
	sed 's/1 to 128;/1 to 64;/' "$page" >wrong.5
	run -1 same_words "$(table_keys)" "$(manual_keys wrong.5)"
	[[ $output == *'source_prefix6'* ]]
	sed 's/^\.It Cm burst$/.It Cm bursts/' "$page" >wrong.5
	run -1 same_words "$(table_keys)" "$(manual_keys wrong.5)"
	sed '/^\.It Cm mux$/,/^Default/p' "$page" >wrong.5
	run -1 same_words "$(table_keys)" "$(manual_keys wrong.5)"
}

# named_keys FILE...: what the pages call by a name with an underscore, as all that is one can only be a key.
named_keys() {
	sed -nE 's/^\.(It )?Cm //p; s/^\.Ql "?([a-z_0-9]+) \+?=.*/\1/p' "$@" | tr -c 'a-z0-9_\n' '\n' |
		grep '_' | sort -u
}

@test "every key that a manual page names exists" {
	local key count=0 pages=("$TOP"/man/inetd*.[578] "$TOP"/man/inetctl.8)
	while read -r key; do
		case $key in
		service_max | ip_max | accept_max) continue ;; # of blocks
		esac
		"$B/inetctl" keys "$key" || { echo "no key: $key" && false; }
		count=$((count + 1))
	done < <(named_keys "${pages[@]}")
	[ "$count" -ge 20 ]
	sed 's/^\.Cm deny_time/.Cm denial_time/' "$TOP/man/inetd.ini.5" >wrong.5
	named_keys wrong.5 | grep -qx denial_time
}

@test "the examples of inetd.d are not read until they are copied, and are accepted then" {
	local example
	mkdir inetd.d
	for example in "$TOP"/etc/inetd.d/*.ini.example; do
		# A confined program would not see a build below /tmp.
		sed "s|/usr/local/libexec/inetd/services/template.sh|/bin/cat|; s|/usr/local/libexec/inetd|$B|" \
			"$example" >"inetd.d/${example##*/}"
	done
	[ "$(find inetd.d -type f | wc -l)" -ge 3 ]
	echo '[nonsense' >inetd.d/broken.ini.example
	run -0 "$B/inetd" -t inetd.d
	[ -z "$output" ]

	mv inetd.d/broken.ini.example inetd.d/broken.ini
	run -2 "$B/inetd" -t inetd.d
	rm inetd.d/broken.ini
	for example in inetd.d/*.example; do
		mv "$example" "${example%.example}"
	done
	run -0 "$B/inetd" -t inetd.d
	# Without root it says, rightly, that programs do not run as somebody else.
	run ! grep -v 'inetd is not root' < <(printf '%s' "$output")
	sed -i 's/per_source_burst/per_sauce_burst/' inetd.d/lookup.ini
	run -2 "$B/inetd" -t inetd.d
	[[ $output == *"did you mean 'per_source_burst'"* ]]
}

@test "every package that is installed is explained in the README" {
	local package packages missing=
	packages=$(make -s -f - show <<<"include $TOP/tests/packages.mk
show: ; @echo \$(foreach list,\$(filter PACKAGES_%,\$(.VARIABLES)),\$(\$(list)))")
	[ "$(wc -w <<<"$packages")" -ge 25 ]
	for package in $packages; do
		case $package in
		libc6-dev) continue ;;
		libclang-rt-*) package=libclang-rt ;;
		*-dev) package=${package%-dev} && package=${package#lib} ;;
		esac
		grep -qwE -- "(lib)?$package" "$TOP/README.md" || missing+=" $package"
	done
	[ -z "$missing" ] || { echo "not explained:$missing" && false; }
}

# tutorial: what the README has one type, in a directory of its own; where a command is left to run, until that serves.
tutorial() {
	fenced_examples "$TOP/README.md" sh typed
	[ "$(find typed -type f | wc -l)" -ge 4 ]
	# The build is there.
	cat typed/*.conf | sed -e 's/^make$/:/' -e 's/.* &  *#.*/&\nuntil nc -z 127.0.0.1 8001; do :; done/' >tutorial
	ln -s "$B" build
	# A test that is run by a test has the programs and settings of neither.
	sed -i 's/ bats shout.bats/ "$BATS" shout.bats/' tutorial
	BATS=$(PATH=${PATH//"$BATS_LIBEXEC":/} type -P bats)
	export BATS
}

# Its last command ends the daemon, which takes a moment to leave.
type_tutorial() {
	run -0 alone env -u BATS_TEST_TMPDIR -u BATS_RUN_TMPDIR bash -euc '
		. ./tutorial
		timeout 60 sh -c "while [ -e my.pid ]; do :; done"'
	[ "$(grep -c '^HELLO$' <<<"$output")" = 2 ]
	[[ $output == *'asked by 127.0.0.1'*'in inetd.conf'*'[shout.sh]'*'asked by 127.0.0.1'* ]]
	[[ $output == *'ok 1 capitals for the client, a line in the log'* ]]
}

@test "the tutorial of the README ends with the reader's own script served, limited, logged and tested" {
	tutorial
	type_tutorial
}

@test "the tutorial as root, with a user of its own for the service" {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	dir=$(mktemp -d)
	chmod 755 "$dir"
	cd "$dir"
	tutorial
	sed -i -e 's/^user = .*/user = nobody/' -e 's/asked by \$TCPREMOTEIP/&, I am $(id -un) $(grep NoNewPrivs \/proc\/self\/status)/' tutorial
	type_tutorial
	[[ $output == *"asked by 127.0.0.1, I am nobody NoNewPrivs:?1 "* ]]
	cd /
	rm -r "$dir"
}

#!/usr/bin/env bats
# inetd-services(7), held against what it tells of: each example is served and asked, and the lists of programs,
# options, variables and functions are those that there are.
# shellcheck disable=SC2016 # shell text in quotes

load ../helpers/family
load ../helpers/words
load ../helpers/rude

setup() {
	inetd_setup
	PAGE=$TOP/man/inetd-services.7
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
	inetd_teardown
}

# example NAME: the literal display of that name, as a reader sees it.
example() {
	awk -v name="$1" '
		/^\.\\" Example / { found = $3 == name; next }
		/^\.Bd -literal/ || /^\.Ed/ { inside = found && /^\.Bd/; next }
		inside { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print; shown = 1 }
		END { exit !shown }
	' "$PAGE" || fail "no example $1"
}

# examples SECTION: the names of those in a section.
examples() {
	awk -v section="$1" '/^\.Sh / { inside = substr($0, 5) == section } inside && /^\.\\" Example / { print $3 }' "$PAGE"
}

# script NAME [SED-EXPRESSION]: an example as a program, whose path it prints.
script() {
	example "$1" | sed -e "${2:-}" >"$INETD_DIR/$1" && chmod 755 "$INETD_DIR/$1" && echo "$INETD_DIR/$1"
}

# serve PROGRAM [TYPE PROTOCOL WAIT]: as the service "one".
serve() {
	inetd_start <<<"127.0.0.1:{one} ${2:-stream} ${3:-tcp} ${4:-nowait} $INETD_USER $1"
}

# serve_example NAME [SED-EXPRESSION]: a configuration, changed for this machine and by the expression. Lines become
# the services "one" and "two", sections keep their names.
serve_example() {
	local file=$INETD_DIR/example
	example "$1" | sed -E -e "${2:-}" -e "s|/usr/local/libexec/inetd|$B|; s|/usr/local/bin|$INETD_DIR|; s|^/run|$INETD_DIR|" \
		-e "s/(^user = | )nobody([ :]|\$)/\1$INETD_USER\2/; s/^(listen = 127.0.0.1):.*/\1:0/" >"$file"
	if grep '^\[' "$file" >/dev/null; then
		mv "$file" "$file.ini"
		inetd_start --conf "$file.ini"
	else
		inetd_start < <(sed -E -e '1s/^[a-z0-9.:]+ /127.0.0.1:{one} /; 2s/^[a-z0-9.:]+ /127.0.0.1:{two} /' "$file")
	fi
}

# assert_dialogue NAME SAID ANSWER: an answer comes for each line, before the next one.
assert_dialogue() {
	local caller line i
	connect_tcp caller "$1"
	for i in 1 2; do
		echo "$2" >&"$caller"
		read -r -t $((30 * INETD_PATIENCE)) line <&"$caller" || fail "no answer $i to: $2" || return
		[ "$line" = "$3" ] || fail "answered '$line', not '$3'" || return
	done
	close_tcp caller
}

# assert_starts NUMBER: so many programs have served the service "one" by now, and none does any more.
assert_starts() {
	wait_until field_is one STATE ready
	field_is one STARTED "$1"
}

check_capitals() {
	local caller line
	serve_example capitals
	assert_answer HELLO ask_tcp one hello
	connect_tcp caller one
	echo hello >&"$caller"
	run ! read -r -t 1 line <&"$caller"
	close_tcp caller
}

check_stdbuf() {
	serve_example stdbuf
	assert_dialogue one hello HELLO
}

check_said_sh() {
	serve "$(script said_sh)"
	assert_dialogue one 'a  \b *' 'You said a  \b *'
}

check_said_py() {
	serve "$(script said_py)"
	assert_dialogue one 'a  b' 'You said a  b'
	inetd_stop
	# What the page says of it is needed.
	serve "$(script said_py '/reconfigure/d')"
	INETD_PATIENCE=0 run ! assert_dialogue one hello 'You said hello'
}

check_said_c() {
	example said_c >"$INETD_DIR/said.c"
	cc -Wall -Wextra -Werror -o "$INETD_DIR/said" "$INETD_DIR/said.c"
	serve "$INETD_DIR/said"
	assert_dialogue one hello 'You said hello'
}

check_thanks() {
	serve "$(script thanks)"
	assert_answer 'Thank you for all.' rude half-close one < <(echo all && seq 100000)
	inetd_stop
	serve "$(script thanks '/^timeout/d')"
	run ! rude half-close one < <(echo all && seq 100000)
}

# serve_clock [SED-EXPRESSION]: and call it, and be gone.
serve_clock() {
	local caller line
	mkdir -p "$INETD_DIR/tmp"
	script clock "s/sleep 1/sleep 0.1/; ${1:-}"
	start_ini <<-END
		[clock]
		listen = 127.0.0.1:0
		server = $INETD_DIR/clock
		env = TMPDIR=$INETD_DIR/tmp
	END
	connect_tcp caller clock
	read -r -t $((30 * INETD_PATIENCE)) line <&"$caller"
	[[ $line == *:*:* ]]
	close_tcp caller
	wait_until field_is clock RUNNING 0
}

check_clock() {
	serve_clock
	[ -z "$(ls -A "$INETD_DIR/tmp")" ]
	inetd_stop
	serve_clock /^trap/d
	[ -n "$(ls -A "$INETD_DIR/tmp")" ]
}

check_patient() {
	serve "$(script patient 's/settimeout(30)/settimeout(1)/')"
	assert_answer 'You said hi' ask_tcp one hi
	assert_answer '' rude silent one </dev/null
	assert_answer '' rude silent one < <(printf 'half a line')
}

check_complaint() {
	serve_example complaint
	assert_answer HELLO ask_tcp capitals hello
	assert_log 'called by 127.0.0.1 .*service=capitals'
}

check_waiting() {
	serve "$(script waiting 's/settimeout(60)/settimeout(1)/')" stream tcp wait
	rude reset one <<<hi
	assert_answer 'Hello, 127.0.0.1' ask_tcp one
	assert_answer 'Hello, 127.0.0.1' ask_tcp one
	assert_starts 1
	assert_answer 'Hello, 127.0.0.1' ask_tcp one
	assert_starts 2
}

check_waiting_line() {
	script waiting 's/settimeout(60)/settimeout(1)/'
	serve_example waiting_line s/waiting.py/waiting/
	assert_answer 'Hello, 127.0.0.1' ask_tcp one
	assert_starts 1
}

check_datagrams() {
	local port
	serve "$(script datagrams 's/settimeout(2)/settimeout(1)/')" dgram udp wait
	assert_answer HELLO ask_udp one hello
	assert_starts 1
	# From a port of the same number it may be an answer of another such server.
	port=$(inetd_port one)
	[ "$(nc -u -W 1 -w 5 -s 127.0.0.2 127.0.0.1 "$port" <<<hello)" = HELLO ]
	[ -z "$(nc -u -W 1 -w 1 -s 127.0.0.2 -p "$port" 127.0.0.1 "$port" <<<hello)" ]
}

check_datagrams_line() {
	script datagrams
	serve_example datagrams_line s/datagrams.py/datagrams/
	assert_answer HELLO ask_udp one hello
	assert_starts 1
}

check_caller() {
	serve "$(script caller)"
	assert_answer -e '^You are 127.0.0.1 port [0-9]+; from there I serve 1\.$' ask_tcp one
}

check_careful() {
	local said
	serve_example careful
	for said in no_new_privs=1 limit.cpu=60:60 limit.fsize=1000000:1000000 limit.core=0:0; do
		assert_answer -e $'\n'"$said"$'\n' ask_tcp careful
	done
}

check_limits() {
	local callers=() caller
	serve_example limits
	for _ in 1 2 3 4 5; do
		connect_tcp caller limited
		callers+=("$caller")
	done
	wait_until field_is limited RUNNING 5
	[ -z "$(ask_tcp limited hi 2>/dev/null)" ]
	assert_log 'refused.*reason=per_source'
	for caller in "${callers[@]}"; do
		close_tcp caller
	done
	wait_until field_is limited RUNNING 0
	assert_answer hi ask_tcp limited hi
	assert_log 'ended.*duration='
}

check_shout() {
	serve "$(script shout)"
	assert_dialogue one hello HELLO
	assert_answer 'shout: nothing was said' ask_tcp one
}

# With nothing but what is installed, in a directory far from here.
check_bats() {
	local root=$INETD_DIR/root command
	make -s -C "$TOP" B="$B" DESTDIR="$root" install
	script shout
	example bats >"$INETD_DIR/shout.bats"
	command=(env -i -C "$INETD_DIR" PATH="$root/usr/local/sbin:${PATH//"$BATS_LIBEXEC":/}"
		INETD_PATIENCE="$INETD_PATIENCE" BATS_LIB_PATH="$root/usr/local/share/inetd/bats" bats --tap shout.bats)
	run -0 "${command[@]}"
	[ "${lines[0]}" = 1..2 ]
	# It is this program that is tested.
	sed -i 's/A-Z$/B-ZA/; s/nothing was said/silence/' "$INETD_DIR/shout"
	run -1 "${command[@]}"
	[[ $output == *"not ok 1 "*"answered 'IFMMP', not 'HELLO'"*"not ok 2 "* ]]
	inetd_start </dev/null
}

check_systat() {
	serve_example systat
	assert_answer -e 'COMMAND.* ps' ask_tcp one
	assert_answer -e "(ESTAB|CLOSE-WAIT) [0-9 ]+ 127.0.0.1:$(inetd_port two) " ask_tcp two
}

check_systat_2() {
	serve_example systat_2
	assert_answer -e $'(^|\n)'"$INETD_PID inetd"$'(\n|$)' ask_tcp one
}

check_count() {
	serve_example count
	assert_answer 'lines=1 words=2 bytes=8' ask_tcp one 'one two'
}

check_heartbeat() {
	serve_example heartbeat
	[ "$(printf '\0\1\0\2hi' | rude half-close one | od -An -tx1)" = ' 00 01 00 02 68 69' ]
}

check_hello_dgram() {
	serve_example hello_dgram
	assert_answer 'Hello, Ada.' ask_udp one Ada
	assert_answer 'Hello, Ada.' ask_unix -d "$INETD_DIR/hello-dgram.sock" Ada
	inetd_children | xargs -r kill || true
	wait_until count_is 0 inetd_children
}

check_hello_unix() {
	serve_example hello_unix
	assert_answer -e "^Hello, $INETD_USER.*uid=$(id -u)" ask_unix "$INETD_DIR/hello.sock"
}

check_hello() {
	serve_example hello
	assert_answer 'What is your name? Hello, Ada, calling from 127.0.0.1.' ask_tcp one Ada
}

check_identd() {
	serve_example identd
	assert_answer $'1 , 2 : ERROR : NO-USER\r' ask_tcp one '1, 2'
}

check_prefork() {
	serve_example prefork
	assert_answer Uryyb ask_tcp one Hello
	inetd_children | xargs -r kill || true
	wait_until count_is 0 inetd_children
}

check_proxyproto() {
	serve_example proxyproto "s|192.0.2.0/24|127.0.0.0/8|; s|/usr/sbin/imapd|$B/services/whoami|"
	assert_answer -e 'env.REMOTE_ADDR=192.0.2.1' ask_tcp one $'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r'
}

check_qotd() {
	printf 'Well said.\n%%\n' >"$INETD_DIR/fortunes"
	serve_example qotd "s|/usr/share/games/fortunes/fortunes|-t 1 $INETD_DIR/fortunes|; s/-f -t 1/-t 1 -f/"
	assert_answer $'Well said.\r' ask_tcp one
	assert_answer $'Well said.\r' ask_udp two ''
	wait_until count_is 0 inetd_children
}

# check_redirection SERVICE NAME: where it leads is an inetd of its own.
check_redirection() {
	local port
	inetd_start --name target <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat"
	port=$(inetd_port cat)
	inetd_use inetd
	serve_example "$2" "s/www.example.org 80/127.0.0.1 $port/; s/^\[8080\]/[way]\nlisten = 127.0.0.1:0/"
	assert_answer 'there and back' ask_tcp "$1" 'there and back'
	inetd_use target
	inetd_stop
	inetd_use inetd
}

check_redirect() {
	check_redirection one redirect
}

check_redirect_2() {
	check_redirection way redirect_2
}

check_rot13() {
	serve_example rot13
	assert_answer Uryyb ask_tcp one Hello
}

check_sendfile() {
	mkdir -p "$INETD_DIR/www"
	echo front >"$INETD_DIR/www/index.html"
	serve_example sendfile "s|/srv|$INETD_DIR|"
	assert_answer front curl -sS "http://127.0.0.1:$(inetd_port one)/"
}

# serve_asking NAME: the example of a program that asks the daemon.
serve_asking() {
	serve_example "$1" "s|^server = .*|&\nserver_args = -s $INETD_DIR/control|; s/^(user = ).*/\1$INETD_USER/
		s/^((control_)?group = ).*/\1$INETD_GROUP/"
}

check_agent_check() {
	serve_example agent_check "s|^server_args = .*|server_args = -s $INETD_DIR/control agent|; s/^(user = ).*/\1$INETD_USER/
		s/^((control_)?group = ).*/\1$INETD_GROUP/"
	assert_answer 'up ready 75%' ask_tcp agent ''
}

check_metrics() {
	serve_asking metrics
	assert_answer -e 'inetd_service_started_total.service="metrics". 1' \
		curl -sS --noproxy '*' "http://127.0.0.1:$(inetd_port metrics)/metrics"
}

# The target is the service above; tests/services/metrics_prometheus.bats lets a real Prometheus scrape one.
check_metrics_2() {
	local target
	target=$(example metrics_2 | sed -n 's/^ *- targets: \["\(.*\)"\]$/\1/p')
	[ "$target" = "$(example metrics | sed -n 's/^listen = //p')" ]
	inetd_start </dev/null
}

check_statuspage() {
	serve_asking statuspage
	assert_answer -e '<html.*status' curl -sS --noproxy '*' "http://127.0.0.1:$(inetd_port status)/"
}

check_template() {
	serve_example template 's/^port = .*/listen = 127.0.0.1:0/'
	assert_answer $'Welcome. Say help.\r\nhi\r' ask_tcp template 'echo hi'
	assert_log 'template: 127.0.0.1: done'
}

check_whoami() {
	serve_example whoami
	assert_answer -e $'\nargv.0=whoami\n' ask_tcp one
}

check_ready() {
	local program
	program=$(script ready "s|/usr/local/libexec/inetd|$B|")
	serve "$program"
	assert_answer '{"hello": "Ada"}' ask_tcp one Ada
	inetd_stop
	# It needs nothing else to be ready before its connection comes.
	printf '%s\n' '[one]' 'listen = 127.0.0.1:0' "user = $INETD_USER" "server = $program" 'spare = 1' \
		'spare_ready = yes' >"$INETD_DIR/ready.ini"
	inetd_start --conf "$INETD_DIR/ready.ini"
	wait_until eval '[ "$(inetctl status one | awk "\$1 == \"spares\" { print \$2 }")" = 1 ]'
	assert_answer '{"hello": "Ada"}' ask_tcp one Ada
	[ "$(inetctl status one | awk '$1 == "spares" { print $4 }')" = 1 ]
}

check_ondemand() {
	serve_example ondemand 's/^listen = .*/listen = 127.0.0.1:0/'
	printf 'GET / HTTP/1.0\r\n\r\n' >"$INETD_DIR/request"
	assert_answer -e 'HTTP/1.0 200 OK' ask_tcp web - <"$INETD_DIR/request"
	wait_until field_is web STATE lent
}

# check_section SECTION LEAST: each example of it, of which there are at least so many.
check_section() {
	local name count=0
	for name in $(examples "$1"); do
		echo "--- $name"
		"check_$name"
		inetd_stop
		count=$((count + 1))
	done
	[ "$count" -ge "$2" ]
}

@test "writing a service: every example is served, and does what the text says" {
	check_section 'WRITING A SERVICE' 15
}

@test "testing a service: the example runs far from here, with what is installed" {
	check_section 'TESTING A SERVICE' 2
}

@test "commands and programs: every example is served and asked" {
	check_section 'COMMANDS AS SERVICES' 2
	check_section PROGRAMS 14
}

@test "every literal display is an example with a name, a check, and a section that is run" {
	local names
	names=$(sed -n 's/^\.\\" Example //p' "$PAGE")
	[ "$(grep -c '^\.Bd -literal' "$PAGE")" = "$(grep -A 1 '^\.\\" Example ' "$PAGE" | grep -c '^\.Bd -literal')" ]
	same_words "$(sort <<<"$names")" "$(declare -F | sed -n 's/^declare -f check_//p' | grep -vxE 'section|redirection' | sort)"
	same_words "$names" "$(for section in 'WRITING A SERVICE' 'TESTING A SERVICE' 'COMMANDS AS SERVICES' PROGRAMS; do
		examples "$section"
	done)"
}

@test "every program in services/ has its section, and every section its program" {
	same_words "$(sed -n '/^\.Sh PROGRAMS/,/^\.Sh FILES/s/^\.Ss //p' "$PAGE" | sed 's/ and /\n/g' | sort)" \
		"$(cd "$TOP/services" && printf '%s\n' *.* | sed 's/\.c$//' | sort)"
}

# options: every option in a text, one a line, sorted.
options() {
	grep -oE -- '(^|[][ |(])--?[A-Za-z0-9][a-z0-9]*' | sed 's/^[^-]*//' |
		sed -E '/^-[^-]/{s/^-//;s/(.)/-\1\n/g}' | grep . | sort -u
}

@test "the options of a program are those of its usage line" {
	local program count=0
	for program in "$B"/services/*; do
		run "$program" -Z --nonsense </dev/null
		[[ $output == *'usage: '* ]] || continue
		count=$((count + 1))
		mandoc -T ascii -O width=200 "$PAGE" | sed 's/.\x08//g' >"$INETD_DIR/page"
		grep -qE "^     ([a-z.]+ \| )?${program##*/}( |\$)" "$INETD_DIR/page" || fail "no synopsis of $program"
		diff <(sed -n '/usage: /,$p' <<<"$output" | sed '/: error:/d; s/\[-h\]//' | options) \
			<(sed -nE '/^PROGRAMS/,$p' "$INETD_DIR/page" | grep -E "^     ([a-z.]+ \| )?${program##*/}( |\$)" | options)
	done
	[ "$count" -ge 12 ]
}

# variables PAGE SECTION: the variables of its list under that heading, sorted.
variables() {
	awk -v section=".Ss $2" '/^\.S[hs] / { inside = $0 == section } inside' "$1" |
		sed -n 's/^\.It Ev //p' | tr -d ',' | xargs -n 1 | sort -u
}

@test "the variables are those of inetd(8), and those that a program gets" {
	local given kind
	same_words "$(variables "$PAGE" 'What a program finds' | grep -vE '^(LISTEN_|TZ|LANG|PATH|USER|LOGNAME|HOME|SHELL)')" \
		"$(variables "$TOP/man/inetd.8" 'What a program finds')"
	TZ=UTC LANG=C inetd_start --resolve <<-END
		127.0.0.1:{tcp} stream tcp nowait $INETD_USER $B/services/whoami
		127.0.0.1:{udp} dgram udp wait $INETD_USER $B/services/whoami
		$INETD_DIR/unix stream unix nowait $INETD_USER $B/services/whoami
	END
	given=$(
		ask_tcp tcp
		ask_udp udp hi
		ask_unix "$INETD_DIR/unix"
	)
	given=$(sed -n 's/^env\.\([^=]*\)=.*/\1/p' <<<"$given" | sort -u)
	for kind in TCP UDP IPC; do
		grep -q "^$kind" <<<"$given"
	done
	# Names of the two ends are there where they can be found; for vsock(7) see tests/run/protocols.bats.
	same_words "$(variables "$PAGE" 'What a program finds' | grep -vE '^(LISTEN_|TCPREMOTEHOST|TCPLOCALHOST|VSOCK)')" \
		"$(grep -vE '^(_|TCPREMOTEHOST|TCPLOCALHOST)$' <<<"$given")"
	inetd_stop
}

@test "the functions and settings are those of the library" {
	local library=$TOP/tests/lib/inetd.bash
	# One that is for authors has its explanation in lines of its own.
	same_words "$(sed -n '/^\.Ss The bats library/,/^\.Sh/s/^\.It Ic //p' "$PAGE" | sed 's/ Oo .*//; s/ Op .*//; s/ Ar .*//; s/ , /\n/' | sort)" \
		"$(awk '/^#\t/ && before ~ /^# [a-z_]+( |$)/ { print substr(before, 3) } { before = $0 }' "$library" |
			awk '{ print $1 }' | sort)"
	same_words "$(sed -n '/^Settings, from the environment/,/^\.El/s/^\.It Ev //p' "$PAGE" | sed 's/ , /\n/' | sort)" \
		"$(sed -nE 's/^(INETD|INETCTL|INETD_PATIENCE)=\$\{\1:-.*/\1/p; s/.*\$\{(INETD_UNDER):-\}.*/\1/p' "$library" | sort -u)"
}

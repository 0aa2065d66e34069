#!/usr/bin/env bats
# shellcheck disable=SC2154
# The command lines of all service programs: who has called one wrongly is told by which program, what is
# wrong with what, and how it is right.

load ../helpers/family

# Of each program command lines that are right, and wrong ones with what is said of them; "$" is an empty
# word. A right one may come to nothing for want of a socket, but not by its words.
usages() {
	cat <<-'END'
		agent-check | -f /none -s /none -t 1 web | right
		agent-check | | an operand is missing
		agent-check | -t 3601 web | option -t: "3601" is too large (1 to 3600)
		agent-check | -f | option -f needs a value
		agent-check | -x web | unknown option -x
		agent-check | web more | one operand too many: "more"
		count | -t 86400 | right
		count | -x | unknown option -x
		count | -t | option -t needs a value
		count | -t 0 | option -t: "0" is too small (1 to 86400)
		count | -t 86401 | option -t: "86401" is too large (1 to 86400)
		count | -t 1s | option -t: "1s" is invalid (1 to 86400)
		count | -t $ | option -t: "" is invalid (1 to 86400)
		count | file | one operand too many: "file"
		heartbeat | -i 10 | right
		heartbeat | -i 9 | option -i: "9" is too small (10 to 3600000)
		heartbeat | -i | option -i needs a value
		heartbeat | -t 3 | unknown option -t
		heartbeat | --help | unknown option --help
		heartbeat | -i 50 file | one operand too many: "file"
		hello-dgram | -t 1 | right
		hello-dgram | -t x | option -t: "x" is invalid (1 to 86400)
		hello-dgram | -y | unknown option -y
		hello-dgram | file | one operand too many: "file"
		hello-unix | | right
		hello-unix | -t 3 | unknown option -t
		hello-unix | file | one operand too many: "file"
		identd | --all -n | right
		identd | --user one --user two | right
		identd | | say --all, --user, --as or --hide
		identd | --none | unknown option --none
		identd | -x | unknown option -x
		identd | --all -x | unknown option -x
		identd | --user | option --user needs a value
		identd | -u | option -u needs a value
		identd | --time=0 --all | option --time: "0" is too small (1 to 3600)
		identd | -t 3601 --all | option -t: "3601" is too large (1 to 3600)
		identd | --hide=it | option --hide takes no value
		identd | --all --hide | --all, --user, --as and --hide exclude each other
		identd | --as $ | option --as: "" is no name of a user
		identd | --all file | one operand too many: "file"
		metrics | -s /none -t 1 | right
		metrics | -s | option -s needs a value
		metrics | -t -1 | option -t: "-1" is too small (1 to 86400)
		metrics | -q | unknown option -q
		metrics | file | one operand too many: "file"
		prefork | -n 1 -m 2 --pass /bin/cat -x file | right
		prefork | -n 0 | option -n: "0" is too small (1 to 1024)
		prefork | -m 1025 | option -m: "1025" is too large (1 to 1024)
		prefork | -n 3 -m 2 | -n 3 is more than -m 2
		prefork | -t 0 | option -t: "0" is too small (1 to 86400)
		prefork | -g -1 | option -g: "-1" is too small (0 to 86400)
		prefork | -i | option -i needs a value
		prefork | -x | unknown option -x
		prefork | --past | unknown option --past
		proxyproto | -v -t 1 -n 192.0.2.0/24,::1,unix /bin/true -x file | right
		proxyproto | /bin/true | no network is trusted: option -n is missing
		proxyproto | -n unix | an operand is missing
		proxyproto | -n | option -n needs a value
		proxyproto | -n ::1,192.0.2.1/24 /bin/true | option -n: "192.0.2.1/24" has bits after its prefix
		proxyproto | -n 192.0.2.0/33 /bin/true | option -n: "192.0.2.0/33" has no prefix length of its family
		proxyproto | -n localhost /bin/true | option -n: "localhost" is no address
		proxyproto | -n , /bin/true | option -n: "" is no address
		proxyproto | -t 3601 -n unix /bin/true | option -t: "3601" is too large (1 to 3600)
		proxyproto | -x -n unix /bin/true | unknown option -x
		qotd | -t 1 | right
		qotd | -f | option -f needs a value
		qotd | -t x | option -t: "x" is invalid (1 to 3600)
		qotd | -z | unknown option -z
		qotd | file | one operand too many: "file"
		ondemand | -p -s 1 -i 1 -k 1 /bin/true {port} | right
		ondemand | | an operand is missing
		ondemand | -s 0 /bin/true | option -s: "0" is too small (1 to 2147483647)
		ondemand | -i 1s /bin/true | option -i: "1s" is invalid (1 to 2147483647)
		ondemand | -x /bin/true | unknown option -x
		redirect | -4 -c 1 -i 1 127.0.0.1 1 | right
		redirect | -6 ::1 1 -c 1 | right
		redirect | | an operand is missing
		redirect | host | an operand is missing
		redirect | host 1 2 | one operand too many: "2"
		redirect | host 0 | port "0" is too small (1 to 65535)
		redirect | host 65537 | port "65537" is too large (1 to 65535)
		redirect | -c | option -c needs a value
		redirect | -i 0 host 1 | option -i: "0" is too small (1 to 86400)
		redirect | -c 1m host 1 | option -c: "1m" is invalid (1 to 86400)
		redirect | -64x host 1 | unknown option -x
		rot13 | -t 5 | right
		rot13 | -t $ | option -t: "" is invalid (1 to 86400)
		rot13 | -u | unknown option -u
		rot13 | file | one operand too many: "file"
		sendfile | -i home -n 1 -t 1 -T 1 / | right
		sendfile | | an operand is missing
		sendfile | / / | one operand too many: "/"
		sendfile | -n 0 / | option -n: "0" is too small (1 to 2147483647)
		sendfile | -t 0 / | option -t: "0" is too small (1 to 86400)
		sendfile | -T x / | option -T: "x" is invalid (1 to 86400)
		sendfile | -i | option -i needs a value
		sendfile | -r / | unknown option -r
		statuspage | -n 1 -r 1 -s /none -t 1 | right
		statuspage | -n 0 | option -n: "0" is too small (1 to 1000000)
		statuspage | -r 3601 | option -r: "3601" is too large (1 to 3600)
		statuspage | -t y | option -t: "y" is invalid (1 to 86400)
		statuspage | -s | option -s needs a value
		statuspage | -a | unknown option -a
		statuspage | file | one operand too many: "file"
		template.sh | -t 1 -T 2 | right
		template.sh | -t 0 | option -t: "0" is no number of seconds
		template.sh | -T 1s | option -T: "1s" is no number of seconds
		template.sh | -t | option -t needs a value
		template.sh | -x | unknown option -x
		template.sh | file | one operand too many: "file"
		template.py | -t 1 -T 2 | right
		template.py | -t 0 | error: argument -t: invalid seconds value: '0'
		template.py | -T | error: argument -T: expected one argument
		template.py | -x | error: unrecognized arguments: -x
		template.py | file | error: unrecognized arguments: file
	END
}

# call_program NAME WORDS: runs it without a socket; what it says is in $output, $stderr and $status.
call_program() {
	local words
	read -r -a words <<<"$2"
	run --separate-stderr timeout $((10 * INETD_PATIENCE)) "$B/services/$1" "${words[@]/#$/}" </dev/null
}

@test "what is right is taken" {
	local program words said count=0
	while IFS='|' read -r program words said; do
		[ "$said" = ' right' ] || continue
		program=${program% }
		call_program "$program" "$words"
		[ "$status" -lt 2 ] || fail "$program $words: exit $status: $stderr"
		[[ $stderr != *usage* ]] || fail "$program $words: $stderr"
		count=$((count + 1))
	done < <(usages)
	[ "$count" -ge 10 ]
}

@test "what is wrong is told: the program, what it is, and the usage, with status 2" {
	local program words said count=0
	while IFS='|' read -r program words said; do
		[ "$said" != ' right' ] || continue
		program=${program% }
		call_program "$program" "$words"
		[ "$status" = 2 ] || fail "$program $words: exit $status: $stderr"
		[ -z "$output" ] || fail "$program $words: on standard output: $output"
		grep -qxF -- "$program:$said" <<<"$stderr" || fail "$program $words: not '$said' but" "$stderr"
		grep -q "^usage: $program" <<<"$stderr" || fail "$program $words: no usage but" "$stderr"
		count=$((count + 1))
	done < <(usages)
	[ "$count" -ge 10 ]
}

@test "no program is left out" {
	local name
	for name in "$TOP"/services/*.{c,sh,py}; do
		name=$(basename "$name" .c)
		case $name in
		whoami | hello.sh) continue ;; # the one shows its arguments, the other does not look at them
		esac
		usages | grep -q "^$name | .*| right$" || fail "$name: nothing right"
		usages | grep "^$name | " | grep -qv 'right$' || fail "$name: nothing wrong"
	done
}

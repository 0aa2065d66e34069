#!/usr/bin/env bats
# rot13: what is said comes back turned, to as many as call.

load ../helpers/family
load ../helpers/rude
load ../helpers/noting

# start: rot13 that waits long, and one that waits a second.
start() {
	patient=$(noting "$B/services/rot13")
	hasty=$(noting "$B/services/rot13" -t 1)
	inetd_start <<-END
		127.0.0.1:{rot13} stream tcp nowait $INETD_USER $patient
		127.0.0.1:{hasty} stream tcp nowait $INETD_USER $hasty
	END
}

@test "letters are turned by 13, twice is once round, everything else stays" {
	start
	assert_answer 'Uryyb, Jbeyq 42!' ask_tcp rot13 'Hello, World 42!'
	assert_answer 'nopqrstuvwxyzabcdefghijklm' ask_tcp rot13 abcdefghijklmnopqrstuvwxyz
	assert_answer 'NOPQRSTUVWXYZABCDEFGHIJKLM' ask_tcp rot13 ABCDEFGHIJKLMNOPQRSTUVWXYZ
	head -c 1000000 /dev/urandom >"$INETD_DIR/data"
	ask_tcp rot13 - <"$INETD_DIR/data" >"$INETD_DIR/once"
	run ! cmp -s "$INETD_DIR/data" "$INETD_DIR/once"
	ask_tcp rot13 - <"$INETD_DIR/once" | cmp - "$INETD_DIR/data"
	wait_until have_ended 5
	[ "$(echo Hello | "$B/services/rot13")" = Uryyb ]
	inetd_stop
}

@test "an answer comes for every line at once, to many clients, each in its process" {
	local clients=() fd line i
	start
	for i in {1..20}; do
		connect_tcp fd rot13
		clients+=("$fd")
	done
	wait_until field_is rot13 RUNNING 20
	for i in {1..20}; do
		echo "line $i" >&"${clients[i - 1]}"
	done
	for i in {20..1}; do
		read -r -t 30 line <&"${clients[i - 1]}"
		[ "$line" = "yvar $i" ]
	done
	for fd in "${clients[@]}"; do
		exec {fd}>&-
	done
	wait_until have_ended 20
	assert_no_leaks
	inetd_stop
}

@test "a client that says nothing is waited for as long as -t says" {
	start
	assert_answer Uryyb rude silent hasty <<<Hello
	wait_until have_ended 1
	# The other one has not gone meanwhile.
	connect_tcp talk rot13
	assert_answer '' rude silent hasty </dev/null
	[ "$(inetd_field rot13 RUNNING)" = 1 ]
	echo Hello >&"$talk"
	read -r -t 30 line <&"$talk"
	[ "$line" = Uryyb ]
	close_tcp talk
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	start
	assert_answer Uryyb rude byte-by-byte hasty <<<Hello
	rude reset hasty <<<Hello
	rude reset -r 100 hasty < <(seq 10000)
	assert_answer 100000 rude rubbish rot13 </dev/null
	rude_meanwhile never-read -n 200000000 hasty < <(seq 1000)
	wait_until have_ended 5
	rude_end
	assert_answer Uryyb ask_tcp rot13 Hello
	assert_no_leaks
	inetd_stop
}

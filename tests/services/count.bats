#!/usr/bin/env bats
# count: an answer when the client has said everything, and not before.

load ../helpers/family
load ../helpers/rude
load ../helpers/noting

start() {
	patient=$(noting "$B/services/count")
	hasty=$(noting "$B/services/count" -t 1)
	inetd_start <<-END
		127.0.0.1:{count} stream tcp nowait $INETD_USER $patient
		127.0.0.1:{hasty} stream tcp nowait $INETD_USER $hasty
	END
}

# counted FILE: what is said of it, according to wc.
counted() {
	LC_ALL=C wc <"$1" | awk '{ print "lines=" $1, "words=" $2, "bytes=" $3 }'
}

@test "lines, words and bytes, as wc counts them" {
	local file expected
	start
	printf '' >"$INETD_DIR/nothing"
	printf 'no newline' >"$INETD_DIR/part"
	printf ' \t two  words \n\n' >"$INETD_DIR/blanks"
	seq 300000 >"$INETD_DIR/much"
	for file in nothing part blanks much; do
		expected=$(counted "$INETD_DIR/$file")
		assert_answer "$expected" ask_tcp count - <"$INETD_DIR/$file"
	done
	assert_answer 'lines=1 words=2 bytes=10' ask_tcp count - <<<'two words'
	wait_until have_ended 5
	assert_no_leaks
	inetd_stop
}

@test "the answer comes at the half-close, not before it" {
	start
	python3 - "$(inetd_port count)" <<-'END'
		import select, socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.sendall(b"one\ntwo\n")
		assert not select.select([s], [], [], 0.5)[0], "it did not wait"
		s.sendall(b"three\n")
		s.shutdown(socket.SHUT_WR)
		assert s.makefile().read() == "lines=3 words=3 bytes=14\n"
	END
	wait_until have_ended 1
	inetd_stop
}

@test "who does not say that this was all gets no answer, and is waited for as long as -t says" {
	start
	assert_answer 'lines=1 words=1 bytes=4' rude half-close hasty <<<one
	assert_answer '' rude silent hasty <<<one
	wait_until have_ended 2
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	start
	assert_answer 'lines=2 words=2 bytes=8' rude byte-by-byte count <<<$'one\ntwo'
	rude reset count <<<one
	assert_answer -e '^[1-9][0-9]$' rude rubbish count </dev/null
	# Whoever reads nothing but goes on sending is a client like others: nothing is kept of it.
	rude_meanwhile never-read -n 50000000 hasty < <(seq 1000)
	wait_until have_ended 4
	rude_end
	assert_no_leaks
	inetd_stop
}

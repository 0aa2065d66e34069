#!/usr/bin/env bats
# stderr: where a program's standard error goes, and what the daemon makes of what it reads there.

load ../helpers/family

# complains NAME [KEY...]: a section whose program says hello on its output and oops on its standard error.
complains() {
	printf '%s\n' "[$1]" 'port = 0' 'server = /bin/sh' \
		"server_args = -c 'echo oops >&2; echo hello'" "${@:2}"
}

# says TEXT: a program that writes that, as printf(1) reads it, to its standard error.
says() {
	printf '#!/bin/sh\nprintf %s >&2\necho hello\n' "'$1'" | inetd_script says
}

# logged: the lines of $1's standard error, without what stands around them.
logged() {
	inetd_log | sed -nE "s/^inetd\[[0-9]+\]: $1: stderr: (.*) service=$1 peer=127\.0\.0\.1:[0-9]+ pid=[0-9]+$/\1/p"
}

# left_out NAME: how many lines the log says were left out.
left_out() {
	inetd_log | sed -nE "s/.*$1: stderr: ([0-9]+) lines not logged.*/\1/p" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

@test "null, and a file: the client sees its answer only" {
	start_ini < <(
		complains socket
		complains null 'stderr = null'
		complains file "stderr = $INETD_DIR/errors"
	)
	assert_answer 'oops
hello' ask_tcp socket
	assert_answer hello ask_tcp null
	assert_answer hello ask_tcp file
	[ "$(cat "$INETD_DIR/errors")" = oops ]
	[ "$(stat -c %a "$INETD_DIR/errors")" = 640 ]
	# It is appended to, and made again.
	assert_answer hello ask_tcp file
	[ "$(cat "$INETD_DIR/errors")" = 'oops
oops' ]
	mv "$INETD_DIR/errors" "$INETD_DIR/errors.1"
	assert_answer hello ask_tcp file
	[ "$(cat "$INETD_DIR/errors")" = oops ]
	assert_no_leaks
	inetd_stop
}

@test "a file is opened with the daemon's rights, not the program's" {
	need_root
	mkdir -m 700 "$INETD_DIR/private"
	start_ini < <(complains file 'user = nobody' "stderr = $INETD_DIR/private/errors")
	assert_answer hello ask_tcp file
	[ "$(cat "$INETD_DIR/private/errors")" = oops ]
	[ "$(stat -c %U "$INETD_DIR/private/errors")" = root ]
	inetd_stop
}

@test "a file that cannot be opened is replaced by nothing, said once, and keeps nobody waiting" {
	local i
	ln -s "$INETD_DIR/target" "$INETD_DIR/link"
	mkfifo "$INETD_DIR/fifo"
	start_ini < <(
		complains good "stderr = $INETD_DIR/good"
		complains link "stderr = $INETD_DIR/link"
		complains fifo "stderr = $INETD_DIR/fifo"
		complains missing "stderr = $INETD_DIR/no/errors"
	)
	assert_answer hello ask_tcp good
	[ "$(cat "$INETD_DIR/good")" = oops ]
	for ((i = 0; i < 10; i++)); do
		assert_answer hello ask_tcp link
		assert_answer hello ask_tcp fifo
		assert_answer hello ask_tcp missing
	done
	[ ! -e "$INETD_DIR/target" ]
	for i in 'link: .*(symbolic links|Symbolic link loop)' 'fifo: .*No such device' 'missing: .*No such file'; do
		assert_log "$i"
	done
	[ "$(inetd_log | grep -c 'cannot open')" -le 6 ]
	assert_no_leaks
	inetd_stop
}

@test "log: line by line, with the service's name, and the client sees none of it" {
	says 'one\ntwo words\r\n\n\tthree\033[1m\001 \303\244 \377\nfour\000five\nservice=x pid=1\nthe end'
	start_ini <<-END
		[says]
		port = 0
		server = $INETD_DIR/says
		stderr = log
	END
	assert_answer hello ask_tcp says
	assert_log 'stderr: the end service=says peer=127.0.0.1:[0-9]+ pid=[1-9]'
	[ "$(logged says)" = "one
two words
?three?[1m? ä ?
four?five
the end" ] || fail "$(inetd_log)"
	# What looks like fields stands in quotes, and so is none.
	assert_log '"says: stderr: service=x pid=1" service=says '
	assert_no_leaks
	inetd_stop
}

@test "log: the peer and the process are those of the program" {
	inetd_script who <<-'END'
		#!/bin/bash
		echo "I am $$ for $TCPREMOTEPORT" >&2
	END
	start_ini <<-END
		[who]
		port = 0
		server = $INETD_DIR/who
		stderr = log
	END
	ask_tcp who
	ask_tcp who
	wait_until count_is 2 logged who
	while read -r line; do
		[[ $line =~ I\ am\ ([0-9]+)\ for\ ([0-9]+)\ .*peer=127.0.0.1:([0-9]+)\ pid=([0-9]+)$ ]]
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[4]}" ]
		[ "${BASH_REMATCH[2]}" = "${BASH_REMATCH[3]}" ]
	done < <(inetd_log | grep 'I am')
	inetd_stop
}

@test "log: a long line is cut, and the next one is whole again" {
	says "$(printf 'x%.0s' {1..500})\n$(printf 'y%.0s' {1..3000})\nnext\n"
	start_ini <<-END
		[says]
		port = 0
		server = $INETD_DIR/says
		stderr = log
	END
	assert_answer hello ask_tcp says
	assert_log 'stderr: next'
	[ "$(logged says)" = "$(printf 'x%.0s' {1..500})
$(printf 'y%.0s' {1..500})...
next" ] || fail "$(inetd_log)"
	inetd_stop
}

@test "log: descendants are heard after the program has ended, to the last" {
	mkfifo "$INETD_DIR/go"
	start_ini <<-END
		[parent]
		port = 0
		server = /bin/sh
		server_args = -c '(read -r line <"$INETD_DIR/go"; echo "late \$line" >&2) >/dev/null & echo early >&2'
		stderr = log
		log = exit
	END
	ask_tcp parent
	assert_log 'stderr: early'
	assert_log 'parent: ended with'
	run ! inetd_log_has 'stderr: late'
	echo news >"$INETD_DIR/go"
	assert_log 'stderr: late news service=parent'
	assert_no_leaks
	inetd_stop
}

@test "log: so many lines a second, the rest is counted" {
	start_ini <<-END
		[many]
		port = 0
		server = /bin/sh
		server_args = -c 'seq 5000 >&2; echo hello'
		stderr = log
	END
	began=$SECONDS
	assert_answer hello ask_tcp many
	assert_log 'many: stderr: [0-9]+ lines not logged'
	wait_until inetd_at_rest
	logged=$(logged many | grep -c .)
	# A hundred in each second, of which there are more than one where the machine is slow.
	((logged >= 100 && logged < 200 + 100 * (SECONDS - began))) || fail "$logged lines"
	[ $((logged + $(left_out many))) = 5000 ]
	# It comes back by itself.
	wait_until more_than "$logged"
	inetd_stop
}

# more_than LINES: asks again and is true when more of its lines are in the log.
more_than() {
	ask_tcp many >/dev/null
	(($(logged many | grep -c .) > $1))
}

@test "log: a program that floods its standard error costs others nothing" {
	need_plain
	start_ini <<-END
		[flood]
		port = 0
		server = /bin/sh
		server_args = -c 'exec yes complaint >&2'
		stderr = log

		[cat]
		port = 0
		server = /bin/cat
	END
	cat >"$INETD_DIR/latency.py" <<-'END'
		import socket, statistics, sys, time
		def ask():
		    start = time.monotonic()
		    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
		        s.sendall(b"x"); s.shutdown(1)
		        while s.recv(10): pass
		    return time.monotonic() - start
		print(round(statistics.median(ask() for _ in range(300)) * 1e6))
	END
	quiet=$(python3 "$INETD_DIR/latency.py" "$(inetd_port cat)")
	connect_tcp one flood
	connect_tcp two flood
	assert_log 'flood: stderr: [0-9]+ lines not logged'
	before=$(cpu_ms)
	start=${EPOCHREALTIME/[.,]/}
	flooded=$(python3 "$INETD_DIR/latency.py" "$(inetd_port cat)")
	# Three more seconds of it.
	wait_until has_left_out 4
	spent=$(($(cpu_ms) - before))
	passed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	echo "# median $quiet us, with floods $flooded us; the daemon used $spent ms of $passed" >&3
	((flooded < quiet * 4 + 2000))
	((spent * 4 < passed))
	close_tcp one two
	inetd_children yes | xargs kill
	assert_no_leaks
	inetd_stop
}

# has_left_out TIMES: true when lines were left out in so many seconds, or in more.
has_left_out() {
	[ "$(inetd_log | grep -c 'lines not logged')" -ge "$1" ]
}

# bytes_read: what has been read of programs by who reads them for the daemon.
bytes_read() {
	awk '/^rchar/ { print $2 }' "/proc/$(inetd_children inetd-stderr)/io"
}

has_read() {
	(($(bytes_read) >= $1))
}

# reading_takes BYTES MS: fails if so many more are read in less time.
reading_takes() {
	local from start passed
	from=$(bytes_read)
	start=${EPOCHREALTIME/[.,]/}
	wait_until has_read $((from + $1))
	passed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
	((passed >= $2)) || fail "$1 bytes in $passed ms"
}

@test "log: what is read of a program, and of all together, is bounded" {
	local fds=() fd
	need_plain
	start_ini <<-END
		[flood]
		port = 0
		server = /bin/sh
		server_args = -c 'exec head -c 100000000 /dev/zero >&2'
		stderr = log
	END
	for i in {1..60}; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$(inetd_port flood)"
		fds+=("$fd")
		# 64 KiB of one in each 100 ms; one such span may have begun before.
		[ "$i" != 1 ] || wait_until inetd_children inetd-stderr
		[ "$i" != 1 ] || reading_takes $((20 * 65536)) 1800
	done
	wait_until field_is flood RUNNING 60
	# 1 MiB of all.
	reading_takes $((20 * 1048576)) 1800
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	inetd_children head | xargs kill
	assert_no_leaks
	inetd_stop
}

# cpu_ms: what the daemon has used of its processor.
cpu_ms() {
	awk '{ print int(($14 + $15) * 10) }' "/proc/$INETD_PID/stat"
}

@test "log: a line without an end is not kept, and the program is read to its end" {
	start_ini <<-END
		[endless]
		port = 0
		server = /bin/sh
		server_args = -c 'head -c 1000000 /dev/zero | tr "\\\\0" x >&2; echo hello'
		stderr = log
	END
	assert_answer hello ask_tcp endless
	assert_log 'endless: stderr: x{500}\.\.\. service'
	assert_no_leaks
	[ "$(logged endless | grep -c .)" = 1 ]
	inetd_stop
}

@test "log: programs that are lent a socket too; log_level = err hides the lines" {
	start_ini <<-END
		[udp]
		port = 0
		protocol = udp
		server = /bin/sh
		server_args = -c 'head -c 1 >/dev/null; echo oops >&2'
		stderr = log

		[shown]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2'
		stderr = log

		[hidden]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2'
		stderr = log
		log_level = err
	END
	datagram udp
	assert_log 'udp: stderr: oops service=udp peer=127.0.0.1:[0-9]+ pid='
	ask_tcp hidden
	wait_until inetd_at_rest
	ask_tcp shown
	assert_log 'shown: stderr: oops'
	refute_log 'hidden: stderr'
	assert_no_leaks
	inetd_stop
}

# readers PID: who else has the pipe that is the standard error of the process.
readers() {
	local pipe
	pipe=$(readlink "/proc/$1/fd/2")
	find /proc/[0-9]*/fd -type l -printf '%l %h\n' 2>/dev/null |
		awk -v pipe="$pipe" -v own="$1" '$1 == pipe { split($2, part, "/"); if (part[3] != own) print part[3] }'
}

# readers_are PID READER...: true if they are these.
readers_are() {
	[ "$(readers "$1" | sort)" = "$(printf '%s\n' "${@:2}" | sort)" ]
}

@test "log: programs that outlive the daemon may complain as much as they like" {
	local one two reader i
	need_plain
	mkfifo -m 666 "$INETD_DIR/go"
	chmod 1777 "$INETD_DIR"
	# More than a pipe holds.
	inetd_script says <<-'END'
		#!/bin/bash
		trap 'echo "signal" >"${0%/*}/$$.end"' PIPE
		read -r line <"${0%/*}/go"
		head -c 300000 /dev/zero | tr '\0' x >&2 && echo again >&2 && echo done >"${0%/*}/$$.end"
	END
	start_ini <<-END
		[says]
		port = 0
		server = $INETD_DIR/says
		stderr = log
	END
	connect_tcp one says
	connect_tcp two says
	wait_until count_is 2 inetd_children says
	mapfile -t programs < <(inetd_children says)
	reader=$(inetd_children inetd-stderr)
	# The other one reads; the daemon has it for when that is lost.
	wait_until readers_are "${programs[0]}" "$INETD_PID" "$reader"
	inetd_stop
	[ "$(readers "${programs[0]}")" = "$reader" ]
	wait_until grep -qx inetd-leftover "/proc/$reader/comm"
	[ "$(readers "${programs[1]}")" = "$reader" ]
	# Nothing else is open there but what it waits with, and it has no rights.
	[ "$(find "/proc/$reader/fd" -type l -lname 'pipe:*' | wc -l)" = 2 ]
	[ "$(find "/proc/$reader/fd" -type l ! -lname 'pipe:*' ! -lname '*eventpoll*' -printf '%l\n' | sort -u)" = /dev/null ]
	[ "$(id -u)" != 0 ] || [ "$(awk '/^Uid/ { print ($2 > 0) }' "/proc/$reader/status")" = 1 ]
	exec {go}<>"$INETD_DIR/go"
	printf '\n' >&"$go"
	wait_until count_is 1 find "$INETD_DIR" -name '*.end'
	inetd_running_at "$reader"
	printf '\n' >&"$go"
	for i in "${programs[@]}"; do
		wait_until grep -qx 'done' "$INETD_DIR/$i.end"
	done
	exec {go}>&-
	close_tcp one two
	wait_until inetd_gone "$reader"
}

inetd_running_at() {
	! inetd_gone "$1"
}

#!/usr/bin/env bats
# log_to: a log file for a service, which a process beside the daemon writes.

load ../helpers/family
load ../helpers/ending

# logs NAME [KEY...]: a section whose program says hello, and which logs to the file NAME.log.
logs() {
	printf '%s\n' "[$1]" 'port = 0' 'server = /bin/echo' 'server_args = hello' 'log = start exit refuse' \
		"log_to = $INETD_DIR/$1.log" "${@:2}"
}

# file_has NAME PATTERN: a line of its file is like that, after time, name and process.
file_has() {
	grep -Eq "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z inetd\[$INETD_PID\]: $2\$" "$INETD_DIR/$1.log"
}

assert_file() {
	wait_until file_has "$1" "$2" || fail "$(cat "$INETD_DIR/$1.log")
log: $(inetd_log)"
}

# not_logged PATTERN: what has happened is in the daemon's log, and no line of that kind is.
not_logged() {
	! inetd_log | grep -E "$1"
}

@test "starts, ends, refusals and errors of a service are in its file, and not in the daemon's log" {
	start_ini < <(
		logs own 'stderr = log' | sed "s|/bin/echo|/bin/sh|; s|= hello|= -c 'echo oops >\&2; echo hello'|"
		logs never 'no_access = 127.0.0.0/8'
		printf '%s\n' '[plain]' 'port = 0' 'server = /bin/echo' 'log = start'
	)
	assert_answer hello ask_tcp own
	assert_file own 'own: started service=own peer=127.0.0.1:[0-9]+ pid=[0-9]+'
	assert_file own 'own: stderr: oops service=own peer=127.0.0.1:[0-9]+ pid=[0-9]+'
	assert_file own 'own: ended with exit 0 service=own peer=.* peak_kib=[0-9]+'
	assert_answer '' ask_tcp never
	assert_file never 'never: refused: .* service=never peer=127.0.0.1:[0-9]+ reason=access'
	[ "$(stat -c %a "$INETD_DIR/own.log")" = 640 ]
	ask_tcp plain
	assert_log 'plain: started'
	not_logged '(own|never): '
	# inetctl shows what happens wherever it is logged.
	inetctl events | grep 'own: started'
	inetd_stop
}

# A process of its own asks (RFC 1413), and writes what it was told.
@test "what the machine of a client says about him is in the file, too" {
	start_ini < <(logs asks | sed 's/^log = .*/log = userid/')
	assert_answer hello ask_tcp -b 127.0.0.77 asks
	wait_until grep -q 'asks: its client is no user that is told: .* service=asks peer=127.0.0.77:' "$INETD_DIR/asks.log"
	not_logged 'asks: '
	inetd_stop
}

@test "a built-in, and lines as JSON" {
	start_ini <<-END
		[inetd]
		log_format = json
		[defaults]
		log = start exit
		log_to = $INETD_DIR/all.log
		[echo]
		port = 0
		internal = echo
		[other]
		port = 0
		internal = daytime
		log_to = log
	END
	assert_answer hi ask_tcp echo hi
	wait_until grep -q 'session ended' "$INETD_DIR/all.log"
	python3 -c 'import json, sys
for line in sys.stdin:
    event = json.loads(line)
    assert event["service"] == "echo" and event["time"] and event["peer"]' <"$INETD_DIR/all.log"
	ask_tcp other >/dev/null
	assert_log '"other: session started"'
	[ "$(grep -c other "$INETD_DIR/all.log")" = 0 ]
	inetd_stop
}

@test "a file that was renamed or removed is made anew, without a signal" {
	start_ini < <(logs one)
	assert_answer hello ask_tcp one
	assert_file one 'one: ended .*'
	mv "$INETD_DIR/one.log" "$INETD_DIR/one.log.1"
	wait_until inetd_idle_files
	assert_answer hello ask_tcp one
	assert_file one 'one: ended .*'
	[ "$(grep -c . "$INETD_DIR/one.log.1")" = 2 ]
	[ "$(grep -c . "$INETD_DIR/one.log")" = 2 ]
	inetd_stop
}

# inetd_idle_files: the process that writes has no file open.
inetd_idle_files() {
	local pid
	pid=$(inetd_children inetd-log) && ! find "/proc/$pid/fd" -lname "$INETD_DIR/*" | grep -q .
}

# written_again: another call is logged, and that the file of `one` is written to again.
written_again() {
	ask_tcp one >/dev/null
	inetd_log | grep -q "log_to: $INETD_DIR/one.log is written to again, after [1-9][0-9]* lost lines"
}

@test "a file that cannot be written is said once, with what was lost, and is written to again" {
	start_ini < <(logs one)
	assert_answer hello ask_tcp one
	assert_file one 'one: ended .*'
	rm "$INETD_DIR/one.log"
	wait_until inetd_idle_files
	mkdir "$INETD_DIR/one.log"
	for _ in 1 2 3 4 5; do
		assert_answer hello ask_tcp one
	done
	assert_log "log_to: cannot write to $INETD_DIR/one.log, lines for it are lost: Is a directory"
	rmdir "$INETD_DIR/one.log"
	wait_until written_again
	[ "$(inetd_log | grep -c 'cannot write')" = 1 ]
	file_has one 'one: started .*'
	inetd_stop
}

@test "a line that the file system cuts has an end before the next one" {
	local size
	start_ini < <(logs one | sed 's|^log = .*|log = start|')
	assert_answer hello ask_tcp one
	assert_file one 'one: started .*'
	# Half of the next line.
	size=$(($(stat -c %s "$INETD_DIR/one.log") * 3 / 2))
	prlimit --pid "$(inetd_children inetd-log)" --fsize=$size:
	assert_answer hello ask_tcp one
	assert_log 'cannot write to .*/one.log, lines for it are lost: No space left'
	[ "$(stat -c %s "$INETD_DIR/one.log")" -eq "$size" ]
	prlimit --pid "$(inetd_children inetd-log)" --fsize=100000:
	wait_until written_again
	# What comes after the cut is an end.
	[ "$(tail -c +$((size + 1)) "$INETD_DIR/one.log" | head -c 1 | od -An -tx1)" = ' 0a' ] || fail "$(cat "$INETD_DIR/one.log")"
	inetd_stop
}

@test "no file is made or appended to where a link leads" {
	need_root
	mkdir -m 700 "$INETD_DIR/secret"
	mkdir "$INETD_DIR/theirs"
	chown nobody: "$INETD_DIR/theirs"
	echo mine >"$INETD_DIR/secret/crontab"
	start_ini <<-END
		[made]
		port = 0
		internal = daytime
		log = start
		log_to = $INETD_DIR/theirs/log
	END
	ask_tcp made >/dev/null
	wait_until grep -q started "$INETD_DIR/theirs/log"
	rm "$INETD_DIR/theirs/log"
	ln -s ../secret/crontab "$INETD_DIR/theirs/log"
	ask_tcp made >/dev/null
	assert_log 'cannot write to .*/theirs/log, .*(Too many levels of symbolic links|Symbolic link loop)'
	[ "$(cat "$INETD_DIR/secret/crontab")" = mine ]
	inetd_stop
}

# many NUMBER SERVICE: so many connections, one after another, each of which is answered soon.
many() {
	python3 - "$1" "$(inetd_port "$2")" $((5 * INETD_PATIENCE)) <<-'END'
		import socket, sys
		for _ in range(int(sys.argv[1])):
		    with socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=int(sys.argv[3])) as asked:
		        assert asked.recv(100)
	END
}

@test "while the file waits, nobody else does, and what does not fit is in the daemon's log" {
	local writer count
	start_ini < <(
		logs one 'instances = unlimited'
		printf '%s\n' '[many]' 'port = 0' 'internal = daytime' 'log = start exit' "log_to = $INETD_DIR/many.log"
	)
	assert_answer hello ask_tcp one
	assert_file one 'one: ended .*'
	writer=$(inetd_children inetd-log)
	kill -STOP "$writer"
	assert_answer hello ask_tcp one
	not_logged 'one: '
	# There is 1 MiB of room on the way to the file, and some of the kernel's.
	many 3000 many
	assert_log 'many: session ended'
	count=$(inetd_log | grep -c 'many: session')
	kill -CONT "$writer"
	# None is in both places, none in neither.
	wait_until count_is $((6000 - count)) cat "$INETD_DIR/many.log"
	# Another takes its place when it is lost; the lines that it had are lost with it.
	kill -KILL "$writer"
	wait_until count_is 0 inetd_children inetd-log
	again() {
		ask_tcp one >/dev/null
		inetd_children inetd-log | grep .
	}
	wait_until again
	inetd_stop
}

@test "an upgrade and the end of the daemon lose no line" {
	local writer
	start_ini < <(logs one)
	assert_answer hello ask_tcp one
	inetctl upgrade
	assert_answer hello ask_tcp one
	wait_until count_is 2 grep 'one: ended' "$INETD_DIR/one.log"
	writer=$(inetd_children inetd-log)
	assert_answer hello ask_tcp one
	inetd_stop
	wait_until count_is 3 grep 'one: started' "$INETD_DIR/one.log"
	wait_until eval "! [ -d /proc/$writer ]"
}

@test "-t warns of a file that others can replace" {
	need_root
	mkdir "$INETD_DIR/theirs"
	chown nobody: "$INETD_DIR/theirs"
	chmod 755 "$INETD_DIR"
	printf '%s\n' '[a]' 'port = 9001' 'internal = echo' "log_to = $INETD_DIR/log" >"$INETD_DIR/good.ini"
	run "$INETD" -t "$INETD_DIR/good.ini"
	[ "$status" = 0 ] && [ -z "$output" ] || fail "$output"
	sed "s|/log$|/theirs/log|" "$INETD_DIR/good.ini" >"$INETD_DIR/bad.ini"
	run "$INETD" -t "$INETD_DIR/bad.ini"
	[[ $output == *"bad.ini:1: warning: the log_to can be replaced by others: its directory belongs to uid 65534"* ]] || fail "$output"
}

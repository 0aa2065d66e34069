#!/usr/bin/env bats
# prefork: a pool of processes for one listening socket, in both of its ways: all accept, or one does and passes
# the connections on.

# shellcheck disable=SC2046,SC2086 # process numbers, and options that may be none

load family
load rude
load noting

WAYS=('' --pass)

# start OPTION... [-- PROGRAM [ARGUMENT...]]: a pool of its own, as the service "pool".
start() {
	inetd_start <<-END
		127.0.0.1:{pool} stream tcp wait $INETD_USER $(noting "$B/services/prefork" "$@")
	END
}

# manager: the process of the pool that decides.
manager() {
	pgrep -P "$(inetd_children)" | grep .
}

# workers: those that serve.
workers() {
	pgrep -P "$(manager)"
}

# busy: those of them that have a connection.
busy() {
	ss -Htnp state established "sport = :$(inetd_port pool)" | grep -oE 'pid=[0-9]+' | cut -d = -f 2
}

# finish: ends the pool, and all.
finish() {
	kill -TERM "$(manager)"
	wait_until have_ended 1
	assert_no_leaks
	inetd_stop
	rm "$INETD_DIR/ended"
}

# connect NUMBER: opens so many connections, each of which has been answered; adds to `connections`.
connect() {
	local i fd line
	for ((i = 0; i < $1; i++)); do
		connect_tcp fd pool
		echo hello >&"$fd"
		read -r -t 10 line <&"$fd"
		[ "$line" = uryyb ] || fail "answered $line" || return
		connections+=("$fd")
	done
}

# hang_up [NUMBER]: closes so many of them, or all.
hang_up() {
	local fd
	for fd in "${connections[@]:0:${1:-1000}}"; do
		exec {fd}>&-
	done
	connections=("${connections[@]:${1:-1000}}")
}

# waiter FILE: asks in the background; the answer is in the file when there is one.
waiter() {
	(close_inherited && ask_tcp -t 30 pool hello >"$1.part" && mv "$1.part" "$1") &
}

@test "between N and M processes, as many as are needed" {
	local connections=() first
	for way in "${WAYS[@]}"; do
		start $way -n 2 -m 6
		connect 1
		count_is 2 workers
		first=$(workers)
		# One is idle in advance, as long as there may be more.
		connect 2
		wait_until count_is 4 workers
		connect 3
		wait_until count_is 6 workers
		# The next one waits for one of these.
		waiter "$INETD_DIR/answer"
		wait_until queued "$(inetd_port pool)" 1
		count_is 6 workers
		[ ! -e "$INETD_DIR/answer" ]
		hang_up 1
		wait_until test -e "$INETD_DIR/answer"
		[ "$(cat "$INETD_DIR/answer")" = uryyb ]
		rm "$INETD_DIR/answer"
		hang_up
		wait_until count_is 2 workers
		assert_answer uryyb ask_tcp pool hello
		[ "$(inetd_field pool STARTED)" = 1 ]
		# Nobody is ended and made anew without need.
		[ "$(comm -12 <(sort <<<"$first") <(workers | sort) | wc -l)" -ge 1 ]
		finish
	done
}

@test "many at once" {
	for way in "${WAYS[@]}"; do
		start $way -n 3 -m 20
		run -0 "$B/tests/bin/swarm" -a -c 100 -n 2000 hello uryyb "$(inetd_port pool)"
		[ "$(inetd_field pool STARTED)" = 1 ]
		[ "$(workers | wc -l)" -le 20 ]
		finish
	done
}

@test "one that dies is replaced, and takes nobody with it" {
	local connections=() idle line
	for way in "${WAYS[@]}"; do
		start $way -n 3 -m 5
		connect 1
		idle=$(workers | grep -vx "$(busy)")
		[ "$(wc -l <<<"$idle")" = 2 ]
		kill -KILL $idle
		wait_until inetd_gone $idle
		wait_until count_is 3 workers
		connect 2
		echo again >&"${connections[0]}"
		read -r -t 10 line <&"${connections[0]}"
		[ "$line" = ntnva ]
		# All of them: three connections with their processes.
		kill -KILL $(workers)
		for fd in "${connections[@]}"; do
			run ! read -r -t 10 line <&"$fd"
		done
		hang_up
		assert_answer uryyb ask_tcp pool hello
		wait_until count_is 3 workers
		finish
	done
}

@test "without a connection for a while it ends, and inetd listens again" {
	local connections=() line
	for way in "${WAYS[@]}"; do
		start $way -t 1
		connect 1
		# As long as somebody is there it stays.
		run ! read -r -t 2.5 line <&"${connections[0]}"
		[ "$(inetd_field pool RUNNING)" = 1 ]
		hang_up
		wait_until field_is pool RUNNING 0
		have_ended 1
		wait_until field_is pool STATE ready
		connect 1
		[ "$(inetd_field pool STARTED)" = 2 ]
		hang_up
		finish_two
	done
}

# finish_two: like finish, after an end before.
finish_two() {
	kill -TERM "$(manager)"
	wait_until have_ended 2
	assert_no_leaks
	inetd_stop
	rm "$INETD_DIR/ended"
}

# channels PID NUMBER: true if so many sockets are open there (besides the listening one).
channels() {
	local open
	open=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | sort -u | wc -l)
	[ "$open" = $(($2 + 1)) ] || fail "$open sockets"
}

@test "a connection that comes while all are leaving is served, by the same pool" {
	local pool old
	for way in "${WAYS[@]}"; do
		start $way -n 2 -t 1
		assert_answer uryyb ask_tcp pool hello
		pool=$(manager)
		old=$(workers)
		# They do not see that they are asked to leave.
		kill -STOP $old
		wait_until channels "$pool" 0
		waiter "$INETD_DIR/answer"
		wait_until queued "$(inetd_port pool)" 1
		kill -CONT $old
		wait_until test -e "$INETD_DIR/answer"
		[ "$(cat "$INETD_DIR/answer")" = uryyb ]
		rm "$INETD_DIR/answer"
		[ "$(manager)" = "$pool" ]
		[ "$(inetd_field pool STARTED)" = 1 ]
		finish
	done
}

@test "no connection is lost whenever it comes, also when pools end all the time" {
	local i
	inetd_start < <(
		for i in {0..7}; do
			echo "127.0.0.1:{pool$i} stream tcp wait $INETD_USER" \
				"$(noting "$B/services/prefork" "${WAYS[i % 2]}" -t 1 -n $((i / 2 + 1)))"
		done
	)
	# Pauses around the second after which they end.
	/usr/bin/python3 - $(for i in {0..7}; do inetd_port "pool$i"; done) <<-'END'
		import random, socket, sys, threading, time
		answered = []
		def call(port, seed):
		    pause = random.Random(seed)
		    for i in range(6):
		        with socket.create_connection(("127.0.0.1", port), 10) as s:
		            s.sendall(b"hello")
		            s.shutdown(socket.SHUT_WR)
		            assert s.recv(10) == b"uryyb"
		            answered.append(port)
		        time.sleep(pause.uniform(0.998, 1.01))
		calls = [threading.Thread(target=call, args=(int(p), p)) for p in sys.argv[1:]]
		for thread in calls:
		    thread.start()
		for thread in calls:
		    thread.join()
		assert len(answered) == 48, len(answered)
	END
	for i in {0..7}; do
		wait_until field_is "pool$i" RUNNING 0
	done
	[ "$(awk '{ n += $1 != 0 } END { print n + 0, (NR > 8) }' "$INETD_DIR/ended")" = '0 1' ]
	assert_no_leaks
	inetd_stop
}

@test "TERM: what is under way is served to its end, what waits is for the next pool" {
	local connections=() line pool old fd
	for way in "${WAYS[@]}"; do
		start $way -n 2 -m 2 -g 30
		connect 2
		pool=$(manager)
		old=$(workers)
		connect_tcp fd pool
		echo hello >&"$fd"
		wait_until queued "$(inetd_port pool)" 1
		kill -TERM "$pool"
		hang_up 1
		wait_until count_is 1 workers
		[ "$(inetd_field pool RUNNING)" = 1 ]
		echo again >&"${connections[0]}"
		read -r -t 10 line <&"${connections[0]}"
		[ "$line" = ntnva ]
		hang_up
		wait_until inetd_gone "$pool" $old
		read -r -t 10 line <&"$fd"
		[ "$line" = uryyb ]
		[ "$(inetd_field pool STARTED)" = 2 ]
		exec {fd}>&-
		finish_two
	done
}

@test "TERM: what does not end in time is ended" {
	local connections=() line pool old
	for way in "${WAYS[@]}"; do
		start $way -n 2 -g 1
		connect 3
		pool=$(manager)
		old=$(workers)
		kill -TERM "$pool"
		for fd in "${connections[@]}"; do
			run ! read -r -t 10 line <&"$fd"
		done
		wait_until inetd_gone "$pool" $old
		have_ended 1
		hang_up
		rm "$INETD_DIR/ended"
		assert_no_leaks
		inetd_stop
	done
}

@test "without the manager the others serve what they have, take no more, and end" {
	local connections=() line old
	for way in "${WAYS[@]}"; do
		start $way -n 3
		connect 1
		old=$(workers)
		kill -KILL "$(manager)"
		wait_until count_is 1 surviving "$old"
		echo again >&"${connections[0]}"
		read -r -t 10 line <&"${connections[0]}"
		[ "$line" = ntnva ]
		# inetd starts another pool meanwhile.
		assert_answer uryyb ask_tcp pool hello
		[ "$(inetd_field pool STARTED)" = 2 ]
		hang_up
		wait_until count_is 0 surviving "$old"
		kill -TERM "$(manager)"
		wait_until field_is pool RUNNING 0
		assert_no_leaks
		inetd_stop
	done
}

# surviving PIDS: those that are there.
surviving() {
	local pid
	for pid in $1; do
		inetd_gone "$pid" || echo "$pid"
	done
}

@test "a program gets a connection as from inetd itself" {
	local answer
	for way in "${WAYS[@]}"; do
		start $way -n 2 -m 4 "$B/services/whoami" one
		for _ in {1..10}; do
			answer=$(ask_tcp pool)
			grep -qx 'argv.1=one' <<<"$answer"
		done
		[ "$(grep '^descriptor' <<<"$answer" | cut -d : -f 1 | xargs)" = \
			'descriptor.0=socket descriptor.1=socket descriptor.2=socket' ]
		grep -qx "local=\[127.0.0.1\]:$(inetd_port pool)" <<<"$answer"
		grep -qx "ppid=$(manager)" <<<"$answer"
		grep -qx signals.blocked= <<<"$answer"
		grep -qx signals.ignored= <<<"$answer"
		grep -qx env.PROTO=TCP <<<"$answer"
		grep -qx env.TCPREMOTEIP=127.0.0.1 <<<"$answer"
		grep -qx "env.TCPLOCALPORT=$(inetd_port pool)" <<<"$answer"
		port=$(sed -n 's/^peer=.*://p' <<<"$answer")
		grep -qx "env.REMOTE_PORT=$port" <<<"$answer"
		[ "$(inetd_field pool STARTED)" = 1 ]
		finish
	done
}

@test "a program that fails is run for the next one all the same" {
	start -n 1 -m 2 /bin/false
	for _ in {1..10}; do
		assert_answer '' ask_tcp pool
	done
	[ "$(inetd_field pool STARTED)" = 1 ]
	finish
}

@test "a program that cannot be run is tried again after growing pauses" {
	local began
	for way in "${WAYS[@]}"; do
		inetd_setup
		cp /bin/cat "$INETD_DIR/program"
		start $way -n 1 -m 1 "$INETD_DIR/program"
		assert_answer hello ask_tcp pool hello
		mv "$INETD_DIR/program" "$INETD_DIR/away"
		began=${EPOCHREALTIME/./}
		for _ in {1..5}; do
			ask_tcp -t 20 pool || true
		done
		# After the first one 100 ms, 200, 400, 800.
		((${EPOCHREALTIME/./} - began > 1400000))
		mv "$INETD_DIR/away" "$INETD_DIR/program"
		assert_answer hello ask_tcp -t 20 pool hello
		finish
	done
}

@test "a socket that is shut down by somebody is given back" {
	for way in "${WAYS[@]}"; do
		start $way -n 2
		assert_answer uryyb ask_tcp pool hello
		/usr/bin/python3 - "$(manager)" <<-'END'
			import ctypes, os, socket, sys
			pid = int(sys.argv[1])
			pidfd = os.pidfd_open(pid)
			pidfd_getfd = 438
			for name in os.listdir(f"/proc/{pid}/fd"):
			    if os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
			        fd = ctypes.CDLL(None).syscall(pidfd_getfd, pidfd, int(name), 0)
			        s = socket.socket(fileno=fd)
			        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
			            s.shutdown(socket.SHUT_RDWR)
			            break
		END
		wait_until have_ended 1
		wait_until field_is pool STATE ready
		inetd_rebase
		assert_answer uryyb ask_tcp pool hello
		finish_two
	done
}

@test "unix sockets" {
	for way in "${WAYS[@]}"; do
		inetd_start <<-END
			$INETD_DIR/pool.sock stream unix wait $INETD_USER $(noting "$B/services/prefork" $way)
		END
		assert_answer uryyb ask_unix "$INETD_DIR/pool.sock" hello
		assert_answer uryyb ask_unix "$INETD_DIR/pool.sock" hello
		finish
	done
}

@test "callers with bad manners: their processes are for others again soon" {
	for way in "${WAYS[@]}"; do
		start $way -n 2 -m 3 -i 1
		assert_answer uryyb rude byte-by-byte pool <<<hello
		assert_answer uryyb rude silent pool <<<hello
		rude reset pool <<<hello
		rude reset -r 100 pool < <(seq 10000)
		assert_answer 100000 rude rubbish pool </dev/null
		for _ in 1 2 3; do
			rude_meanwhile never-read -n 200000000 pool < <(seq 1000)
			rude_pids+=("$rude_pid")
		done
		assert_answer uryyb ask_tcp pool hello
		[ "$(workers | wc -l)" -le 3 ]
		for rude_pid in "${rude_pids[@]}"; do
			rude_end
		done
		finish
	done
}

@test "without a listening socket, or the program, it says so; wrong usage is told, with status 2" {
	prefork=$B/services/prefork
	run -1 "$prefork" </dev/null
	[[ $output == *"not a listening socket"* ]]
	run -1 "$prefork" ./nothing </dev/null
	[[ $output == *"./nothing: No such file"* ]]
	for wrong in '-n 0' '-m 1025' '-n 3 -m 2' '-t 0' '-g -1' -x --past; do
		# shellcheck disable=SC2086 # words
		run -2 "$prefork" $wrong </dev/null
		[[ $output == *"usage: prefork"* ]]
	done
}

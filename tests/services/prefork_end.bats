#!/usr/bin/env bats
# prefork: how a pool ends, for whatever reason, and that no connection is lost by it.

# shellcheck disable=SC2046,SC2086 # process numbers, and options that may be none

load ../helpers/family
load ../helpers/noting
load ../helpers/pool

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
		finish 2
	done
}

@test "that while begins when the last one has been served, also by a program" {
	local line left
	for way in "${WAYS[@]}"; do
		start $way -n 2 -t 2 /bin/cat
		connect_tcp line pool
		run ! read -r -t 1.5 left <&"$line"
		close_tcp line
		left=${EPOCHREALTIME/./}
		wait_until field_is pool RUNNING 0
		((${EPOCHREALTIME/./} - left > 1900000))
		have_ended 1
		rm "$INETD_DIR/ended"
		assert_no_leaks
		inetd_stop
	done
}

# told_to_leave PID WAY: true if a pool has closed its channels to its two workers, who are still there. In the
# way --pass it keeps their ends, for what they have not taken.
told_to_leave() {
	local open kept=${2:+2}
	open=$(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | sort -u | wc -l)
	[ "$open" = $((1 + ${kept:-0})) ] || fail "$open sockets"
}

@test "a connection that comes while all are leaving is served, by the same pool" {
	local pool old
	for way in "${WAYS[@]}"; do
		start $way -n 2 -t $((2 * INETD_PATIENCE))
		assert_answer uryyb ask_tcp pool hello
		pool=$(manager)
		old=$(pgrep -P "$pool")
		# They do not see that they are asked to leave.
		kill -STOP $old
		wait_until told_to_leave "$pool" "$way"
		waiter "$INETD_DIR/answer"
		wait_until queued "$(inetd_port pool)" 1
		kill -CONT $old
		wait_until test -e "$INETD_DIR/answer"
		[ "$(cat "$INETD_DIR/answer")" = uryyb ]
		rm "$INETD_DIR/answer"
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
	# Pauses around the second after which they end, which takes its time under valgrind.
	/usr/bin/python3 - $(for i in {0..7}; do inetd_port "pool$i"; done) <<-'END'
		import os, random, socket, sys, threading, time
		longest = 1.3 if os.environ.get("SERVICES_UNDER") else 1.01
		answered = []
		def call(port, seed):
		    pause = random.Random(seed)
		    for i in range(6):
		        with socket.create_connection(("127.0.0.1", port), 10) as s:
		            s.sendall(b"hello")
		            s.shutdown(socket.SHUT_WR)
		            assert s.recv(10) == b"uryyb"
		            answered.append(port)
		        time.sleep(pause.uniform(0.998, longest))
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
		# Before that, who becomes free may take what waits.
		wait_until told_to_leave "$pool" "$way"
		hang_up 1
		wait_until count_is 1 workers
		[ "$(inetd_field pool RUNNING)" = 1 ]
		echo again >&"${connections[0]}"
		read -r -t 30 line <&"${connections[0]}"
		[ "$line" = ntnva ]
		hang_up
		wait_until inetd_gone "$pool" $old
		read -r -t 30 line <&"$fd"
		[ "$line" = uryyb ]
		[ "$(inetd_field pool STARTED)" = 2 ]
		exec {fd}>&-
		finish 2
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

@test "TERM: what somebody has died without taking is under way too, and served by others" {
	local connections=() line pool old fd
	start --pass -n 2 -m 2 -g 30
	assert_answer uryyb ask_tcp pool hello
	wait_until count_is 2 workers
	pool=$(manager)
	old=$(workers)
	kill -STOP $old
	for _ in 1 2; do
		connect_tcp fd pool
		echo hello >&"$fd"
		connections+=("$fd")
	done
	wait_until queued "$(inetd_port pool)" 0
	kill -TERM "$pool"
	wait_until told_to_leave "$pool" --pass
	kill -KILL $old
	for fd in "${connections[@]}"; do
		read -r -t 30 line <&"$fd"
		[ "$line" = uryyb ]
	done
	hang_up
	wait_until have_ended 1
	[ "$(inetd_field pool STARTED)" = 1 ]
	rm "$INETD_DIR/ended"
	assert_no_leaks
	inetd_stop
}

@test "without the manager the others serve what they have, take no more, and end" {
	local connections=() line old kept
	for way in "${WAYS[@]}"; do
		# Whichever of them is left working, the others go at once.
		for kept in 0 1 2; do
			start $way -n 3 -m 3
			connect 3
			old=$(workers)
			kill -KILL "$(manager)"
			connections=("${connections[kept]}" "${connections[@]:0:kept}" "${connections[@]:kept+1}")
			for fd in "${connections[@]:1}"; do
				exec {fd}>&-
			done
			connections=("${connections[0]}")
			wait_until count_is 1 surviving "$old"
			echo again >&"${connections[0]}"
			read -r -t 30 line <&"${connections[0]}"
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
	done
}

# surviving PIDS: those that are there.
surviving() {
	local pid
	for pid in $1; do
		inetd_gone "$pid" || echo "$pid"
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
		finish 2
	done
}

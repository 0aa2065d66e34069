#!/usr/bin/env bats
# prefork: a pool of processes for one listening socket, in both of its ways: all accept, or one does
# and passes the connections on.

# shellcheck disable=SC2046,SC2086 # process numbers, and options that may be none

load ../helpers/family
load ../helpers/rude
load ../helpers/noting
load ../helpers/pool

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
		read -r -t 30 line <&"${connections[0]}"
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

@test "one that dies before it has taken the connection that it was passed leaves it to another" {
	local connections=() old fd line
	for way in "${WAYS[@]}"; do
		start $way -n 3 -m 3
		assert_answer uryyb ask_tcp pool hello
		wait_until count_is 3 workers
		old=$(workers)
		kill -STOP $old
		for _ in 1 2 3; do
			connect_tcp fd pool
			echo hello >&"$fd"
			connections+=("$fd")
		done
		# Passed on, where that is the way.
		[ -z "$way" ] || wait_until queued "$(inetd_port pool)" 0
		kill -KILL $old
		for fd in "${connections[@]}"; do
			read -r -t 30 line <&"$fd"
			[ "$line" = uryyb ]
		done
		hang_up
		[ "$(inetd_field pool STARTED)" = 1 ]
		finish
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
		grep -qx "local=\[127.0.0.1\]:$(inetd_port pool)" <<<"$answer"
		grep -qx "ppid=$(manager)" <<<"$answer"
		grep -qx signals.blocked= <<<"$answer"
		# valgrind has descriptors and signals of its own.
		if [ -z "${SERVICES_UNDER:-}" ]; then
			[ "$(grep '^descriptor' <<<"$answer" | cut -d : -f 1 | xargs)" = \
				'descriptor.0=socket descriptor.1=socket descriptor.2=socket' ]
			grep -qx signals.ignored= <<<"$answer"
		fi
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
			ask_tcp pool || true
		done
		# After the first one 100 ms, 200, 400, 800.
		((${EPOCHREALTIME/./} - began > 1400000))
		mv "$INETD_DIR/away" "$INETD_DIR/program"
		assert_answer hello ask_tcp pool hello
		finish
	done
}

# start_complaining PROGRAM [OPTION...]: a pool that runs it, whose standard error is the log.
start_complaining() {
	start_ini <<-END
		[pool]
		port = 0
		wait = yes
		server = $B/services/prefork
		server_args = ${*:2} -n 1 -m 1 $1
		stderr = log
	END
}

@test "a program that cannot be run: standard error says which and why, and the caller is told nothing" {
	local name
	# valgrind does not survive it.
	need_direct
	cp /bin/cat "$INETD_DIR/good"
	printf '#!/nonexistent\n' >"$INETD_DIR/interpreter"
	echo 'no program' >"$INETD_DIR/format"
	chmod 755 "$INETD_DIR"/*
	for way in "${WAYS[@]}"; do
		start_complaining "$INETD_DIR/good" $way
		assert_answer hello ask_tcp pool hello
		refute_log 'cannot run'
		inetd_stop
		for name in interpreter format; do
			start_complaining "$INETD_DIR/$name" $way
			assert_answer '' ask_tcp pool
			assert_log "prefork: cannot run $INETD_DIR/$name: (No such file|Exec format)"
			inetd_stop
			start $way -n 1 -m 1 "$INETD_DIR/$name"
			assert_answer '' ask_tcp pool
			finish
		done
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

@test "without a listening socket, or the program, it says so" {
	prefork=$B/services/prefork
	run -1 "$prefork" </dev/null
	[[ $output == *"not a listening socket"* ]]
	run -1 "$prefork" ./nothing </dev/null
	[[ $output == *"./nothing: No such file"* ]]
}

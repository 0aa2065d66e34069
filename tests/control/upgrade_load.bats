#!/usr/bin/env bats
# One hundred upgrades while clients come as fast as the machine serves them: nobody is refused, reset or answered wrongly,
# everything is counted, and nothing is left behind. INETD_LOAD=full makes 100 reloads of each kind too, not 15.

load ../helpers/family
load ../helpers/upgrade
load ../helpers/ending

setup() {
	inetd_setup
	need_plain
	own_program
}

UPGRADES=100

# crowd [-n TOTAL FILE] PORT...: clients of these ports, so many at a time, until $INETD_DIR/enough is there; counts them in
# $INETD_DIR/served, or FILE there.
crowd() {
	local served=0 line total=600 file=served
	if [ "$1" = -n ]; then
		total=$2 file=$3
		shift 3
	fi
	while [ ! -e "$INETD_DIR/enough" ]; do
		line=$("$B/tests/bin/swarm" -c 24 -n "$total" hi hi "$@") || { echo "$line" >"$INETD_DIR/bad"; return 1; }
		served=$((served + total))
		echo "$served" >"$INETD_DIR/$file.new"
		mv "$INETD_DIR/$file.new" "$INETD_DIR/$file"
	done
}

# murderer: kills the worker, and those of before, every second until $INETD_DIR/enough is there; how often is in
# $INETD_DIR/killed.
murderer() {
	local count=0 workers
	until INETD_PATIENCE=1 wait_until -t 1 test -e "$INETD_DIR/enough" >/dev/null 2>&1; do
		workers=$(pgrep -P "$INETD_PID" -x inetd-worker) || continue # in a moment without one
		# shellcheck disable=SC2086 # numbers
		kill -KILL $workers 2>/dev/null || true
		count=$((count + 1))
		echo "$count" >"$INETD_DIR/killed"
	done
}

# entries NICE [EXTRA]: the configuration, in which "cat" has changed with the number and an entry may have come.
entries() {
	cat >"$INETD_DIR/inetd.ini.new" <<-END
		[inetd]
		log_level = err
		[defaults]
		bind = 127.0.0.1
		user = $INETD_USER
		[cat]
		port = 0
		server = /bin/cat
		nice = $1
		[slow]
		port = 0
		server = $INETD_DIR/slow
		[udp]
		protocol = udp
		port = 0
		internal = echo
	END
	[ $# = 1 ] || printf '%s\n' "[$2]" 'port = 0' 'server = /bin/cat' >>"$INETD_DIR/inetd.ini.new"
	mv "$INETD_DIR/inetd.ini.new" "$INETD_DIR/inetd.ini"
}

# datagrams PORT: each is answered, though one that is lost on its way may be sent again.
datagrams() {
	while [ ! -e "$INETD_DIR/enough" ]; do
		[ "$(ask_udp -t 20 "$1" hi)" = hi ] || { echo datagram >"$INETD_DIR/bad"; return 1; }
	done
}

# private KIB: the daemon's own memory is at most so much.
memory_is_below() {
	[ "$(figure memory_kib)" -le "$1" ] || fail "$(figure memory_kib) KiB, more than $1"
}

@test "one hundred upgrades under load: all are served and counted, no descriptor and no memory is left" {
	local held session crowd datagrams descriptors memory i
	start_ini <<-END
		[inetd]
		log_level = err
		[cat]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		[udp]
		protocol = udp
		port = 0
		internal = echo
	END
	connect_tcp held cat
	connect_tcp session echo
	says "$held" first
	says "$session" first
	(close_inherited && crowd "$(inetd_port cat)" "$(inetd_port echo)") &
	crowd=$!
	(close_inherited && datagrams "$(inetd_port udp)") &
	datagrams=$!
	for ((i = 1; i <= UPGRADES; i++)); do
		same_program
		inetctl upgrade || fail "upgrade $i" || return
		[ ! -e "$INETD_DIR/bad" ] || fail "$(cat "$INETD_DIR/bad")" || return
		if [ "$i" = 5 ]; then
			wait_until test -e "$INETD_DIR/served"
			descriptors=$(inetd_descriptors)
			memory=$(figure memory_kib)
		fi
	done
	[ "$(figure upgrades)" = $UPGRADES ]
	says "$held" last
	says "$session" last
	touch "$INETD_DIR/enough"
	wait $crowd || fail "$(cat "$INETD_DIR/bad")"
	wait $datagrams || fail "$(cat "$INETD_DIR/bad")"
	close_tcp held session
	wait_until field_is cat RUNNING 0
	wait_until field_is echo RUNNING 0
	echo "# $(cat "$INETD_DIR/served") served; $memory and $(figure memory_kib) KiB" >&3
	[ $(($(inetd_field cat STARTED) + $(inetd_field echo STARTED))) = $(($(cat "$INETD_DIR/served") + 2)) ]
	[ "$(inetd_field cat STARTED)" = "$(inetd_field echo STARTED)" ]
	field_is cat REFUSED 0
	field_is cat FAILED 0
	assert_no_leaks
	wait_until count_is 1 inetd_worker
	[ "$(inetd_descriptors)" -le "$descriptors" ]
	memory_is_below $((memory + memory / 10))
	inetd_stop
}

@test "the worker is killed every second between upgrades: programs do not notice" {
	local crowd i
	start_ini <<-END
		[inetd]
		log_level = err
		[cat]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
	END
	(close_inherited && crowd "$(inetd_port cat)") &
	crowd=$!
	for ((i = 1; i <= 8; i++)); do
		# shellcheck disable=SC2046 # numbers
		kill -KILL $(inetd_worker)
		same_program
		inetctl upgrade || fail "upgrade $i"
		wait_until assert_answer hi ask_tcp echo hi
	done
	touch "$INETD_DIR/enough"
	wait $crowd || fail "$(cat "$INETD_DIR/bad")"
	wait_until field_is cat RUNNING 0
	[ "$(inetd_field cat STARTED)" = "$(cat "$INETD_DIR/served")" ]
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "upgrades, reloads with changed and unchanged entries, and a worker killed every second, all at once" {
	local held pids=() descriptors memory i rounds=15
	[ "${INETD_LOAD:-}" != full ] || rounds=100
	# From a millisecond to seconds.
	inetd_script slow <<-'END'
		#!/bin/bash
		read -r line
		sleep "$((RANDOM % 3)).$((RANDOM % 10))"
		printf %s "$line"
	END
	entries 0
	inetd_start --conf "$INETD_DIR/inetd.ini"
	connect_tcp held cat
	says "$held" first
	(close_inherited && crowd "$(inetd_port cat)") &
	pids+=($!)
	(close_inherited && crowd -n 48 slowly "$(inetd_port slow)") &
	pids+=($!)
	(close_inherited && datagrams "$(inetd_port udp)") &
	pids+=($!)
	(close_inherited && murderer) &
	pids+=($!)
	for ((i = 1; i <= rounds; i++)); do
		if [ $((i % 2)) = 1 ]; then entries "$((i % 20))" extra; else entries "$((i % 20))"; fi
		inetctl reload || fail "reload $i" || return
		inetctl reload || fail "second reload $i" || return
		same_program
		inetctl upgrade || fail "upgrade $i" || return
		[ ! -e "$INETD_DIR/bad" ] || fail "$(cat "$INETD_DIR/bad")" || return
		if [ "$i" = 5 ]; then
			wait_until test -e "$INETD_DIR/served"
			descriptors=$(inetd_descriptors)
			memory=$(figure memory_kib)
		fi
	done
	[ "$(figure upgrades)" = $rounds ]
	entries 0
	inetctl reload
	says "$held" last
	wait_until -t 30 test -e "$INETD_DIR/slowly"
	wait_until -t 30 test -e "$INETD_DIR/killed"
	touch "$INETD_DIR/enough"
	for i in "${pids[@]}"; do
		wait "$i" || fail "$(cat "$INETD_DIR/bad")"
	done
	close_tcp held
	wait_until field_is cat RUNNING 0
	wait_until field_is slow RUNNING 0
	inetctl upgrade # as after the fifth: what a reload needs is given back
	echo "# $rounds rounds: $(cat "$INETD_DIR/served") and $(cat "$INETD_DIR/slowly") served, worker killed $(
		cat "$INETD_DIR/killed") times; $memory and $(figure memory_kib) KiB" >&3
	[ "$(inetd_field cat STARTED)" = $(($(cat "$INETD_DIR/served") + 1)) ]
	[ "$(inetd_field slow STARTED)" = "$(cat "$INETD_DIR/slowly")" ]
	for i in cat slow; do
		field_is $i REFUSED 0
		field_is $i FAILED 0
	done
	assert_no_leaks
	wait_until count_is 1 inetd_worker
	[ "$(inetd_descriptors)" -le "$descriptors" ]
	memory_is_below $((memory + memory / 10))
	inetd_stop
}

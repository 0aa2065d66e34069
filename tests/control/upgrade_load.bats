#!/usr/bin/env bats
# One hundred upgrades while clients come as fast as the machine serves them, with sessions, datagrams and programs of
# every length under way: nobody is refused, reset or answered wrongly, everything is counted, and nothing is left behind.
# INETD_LOAD=full has programs that run for a minute, not two seconds, and makes 100 reloads of each kind too, not 15.

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
	while [ -d "$INETD_DIR" ] && [ ! -e "$INETD_DIR/enough" ]; do
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
		[echo]
		port = 0
		internal = echo
		[busy]
		port = 0
		internal = echo
		[chargen]
		port = 0
		internal = chargen
		[mux]
		port = 0
		internal = tcpmux
		[tcpmux/+cat]
		server = /bin/cat
		[udp]
		protocol = udp
		port = 0
		internal = echo
		reply_rate = 1000000
		reply_burst = 1000000
	END
	[ $# = 1 ] || printf '%s\n' "[$2]" 'port = 0' 'server = /bin/cat' >>"$INETD_DIR/inetd.ini.new"
	mv "$INETD_DIR/inetd.ini.new" "$INETD_DIR/inetd.ini"
}

# start_daemon: with those entries.
start_daemon() {
	inetd_script slow <<-'END'
		#!/bin/bash
		read -r seconds word
		sleep "$seconds"
		printf %s "$word"
	END
	entries 0
	inetd_start --conf "$INETD_DIR/inetd.ini"
}

# flows [OPTION...]: clients of every kind until $INETD_DIR/enough is there; $INETD_DIR/flows has what they did.
flows() {
	local longest=2 long=4
	[ "${INETD_LOAD:-}" != full ] || longest=60 long=12
	"$TOP/tests/bin/flows.py" --longest "$longest" --long "$long" "$@" "$INETD_DIR" echo="$(inetd_port echo)" \
		chargen="$(inetd_port chargen)" tcpmux="$(inetd_port mux)" udp="$(inetd_port udp)" slow="$(inetd_port slow)" \
		>"$INETD_DIR/flows"
}

# flow KIND WHAT: how often.
flow() {
	awk -v kind="$1" -v what="$2" '$1 == kind { for (i = 2; i < NF; i += 2) if ($i == what) print $(i + 1) }' "$INETD_DIR/flows"
}

# is_well: nobody has found anything wrong so far.
is_well() {
	[ ! -e "$INETD_DIR/bad" ] || fail "$(cat "$INETD_DIR/bad")"
}

# all_end PID...: the clients, when they have had what they asked for.
all_end() {
	local pid
	touch "$INETD_DIR/enough"
	for pid; do
		wait "$pid" || fail "$(cat "$INETD_DIR/bad" "$INETD_DIR/flows")" || return
	done
	for pid in cat slow echo busy chargen mux; do
		wait_until field_is "$pid" RUNNING 0 || return
	done
}

# is_counted NAME COUNT: as many were served, and nobody was refused.
is_counted() {
	wait_until field_is "$1" STARTED "$2" && field_is "$1" REFUSED 0 && field_is "$1" FAILED 0
}

# private KIB: the daemon's own memory is at most so much.
memory_is_below() {
	[ "$(figure memory_kib)" -le "$1" ] || fail "$(figure memory_kib) KiB, more than $1"
}

# descriptors_at_most NUMBER: true if the daemon has no more.
descriptors_at_most() {
	[ "$(inetd_descriptors)" -le "$1" ]
}

@test "one hundred upgrades under load: all are served and counted, no descriptor and no memory is left" {
	local held session pids=() descriptors memory i
	start_daemon
	connect_tcp held cat
	connect_tcp session busy
	says "$held" first
	says "$session" first
	(close_inherited && crowd "$(inetd_port cat)" "$(inetd_port busy)") &
	pids+=($!)
	(close_inherited && flows) &
	pids+=($!)
	wait_until test -e "$INETD_DIR/flowing"
	for ((i = 1; i <= UPGRADES; i++)); do
		same_program
		inetctl upgrade || fail "upgrade $i" || return
		is_well || return
		if [ "$i" = 5 ]; then
			wait_until test -e "$INETD_DIR/served"
			descriptors=$(inetd_descriptors)
			memory=$(figure memory_kib)
		fi
	done
	[ "$(figure upgrades)" = $UPGRADES ]
	says "$held" last
	says "$session" last
	close_tcp held session
	all_end "${pids[@]}"
	echo "# $(cat "$INETD_DIR/served") served; $(tr '\n' ';' <"$INETD_DIR/flows") $memory and $(figure memory_kib) KiB" >&3
	[ $(($(inetd_field cat STARTED) + $(inetd_field busy STARTED))) = $(($(cat "$INETD_DIR/served") + 2)) ]
	[ "$(inetd_field cat STARTED)" = "$(inetd_field busy STARTED)" ]
	field_is cat REFUSED 0
	field_is cat FAILED 0
	for i in echo chargen slow; do
		is_counted $i "$(flow $i begun)"
	done
	is_counted mux "$(flow tcpmux begun)"
	is_counted tcpmux/+cat "$(flow tcpmux begun)"
	for i in echo chargen slow tcpmux udp; do
		[ "$(flow $i begun)" = "$(flow $i ended)" ] || fail "$(cat "$INETD_DIR/flows")"
	done
	assert_no_leaks
	wait_until count_is 1 inetd_worker
	wait_until descriptors_at_most "$descriptors"
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
	for ((i = 1; i <= 6; i++)); do
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
	start_daemon
	connect_tcp held cat
	says "$held" first
	(close_inherited && crowd "$(inetd_port cat)") &
	pids+=($!)
	(close_inherited && flows --mortal) &
	pids+=($!)
	wait_until test -e "$INETD_DIR/flowing"
	(close_inherited && murderer) &
	pids+=($!)
	for ((i = 1; i <= rounds; i++)); do
		if [ $((i % 2)) = 1 ]; then entries "$((i % 20))" extra; else entries "$((i % 20))"; fi
		inetctl reload || fail "reload $i" || return
		inetctl reload || fail "second reload $i" || return
		same_program
		inetctl upgrade || fail "upgrade $i" || return
		is_well || return
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
	wait_until test -e "$INETD_DIR/killed"
	close_tcp held
	all_end "${pids[@]}"
	inetctl upgrade # as after the fifth: what a reload needs is given back
	echo "# $rounds rounds: $(cat "$INETD_DIR/served") served; $(tr '\n' ';' <"$INETD_DIR/flows") worker killed $(
		cat "$INETD_DIR/killed") times; $memory and $(figure memory_kib) KiB" >&3
	is_counted cat $(($(cat "$INETD_DIR/served") + 1))
	is_counted slow "$(flow slow begun)"
	[ "$(flow slow begun)" = "$(flow slow ended)" ]
	for i in echo chargen; do
		is_counted $i "$(flow $i begun)"
	done
	assert_no_leaks
	wait_until count_is 1 inetd_worker
	wait_until descriptors_at_most "$descriptors"
	memory_is_below $((memory + memory / 10))
	inetd_stop
}

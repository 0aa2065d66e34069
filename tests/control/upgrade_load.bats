#!/usr/bin/env bats
# One hundred upgrades while clients come as fast as the machine serves them: nobody is refused, reset or answered wrongly,
# everything is counted, and nothing is left behind.

load ../helpers/family
load ../helpers/upgrade
load ../helpers/ending

setup() {
	inetd_setup
	need_plain
	own_program
}

UPGRADES=100

# says FD TEXT: what is sent to a service that gives it back comes back.
says() {
	local line
	echo "$2" >&"$1"
	read -r -t $((5 * INETD_PATIENCE)) line <&"$1" || fail 'no answer' || return
	[ "$line" = "$2" ] || fail "answered '$line', not '$2'"
}

# crowd PORT...: clients of these ports until $INETD_DIR/enough is there; counts them in $INETD_DIR/served.
crowd() {
	local served=0 line
	while [ ! -e "$INETD_DIR/enough" ]; do
		line=$("$B/tests/bin/swarm" -c 24 -n 600 hi hi "$@") || { echo "$line" >"$INETD_DIR/bad"; return 1; }
		served=$((served + 600))
		echo "$served" >"$INETD_DIR/served.new"
		mv "$INETD_DIR/served.new" "$INETD_DIR/served"
	done
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

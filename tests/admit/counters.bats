#!/usr/bin/env bats
# Counters are exact, and nothing is left, after very many connections of every outcome: served by a program and by
# the worker, refused for each reason, failed to start, reset by the client, with reloads and ends of the worker in
# between. OUTCOMES says how many; where it is not set 100 000, which takes about 40 s. `make soak` makes a million.

load ../helpers/family

OUTCOMES=${OUTCOMES:-100000}

# saw SERVICE OUTCOME...: how many of these the probe has seen, in all its runs.
saw() {
	awk -v name="$1" -v words=" ${*:2} " '$1 == name {
		for (i = 2; i < NF; i += 2)
			if (index(words, " " $i " "))
				n += $(i + 1)
	} END { print n + 0 }' "$INETD_DIR"/seen.*
}

# spec NAME KIND SOURCE [COUNT]: a service of the probe.
spec() {
	echo "$1:$2:$(inetd_port "$1"):$3${4:+:$4}"
}

worker_descriptors() {
	find "/proc/$(inetd_worker)/fd" -mindepth 1 | wc -l
}

# is_exact SERVICE: true if as many were refused as the probe has seen ends without an answer.
is_exact() {
	local number
	number=$(saw "$1" shut reset)
	[ "$number" -gt 0 ] || fail "nobody was refused by $1"
	field_is "$1" REFUSED "$number"
}

some_load() {
	[ "$(cut -d ' ' -f 1 /proc/loadavg)" != 0.00 ]
}

at_rest() {
	[ "$(inetctl list | awk 'NR > 1 { n += $4 } END { print n }')" = 0 ] && inetd_at_rest
}

@test "a million connections of every outcome leave nothing behind, and the counters right" {
	local full total source worker_fds hups=200 kills=3 seconds=$((60 + OUTCOMES / 1000)) clients=1024
	[ -z "$SPECIAL" ] || OUTCOMES=$((OUTCOMES / 50)) clients=256
	need_root # to look at the worker's descriptors
	start_ini <<-END
		[program]
		port = 0
		server = /bin/cat
		instances = unlimited
		[echo]
		port = 0
		internal = echo
		[reset]
		port = 0
		server = /bin/cat
		[resetecho]
		port = 0
		internal = echo
		[failing]
		port = 0
		server = $INETD_DIR/missing
		[access]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.0/8
		banner_fail = no
		[times]
		port = 0
		server = /bin/cat
		access_times = $(date -d '+9 hours' +%H:%M)-$(date -d '+11 hours' +%H:%M)
		[ignored]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.0/8
		deny_time = 1h
		deny_after = 1
		[full]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		busy_message = full
		[rate]
		port = 0
		internal = echo
		rate = 1/hour
		overload = refuse
		[source]
		port = 0
		server = /bin/cat
		per_source = 1
		[sourcerate]
		port = 0
		internal = echo
		per_source_rate = 1/hour
		[load]
		port = 0
		server = /bin/cat
		max_load = 0.01
		overload = refuse
		[total]
		port = 0
		server = /bin/cat
		overload = refuse
	END
	wait_until assert_answer hi ask_tcp echo hi
	assert_answer hi ask_tcp program hi
	assert_answer no ask_tcp access
	assert_answer hi ask_tcp rate hi
	assert_answer hi ask_tcp sourcerate hi
	wait_until at_rest
	worker_fds=$(worker_descriptors)

	# Who holds the places that the others are refused for.
	connect_tcp full full
	connect_tcp source source
	wait_until field_is full RUNNING 1
	wait_until field_is source RUNNING 1
	run "$B/tests/bin/outcomes" -n $((OUTCOMES * 9 / 10)) -c $clients -t $seconds -d "$INETD_PID" -H $hups -K $kills \
		"$(spec program serve 127.1.0.0+)" "$(spec echo serve 127.1.0.0+)" "$(spec reset leave 127.1.0.0+)" \
		"$(spec resetecho leave 127.1.0.0+)" "$(spec failing shut 127.1.0.0+ 5)" \
		"$(spec access shut 127.1.0.0+)" "$(spec times shut 127.1.0.0+)" "$(spec ignored shut 127.0.0.9)" \
		"$(spec full shut 127.1.0.0+)" "$(spec rate shut 127.1.0.0+)" "$(spec source shut 127.0.0.1)" \
		"$(spec sourcerate shut 127.0.0.1)"
	echo "$output" | tee "$INETD_DIR/seen.1"
	[ "$status" = 0 ]

	# A total of programs that is reached, and, after all this, a load, that is looked at every second.
	connect_tcp total total
	wait_until field_is total RUNNING 1
	printf '[inetd]\nchildren = 3\n' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until some_load
	run "$B/tests/bin/outcomes" -n $((OUTCOMES / 10)) -c $clients -t $seconds -d "$INETD_PID" -H $((hups / 10)) \
		"$(spec total shut 127.1.0.0+)" "$(spec load shut 127.1.0.0+)"
	echo "$output" | tee "$INETD_DIR/seen.2"
	[ "$status" = 0 ]
	close_tcp full source total
	wait_until at_rest

	for name in access times ignored full rate source sourcerate load total; do
		case $name in
		access) [ "$(inetd_field access REFUSED)" = $(($(saw access shut reset) + 1)) ] ;;
		*) is_exact $name ;;
		esac
		[ "$(saw $name served)" = 0 ]
	done
	for name in full rate source sourcerate total; do
		field_is $name STARTED 1
	done
	for name in access times ignored load; do
		field_is $name STARTED 0
	done
	# One that was asked before the others.
	field_is program STARTED $(($(saw program served) + 1))
	[ "$(saw program shut reset)" = 0 ]
	# What the worker took with it was started, if it was handed over, and not served.
	[ "$(inetd_field echo STARTED)" -ge $(($(saw echo served) + 1)) ]
	[ "$(inetd_field echo STARTED)" -le $(($(saw echo served shut reset) + 1)) ]
	[ "$(saw echo shut reset)" -lt $((kills * 256)) ]
	# A client that is gone when it is accepted is no start.
	[ "$(inetd_field reset STARTED)" -le "$(saw reset shut)" ]
	[ "$(inetd_field resetecho STARTED)" -le "$(saw resetecho shut reset)" ]
	[ "$(inetd_field failing FAILED),$(inetd_field failing STARTED)" = "$(saw failing shut reset),0" ]
	[ "$(saw failing shut reset)" = 5 ]
	for name in program echo reset resetecho failing; do
		field_is $name REFUSED 0
	done
	inetd_signal USR1
	assert_log 'statistics services=14 programs=0 sessions=0'
	wait_until assert_answer hi ask_tcp echo hi
	wait_until at_rest
	[ "$(worker_descriptors)" = "$worker_fds" ] || fail "the worker has $(worker_descriptors) descriptors, not $worker_fds"
	[ "$(inetd_log | grep -c 'worker: ended')" = $kills ]
	inetd_stop
}

#!/usr/bin/env bats
# What the programs of a service may take together: the keys that need controllers of control groups, each seen to hold
# beside a service without. The daemon has a group of its own here, as a service manager gives it one.

load ../helpers/family

setup() {
	inetd_setup
	need_root
	need_plain
	ROOT=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	GROUP=$ROOT/inetd-test-$$-$RANDOM
}

teardown() {
	local group
	rm -f ${LEFT:+"$LEFT"}
	! inetd_running || { inetd_signal TERM && wait_until inetd_gone "$INETD_PID"; }
	# Programs that a failed case has left would keep the machine busy.
	[ ! -w "$GROUP/cgroup.kill" ] || echo 1 >"$GROUP/cgroup.kill"
	for group in "$GROUP"/*/ "$GROUP"; do
		[ ! -d "$group" ] || wait_until rmdir "$group"
	done
	inetd_teardown
}

# in_group CONTROLLER: inetds started from here on are in a group that has this controller to pass on.
in_group() {
	# Refused where the kernel has it not, or where it is in a hierarchy of version 1.
	/bin/echo "+$1" >"$ROOT/cgroup.subtree_control" ||
		skip "needs control groups of version 2 with the controller $1"
	mkdir "$GROUP"
	inetd_script in-group <<-END
		#!/bin/sh
		echo \$\$ >$GROUP/cgroup.procs
		exec "\$@"
	END
	INETD_UNDER=$INETD_DIR/in-group
}

# file_of SERVICE NAME: what a file of its group says.
file_of() {
	cat "$GROUP/inetd-service-$1"-*/"$2"
}

@test "memory_max: programs of the service together have no more, and others are not touched" {
	in_group memory
	inetd_script eat <<-'END'
		#!/usr/bin/python3
		memory = b"x" * (40 << 20)
		print("ate", len(memory) >> 20, flush=True)
		input()
	END
	start_ini <<-END
		[free]
		port = 0
		server = $INETD_DIR/eat
		[caged]
		port = 0
		server = $INETD_DIR/eat
		memory_max = 64m
		log = exit
	END
	exec 8<>"/dev/tcp/127.0.0.1/$(inetd_port free)" 9<>"/dev/tcp/127.0.0.1/$(inetd_port free)"
	read -r output <&8
	[ "$output" = 'ate 40' ]
	read -r output <&9
	[ "$output" = 'ate 40' ]
	exec 8>&- 9>&-
	# One fits; the second is too much for both, and the kernel ends one of them.
	exec 8<>"/dev/tcp/127.0.0.1/$(inetd_port caged)"
	read -r output <&8
	[ "$output" = 'ate 40' ]
	[ "$(file_of caged memory.max)" = 67108864 ]
	exec 9<>"/dev/tcp/127.0.0.1/$(inetd_port caged)"
	assert_log 'caged: ended with signal 9'
	exec 8>&- 9>&-
}

# limit SIZE: of the group of the service filled, from now on.
limit() {
	echo "$1" >"$(echo "$GROUP"/inetd-service-filled-*)/memory.max"
}

# Files in memory count for the group that has written them, also when nobody is left there to be ended but the next child
# on its way, whose memory is the daemon's until its exec.
@test "memory_max: a service whose group is full of files that its programs have left ends nobody else" {
	in_group memory
	LEFT=$(mktemp /dev/shm/inetd-test-XXXXXX)
	chmod 666 "$LEFT"
	inetd_script fill <<-END
		#!/bin/sh
		exec /bin/dd if=/dev/zero of=$LEFT bs=1M count=100 2>/dev/null
	END
	start_ini <<-END
		[free]
		port = 0
		server = /bin/cat
		[filled]
		port = 0
		user = nobody
		server = $INETD_DIR/fill
		memory_max = 32m
		rate = unlimited
		log = exit
	END
	ask_tcp filled || true
	assert_log 'filled: ended with signal 9'
	# What the killed program had itself is free again: not so in a group that was full to the last page.
	limit 4m
	for ((i = 0; i < 5; i++)); do
		ask_tcp filled || true
		assert_answer hi ask_tcp free hi
	done
	rm "$LEFT"
	limit 32m
	wait_until assert_answer '' ask_tcp filled
	assert_answer hi ask_tcp free hi
}

@test "pids_max: no program makes more processes, and none is started beyond it" {
	in_group pids
	inetd_script fork <<-'END'
		#!/usr/bin/python3
		import os, signal
		made = 0
		signal.signal(signal.SIGCHLD, signal.SIG_IGN)
		try:
		    while made < 5:
		        if os.fork() == 0:
		            signal.pause()
		        made += 1
		except OSError as error:
		    print(error.strerror, flush=True)
		print("made", made, flush=True)
		signal.signal(signal.SIGTERM, signal.SIG_IGN)
		os.kill(0, signal.SIGTERM)
	END
	start_ini <<-END
		[free]
		port = 0
		server = $INETD_DIR/fork
		[caged]
		port = 0
		server = $INETD_DIR/fork
		pids_max = 3
		[full]
		port = 0
		server = /bin/cat
		pids_max = 1
	END
	[ "$(ask_tcp free)" = 'made 5' ]
	[ "$(ask_tcp caged)" = $'Resource temporarily unavailable\nmade 2' ]
	exec 8<>"/dev/tcp/127.0.0.1/$(inetd_port full)"
	echo first >&8
	read -r output <&8
	[ "$output" = first ]
	[ -z "$(ask_tcp full second)" ]
	assert_log 'full: cannot start /bin/cat: clone: Resource temporarily unavailable'
	exec 8>&-
	wait_until assert_answer third ask_tcp full third
}

# used SERVICE: microseconds of the processor.
used() {
	file_of "$1" cpu.stat | awk '$1 == "usage_usec" { print $2 }'
}

# has_used SERVICE MICROSECONDS: at least.
has_used() {
	[ "$(used "$1")" -ge "$2" ]
}

@test "cpu_weight: who has more of it has more of the processor" {
	local heavy light
	in_group cpu
	inetd_script busy <<-'END'
		#!/bin/sh
		while :; do :; done
	END
	start_ini <<-END
		[heavy]
		port = 0
		server = $INETD_DIR/busy
		cpu_weight = 1000
		cpu_affinity = 0
		[light]
		port = 0
		server = $INETD_DIR/busy
		cpu_weight = 10
		cpu_affinity = 0
	END
	exec 8<>"/dev/tcp/127.0.0.1/$(inetd_port heavy)" 9<>"/dev/tcp/127.0.0.1/$(inetd_port light)"
	wait_until has_used heavy 1
	wait_until has_used light 1
	[ "$(file_of heavy cpu.weight) $(file_of light cpu.weight)" = '1000 10' ]
	heavy=$(used heavy) light=$(used light)
	wait_until has_used heavy $((heavy + 3000000))
	heavy=$(($(used heavy) - heavy)) light=$(($(used light) - light))
	inetctl stop heavy
	inetctl stop light
	exec 8>&- 9>&-
	[ "$heavy" -gt $((4 * light)) ] || fail "$heavy and $light us"
}

@test "io_weight: it is that of the group" {
	in_group io
	start_ini <<-END
		[weighed]
		port = 0
		server = /bin/cat
		io_weight = 300
	END
	assert_answer hi ask_tcp weighed hi
	[ "$(file_of weighed io.weight)" = 'default 300' ]
}

@test "a share that is changed or removed by a reload is that of the next program" {
	in_group pids
	start_ini <<-END
		[shared]
		port = 0
		server = /bin/cat
		pids_max = 7
	END
	assert_answer hi ask_tcp shared hi
	[ "$(file_of shared pids.max)" = 7 ]
	sed -i 's/^pids_max.*/pids_max = 9/' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp shared hi
	[ "$(file_of shared pids.max)" = 9 ]
	inetd_stop
	wait_until rmdir "$GROUP/inetd-daemon"
	# Nothing is left of the services' groups.
	[ -z "$(find "$GROUP" -mindepth 1 -type d)" ]
}

@test "a controller that is not there is an error of the key that asks for it" {
	in_group pids
	inetd_script in-group <<-END
		#!/bin/sh
		mkdir $GROUP/below
		echo \$\$ >$GROUP/below/cgroup.procs
		exec "\$@"
	END
	inetd_config </dev/null
	printf '[a]\nport = 0\nserver = /bin/cat\nuser = nobody\npids_max = 7\n[b]\nport = 0\nserver = /bin/cat\nuser = nobody\n' \
		>"$INETD_DIR/inetd.ini"
	run "$INETD_DIR/in-group" "$INETD" -t "$INETD_DIR/inetd.ini"
	[[ $output == *'inetd.ini:5: error: pids_max: cannot be had here: our control group has not that controller'* ]] ||
		fail "$output"
	rmdir "$GROUP/below"
}

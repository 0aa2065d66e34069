#!/usr/bin/env bats
# log and log_level: which events of a service are logged, and what is logged at all.

load ../helpers/family

# cat NAME [KEY...]: a section for cat.
section() {
	printf '%s\n' "[$1]" 'port = 0' 'server = /bin/cat' "${@:2}"
}

# use NAME: a connection from its beginning to its end.
use() {
	assert_answer hi ask_tcp "$1" hi && wait_until field_is "$1" RUNNING 0
}

@test "each service has its own events" {
	start_ini < <(
		section all 'log = start exit'
		section start 'log = start'
		section exit 'log = exit'
		section none 'log = none'
		section default
	)
	for name in none default start exit all; do
		use $name
	done
	assert_log 'all: started service=all peer=127.0.0.1:[0-9]+ pid=[0-9]+$'
	assert_log 'all: ended with exit 0 service=all peer=127.0.0.1:[0-9]+ pid=[0-9]+ duration=[0-9.]+ user=[0-9.]+ system=[0-9.]+ peak_kib=[0-9]+$'
	assert_log 'start: started'
	assert_log 'exit: ended with'
	refute_log '(start: ended|exit: started|none: |default: )'
	inetd_stop
}

# times_of NAME: its user and system time in the log, in milliseconds.
times_of() {
	inetd_log | sed -nE "s/.*service=$1 .* user=([0-9]+)\.([0-9]+) system=([0-9]+)\.([0-9]+) .*/\1\2 \3\4/p" |
		sed -E 's/\b0+([0-9])/\1/g'
}

@test "user and system time are told apart" {
	local user system
	need_plain
	inetd_script busy <<-'END'
		#!/usr/bin/python3
		import time
		while time.process_time() < 0.3:
		    sum(range(10000))
	END
	inetd_script kernel <<-'END'
		#!/usr/bin/python3
		import os
		zero = open("/dev/zero", "rb", 0)
		room = bytearray(1 << 22)
		while os.times().system < 0.3:
		    zero.readinto(room)
	END
	start_ini <<-END
		[user]
		port = 0
		server = $INETD_DIR/busy
		log = exit

		[system]
		port = 0
		server = $INETD_DIR/kernel
		log = exit
	END
	ask_tcp user
	assert_log 'user: ended with exit 0'
	read -r user system < <(times_of user)
	((user >= 150 && user > system)) || fail "user $user ms, system $system ms"
	ask_tcp system
	assert_log 'system: ended with exit 0'
	read -r user system < <(times_of system)
	((system >= 150 && system > user)) || fail "user $user ms, system $system ms"
	inetd_stop
}

@test "-l and -d log start and end where nothing else is said" {
	local option
	for option in -l -d; do
		start_ini $option < <(
			section default
			section none 'log = none'
		)
		use none
		use default
		assert_log 'default: started'
		assert_log 'default: ended'
		refute_log 'none: (started|ended)'
		inetd_stop
	done
}

@test "refusals are logged unless log says otherwise" {
	local client name
	start_ini < <(
		section loud 'per_source = 1'
		section quiet 'per_source = 1' 'log = start exit'
	)
	for name in quiet loud; do
		connect_tcp client $name
		wait_until field_is $name RUNNING 1
		assert_answer '' ask_tcp $name
		wait_until field_is $name REFUSED 1
		close_tcp client
	done
	assert_log 'loud: refused: .*per_source'
	refute_log 'quiet: refused'
	inetd_stop
}

@test "log_level of a service hides what is less urgent, of that service only" {
	start_ini < <(
		section shown 'log = start exit' 'log_level = info'
		section hidden 'log = start exit' 'log_level = notice'
	)
	use hidden
	use shown
	assert_log 'shown: ended'
	refute_log 'hidden: '
	inetd_stop
}

@test "log_level of [inetd] is the daemon's, also after a reload" {
	conf() {
		printf '[inetd]\nlog_level = %s\n[defaults]\nuser = %s\nbind = 127.0.0.1\n' "$1" "$INETD_USER"
		section cat 'log = start exit'
	}
	conf info >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	use cat
	assert_log 'started: 1 service,'
	assert_log 'cat: ended with'
	conf notice >"$INETD_DIR/inetd.ini"
	inetd_reload
	inetd_log_mark
	use cat
	inetd_reload
	assert_log 'reloaded: 1 service,'
	refute_log 'cat: '
	conf warning >"$INETD_DIR/inetd.ini"
	inetd_reload
	inetd_log_mark
	inetd_reload
	refute_log reloaded
	# And back, when nothing is said.
	conf info | sed 1,2d >"$INETD_DIR/inetd.ini"
	inetd_reload
	use cat
	assert_log 'cat: ended with'
	inetd_stop
}

@test "a mistake in the file does not change the daemon's level; -d is above it" {
	conf() {
		printf '[inetd]\nlog_level = %s\n[defaults]\nuser = %s\nbind = 127.0.0.1\n' "$1" "$INETD_USER"
		section cat 'log = start exit'
	}
	conf notice >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	use cat
	conf nonsense >"$INETD_DIR/inetd.ini"
	run -2 inetd_reload
	assert_log 'error: .*nonsense'
	use cat
	refute_log 'cat: '
	inetd_stop
	conf err >"$INETD_DIR/inetd.ini"
	inetd_start -d --conf "$INETD_DIR/inetd.ini"
	use cat
	assert_log 'cat: ended with'
	inetd_stop
}

#!/usr/bin/env bats
# Starts and ends of sessions of built-in services in the log.

load ../helpers/family

@test "log = start exit: sessions, with peer and duration; the default logs none" {
	start_ini <<-END
		[both]
		listen = 127.0.0.1:0
		internal = echo
		log = start exit
		[end]
		listen = 127.0.0.1:0
		internal = daytime
		log = exit
		[quiet]
		listen = 127.0.0.1:0
		internal = echo
		[low]
		listen = 127.0.0.1:0
		internal = echo
		log = start exit
		log_level = notice
	END
	for name in both end quiet low; do
		ask_tcp "$name" hi >/dev/null
	done
	assert_log '^inetd\[[0-9]+\]: both: session started service=both peer=127\.0\.0\.1:[0-9]+$'
	assert_log '^inetd\[[0-9]+\]: both: session ended service=both peer=127\.0\.0\.1:[0-9]+ duration=[0-9]+\.[0-9]{3}$'
	assert_log 'end: session ended'
	assert_no_leaks
	inetd_stop
	refute_log 'end: session started'
	refute_log '(quiet|low): session'
}

@test "log = start exit: a session that max_time ends, one that a new worker loses" {
	start_ini <<-END
		[short]
		listen = 127.0.0.1:0
		internal = echo
		log = exit
		max_time = 1s
		[lost]
		listen = 127.0.0.1:0
		internal = echo
		log = exit
	END
	local fd
	connect_tcp fd short
	assert_log 'short: session ended service=short peer=127\.0\.0\.1:[0-9]+ duration=1\.'
	close_tcp fd
	connect_tcp fd lost
	kill -KILL "$(inetd_worker)"
	assert_log 'lost: session ended'
	close_tcp fd
	inetd_stop
}

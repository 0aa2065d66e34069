# relay.bash - for families whose services have activation = proxy, after family.bash: the relay of such a service has a
# session of its own and lives on after inetd, so it ends with the test.

# relay: the process number of the relay; the daemon is its child.
relay() {
	inetd_children ondemand | grep .
}

teardown() {
	local pid
	for pid in $(inetd_children ondemand 2>/dev/null || true); do
		kill -TERM "-$pid" || true
	done
	inetd_teardown
}

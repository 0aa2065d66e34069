#!/usr/bin/env bats
# The built-ins that are commands of the system: systat and netstat. For auth see identd.bats.

load ../helpers/family

@test "internal systat and netstat: what runs and who is connected, told as nobody" {
	need_root
	inetd_config <<-END
		127.0.0.1:{processes} stream tcp nowait root internal systat
		127.0.0.1:{connections} stream tcp nowait daemon internal netstat
	END
	printf '%s\n' '[netstat]' 'listen = 127.0.0.1:0' 'internal = netstat' 'server_args = 5 id -un' \
		>"$INETD_DIR/more.ini"
	inetd_start --conf "$INETD_DIR/inetd.conf" "$INETD_DIR/more.ini"
	run -0 ask_tcp processes
	[[ $output == *PID*USER*COMMAND* && $output == *nobody*ps* && $output == *root*inetd* ]]
	run -0 ask_tcp connections
	[[ $output == State*LISTEN*":$(inetd_port connections)"* ]]
	# What is there is somebody's own.
	assert_answer nobody ask_tcp netstat
	inetd_stop
}

@test "internal systat and netstat: -t says what they tell, unless only_from says whom" {
	inetd_config <<-END
		systat stream tcp nowait nobody internal
		15 stream tcp nowait nobody internal netstat
	END
	run -0 "$INETD" -t "$INETD_DIR/inetd.conf"
	[[ $output == *':1: warning: internal systat: tells everybody which processes run here: only_from says who may ask'* ]]
	[[ $output == *':2: warning: internal netstat: tells everybody who is connected to this machine'* ]]
	printf '%s\n' '[systat]' 'port = 11' 'internal = systat' 'only_from = 127.0.0.1' >"$INETD_DIR/only.ini"
	run -0 "$INETD" -t "$INETD_DIR/only.ini"
	[[ $output != *tells* ]]
}

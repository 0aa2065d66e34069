#!/usr/bin/env bats
# agent-check: what a load balancer is told about a service.

load ../helpers/family
load ../helpers/asking

# start_agent: it tells of web, which has four places.
start_agent() {
	start_ini <<-END
		[web]
		port = 0
		server = /bin/cat
		instances = 4
		[broken]
		port = 0
		server = $INETD_DIR/none
		[agent]
		port = 0
		server = $B/services/agent-check
		server_args = -s $INETD_DIR/control -f $INETD_DIR/order web
		[agent-broken]
		port = 0
		server = $B/services/agent-check
		server_args = -s $INETD_DIR/control broken
		[agent-unknown]
		port = 0
		server = $B/services/agent-check
		server_args = -s $INETD_DIR/control nobody
		[agent-alone]
		port = 0
		server = $B/services/agent-check
		server_args = -s $INETD_DIR/false -t 1 web
	END
}

@test "a program that asks about its own service is not on its way any more" {
	local number
	for ((number = 0; number < 40; number++)); do
		printf '[%s]\nport = 0\nserver = %s\nserver_args = -s %s %s\n' "own$number" "$B/services/agent-check" \
			"$INETD_DIR/control" "own$number"
	done >"$INETD_DIR/own.ini"
	start_ini <"$INETD_DIR/own.ini"
	for ((number = 0; number < 40; number++)); do
		[[ $(ask_tcp "own$number" '') == 'up ready '* ]] || fail "$(inetctl status "own$number")"
	done
	inetd_stop
}

# tells PATTERN [NAME]: what the balancer reads.
tells() {
	local line
	line=$(ask_tcp "${2:-agent}" '')
	# shellcheck disable=SC2053 # a pattern
	[[ $line == $1 ]] || fail "$line"
}

@test "the share of the limit that is free, and never nothing" {
	start_agent
	tells 'up ready 100%'
	connect_tcp one web
	wait_until field_is web RUNNING 1
	tells 'up ready 75%'
	connect_tcp two web
	connect_tcp three web
	connect_tcp four web
	wait_until field_is web STATE full
	tells 'up ready 1%'
	for client in one two three four; do
		close_tcp "$client"
	done
	wait_until field_is web RUNNING 0
	tells 'up ready 100%'
	inetd_stop
}

@test "what is disabled, broken or unknown is not up" {
	start_agent
	run -0 inetctl disable web
	tells maint
	run -0 inetctl enable web
	tells 'up ready 100%'
	need_reports
	tells 'down #its program cannot be run: No such file or directory' agent-broken
	ask_tcp broken '' || true
	wait_until field_is broken FAILED 1
	tells 'down #last start failed: exec*' agent-broken
	tells "down #no service is called 'nobody'*" agent-unknown
	inetd_stop
}

@test "an administrator's file counts first; one that is not understood does not" {
	start_agent
	for order in drain maint down ready; do
		echo "$order" >"$INETD_DIR/order"
		tells "$order"
	done
	echo 'rm -rf' >"$INETD_DIR/order"
	tells '*up ready 100%'
	rm "$INETD_DIR/order"
	tells 'up ready 100%'
	inetd_stop
}

@test "a daemon that does not answer is down, soon" {
	start_agent
	tells 'down #inetd cannot be asked: No such file or directory' agent-alone
	for mode in silent rubbish refuse records cut endless queue; do
		false_daemon "$mode"
		tells 'down #*' agent-alone
		kill "$false_pid"
		wait "$false_pid" || true
	done
	rm -f "$INETD_DIR/false" "$INETD_DIR/false.out"
	inetd_stop
}

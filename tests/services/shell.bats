#!/usr/bin/env bats
# Services that are lines of shell: those of the demonstration, and the commands of the system.
# shellcheck disable=SC2016 # shell text in quotes

load ../helpers/family
load ../helpers/rude

# demo_line PORT NAME: that line of the demonstration, for a free port.
demo_line() {
	grep -E "^$1[[:blank:]]+stream" "$TOP/etc/demo.conf" | sed -e "s|^$1|127.0.0.1:{$2}|" -e "s|@USER@|$INETD_USER|"
}

start() {
	{
		demo_line 7211 systat
		demo_line 7215 netstat
		cat <<-END
			127.0.0.1:{ps} stream tcp nowait $INETD_USER /usr/bin/timeout timeout 10 ps -e -o pid,user,comm
			127.0.0.1:{ss} stream tcp nowait $INETD_USER /usr/bin/timeout timeout 10 ss -tan
		END
	} >"$INETD_DIR/services"
	inetd_start <"$INETD_DIR/services"
}

@test "systat: the processes, this one among them" {
	start
	assert_answer -e "(^|"$'\n'")$INETD_PID inetd"$'\n' ask_tcp systat
	assert_answer -e $'\n *'"$INETD_PID $INETD_USER +inetd"$'\n' ask_tcp ps
	assert_no_leaks
	inetd_stop
}

@test "netstat: the connections, this one among them" {
	start
	port=$(inetd_port netstat)
	assert_answer -e "0100007F:$(printf %04X "$port") 0100007F:[0-9A-F]{4} 0[18] " ask_tcp netstat
	port=$(inetd_port ss)
	assert_answer -e "(ESTAB|CLOSE-WAIT)[ 0-9]*127.0.0.1:$port " ask_tcp ss
	assert_no_leaks
	inetd_stop
}

@test "callers with bad manners: they end, and there is nothing left of them" {
	start
	for name in systat netstat ps ss; do
		# Words that nobody reads make the kernel reset the connection.
		run rude byte-by-byte $name <<<'who is there?'
		[ "$status" = 0 ] || [ "$status" = 4 ]
		rude reset -r 1 $name </dev/null
		rude rubbish $name </dev/null
		rude_meanwhile never-read $name </dev/null
		wait_until field_is $name RUNNING 0
		rude_end
	done
	assert_no_leaks
	inetd_stop
}

@test "hello: the answer arrives, also where more was sent than is read" {
	inetd_start <<-END
		127.0.0.1:{hello} stream tcp nowait $INETD_USER $B/services/hello.sh
	END
	assert_answer 'What is your name? Hello, Ada, calling from 127.0.0.1.' ask_tcp hello 'Ada'
	for _ in $(seq 20); do
		{
			echo Ada
			yes | head -c 300000
		} >"$INETD_DIR/much"
		run -0 rude half-close hello <"$INETD_DIR/much"
		[[ $output == *'Hello, Ada, calling from 127.0.0.1.'* ]] || fail "$output"
	done
	assert_no_leaks
	inetd_stop
}

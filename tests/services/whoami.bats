#!/usr/bin/env bats
# whoami: tells what it was given, whatever kind of socket that was.

load ../helpers/family
load ../helpers/rude
load ../helpers/noting

@test "a connection: addresses, identity, limits, descriptors, arguments, environment" {
	local answer
	need_direct
	inetd_start <<-END
		127.0.0.1:{whoami} stream tcp nowait $INETD_USER $B/services/whoami whoami one "two words"
	END
	answer=$(ask_tcp whoami)
	grep -qx "local=\[127.0.0.1\]:$(inetd_port whoami)" <<<"$answer"
	grep -qxE 'peer=\[127\.0\.0\.1\]:[0-9]+' <<<"$answer"
	grep -qx "uid=$(id -u)" <<<"$answer"
	grep -qx "egid=$(id -g)" <<<"$answer"
	grep -qx 'umask=022' <<<"$answer"
	grep -qx 'cwd=/' <<<"$answer"
	grep -qx 'argv.0=whoami' <<<"$answer"
	grep -qx 'argv.2=two words' <<<"$answer"
	grep -qx 'env.PROTO=TCP' <<<"$answer"
	grep -qx 'signals.blocked=' <<<"$answer"
	grep -qx "limit.nofile=$(ulimit -Sn):$(ulimit -Hn)" <<<"$answer"
	[ "$(grep -c '^descriptor\.[012]=socket:' <<<"$answer")" = 3 ]
	# Each line is key=value, and the order is the same every time.
	run ! grep -vE '^[a-z_.0-9A-Z]+=' <<<"$answer"
	diff <(ask_tcp whoami | cut -d = -f 1) <(cut -d = -f 1 <<<"$answer")
	assert_no_leaks
	inetd_stop
}

@test "a listening socket, datagrams, unix sockets, and no socket at all" {
	inetd_start <<-END
		127.0.0.1:{wait} stream tcp wait $INETD_USER $B/services/whoami
		127.0.0.1:{dgram} dgram udp4 wait $INETD_USER $B/services/whoami
		$INETD_DIR/stream.sock stream unix nowait $INETD_USER $B/services/whoami
		[::1]:{six} stream tcp6 nowait $INETD_USER $B/services/whoami
	END
	assert_answer -e "local=\[127.0.0.1\]:$(inetd_port wait)"$'\n''peer=\[127.0.0.1\]:[0-9]+' ask_tcp wait
	assert_answer -e "peer=\[127.0.0.1\]:[0-9]+" ask_tcp wait
	assert_answer -e "local=\[127.0.0.1\]:$(inetd_port dgram)"$'\n''peer=\[127.0.0.1\]:[0-9]+' ask_udp dgram hello
	assert_answer -e "local=unix:$INETD_DIR/stream.sock"$'\n''peer=unix:$' ask_unix "$INETD_DIR/stream.sock"
	assert_answer -e "local=\[::1\]:$(inetd_port six -6)"$'\n''peer=\[::1\]:[0-9]+' ask_tcp -6 six
	assert_answer -e $'local=none\npeer=none$' "$B/services/whoami" </dev/null
	wait_until field_is wait RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "what inetd decides is what it tells" {
	local answer
	need_root
	inetd_start <<-END
		127.0.0.1:{whoami} stream tcp nowait nobody:nogroup $B/services/whoami
	END
	cp "$B/services/whoami" "$INETD_DIR/whoami"
	inetd_config <<-END
		127.0.0.1:{whoami} stream tcp nowait nobody:nogroup $INETD_DIR/whoami
	END
	inetd_reload
	answer=$(ask_tcp whoami)
	grep -qx "uid=$(id -u nobody)" <<<"$answer"
	grep -qx "gid=$(id -g nobody)" <<<"$answer"
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	inetd_start <<-END
		127.0.0.1:{whoami} stream tcp nowait $INETD_USER $(noting "$B/services/whoami")
		127.0.0.1:{wait} stream tcp wait $INETD_USER $(noting "$B/services/whoami" lent)
	END
	for name in whoami wait; do
		assert_answer -e 'argv.0=.*peer=' rude byte-by-byte $name <<<Hello
		rude reset $name <<<Hello
		assert_answer -e '^[1-9][0-9]+$' rude rubbish $name </dev/null
		rude_meanwhile never-read -n 200000000 $name < <(seq 1000)
		wait_until field_is $name STARTED 4
		wait_until field_is $name RUNNING 0
		rude_end
	done
	have_ended 8
	assert_no_leaks
	inetd_stop
}

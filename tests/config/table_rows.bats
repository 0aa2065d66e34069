#!/usr/bin/env bats
# The table "Coming from another inetd" of the README, a case for each row: what no other family says of that peer's
# options and words. table_rows.txt names, for every statement of the tables, the case that fails without it.

load ../helpers/family

# set_to NAME 'KEY = VALUE'...: inetctl show has these lines for the service.
set_to() {
	local name=$1 one shown
	shift
	shown=$(inetctl show "$name")
	for one; do
		grep -qxF -e "$one" <<<"$shown" || fail "$name: not '$one'" "$shown"
	done
}

# without_f OPTION...: an inetd that is started without -f, and stays in the foreground all the same.
without_f() {
	inetd_config
	rm -f "$INETD_DIR/ended"
	echo 0 >"$INETD_DIR/mark"
	(
		close_inherited
		# shellcheck disable=SC2086 # a command and its options
		exec ${INETD_UNDER:-} "$INETD" --control "$INETD_DIR/control" -p "$INETD_DIR/pid" "$@" "$INETD_DIR/inetd.conf"
	) </dev/null >"$INETD_DIR/log" 2>&1 &
	INETD_PID=$!
	echo "$INETD_PID" >"$INETD_DIR/started"
	wait_until [ -S "$INETD_DIR/control" ]
	wait_until inetctl list
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	inetd_running
}

@test "all of them: mistakes are told and end nothing, limits are there by default, and what happens is shown" {
	local port
	inetd_start <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat cat"
	set_to 0 'instances = 256' 'per_source = 128' 'rate = unlimited' 'per_source_rate = unlimited'
	port=$(inetd_port cat)
	assert_answer hi ask_tcp "$port" hi
	cat >"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 streem tcp nowait $INETD_USER /bin/cat cat
		127.0.0.2:0 stream tcp nowait nosuchuser /bin/cat cat
		127.0.0.3:0 stream tcp nowait $INETD_USER:nosuchgroup /bin/cat cat
	END
	run -2 "$INETD" -t "$INETD_DIR/inetd.conf"
	[[ $output == *conf:1:\ error:*streem*conf:2:\ error:*nosuchuser*conf:3:\ error:*nosuchgroup* ]]
	inetd_reload --hup
	assert_answer hi ask_tcp "$port" hi
	[[ $(inetctl status 0) == *started*2* ]]
	[[ $(inetctl top -n 1) == *' 2 started'* ]]
	[[ $(inetctl events) == *nosuchuser* ]]
	inetd_stop
}

@test "Debian: its options, and no limit of starts in a minute but with -R" {
	export OF_THE_DAEMON=yes
	inetd_start -d -E -i -l -a 127.0.0.9 -q 7 -R 256 <<<"{env} stream tcp nowait $INETD_USER /usr/bin/env env"
	set_to 0 'rate = 256/min' 'backlog = 7' 'listen = 127.0.0.9:0' 'log = start exit refuse' 'clean_env = no'
	[[ $(ask_tcp -h 127.0.0.9 env) == *OF_THE_DAEMON=yes* ]]
	run ! ask_tcp env
	assert_log 'ended with exit 0'
	inetd_stop
	inetd_start <<<"127.0.0.1:{env} stream tcp nowait $INETD_USER /usr/bin/env env"
	set_to 0 'rate = unlimited' 'clean_env = yes'
	[[ $(ask_tcp env) != *OF_THE_DAEMON* ]]
	inetd_stop
}

@test "Debian: -i and -d stay in the foreground, where others go to the background" {
	local option
	for option in -i -d; do
		without_f $option <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat cat"
		assert_answer hi ask_tcp cat hi
		inetd_stop
	done
	inetd_config <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat cat"
	"$INETD" --control "$INETD_DIR/control" -p "$INETD_DIR/pid" "$INETD_DIR/inetd.conf"
	INETD_PID=$(cat "$INETD_DIR/pid")
	assert_answer hi ask_tcp cat hi
	kill "$INETD_PID"
	wait_until inetd_gone "$INETD_PID"
}

@test "FreeBSD: its options are limits of every line but those that set their own" {
	inetd_start --dialect freebsd -d -l -a 127.0.0.9 -c 3 -C 60 -s 2 -R 120 <<<"{a} stream tcp nowait root internal echo"
	set_to 0 'instances = 3' 'per_source_rate = 60/min' 'per_source = 2' 'rate = 120/min' 'listen = 127.0.0.9:0'
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	inetd_config <<<"{a} stream tcp nowait/7/8/9 root internal echo"
	inetd_reload
	set_to 0 'instances = 7' 'per_source_rate = 8/min' 'per_source = 9' 'rate = 120/min'
	inetd_stop
}

@test "FreeBSD: login classes and IPsec policies have no effect, which -t says" {
	need_root
	inetd_start --dialect freebsd <<-END
		#@ in ipsec esp/transport//require
		127.0.0.1:{id} stream tcp nowait nobody:nogroup/daemon /usr/bin/id id -un
	END
	assert_answer nobody ask_tcp id
	run -0 "$INETD" --dialect freebsd -t "$INETD_DIR/inetd.conf"
	[[ $output == *conf:1:\ warning:*IPsec*conf:2:\ note:*"login class 'daemon'"* ]]
	inetd_stop
}

@test "NetBSD: limits, buffers and filters in their places, IPsec without effect, no file that is missing closes anything" {
	local port
	inetd_start --dialect netbsd <<-END
		127.0.0.1:
		{cat} stream,4:dataready tcp,sndbuf=64k,rcvbuf=32k nowait:20 $INETD_USER /bin/cat cat
	END
	set_to 0 'instances = 4' 'defer_accept = yes' 'sndbuf = 64k' 'rcvbuf = 32k' 'rate = 20/min' 'listen = 127.0.0.1:0'
	port=$(inetd_port cat)
	rm "$INETD_DIR/inetd.conf"
	inetd_reload --hup
	assert_log 'inetd.conf.*cannot be read'
	assert_answer hi ask_tcp "$port" hi
	inetd_stop
	echo "127.0.0.1:8001 on protocol = tcp4, user = $INETD_USER, exec = /bin/cat, args = cat, ipsec = 'in bypass';" \
		>"$INETD_DIR/block.conf"
	run -0 "$INETD" --dialect netbsd -t "$INETD_DIR/block.conf"
	[[ $output == *conf:1:\ warning:*IPsec* ]]
}

@test "GNU inetutils: its long options, files and directories, and the variables without being asked for" {
	mkdir "$INETD_DIR/d"
	echo "127.0.0.2:0 stream tcp nowait $INETD_USER /usr/bin/env env" >"$INETD_DIR/d/env"
	inetd_start --dialect gnu --debug --rate=30 --resolve "--pidfile=$INETD_DIR/pid" "$INETD_DIR/d" \
		<<<"127.0.0.1:{env} stream tcp nowait $INETD_USER /usr/bin/env env"
	assert_log 'started: 2 services'
	set_to 0 'rate = 30/min'
	inetd_stop
	for option in '' --environment; do
		inetd_start $option <<<"127.0.0.1:{env} stream tcp nowait $INETD_USER /usr/bin/env env"
		[[ $(ask_tcp env) == *TCPREMOTEIP=127.0.0.1* ]]
		inetd_stop
	done
}

@test "busybox: its options, lines that begin with a blank, a service over its rate waits, built-ins are elsewhere" {
	local worker
	inetd_start --dialect busybox -R 2 -q 5 <<-END
		  127.0.0.1:{cat} stream tcp nowait $INETD_USER cat cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	set_to 0 'rate = 2/min' 'backlog = 5'
	run -0 "$INETD" --dialect busybox -t "$INETD_DIR/inetd.conf"
	[ -z "$output" ]
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp cat hi
	(close_inherited && ask_tcp cat hi >"$INETD_DIR/answer") &
	wait_until field_is cat STATE rate
	assert_answer hi ask_tcp echo hi
	worker=$(inetd_worker)
	grep -q '^Seccomp:[[:blank:]]*2' "/proc/$worker/status"
	inetd_stop
}

@test "xinetd: its names of keys in a directory of files; its own files are imported, not read" {
	mkdir "$INETD_DIR/d"
	cat >"$INETD_DIR/d/defaults.ini" <<-END
		[defaults]
		bind = 127.0.0.1
		user = $INETD_USER
		instances = 20
		per_source = 5
		only_from = 127.0.0.0/8
	END
	printf '[a]\nport = 0\nserver = /bin/echo\nserver_args = a b\nbanner = first\\n\ndeny_time = 5min\nper_source = 3\n' \
		>"$INETD_DIR/d/a.ini"
	printf '[b]\nport = 0\nserver = /bin/cat\ndisable = yes\n' >"$INETD_DIR/d/b.ini"
	inetd_start --conf "$INETD_DIR/d"
	set_to a 'instances = 20' 'per_source = 3' 'only_from = 127.0.0.0/8' 'deny_time = 5min' "user = $INETD_USER"
	assert_answer $'first\na b' ask_tcp a
	run ! inetd_port b
	inetd_stop
	printf 'service shout\n{\n\ttype = UNLISTED\n\tport = 8001\n\tsocket_type = stream\n\twait = no\n\tuser = %s\n%s\n}\n' \
		"$INETD_USER" $'\tserver = /bin/cat' >"$INETD_DIR/shout"
	run -2 "$INETD" -t "$INETD_DIR/shout"
	[[ $output == *shout:1:\ error:*xinetd*'inetctl import'* ]]
	inetctl import "$INETD_DIR/shout" >"$INETD_DIR/shout.ini"
	run -0 "$INETD" -t "$INETD_DIR/shout.ini"
	# One of its words in a file of ours is told what to write in its place.
	printf '[x]\nrpc_version = 1-3\nport = 0\nserver = /bin/cat\n' >"$INETD_DIR/x.ini"
	run -2 "$INETD" -t "$INETD_DIR/x.ini"
	[[ $output == *x.ini:2:\ error:*xinetd*'rpc = NAME/VERSIONS'* ]]
}

@test "every statement of the tables has its case, and a statement without one is seen" {
	cd "$TOP"
	tests/bin/table_rows.py
	mkdir "$INETD_DIR/man"
	cp man/inetd.conf.5 "$INETD_DIR/man/"
	sed '/^| GNU inetutils/s/; long options;/; long options; short ones;/' README.md >"$INETD_DIR/README.md"
	run -1 tests/bin/table_rows.py "$INETD_DIR"
	[[ $output == *'GNU inetutils: short ones'* ]]
	cp README.md "$INETD_DIR/"
	sed -i '/^.It the files of a directory/s/files/pipes/' "$INETD_DIR/man/inetd.conf.5"
	run -1 tests/bin/table_rows.py "$INETD_DIR"
	[[ $output == *'the pipes of a directory'*'the files of a directory'* ]]
}

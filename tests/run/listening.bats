#!/usr/bin/env bats
# Sockets: families, addresses, paths, and what happens when one cannot be had.

load ../helpers/family

@test "tcp is both families on two sockets, tcp4 and tcp6 are one" {
	inetd_start <<-END
		{plain} stream tcp nowait $INETD_USER /bin/cat
		{four} stream tcp4 nowait $INETD_USER /bin/cat
		{six} stream tcp6 nowait $INETD_USER /bin/cat
		{only} stream tcp6only nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp -4 plain hi
	assert_answer hi ask_tcp -6 plain hi
	assert_answer hi ask_tcp -4 four hi
	assert_answer hi ask_tcp -6 six hi
	assert_answer hi ask_tcp -6 only hi
	run ! ask_tcp -6 "$(inetd_port four)" hi
	run ! ask_tcp -4 "$(inetd_port six)" hi
	run ! ask_tcp -4 "$(inetd_port only)" hi
	count_is 2 inetd_rows plain
	count_is 1 inetd_rows six
	inetd_stop
}

@test "tcp46 and udp46 are one socket for both families" {
	inetd_start <<-END
		{tcp} stream tcp46 nowait $INETD_USER /bin/cat
		{udp} dgram udp46 wait $INETD_USER internal echo
	END
	count_is 1 inetd_rows tcp
	count_is 1 inetd_rows udp
	assert_answer hi ask_tcp -4 tcp hi
	assert_answer hi ask_tcp -6 tcp hi
	assert_answer hi ask_udp -4 udp hi
	assert_answer hi ask_udp -6 udp hi
	inetd_stop
}

@test "-4 makes plain protocols IPv4 only" {
	inetd_start -4 <<-END
		{tcp} stream tcp nowait $INETD_USER /bin/cat
		{udp} dgram udp wait $INETD_USER internal echo
		{six} stream tcp6 nowait $INETD_USER /bin/cat
	END
	count_is 1 inetd_rows tcp
	count_is 1 inetd_rows udp
	assert_answer hi ask_tcp -4 tcp hi
	assert_answer hi ask_udp -4 udp hi
	assert_answer hi ask_tcp -6 six hi
	run ! ask_tcp -6 "$(inetd_port tcp)" hi
	inetd_stop
}

same_port() {
	inetd_start <<-END
		7000 stream tcp nowait $INETD_USER /bin/echo echo both
		7001 stream tcp nowait $INETD_USER /bin/echo echo plain
		7001 stream tcp4 nowait $INETD_USER /bin/echo echo four
		7002 stream tcp nowait $INETD_USER /bin/echo echo plain
		7002 stream tcp6 nowait $INETD_USER /bin/echo echo six
	END
	assert_answer both ask_tcp -4 7000
	assert_answer both ask_tcp -6 7000
	assert_answer four ask_tcp -4 7001
	assert_answer plain ask_tcp -6 7001
	assert_answer plain ask_tcp -4 7002
	assert_answer six ask_tcp -6 7002
	inetd_stop
}

@test "beside tcp, a tcp4 or tcp6 entry of the same port keeps its family" {
	in_network same_port
}

addresses() {
	inetd_start -a 127.0.0.9 <<-END
		7000 stream tcp nowait root /bin/echo echo default
		127.0.0.2,127.0.0.3,::1:7001 stream tcp nowait root /bin/echo echo list
		[::1]:7002 stream tcp nowait root /bin/echo echo brackets
		::1:7003 stream tcp nowait root /bin/echo echo bare
		*:7004 stream tcp nowait root /bin/echo echo star
		:7005 stream tcp nowait root /bin/echo echo empty
		127.0.0.4:
		7006 stream tcp nowait root /bin/echo echo line
		127.0.0.5:7007 stream tcp nowait root /bin/echo echo own
		*:
		7008 stream tcp nowait root /bin/echo echo cleared
		echo stream tcp4 nowait root internal
		name.test:7009 stream tcp nowait root /bin/echo echo name
	END
	assert_answer default ask_tcp -h 127.0.0.9 7000
	run ! ask_tcp -h 127.0.0.1 7000
	run ! ask_tcp -h ::1 7000
	for host in 127.0.0.2 127.0.0.3 ::1; do
		assert_answer list ask_tcp -h "$host" 7001
	done
	run ! ask_tcp -h 127.0.0.4 7001
	assert_answer brackets ask_tcp -h ::1 7002
	run ! ask_tcp -h 127.0.0.1 7002
	assert_answer bare ask_tcp -h ::1 7003
	for port in 7004:star 7005:empty; do
		assert_answer "${port#*:}" ask_tcp -h 127.0.0.1 "${port%:*}"
		assert_answer "${port#*:}" ask_tcp -h ::1 "${port%:*}"
	done
	assert_answer line ask_tcp -h 127.0.0.4 7006
	run ! ask_tcp -h 127.0.0.1 7006
	assert_answer own ask_tcp -h 127.0.0.5 7007
	run ! ask_tcp -h 127.0.0.4 7007
	assert_answer cleared ask_tcp -h 127.0.0.1 7008
	assert_answer hi ask_tcp -h 127.0.0.1 7 hi
	# Names are looked up while it runs.
	wait_until ask_tcp -h 127.0.0.6 7009
	assert_answer name ask_tcp -h 127.0.0.6 7009
	assert_answer name ask_tcp -h 127.0.0.7 7009
	run ! ask_tcp -h 127.0.0.1 7009
	inetd_stop
}

@test "bind addresses: lists, defaults, wildcards, names, named ports" {
	with_etc
	printf '%s name.test\n' 127.0.0.6 127.0.0.7 >"$INETD_DIR/etc/hosts"
	echo 'hosts: files' >"$INETD_DIR/etc/nsswitch.conf"
	# The default of -a goes for whole lines without an address: 7008 and echo are after "*:".
	in_network addresses
}

@test "unix: paths, abstract names, streams, packets and datagrams" {
	inetd_script packets <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		s.send(str(len(s.recv(100))).encode())
	END
	inetd_script datagrams <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		data, peer = s.recvfrom(100)
		s.sendto(data.upper(), peer)
	END
	inetd_start <<-END
		$INETD_DIR/stream stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/packets seqpacket unix nowait $INETD_USER $INETD_DIR/packets.py
		$INETD_DIR/pack seqpacket unix nowait $INETD_USER $INETD_DIR/packets
		$INETD_DIR/dgram dgram unix wait $INETD_USER $INETD_DIR/datagrams
		@$INETD_DIR stream unix nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_unix "$INETD_DIR/stream" hi
	assert_answer hi ask_unix "@$INETD_DIR" hi
	assert_answer 6 ask_unix -s "$INETD_DIR/pack" 12345
	assert_answer HI ask_unix -d "$INETD_DIR/dgram" hi
	inetd_stop
}

@test "mode and owner of a unix socket" {
	local path mode=
	need_root
	umask 077
	inetd_start <<-END
		$INETD_DIR/open stream unix nowait root /bin/cat
		:nobody:daemon:0620:$INETD_DIR/owned stream unix nowait root /bin/cat
		:nobody::0600:$INETD_DIR/nogroup stream unix nowait root /bin/cat
		:::0640:$INETD_DIR/mode dgram unix wait root /bin/cat
	END
	run -0 stat -c '%a %U %G' "$INETD_DIR"/{open,owned,nogroup,mode}
	[ "$output" = '666 root root
620 nobody daemon
600 nobody root
640 root root' ] || fail "$output"
	assert_answer hi ask_unix "$INETD_DIR/open" hi
	inetd_stop
}

@test "a unix socket is closed to others until mode and owner are right" {
	need_root
	# Every step is slowed down, and meanwhile somebody else knocks.
	under_strace socket,bind,chmod,fchmod,fchmodat,fchown,fchownat,chown,listen,umask:delay_exit=50000
	inetd_config <<-END
		:root:root:0600:$INETD_DIR/secret dgram unix wait root /bin/cat
		:root:root:0600:$INETD_DIR/private stream unix nowait root /bin/cat
		$INETD_DIR/public stream unix nowait root /bin/cat
	END
	cat >"$INETD_DIR/knock" <<-'END'
		import os, socket, sys, time
		os.setgroups([]); os.setgid(65534); os.setuid(65534)
		results = {}
		end = time.time() + 30
		while time.time() < end and "public yes" not in results:
		    for name, kind in (("secret", socket.SOCK_DGRAM), ("private", socket.SOCK_STREAM),
		                       ("public", socket.SOCK_STREAM)):
		        s = socket.socket(socket.AF_UNIX, kind)
		        try:
		            s.connect(sys.argv[1] + "/" + name)
		            results[name + " yes"] = 1
		        except FileNotFoundError:
		            pass
		        except OSError as e:
		            results[name + " " + e.strerror] = 1
		        s.close()
		print("\n".join(sorted(results)))
	END
	python3 "$INETD_DIR/knock" "$INETD_DIR" >"$INETD_DIR/knocked" 3>&- &
	local knocker=$!
	inetd_start --conf "$INETD_DIR/inetd.conf"
	wait "$knocker"
	grep -qx 'public yes' "$INETD_DIR/knocked"
	grep -qx 'secret Permission denied' "$INETD_DIR/knocked"
	run ! grep -E '^(secret|private) yes' "$INETD_DIR/knocked"
	inetd_stop
}

@test "a stale unix socket is replaced, a live one and a file are not" {
	python3 - "$INETD_DIR" <<-'END'
		import socket, sys
		socket.socket(socket.AF_UNIX).bind(sys.argv[1] + "/stale")
	END
	echo precious >"$INETD_DIR/file"
	socat "UNIX-LISTEN:$INETD_DIR/live,fork" SYSTEM:'echo other' 3>&- &
	local other=$!
	wait_until test -S "$INETD_DIR/live"
	inetd_start <<-END
		$INETD_DIR/stale stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/live stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/file stream unix nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_unix "$INETD_DIR/stale" hi
	assert_answer other ask_unix "$INETD_DIR/live"
	[ "$(cat "$INETD_DIR/file")" = precious ]
	assert_log "bind $INETD_DIR/live"
	assert_log "bind $INETD_DIR/file"
	# When they are gone, it has its sockets by itself.
	kill $other
	wait $other || true
	rm -f "$INETD_DIR/file"
	wait_until ask_unix "$INETD_DIR/live" hi
	assert_answer hi ask_unix "$INETD_DIR/live" hi
	wait_until ask_unix "$INETD_DIR/file" hi
	inetd_stop
}

@test "a port in use: the holder is named, and it is retried until it is free" {
	local holder port
	socat TCP4-LISTEN:0,bind=127.0.0.1 - </dev/null >/dev/null 2>&1 3>&- &
	holder=$!
	port=$(port_of $holder)
	inetd_start <<-END
		127.0.0.1:$port stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{other} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp other hi
	assert_log "bind 127.0.0.1:$port.*socat.*$holder"
	[ "$(inetd_field "$port" STATE)" = bind ]
	kill $holder
	wait_until ask_tcp "$port" hi
	assert_answer hi ask_tcp "$port" hi
	inetd_stop
}

# port_of PID: the IPv4 port that a process listens on.
port_of() {
	local found
	wait_until found_port "$1"
	found=$(ss -Hltnp4 | grep "pid=$1,")
	[[ $found =~ :([0-9]+)\  ]] && echo "${BASH_REMATCH[1]}"
}

found_port() {
	ss -Hltnp4 | grep "pid=$1,"
}

late_address() {
	inetd_start <<-END
		192.0.2.1:7000 stream tcp nowait root /bin/cat
		[2001:db8::1]:7000 stream tcp nowait root /bin/cat
		127.0.0.1:7000 stream tcp nowait root /bin/cat
	END
	assert_answer hi ask_tcp 7000 hi
	assert_log 'bind 192.0.2.1:7000.*(Cannot assign|cannot assign|Address not available)'
	inetctl list | grep -E '^[^ ]* +192.0.2.1:7000 +bind '
	ip addr add 192.0.2.1/32 dev lo
	# At once, not at the next try.
	wait_until -t 1 ask_tcp -h 192.0.2.1 7000 hi
	ip addr add 2001:db8::1/128 dev lo nodad
	wait_until -t 1 ask_tcp -h 2001:db8::1 7000 hi
	assert_answer hi ask_tcp -h 192.0.2.1 7000 hi
	inetd_stop
}

@test "an address that is not there yet is served as soon as it appears" {
	in_network late_address
}

@test "a machine without IPv6 serves IPv4, and says so once" {
	need_plain
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/no-ipv6.so"
	inetd_start <<-END
		{plain} stream tcp nowait $INETD_USER /bin/cat
		{udp} dgram udp wait $INETD_USER internal echo
		{both} stream tcp46 nowait $INETD_USER /bin/cat
		{six} stream tcp6 nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp plain hi
	assert_answer hi ask_udp udp hi
	[ "$(inetd_log | grep -c 'no IPv6')" = 1 ]
	inetd_stop
}

taken_udp() {
	inetd_start <<-END
		127.0.0.1:7000 stream tcp nowait root /bin/cat
		127.0.0.1:7000 dgram udp wait root internal echo
	END
	assert_answer hi ask_udp 7000 hi
	# Without SO_REUSEADDR of ours, theirs is no use.
	python3 - <<-'END'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		s.bind(("127.0.0.1", 7001))
		try:
		    t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    t.bind(("127.0.0.1", 7000))
		    raise SystemExit("taken away")
		except OSError as e:
		    print(e)
	END
	assert_answer hi ask_udp 7000 hi
	# A restart is not kept waiting by connections that inetd's side has closed.
	connect_tcp held 7000
	connect_tcp other 7000
	wait_until count_is 2 inetd_children cat
	inetd_children | xargs kill
	wait_until field_is "7000/tcp" RUNNING 0
	inetd_stop
	inetd_start --conf "$INETD_DIR/inetd.conf"
	assert_answer hi ask_tcp 7000 hi
	inetd_stop
}

@test "nobody can take a udp port away, and a restart has its tcp ports at once" {
	in_network taken_udp
}

@test "listening sockets are non-blocking, close-on-exec and deep enough" {
	local fd
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER /bin/cat
		{udp} dgram udp wait $INETD_USER /bin/cat
		$INETD_DIR/unix stream unix nowait $INETD_USER /bin/cat
	END
	[ "$(ss -Hltn "sport = :$(inetd_port tcp -4)" | awk '{ print $3 }')" = "$(cat /proc/sys/net/core/somaxconn)" ]
	for fd in /proc/"$INETD_PID"/fd/*; do
		[ "${fd##*/}" -gt 2 ] || continue
		# Octal: O_CLOEXEC.
		grep -qE '^flags:.*0?2[0-7]{6}$' "/proc/$INETD_PID/fdinfo/${fd##*/}" ||
			fail "$(ls -l "$fd") is inherited"
	done
	inetd_stop
	inetd_start -q 7 --conf "$INETD_DIR/inetd.conf"
	[ "$(ss -Hltn "sport = :$(inetd_port tcp -4)" | awk '{ print $3 }')" = 7 ]
	inetd_stop
}

@test "two inetds side by side" {
	inetd_start <<-END
		127.0.0.1:{one} stream tcp nowait $INETD_USER /bin/echo echo one
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	inetd_start --name second <<-END
		127.0.0.1:{two} stream tcp nowait $INETD_USER /bin/echo echo two
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	assert_answer two ask_tcp two
	assert_answer hi ask_tcp echo hi
	inetd_use inetd
	assert_answer one ask_tcp one
	inetd_stop
	inetd_use second
	assert_answer hi ask_tcp echo hi
	inetd_stop
}

# The addresses and port that are open, in a line; none is empty.
open_at() {
	inetctl list --json | grep -oE '"address": "[^"]*", "state": "ready"' | cut -d '"' -f 4 | sort | tr '\n' ' '
}

open_is() {
	[ "$(open_at)" = "${1:+$1 }" ] || fail "open: $(open_at)"
}

interface_addresses() {
	ip link add wan type veth peer name wide
	inetd_start <<-END
		%wan:9001 stream tcp nowait $INETD_USER /bin/cat cat
		%lo:9002 stream tcp4 nowait $INETD_USER /bin/cat cat
	END
	wait_until open_is 127.0.0.1:9002
	assert_answer hi ask_tcp 9002 hi
	inetd_log_has 'interface wan has no address'
	# They come, also before the interface is up,
	ip addr add 192.0.2.1/32 dev wan
	wait_until open_is '127.0.0.1:9002 192.0.2.1:9001'
	assert_answer hi ask_tcp -h 192.0.2.1 9001 hi
	run ! ask_tcp 9001 hi
	ip addr add 2001:db8::1/128 dev wan nodad
	ip addr add 192.0.2.2/32 dev lo label lo:two
	wait_until open_is '127.0.0.1:9002 192.0.2.1:9001 192.0.2.2:9002 [2001:db8::1]:9001'
	# stay over a reload,
	inetd_reload
	open_is '127.0.0.1:9002 192.0.2.1:9001 192.0.2.2:9002 [2001:db8::1]:9001'
	# and go, the last one too, with the interface.
	ip addr del 192.0.2.1/32 dev wan
	wait_until open_is '127.0.0.1:9002 192.0.2.2:9002 [2001:db8::1]:9001'
	ip link del wan
	wait_until open_is '127.0.0.1:9002 192.0.2.2:9002'
	ip link add wan type veth peer name wide
	ip addr add 192.0.2.3/32 dev wan
	wait_until open_is '127.0.0.1:9002 192.0.2.2:9002 192.0.2.3:9001'
	inetd_stop
}

@test "%interface: all its addresses, as they come and go" {
	need_root
	unshare -n ip link add wan type veth peer name wide || skip 'no veth interfaces'
	in_network interface_addresses
	# Without its sign it is the name of a host.
	echo "lo:9001 stream tcp4 nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/host.conf"
	run -0 "$INETD" -t "$INETD_DIR/host.conf"
	[[ $output == *host.conf:1:\ warning:*%lo* ]]
	echo "%lo:9001 stream tcp4 nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/host.conf"
	run -0 "$INETD" -t "$INETD_DIR/host.conf"
	[ -z "$output" ]
}

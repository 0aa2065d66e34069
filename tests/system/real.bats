#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2094
# Real programs, served by inetd in the scratch root (make scratch) and talked to by their own clients.

load ../helpers/family
load ../helpers/scratch

setup() {
	scratch_setup
}

@test "sshd in inetd mode: commands, input, and sessions that outlive inetd" {
	mkdir -m 700 "$INETD_DIR/keys"
	there ssh-keygen -q -t ed25519 -N '' -f keys/host
	there ssh-keygen -q -t ed25519 -N '' -f keys/user
	cp "$INETD_DIR/keys/user.pub" "$INETD_DIR/keys/authorized"
	cat >"$INETD_DIR/keys/sshd_config" <<-END
		HostKey $INETD_DIR/keys/host
		AuthorizedKeysFile $INETD_DIR/keys/authorized
		StrictModes no
		PermitRootLogin yes
		PasswordAuthentication no
	END
	cat >"$INETD_DIR/keys/ssh_config" <<-END
		IdentityFile $INETD_DIR/keys/user
		UserKnownHostsFile $INETD_DIR/keys/known
		StrictHostKeyChecking accept-new
		BatchMode yes
	END
	inetd_start <<-END
		{ssh} stream tcp nowait root /bin/sh sh -c 'mkdir -p /run/sshd && exec /usr/sbin/sshd -i -f $INETD_DIR/keys/sshd_config'
	END
	ssh=(there ssh -F keys/ssh_config)
	run -0 "${ssh[@]}" -p "$(inetd_port ssh -4)" root@127.0.0.1 'echo "$SSH_CONNECTION"'
	[[ ${lines[-1]} == "127.0.0.1 "*" 127.0.0.1 $(inetd_port ssh -4)" ]]
	run -0 "${ssh[@]}" -p "$(inetd_port ssh -6)" root@::1 'echo hello; exit 0'
	[[ ${lines[-1]} == hello ]]
	run -7 "${ssh[@]}" -p "$(inetd_port ssh -4)" root@127.0.0.1 'exit 7'
	head -c 300000 /dev/urandom >"$INETD_DIR/data"
	"${ssh[@]}" -p "$(inetd_port ssh -4)" root@127.0.0.1 cat <"$INETD_DIR/data" | cmp - "$INETD_DIR/data"
	wait_until field_is ssh RUNNING 0

	# A session is not cut by a restart.
	mkfifo "$INETD_DIR/fifo"
	(close_inherited && "${ssh[@]}" -p "$(inetd_port ssh -4)" root@127.0.0.1 cat <"$INETD_DIR/fifo" >"$INETD_DIR/echoed") &
	client=$!
	exec {pipe}>"$INETD_DIR/fifo"
	echo before >&"$pipe"
	wait_until grep before "$INETD_DIR/echoed"
	inetd_stop
	echo after >&"$pipe"
	exec {pipe}>&-
	wait $client
	[ "$(cat "$INETD_DIR/echoed")" = 'before
after' ]
}

@test "git daemon: clone, fetch, and no push" {
	mkdir "$INETD_DIR/srv"
	there git init -q --bare -b main srv/project.git
	there git init -q -b main work
	echo content >"$INETD_DIR/work/file"
	there git -C work add file
	there git -C work -c user.name=me -c user.email=me@example.org commit -q -m first
	there git -C work push -q ../srv/project.git main
	chown -R 65534:65534 "$INETD_DIR/srv"
	inetd_start <<-END
		{git} stream tcp nowait nobody /usr/bin/git git daemon --inetd --export-all --base-path=$INETD_DIR/srv
	END
	url=git://127.0.0.1:$(inetd_port git -4)/project.git
	there git clone -q "$url" copy
	[ "$(cat "$INETD_DIR/copy/file")" = content ]
	there git clone -q "git://[::1]:$(inetd_port git -6)/project.git" copy6
	there git -C copy fetch -q
	run ! there git clone -q "${url%project.git}none.git" none
	run ! there git -C copy push -q origin main:other
	wait_until field_is git RUNNING 0
	assert_no_leaks
	inetd_stop
}

# example NAME: the line of inetd.conf(5) for it, as it stands but for a port that is free.
example() {
	awk '/^\.Sh EXAMPLES/ { inside = 1 } inside' "$TOP/man/inetd.conf.5" | grep "^$1	" | sed "s/^$1/{$1}/"
}

@test "the examples of inetd.conf(5) for git and ssh work as they stand" {
	[ "$(example git | wc -l)" = 1 ] && [ "$(example ssh | wc -l)" = 1 ]
	export SCRATCH_SRV=$INETD_DIR/srv
	mkdir -p "$INETD_DIR/srv/git" "$INETD_DIR/etc/ssh"
	# What Debian's package has put there when it was installed.
	cp "$SCRATCH/usr/share/openssh/sshd_config" "$INETD_DIR/etc/ssh/"
	there ssh-keygen -q -t ed25519 -N '' -f etc/ssh/ssh_host_ed25519_key
	# Whoever keeps the repository is another user than the one that serves it.
	there git init -q --bare -b main srv/git/project.git
	touch "$INETD_DIR/srv/git/project.git/git-daemon-export-ok"
	there git init -q -b main work
	there git -C work -c user.name=me -c user.email=me@example.org commit -q --allow-empty -m first
	there git -C work push -q ../srv/git/project.git main
	inetd_start < <(example git && example ssh)
	there git clone -q "git://127.0.0.1:$(inetd_port git -4)/project.git" copy
	[ "$(there git -C copy log --format=%s)" = first ]
	connect_tcp client ssh
	read -r -t $((30 * INETD_PATIENCE)) line <&"$client"
	[[ $line == SSH-2.0-* ]] || fail "$line"
	close_tcp client
	wait_until field_is ssh RUNNING 0
	inetd_stop
}

@test "rsync: there and back" {
	mkdir "$INETD_DIR/files"
	head -c 500000 /dev/urandom >"$INETD_DIR/files/big"
	seq 1000 >"$INETD_DIR/files/numbers"
	cat >"$INETD_DIR/rsyncd.conf" <<-END
		use chroot = no
		[files]
		path = $INETD_DIR/files
		read only = yes
	END
	inetd_start <<-END
		127.0.0.1:{rsync} stream tcp nowait nobody /usr/bin/rsync rsync --daemon --config=$INETD_DIR/rsyncd.conf
	END
	url=rsync://127.0.0.1:$(inetd_port rsync)
	[[ $(there rsync "$url") == files* ]]
	there rsync -a "$url/files/" got/
	diff -r "$INETD_DIR/files" "$INETD_DIR/got"
	run ! there rsync -a rsyncd.conf "$url/files/"
	wait_until field_is rsync RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "tftpd as udp wait: one program for many requests, and another one later" {
	mkdir "$INETD_DIR/tftp"
	head -c 100000 /dev/urandom >"$INETD_DIR/tftp/image"
	echo small >"$INETD_DIR/tftp/small"
	chmod 644 "$INETD_DIR"/tftp/*
	inetd_start <<-END
		{tftp} dgram udp wait root /usr/sbin/in.tftpd in.tftpd -t 1 -s $INETD_DIR/tftp
	END
	port=$(inetd_port tftp -4)
	there tftp -m binary 127.0.0.1 "$port" -c get image
	cmp "$INETD_DIR/image" "$INETD_DIR/tftp/image"
	there tftp -m binary 127.0.0.1 "$port" -c get small
	[ "$(cat "$INETD_DIR/small")" = small ]
	there tftp -6 -m binary ::1 "$(inetd_port tftp -6)" -c get image image6
	cmp "$INETD_DIR/image6" "$INETD_DIR/tftp/image"
	run there tftp -m binary 127.0.0.1 "$port" -c get nothing
	[[ $output == *'not found'* ]]
	# It goes when nobody asks any more, and the next request starts another.
	wait_until field_is tftp RUNNING 0
	wait_until field_is tftp STATE ready
	there tftp -m binary 127.0.0.1 "$port" -c get small again
	[ "$(cat "$INETD_DIR/again")" = small ]
	refute_log pausing
	inetd_stop
}

@test "tcpd as the server: hosts.allow and hosts.deny decide" {
	echo 'ALL: ALL' >"$INETD_DIR/etc/hosts.deny"
	printf '%s\n' 'cat: 127.0.0.2 [::1]' 'echo: ALL EXCEPT 127.0.0.2' >"$INETD_DIR/etc/hosts.allow"
	inetd_start <<-END
		{cat} stream tcp nowait nobody /usr/sbin/tcpd /usr/bin/cat
		127.0.0.1:{echo} stream tcp nowait nobody /usr/sbin/tcpd /usr/bin/echo welcome
	END
	assert_answer hi ask_tcp -b 127.0.0.2 cat hi
	assert_answer hi ask_tcp -6 cat hi
	run ! assert_answer hi ask_tcp -t 1 -b 127.0.0.3 cat hi
	assert_answer welcome ask_tcp -b 127.0.0.3 echo
	run ! assert_answer welcome ask_tcp -t 1 -b 127.0.0.2 echo
	# The files are read for each connection.
	echo 'cat: ALL' >"$INETD_DIR/etc/hosts.allow"
	assert_answer hi ask_tcp -b 127.0.0.3 cat hi
	run ! assert_answer welcome ask_tcp -t 1 -b 127.0.0.3 echo
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

# assert_behind NAME FAMILY CALLER: who calls haproxy, called NAME here, is the caller for the program behind it,
# which gets what he says and nothing else.
assert_behind() {
	local port said
	port=$(inetd_port "$1" "$2")
	[ "$2" = -6 ] || set -- "$@" -b "$3"
	run -0 ask_tcp "$2" "${@:4}" "$1" 'PROXY and' more
	said=$output
	for line in PROTO=TCP "TCPREMOTEIP=$3" "REMOTE_HOST=$3" "REMOTE_ADDR=$3" "TCPLOCALPORT=$port" "SERVER_PORT=$port"; do
		grep -qxF "$line" <<<"$said" || fail "$line is not in: $said"
	done
	[[ ${said} == *$'\nPROXY and\nmore' ]] || fail "$said"
	! grep -E '^TCPCONNNUM|^(TCPREMOTE|REMOTE_)PORT=0$' <<<"$said" || fail "$said"
}

@test "haproxy in front of proxyproto: versions 1 and 2" {
	proxyproto="$B/services/proxyproto proxyproto"
	inetd_script tell <<-'END'
		#!/bin/sh
		env | grep -E '^(PROTO|TCP|REMOTE_|SERVER_)' | sort
		cat
	END
	# haproxy itself is a service that is lent its listening socket; it starts with the first caller.
	inetd_start <<-END
		127.0.0.1:{v1} stream tcp wait root /usr/sbin/haproxy haproxy -db -f $INETD_DIR/v1.cfg
		127.0.0.1:{v2} stream tcp wait root /usr/sbin/haproxy haproxy -db -f $INETD_DIR/v2.cfg
		[::1]:{v1six} stream tcp wait root /usr/sbin/haproxy haproxy -db -f $INETD_DIR/v1.cfg
		[::1]:{v2six} stream tcp wait root /usr/sbin/haproxy haproxy -db -f $INETD_DIR/v2.cfg
		127.0.0.1:{tell} stream tcp nowait nobody $proxyproto -n 127.0.0.1 $INETD_DIR/tell
	END
	for version in v1 v2; do
		option=send-proxy
		[ $version = v1 ] || option='send-proxy-v2 proxy-v2-options unique-id,crc32c'
		cat >"$INETD_DIR/$version.cfg" <<-END
			defaults
			    mode tcp
			    timeout connect 10s
			    timeout client 30s
			    timeout server 30s
			frontend front
			    bind fd@0
			    unique-id-format %ci-%cp
			    default_backend back
			backend back
			    server tell 127.0.0.1:$(inetd_port tell) $option
		END
		assert_behind "$version" -4 127.0.0.9
		assert_behind "${version}six" -6 ::1
	done
	# haproxy goes on until it is told to end; then inetd listens again.
	# shellcheck disable=SC2046 # numbers
	kill -TERM $(inetd_children haproxy)
	wait_until count_is 0 inetd_children haproxy
	assert_behind v2 -4 127.0.0.9
	# shellcheck disable=SC2046
	kill -TERM $(inetd_children haproxy)
	assert_no_leaks
	inetd_stop
}

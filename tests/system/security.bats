#!/usr/bin/env bats
# What each process may do, as inetd(8) says under SECURITY CONSIDERATIONS, by what /proc says of it.

load ../helpers/family

# status PID FIELD: a line of /proc/PID/status.
status() {
	sed -n "s/^$2:[[:blank:]]*//p" "/proc/$1/status"
}

# capabilities PID: the names of those in effect, sorted, as the manual has them.
capabilities() {
	python3 - "$(status "$1" CapEff)" <<-'END'
		import sys
		names = """chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
		net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace
		sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control
		setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore""".split()
		bits = int(sys.argv[1], 16)
		print(*sorted(f"CAP_{name.upper()}" for at, name in enumerate(names) if bits >> at & 1))
	END
}

# permitted NAME...: those of them that this machine gives to root.
permitted() {
	comm -12 <(printf '%s\n' "$@" | sort -u) <(capabilities $$ | xargs -n 1) | xargs
}

always=(CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_CHOWN CAP_FOWNER CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
	CAP_KILL CAP_SYS_PTRACE CAP_SYS_CHROOT CAP_SYS_RESOURCE CAP_NET_ADMIN)

@test "the daemon has the rights in effect that its configuration takes, also after a reload" {
	need_root
	need_plain
	start_ini <<-END
		[plain]
		port = 0
		server = /bin/cat
	END
	[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}")" ]
	sed -i '/server/a network = connection' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}" CAP_SYS_ADMIN)" ]
	assert_answer hi ask_tcp plain hi
	for key in private_tmp read_only hide_run; do
		sed -i -E "s/^(network|private_tmp|read_only|hide_run).*/$key = yes/" "$INETD_DIR/inetd.ini"
		inetd_reload
		[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}" CAP_SYS_ADMIN)" ]
	done
	for key in 'ioprio = idle' 'nice = -1' 'spare = 1'; do
		sed -i -E "s/^(hide_run|ioprio|nice).*/$key/" "$INETD_DIR/inetd.ini"
		inetd_reload
		[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}" CAP_SYS_NICE)" ]
		assert_answer hi ask_tcp plain hi
	done
	for key in 'keepalive = yes' 'sndbuf = 64k' 'rcvbuf = 64k'; do
		sed -i -E "s/^(spare|keepalive|sndbuf).*/$key/" "$INETD_DIR/inetd.ini"
		inetd_reload
		[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}" CAP_NET_RAW)" ]
		assert_answer hi ask_tcp plain hi
	done
	sed -i 's/^rcvbuf.*/capabilities = net_raw\nnice = -1\nkeepalive = yes/' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}" CAP_SETPCAP CAP_NET_RAW CAP_SYS_NICE)" ]
	assert_answer hi ask_tcp plain hi
	sed -i '/^capabilities/d; /^nice/d; /^keepalive/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(capabilities "$INETD_PID")" = "$(permitted "${always[@]}")" ]
	# The manual names the same.
	for name in "${always[@]}" CAP_SYS_ADMIN CAP_SETPCAP CAP_SYS_NICE CAP_NET_RAW; do
		grep -q "\<$name\>" "$TOP/man/inetd.8" || fail "$name is not in inetd(8)"
	done
}

@test "a program of root has all rights of root, one of another user has none" {
	need_root
	start_ini <<-END
		[root]
		port = 0
		user = root
		server = /bin/grep
		server_args = CapEff /proc/self/status
		[other]
		port = 0
		user = nobody
		server = /bin/grep
		server_args = CapEff /proc/self/status
	END
	[ "$(ask_tcp root | cut -f 2)" = "$(status $$ CapEff)" ]
	[ "$(ask_tcp other | cut -f 2)" = 0000000000000000 ]
}

@test "the worker has a user of its own, no rights, an empty root, a filter, and its own descriptors" {
	local worker uid root
	need_root
	need_plain
	inetd_start <<-END
		127.0.0.1:{echo} stream tcp nowait root internal echo
	END
	assert_answer hi ask_tcp echo hi
	worker=$(inetd_worker)
	uid=$(status "$worker" Uid | cut -f 2)
	[ "$uid" != 0 ]
	run -2 getent passwd "$uid"
	[ "$(status "$worker" Groups)" = '' ]
	for name in CapInh CapPrm CapEff CapAmb; do
		[ "$(status "$worker" $name)" = 0000000000000000 ]
	done
	[ "$(status "$worker" NoNewPrivs)" = 1 ]
	[ "$(status "$worker" Seccomp)" = 2 ]
	root=$(readlink "/proc/$worker/root")
	[[ $root == *'(deleted)'* ]]
	[[ "$(grep 'Max processes' "/proc/$worker/limits")" =~ processes\ +0\ +0 ]]
	[[ "$(grep 'Max file size' "/proc/$worker/limits")" =~ size\ +0\ +0 ]]
}

# descriptors_of PID: what they lead to, in order.
descriptors_of() {
	find "/proc/$1/fd" -type l -printf '%l\n' | sed 's/:.*//' | sort | uniq -c | xargs
}

# descriptors_are PID TEXT: true if that is what they lead to.
descriptors_are() {
	[ "$(descriptors_of "$1")" = "$2" ] || fail "$(descriptors_of "$1")"
}

@test "who writes log files, or keeps standard errors, gains no rights and has no other descriptors" {
	local held writer keeper
	need_root
	need_plain
	start_ini <<-END
		[logged]
		port = 0
		user = nobody
		server = /bin/cat
		stderr = log
		log = start
		log_to = $INETD_DIR/log-of-one
	END
	connect_tcp held logged
	wait_until grep -q started "$INETD_DIR/log-of-one"
	writer=$(inetd_children inetd-log)
	[ "$(status "$writer" NoNewPrivs)" = 1 ]
	wait_until descriptors_are "$writer" '3 /dev/null 1 socket'
	keeper=$(inetd_children inetd-stderr)
	[ "$(status "$keeper" Uid | cut -f 2)" != 0 ]
	for name in CapInh CapPrm CapEff CapAmb; do
		[ "$(status "$keeper" $name)" = 0000000000000000 ]
	done
	[ "$(status "$keeper" NoNewPrivs)" = 1 ]
	wait_until descriptors_are "$keeper" '3 /dev/null 1 anon_inode 1 pipe 1 socket'
	close_tcp held
	inetd_stop
}

# with_key COMMAND...: runs it in a session with a key called inetd-secret.
with_key() {
	python3 - "$@" <<-'END'
		import ctypes, os, platform, sys
		calls = {"x86_64": (248, 250), "aarch64": (217, 219), "s390x": (278, 280), "i686": (286, 288)}
		add_key, keyctl = calls[platform.machine()]
		libc = ctypes.CDLL(None, use_errno=True)
		libc.syscall(keyctl, 1, None)
		if libc.syscall(add_key, b"user", b"inetd-secret", b"secret", 6, -3) < 0:
		    sys.exit(77)
		os.execvp(sys.argv[1], sys.argv[1:])
	END
}

@test "programs do not reach the keyring of whoever started the daemon" {
	local hostile
	need_plain
	hostile=$(probe hostile)
	run with_key true
	[ "$status" != 77 ] || skip 'needs keyrings'
	run with_key "$hostile" find-key=inetd-secret
	[ "$output" = 'find-key: done' ]
	with_key true # a session of this case's own
	cat >"$INETD_DIR/in-session" <<-END
		#!/bin/bash
		$(declare -f with_key)
		with_key "\$@"
	END
	INETD_UNDER="bash $INETD_DIR/in-session"
	start_ini <<-END
		[keys]
		port = 0
		server = $hostile
		server_args = find-key=inetd-secret
	END
	run ask_tcp keys
	[[ $output == 'find-key: '* && $output != *': done'* ]] || fail "$output"
}

@test "programs do not inherit capabilities that the daemon was started with" {
	need_root
	need_plain
	INETD_UNDER='setpriv --inh-caps +sys_time,+net_raw --ambient-caps +sys_time,+net_raw'
	start_ini <<-END
		[plain]
		port = 0
		user = nobody
		server = /bin/grep
		server_args = -E Cap(Inh|Eff|Amb) /proc/self/status
	END
	[ "$(ask_tcp plain | cut -f 2 | xargs)" = '0000000000000000 0000000000000000 0000000000000000' ]
	[ "$(status "$INETD_PID" CapInh)" = 0000000000000000 ]
}

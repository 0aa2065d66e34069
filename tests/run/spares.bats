#!/usr/bin/env bats
# spare = N: programs that are executed before their connection comes. Each case runs beside programs that are started
# for their connection, which must not be told apart.

load ../helpers/family
load ../helpers/beside
load ../helpers/spares

setup() {
	inetd_setup
	need_plain # a preloaded library and another one that has to be first do not go together
	STATE=$(probe state)
}

@test "a program finds the same, whether it stood ready or not" {
	one_by_one "server = $STATE" "server_args = one 'two words' ''" "env = ONE=1 TWO=2 ONE=3" 'umask = 027' \
		'nice = 3' 'rlimit_core = 1k' 'rlimit_data = 100m' 'directory = /usr'
	alike ask_tcp
	grep -qx 'fd 2' "$INETD_DIR/warm.out"
	run ! grep -E '^fd [3-9]' "$INETD_DIR/warm.out"
	grep -qx 'env ONE=3' "$INETD_DIR/warm.out"
	run ! grep -E 'INETD_READY|LD_PRELOAD' "$INETD_DIR/warm.out"
}

@test "its environment is where the kernel and others look for it, with the auxiliary vector after it" {
	inetd_script show <<-'END'
		#!/usr/bin/python3
		import ctypes, os, sys
		with open("/proc/self/environ", "rb") as file:
		    for text in file.read().split(b"\0"):
		        if text:
		            print("kernel", text.decode())
		libc = ctypes.CDLL(None)
		environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
		count = 0
		while environ[count]:
		    print("libc", environ[count].decode())
		    count += 1
		words = ctypes.cast(environ, ctypes.POINTER(ctypes.c_ulong))
		at = count + 1
		pairs = {}
		while words[at]:
		    pairs[words[at]] = words[at + 1]
		    at += 2
		print("pages", pairs[6], "uid", pairs[11], "secure", pairs[23])
		libc.getauxval.restype = ctypes.c_ulong
		print("pages", libc.getauxval(6))
	END
	# Without a language Python would set one, and so move the environment.
	one_by_one "server = $INETD_DIR/show" 'env = PYTHONCOERCECLOCALE=0'
	alike ask_tcp
	grep -qx 'kernel TCPCONNNUM=1' "$INETD_DIR/warm.out"
	grep -qE '^pages [1-9][0-9]*$' "$INETD_DIR/warm.out"
}

@test "unix sockets, a path too long for the room that was left, and a script" {
	local long
	printf -v long '%s/%090d' "$INETD_DIR" 0
	long=${long:0:100}
	inetd_script show <<-'END'
		#!/bin/sh
		env | grep IPC | sort
		tr '\0' '\n' </proc/$$/environ | grep IPCREMOTEPATH
	END
	start_ini <<-END
		[warm]
		listen = $INETD_DIR/warm
		server = $INETD_DIR/show
		spare = 1
	END
	wait_until ready warm 1
	run -0 python3 - "$INETD_DIR/warm" "$long" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[2])
		s.connect(sys.argv[1])
		print(s.makefile().read())
	END
	[[ $output == *"IPCLOCALPATH=$INETD_DIR/warm"*"IPCREMOTEPATH=$long"* ]]
	found warm 1
	wait_until ready warm 1
	run -0 ask_unix "$INETD_DIR/warm"
	[[ $output == *"IPCREMOTEEUID=$(id -u)"* ]]
	found warm 2
}

@test "one serves one connection, and the next one stands ready after it" {
	inetd_script who <<-'END'
		#!/bin/sh
		read -r line
		echo "$$ $line $TCPREMOTEPORT"
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/who
		spare = 3
	END
	wait_until ready warm 3
	before=$(inetd_children | sort)
	for i in 1 2 3; do
		ask_tcp warm "$i" >>"$INETD_DIR/out"
	done
	[ "$(cut -d ' ' -f 1 "$INETD_DIR/out" | sort)" = "$before" ]
	[ "$(cut -d ' ' -f 2 "$INETD_DIR/out" | xargs)" = '1 2 3' ]
	[ "$(cut -d ' ' -f 3 "$INETD_DIR/out" | sort -u | wc -l)" = 3 ]
	wait_until ready warm 3
	# Nothing of a connection that was is in those that wait, nor do they have one.
	for pid in $(inetd_children); do
		run ! grep -qaE 'TCPREMOTEPORT=[0-9]' "/proc/$pid/environ" || grep -qa TCPREMOTEPORT=65535 "/proc/$pid/environ"
		[ "$(readlink "/proc/$pid/fd/0")" = /dev/null ]
	done
	inetd_stop
	# shellcheck disable=SC2086 # numbers
	wait_until inetd_gone $before
}

@test "more connections than spares: the others are started as ever" {
	inetd_script hold <<-'END'
		#!/bin/sh
		echo ready
		read -r line
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/hold
		spare = 2
		instances = 5
	END
	wait_until ready warm 2
	for i in 1 2 3 4 5; do
		connect_tcp "c$i" warm
	done
	for i in 1 2 3 4 5; do
		fd=c$i
		read -r -t 30 line <&"${!fd}"
		[ "$line" = ready ]
	done
	[ "$(inetd_field warm RUNNING)" = 5 ]
	# No spare takes the place of a program: as many as may run are running.
	wait_until ready warm 0
	close_tcp c1 c2 c3 c4 c5
	wait_until ready warm 2
	wait_until field_is warm RUNNING 0
}

@test "limits, access, the log and max_time count from the connection" {
	inetd_script slow <<-'END'
		#!/bin/sh
		echo hello >&2
		exec sleep 100
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/slow
		spare = 1
		max_time = 500ms
		kill_after = 10s
		stderr = log
		log = start exit
		no_access = 127.0.0.2
	END
	wait_until ready warm 1
	spare=$(inetd_children)
	[ "$(ask_tcp -b 127.0.0.2 warm)" = '' ]
	[ "$(inetd_children)" = "$spare" ]
	found warm 0
	# It has waited for longer than it may run.
	older() { [ "$(ps -o etimes= -p "$1")" -ge 2 ]; }
	wait_until older "$spare"
	refute_log 'started.*pid'
	ask_tcp warm >/dev/null
	found warm 1
	assert_log "warm: started .*peer=127.0.0.1:[0-9]+ pid=$spare"
	assert_log "hello .*pid=$spare"
	assert_log "warm: ended with signal 15 .*pid=$spare duration=0\\.[5-9].* reason=max_time"
	run ! inetd_log_has 'duration=[1-9]'
}

@test "a program that says by itself when it is ready: in C, Python and perl" {
	cat >"$INETD_DIR/r.c" <<-'END'
		#include <stdio.h>
		#include "ready/inetd_ready.h"
		int main(void)
		{
			char line[100] = "";
			inetd_ready();
			if (fgets(line, sizeof(line), stdin))
				printf("%s %s %d %s", getenv("TCPREMOTEIP"), getenv("USER"), getenv("INETD_READY") != NULL, line);
			return 0;
		}
	END
	cc -I"$TOP/services" -o "$INETD_DIR/in-c" "$INETD_DIR/r.c" -static
	inetd_script in-python <<-END
		#!/usr/bin/python3
		import os, sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, "$TOP/services/ready")
		from inetd_ready import inetd_ready
		inetd_ready()
		line = sys.stdin.readline()
		print(os.environ["TCPREMOTEIP"], os.environ["USER"], int("INETD_READY" in os.environ), line, end="")
	END
	inetd_script in-perl <<-END
		#!/usr/bin/perl
		use strict;
		use lib '$TOP/services/ready';
		use InetdReady;
		inetd_ready();
		my \$line = <STDIN>;
		print "\$ENV{TCPREMOTEIP} \$ENV{USER} ", defined \$ENV{INETD_READY} || 0, " \$line";
	END
	inetd_script state-python <<-END
		#!/usr/bin/python3
		import os, sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, "$TOP/services/ready")
		from inetd_ready import inetd_ready
		inetd_ready()
		os.execv("$STATE", ["state"])
	END
	start_ini <<-END
		[cold-c]
		listen = 0
		server = $INETD_DIR/in-c
		[c]
		listen = 0
		server = $INETD_DIR/in-c
		spare = 1
		spare_ready = yes
		[cold-python]
		listen = 0
		server = $INETD_DIR/in-python
		[python]
		listen = 0
		server = $INETD_DIR/in-python
		spare = 1
		spare_ready = yes
		[cold-perl]
		listen = 0
		server = $INETD_DIR/in-perl
		[perl]
		listen = 0
		server = $INETD_DIR/in-perl
		spare = 1
		spare_ready = yes
		[cold]
		listen = 0
		server = $INETD_DIR/state-python
		argv0 = python
		env = PYTHONCOERCECLOCALE=0
		[warm]
		listen = 0
		server = $INETD_DIR/state-python
		argv0 = python
		env = PYTHONCOERCECLOCALE=0
		spare = 1
		spare_ready = yes
	END
	for name in c python perl; do
		wait_until ready "$name" 1
		assert_answer "127.0.0.1 $INETD_USER 0 hello" ask_tcp "cold-$name" hello
		assert_answer "127.0.0.1 $INETD_USER 0 hello" ask_tcp "$name" hello
		found "$name" 1
	done
	alike ask_tcp
}

@test "template.py is ready before somebody calls, where the module is beside it" {
	start_ini <<-END
		[warm]
		listen = 0
		server = $B/services/template.py
		spare = 1
		spare_ready = yes
	END
	wait_until ready warm 1
	assert_answer -e 'Goodbye' ask_tcp warm quit
	found warm 1
}

@test "one that takes its time to be ready keeps nobody else from being so" {
	start_ini <<-END
		[slow]
		listen = 0
		server = /bin/sleep
		server_args = 60
		spare = 3
		spare_ready = yes
		[warm]
		listen = 0
		server = /bin/echo
		server_args = ok
		spare = 2
	END
	wait_until ready warm 2
	ready slow 0
	# Each has its turn, though none of those before it is ready.
	wait_until count_is 3 inetd_children sleep
	assert_answer ok ask_tcp warm
}

@test "one that ends early holds back the spares, not the callers" {
	inetd_script fickle <<-'END'
		#!/bin/sh
		# It does not wait, as it should.
		[ -z "${INETD_READY:-}" ] || exit 7
		echo "served $TCPREMOTEIP"
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/fickle
		spare = 2
		spare_ready = yes
	END
	assert_log 'warm: a spare program has ended before its connection came; .*: exit 7'
	for _ in 1 2 3; do
		assert_answer 'served 127.0.0.1' ask_tcp warm
	done
	[ "$(inetd_field warm STATE)" = ready ]
	[ "$(inetd_field warm FAILED)" = 0 ]
	[ "$(inetd_log | grep -c 'a spare program')" = 1 ]
}

@test "spares that are killed, or stopped, while they wait" {
	inetd_script who <<-'END'
		#!/bin/sh
		echo "served by $$"
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/who
		spare = 1
	END
	wait_until ready warm 1
	spare=$(inetd_children)
	kill -KILL "$spare"
	assert_answer -e 'served by [0-9]+' ask_tcp warm
	[ "$output" != "served by $spare" ]
	assert_log 'a spare program has ended .*: signal 9'
	# After a pause there is another one.
	wait_until ready warm 1
	assert_answer "served by $(inetd_children)" ask_tcp warm
	# Stopped by whoever runs as its user.
	wait_until ready warm 1
	spare=$(inetd_children)
	kill -STOP "$spare"
	wait_until grep -q '^State:.*stopped' "/proc/$spare/status"
	assert_answer "served by $spare" ask_tcp warm
}

# traced PID: another program of the user nobody has the process in its hands and stops it, until traced_over.
traced() {
	mkfifo "$INETD_DIR/hand"
	(close_inherited && exec setpriv --reuid nobody --regid nogroup --clear-groups "$INETD_DIR/trace.py" "$1" \
		<"$INETD_DIR/hand" >"$INETD_DIR/traced" 2>&1) &
	exec {hand_fd}>"$INETD_DIR/hand"
	wait_until grep -q . "$INETD_DIR/traced"
	grep -q stopped "$INETD_DIR/traced"
}

traced_over() {
	exec {hand_fd}>&-
	rm "$INETD_DIR/hand"
}

@test "a spare that waits is not in the hands of other programs of its user" {
	local spare
	need_root
	cp "$TOP/tests/bin/trace.py" "$INETD_DIR/"
	chmod 755 "$INETD_DIR"
	start_ini <<-END
		[cold]
		listen = 0
		user = nobody
		server = /bin/cat
		[warm]
		listen = 0
		user = nobody
		server = /bin/cat
		spare = 1
	END
	wait_until ready warm 1
	spare=$(inetd_children)
	# One that has its connection is.
	connect_tcp held cold
	echo hi >&"$held"
	read -r -t 30 <&"$held"
	traced "$(inetd_children | grep -vx "$spare")" || skip 'nobody may trace here'
	traced_over
	close_tcp held
	run ! traced "$spare"
	traced_over
	assert_answer hi ask_tcp warm hi
	found warm 1
	inetd_stop
}

@test "a reload that changes what a program finds replaces spares, another one does not" {
	inetd_script show <<-'END'
		#!/bin/sh
		echo "$$ $COLOUR"
	END
	ini() {
		cat >"$INETD_DIR/inetd.ini" <<-END
			[defaults]
			bind = 127.0.0.1
			user = $INETD_USER
			[warm]
			listen = 0
			server = $INETD_DIR/show
			env = COLOUR=$1
			spare = 1
			[$2]
			listen = 0
			server = /bin/true
		END
	}
	ini red other
	inetd_start --conf "$INETD_DIR/inetd.ini"
	wait_until ready warm 1
	spare=$(inetd_children)
	ini red another
	inetd_reload
	wait_until ready warm 1
	[ "$(inetd_children)" = "$spare" ]
	assert_answer "$spare red" ask_tcp warm
	wait_until ready warm 1
	ini green another
	inetd_reload
	assert_answer -e '^[0-9]+ green$' ask_tcp warm
	wait_until ready warm 1
	spare=$(inetd_children)
	assert_answer "$spare green" ask_tcp warm
	# Out of service, by hand or by a reload, there is none.
	wait_until ready warm 1
	inetctl disable warm
	wait_until ready warm 0
	wait_until count_is 0 inetd_children
	inetctl enable warm
	wait_until ready warm 1
	sed -i 's/^spare = 1//' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until count_is 0 inetd_children
}

@test "a program that is replaced or changed is the one that serves next" {
	for name in one two three; do
		inetd_script "$name" <<-END
			#!/bin/sh
			echo $name
		END
	done
	cp -p "$INETD_DIR/one" "$INETD_DIR/program"
	mkdir "$INETD_DIR/linked"
	ln -s "$INETD_DIR/one" "$INETD_DIR/linked/program"
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/program
		spare = 2
		[linked]
		listen = 0
		server = $INETD_DIR/linked/program
		spare = 1
	END
	wait_until ready warm 2
	wait_until ready linked 1
	assert_answer one ask_tcp warm
	wait_until ready warm 2
	mv "$INETD_DIR/two" "$INETD_DIR/program"
	assert_answer two ask_tcp warm
	wait_until ready warm 2
	assert_answer two ask_tcp warm
	wait_until ready warm 2
	cat "$INETD_DIR/three" >"$INETD_DIR/program"
	assert_answer three ask_tcp warm
	wait_until ready warm 2
	# The other service has nothing to do with it, until its link leads elsewhere.
	ln -sfn "$INETD_DIR/three" "$INETD_DIR/linked/program"
	assert_answer three ask_tcp linked
	wait_until ready linked 1
	assert_answer three ask_tcp linked
	# One that cannot wait any more is started for its connection.
	printf '#!/usr/bin/env sh\necho four\n' >"$INETD_DIR/program"
	assert_log 'warm: each program is started when its connection comes: the program is a script whose first line'
	assert_answer four ask_tcp warm
	ready warm 0
}

@test "a program on a file system that does not answer keeps no other service without spares" {
	on_fuse
	start_ini <<-END
		[far]
		listen = 0
		server = $INETD_DIR/fs/open-it
		spare = 1
		[script]
		listen = 0
		server = $INETD_DIR/script
		spare = 1
		[warm]
		listen = 0
		server = /bin/cat
		spare = 1
	END
	printf '#!%s\n' "$INETD_DIR/fs/open-it" >"$INETD_DIR/script"
	chmod +x "$INETD_DIR/script"
	inetctl reload
	beside_start warm
	wait_until ready warm 1
	wait_until assert_log 'spares: changes of their programs are not seen before the next reload'
	beside_end
	# The same when it is looked again.
	inetctl reload
	wait_until ready warm 1
	inetd_stop
}

# blind: inetds started from here on are told of no change of a file (inotify(7)).
blind() {
	inetd_script no-news <<-'END'
		#!/bin/sh
		echo 0 >/proc/sys/user/max_inotify_instances || exit
		exec "$@"
	END
	unshare -r "$INETD_DIR/no-news" true || skip 'no user namespaces'
	INETD_UNDER="unshare -r $INETD_DIR/no-news"
}

# stands_in FILE: true if the one spare there is has been executed from that file.
stands_in() {
	local pid
	pid=$(inetd_children) && [ "$(stat -Lc %i "/proc/$pid/exe")" = "$(stat -c %i "$1")" ]
}

@test "a program that was changed without news of it is the one that serves after a reload" {
	blind
	cp "$STATE" "$INETD_DIR/program"
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/program
		spare = 1
	END
	assert_log 'spares: changes of their programs are not seen before the next reload'
	wait_until ready warm 1
	stands_in "$INETD_DIR/program"
	cp "$STATE" "$INETD_DIR/new"
	mv "$INETD_DIR/new" "$INETD_DIR/program"
	inetd_reload
	wait_until stands_in "$INETD_DIR/program"
	wait_until ready warm 1
	assert_answer -e 'comm program' ask_tcp warm
	found warm 1
	inetd_stop
}

@test "what cannot wait is served all the same, with a warning when the file is read" {
	need_root
	own=$(mktemp -d /var/lib/inetd-spares.XXXXXX)
	chmod 755 "$own"
	echo 'int puts(const char *); int main(void) { return puts("served") < 0; }' >"$own/p.c"
	cc -static -o "$own/static" "$own/p.c"
	cc -o "$own/rights" "$own/p.c"
	cc -Wl,--dynamic-linker=/lib/ld-of-others.so.1 -o "$own/foreign" "$own/p.c"
	chmod u+s "$own/rights"
	printf '#!/usr/bin/env sh\necho served\n' >"$own/env"
	printf '#!%s\n' "$own/static" >"$own/script"
	chmod 755 "$own/env" "$own/script"
	for name in static rights env script; do
		printf '[%s]\nlisten = 0\nserver = %s\nspare = 2\n' "$name" "$own/$name"
	done >"$INETD_DIR/services"
	printf '[preload]\nlisten = 0\nserver = /bin/echo\nserver_args = served\nspare = 1\nenv = LD_PRELOAD=\n' \
		>>"$INETD_DIR/services"
	start_ini <"$INETD_DIR/services"
	printf '[foreign]\nlisten = 0\nserver = %s\nspare = 2\n' "$own/foreign" >>"$INETD_DIR/inetd.ini"
	run -0 "$INETD" -t "$INETD_DIR/inetd.ini"
	[[ $output == *'spare: the program is linked statically: each is started when its connection comes'* ]]
	[[ $output == *'spare: the program has rights of its own (set-user-ID, capabilities)'* ]]
	[[ $output == *'spare: the program is a script whose first line names env: name its interpreter there'* ]]
	[[ $output == *'spare: the program has an LD_PRELOAD of its own in env'* ]]
	[[ $output == *'spare: the program has another C library'* ]]
	[ "$(grep -c 'is linked statically' <<<"$output")" = 2 ]
	for name in static rights env script preload; do
		assert_answer served ask_tcp "$name"
		assert_log "spare: the program .*: each is started when its connection comes"
	done
	[ -z "$(inetd_children)" ]
	rm -r "$own"
}

@test "when nobody comes one is enough, until somebody does" {
	start_ini <<-END
		[warm]
		listen = 0
		server = $STATE
		spare = 3
		spare_idle = 1s
	END
	wait_until ready warm 3
	wait_until ready warm 1
	assert_answer -e 'comm state' ask_tcp warm
	found warm 1
	wait_until ready warm 3
}

@test "no spares while memory is short" {
	need_mounts
	cat >"$INETD_DIR/short" <<-END
		#!/bin/sh
		mount --bind "$INETD_DIR/meminfo" /proc/meminfo
		exec "\$@"
	END
	chmod 755 "$INETD_DIR/short"
	printf 'MemTotal: 1600000 kB\nMemFree: 1000 kB\nMemAvailable: 99000 kB\n' >"$INETD_DIR/meminfo"
	INETD_UNDER="unshare -m $INETD_DIR/short" start_ini <<-END
		[warm]
		listen = 0
		server = $STATE
		spare = 2
	END
	assert_answer -e 'comm state' ask_tcp warm
	found warm 0
	printf 'MemTotal: 1600000 kB\nMemFree: 1000 kB\nMemAvailable: 999000 kB\n' >"$INETD_DIR/meminfo"
	# At a connection it is looked again.
	again() { ask_tcp warm >/dev/null && ready warm 2; }
	wait_until again
}

@test "in their cage" {
	need_root
	one_by_one "server = $STATE" 'user = nobody' 'isolation = strict' 'private_tmp = no' \
		"exec_paths = /usr -/bin -/lib -/lib64 $B $INETD_DIR"
	chmod 755 "$INETD_DIR"
	alike ask_tcp
	grep -qx 'no_new_privs 1' "$INETD_DIR/warm.out"
	pid=$(inetd_children state | head -1)
	[ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
	grep -q '^Seccomp:[[:blank:]]*2' "/proc/$pid/status"
}

@test "standard error in a file, which another one takes the place of at a reload" {
	inetd_script complain <<-'END'
		#!/bin/sh
		echo "by $TCPREMOTEIP" >&2
		echo served
	END
	mkdir -m 777 "$INETD_DIR/log.d"
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/complain
		stderr = $INETD_DIR/log.d/errors
		spare = 1
	END
	wait_until ready warm 1
	assert_answer served ask_tcp warm
	found warm 1
	[ "$(cat "$INETD_DIR/log.d/errors")" = 'by 127.0.0.1' ]
	wait_until ready warm 1
	mv "$INETD_DIR/log.d/errors" "$INETD_DIR/log.d/old"
	inetd_reload
	wait_until ready warm 1
	assert_answer served ask_tcp warm
	[ "$(cat "$INETD_DIR/log.d/errors")" = 'by 127.0.0.1' ]
	[ "$(wc -l <"$INETD_DIR/log.d/old")" = 1 ]
}

@test "a connection that a spare's descendant goes on with stays open" {
	inetd_script leave <<-'END'
		#!/bin/sh
		exec 3<&0
		(sleep 0.3; read -r line <&3; echo "late $line") &
		exit 0
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/leave
		spare = 1
		lingering_close = 5s
	END
	wait_until ready warm 1
	assert_answer 'late word' ask_tcp warm word
	found warm 1
}

@test "after an upgrade there are others, and none is left over" {
	inetd_script who <<-'END'
		#!/bin/sh
		echo "$$"
	END
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/who
		spare = 2
	END
	wait_until ready warm 2
	before=$(inetd_children)
	inetctl upgrade
	# shellcheck disable=SC2086 # numbers
	wait_until inetd_gone $before
	wait_until ready warm 2
	inetd_children >"$INETD_DIR/after"
	run -0 ask_tcp warm
	grep -qx "$output" "$INETD_DIR/after"
	found warm 1
	# What was counted goes on, also over a reload that takes the key away and brings it back.
	inetctl upgrade
	found warm 1
	sed -i 's/^spare = 2/spare = none/' "$INETD_DIR/inetd.ini"
	inetd_reload
	found warm 1
	sed -i 's/^spare = none/spare = 2/' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until ready warm 2
	ask_tcp warm >>"$INETD_DIR/after"
	found warm 2
}

@test "a program that is replaced while its spares wait in it is not the one that serves" {
	for name in old new; do
		echo "int puts(const char *); int main(void) { return puts(\"$name\") < 0; }" |
			cc -x c -o "$INETD_DIR/$name" -
	done
	cp "$INETD_DIR/old" "$INETD_DIR/program"
	start_ini <<-END
		[warm]
		listen = 0
		server = $INETD_DIR/program
		spare = 2
	END
	wait_until ready warm 2
	assert_answer old ask_tcp warm
	found warm 1
	wait_until ready warm 2
	mv "$INETD_DIR/new" "$INETD_DIR/program"
	assert_answer new ask_tcp warm
	wait_until ready warm 2
	assert_answer new ask_tcp warm
}

@test "a program that sends descriptors whose close waits, in place of being ready, makes nobody wait" {
	inetd_script hoard <<-'END'
		#!/usr/bin/python3
		import os, socket, struct, time
		listener = socket.create_server(("127.0.0.1", 0))
		waits = socket.socket()
		waits.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
		waits.connect(listener.getsockname())
		waits.setblocking(False)
		try:
		    while True:
		        waits.send(bytes(65536))
		except BlockingIOError:
		    waits.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3600))
		link = socket.socket(fileno=int(os.environ["INETD_READY"]))
		try:
		    for _ in range(3):
		        socket.send_fds(link, [b"x"], [waits.fileno()])
		    os.close(waits.fileno()) # theirs is the last one
		except PermissionError: # the kernel lets nobody send them (since Linux 6.16)
		    link.send(b"x")
		open(os.path.dirname(__file__) + "/sent", "w").close()
		time.sleep(600)
	END
	start_ini <<-END
		[hoard]
		port = 0
		server = $INETD_DIR/hoard
		spare = 1
		spare_ready = yes
		[other]
		port = 0
		server = /bin/cat
	END
	wait_until test -e "$INETD_DIR/sent"
	assert_answer hi ask_tcp other hi
	# Its link is closed with what is in it.
	sed -i '/^spare/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until inetd_idle hoard
	assert_answer hi ask_tcp other hi
}

# inetd_idle PROGRAM: no such child.
inetd_idle() {
	[ -z "$(inetd_children "$1")" ]
}

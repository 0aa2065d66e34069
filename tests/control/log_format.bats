#!/usr/bin/env bats
# What a line of the log looks like, wherever it goes: stderr, syslog, the journal; as text and as JSON. Nothing
# that comes from the network, a program or a name makes a second line, a second field or broken JSON.

load ../helpers/family

# What peers, programs and names are full of.
HOSTILE=$'x" pid=1 service=forged\\ level=err'

NAME="@a\"b service=forged pid=1 $BATS_TEST_NUMBER-$$"

# lines_are_json FILE: fails unless each line is an object with what every line has.
lines_are_json() {
	/usr/bin/python3 - "$1" <<-'END'
		import json, sys
		lines = open(sys.argv[1], "rb").read().decode("utf-8").splitlines()
		assert lines, "no lines"
		for line in lines:
		    seen = []
		    one = json.loads(line, object_pairs_hook=lambda pairs: seen.extend(pairs) or dict(pairs))
		    assert len(seen) == len(one), "a name twice: " + line
		    for name in ("time", "level", "ident", "daemon", "message"):
		        assert name in one, name + " is missing: " + line
		    assert one["level"] != "err" or "error" in one["message"] or "start" in one["message"] or "in use" in one["message"], line
	END
}

# hostile_peer PATH|@NAME: connects there from an abstract address that looks like pairs, and is done.
hostile_peer() {
	/usr/bin/python3 - "$1" "$HOSTILE" $$ <<-'END'
		import socket, sys
		with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
		    s.bind("\0" + sys.argv[2] + "\n{}\n\x1b[31m\u20ac" + sys.argv[3])
		    s.settimeout(30)
		    s.connect(sys.argv[1].replace("@", "\0"))
		    s.sendall(b"x\n")
		    s.shutdown(socket.SHUT_WR)
		    while s.recv(100):
		        pass
	END
}

# hostile_ini [KEY=VALUE]: services with names and programs that mean harm; KEY of [inetd].
hostile_ini() {
	inetd_script complain <<-END
		#!/bin/sh
		exec >&2
		read -r _
		printf '%s\n' 'said service=forged pid=1' '"said" "' '{"said": "'
		printf 'said\033[31m\377\n'
	END
	cat >"$INETD_DIR/inetd.ini" <<-END
		[inetd]
		$1
		[defaults]
		user = $INETD_USER
		log = start exit refuse
		[listener]
		listen = $INETD_DIR/s
		server = $INETD_DIR/complain
		stderr = log
		[times]
		listen = $INETD_DIR/few
		server = /bin/cat
		access_times = $(date -d '12 hours' +%H:00)-$(date -d '12 hours' +%H:01)
		[$NAME]
		server = /bin/cat
		[missing]
		listen = $INETD_DIR/missing
		server = $INETD_DIR/no such service=forged"
	END
}

# use_hostile: a hostile peer for each of them.
use_hostile() {
	hostile_peer "$INETD_DIR/s"
	# These two are closed to it.
	hostile_peer "$INETD_DIR/few" 2>/dev/null || true
	hostile_peer "$INETD_DIR/missing" 2>/dev/null || true
	hostile_peer "$NAME"
	wait_until grep -q 'running#0.*started#1' <(inetctl_raw 'list' | grep 'name=listener')
}

inetctl_raw() {
	printf 'inetd/2 %s\n' "$1" | socat -t 20 - "UNIX-CONNECT:$INETD_DIR/control"
}

# each_line_parses FILE: every line of the log as text that is about a service has, by the rules of inetd.ini(5), one
# service= of those that are configured, and no field twice.
each_line_parses() {
	/usr/bin/python3 - "$1" <<-'END'
		import re, sys
		value = r'(?:"(?:[^"\\]|\\.)*"|[^\s"=\\]+)'
		line_re = re.compile(
		    r'^inetd\[\d+\]: (?P<text>"(?:[^"\\]|\\.)*"|(?!")(?:[^=]|(?<= )=)+?)(?P<pairs>(?: [a-z_]+=' + value + r')*)$')
		about = 0
		for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
		    assert not re.search(r"[\x00-\x1f\x7f]", line), line
		    found = line_re.match(line)
		    assert found, line
		    pairs = re.findall(r" ([a-z_]+)=(" + value + ")", found["pairs"])
		    if not pairs:
		        continue
		    names = [name for name, _ in pairs]
		    assert len(names) == len(set(names)), line
		    if "service" not in names:
		        continue
		    about += 1
		    assert names[0] == "service", line
		    assert dict(pairs)["service"] != "forged" or line.split(": ")[1].strip('"') == "forged", line
		assert about > 4, about
	END
}

@test "text: a line for each event, and nothing in it can be taken for another field" {
	hostile_ini 'log_format = text'
	inetd_start --conf "$INETD_DIR/inetd.ini"
	use_hostile
	assert_log 'listener: ended with'
	assert_log '"listener: stderr: said service=forged pid=1" service=listener'
	assert_log 'peer="@x\\" pid=1 service=forged\\\\ level=err\?\{\}\?\?\[31m'
	assert_log 'cannot start .*no such'
	each_line_parses "$INETD_DIR/log"
	# What is left out would be seen.
	(echo 'inetd[1]: a: started service=a pid=1 pid=2' && cat "$INETD_DIR/log") >"$INETD_DIR/twice"
	run each_line_parses "$INETD_DIR/twice"
	[ "$status" != 0 ]
	inetd_stop
}

@test "json: each line is an object" {
	hostile_ini 'log_format = json'
	inetd_start --conf "$INETD_DIR/inetd.ini"
	use_hostile
	inetd_signal USR1
	assert_log '"message": "statistics", "services": '
	assert_log 'listener: ended with'
	inetd_stop
	lines_are_json "$INETD_DIR/log"
	grep -q '"message": "listener: stderr: said service=forged pid=1", "service": "listener"' "$INETD_DIR/log"
	grep -q '"pid": [0-9]' "$INETD_DIR/log"
	grep -q '"duration": [0-9.]*, ' "$INETD_DIR/log"
	run lines_are_json <(echo '{"time": "1"}')
	[ "$status" != 0 ]
}

@test "json: from the first line, with what is wrong with the configuration or with a port" {
	local port
	inetd_start --name holder <<-END
		127.0.0.1:{held} stream tcp nowait $INETD_USER internal echo
	END
	port=$(inetd_port held)
	inetd_use inetd
	cat >"$INETD_DIR/inetd.ini" <<-END
		[inetd]
		log_format = json
		[missing]
		listen = 127.0.0.1:$port
		user = $INETD_USER
		server = /nowhere/missing
	END
	inetd_start --conf "$INETD_DIR/inetd.ini"
	assert_log 'warning.*/nowhere/missing'
	assert_log '[Aa]ddress (already )?in use'
	inetd_stop
	lines_are_json "$INETD_DIR/log"
	inetd_use holder
	inetd_stop
}

@test "log_format changes with a reload, and goes back when nothing is said" {
	hostile_ini ''
	inetd_start --conf "$INETD_DIR/inetd.ini"
	assert_log '^inetd\[[0-9]+\]: started'
	hostile_ini 'log_format = json'
	inetd_reload
	assert_log '^\{.*"message": "reloaded: '
	hostile_ini 'log_format = jsn'
	run -2 inetd_reload
	assert_log '^\{.*jsn'
	inetd_log_mark
	hostile_ini ''
	inetd_reload
	assert_log '^inetd\[[0-9]+\]: reloaded: '
	inetd_stop
}

# start_with_sinks SINK...: starts an inetd that logs to the system, in a mount namespace of its own where the sockets
# of SINK (journal, syslog) are there and what is sent to them goes to files of these names, a datagram a line as Python writes
# bytes.
start_with_sinks() {
	need_mounts
	cat >"$INETD_DIR/sink.py" <<-'END'
		import os, socket, sys
		path, name = sys.argv[1:]
		sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		sock.bind(path)
		os.chmod(path, 0o666)
		with open(name + ".pid", "w") as out:
		    print(os.getpid(), file=out)
		print("up", flush=True)
		os.dup2(2, 1)
		with open(name, "ab", buffering=0) as out:
		    while True:
		        out.write(repr(sock.recv(1 << 16)).encode() + b"\n")
	END
	cat >"$INETD_DIR/with-sinks" <<-END
		#!/bin/bash
		set -e
		mkdir "$INETD_DIR/dev"
		mount -t tmpfs none "$INETD_DIR/dev"
		for node in null zero full random urandom; do
			: >"$INETD_DIR/dev/\$node"
			mount --bind "/dev/\$node" "$INETD_DIR/dev/\$node"
		done
		mount --rbind "$INETD_DIR/dev" /dev
		mount -t tmpfs none /run
		mkdir -p /run/systemd/journal
		for sink in $*; do
			path=/dev/log
			[ "\$sink" = syslog ] || path=/run/systemd/journal/socket
			mkfifo "$INETD_DIR/\$sink.up"
			(timeout 300 /usr/bin/python3 "$INETD_DIR/sink.py" "\$path" "$INETD_DIR/\$sink" \
				>"$INETD_DIR/\$sink.up" &)
			read -r _ <"$INETD_DIR/\$sink.up" # it is there
			rm "$INETD_DIR/\$sink.up"
		done
		exec "$INETD" -f --control "$INETD_DIR/control" -p "$INETD_DIR/pid" "$INETD_DIR/inetd.ini"
	END
	chmod 755 "$INETD_DIR/with-sinks"
	(close_inherited && exec unshare -m "$INETD_DIR/with-sinks") </dev/null >"$INETD_DIR/log" 2>&1 &
	INETD_PID=$!
	echo "$INETD_PID" >"$INETD_DIR/started"
	echo 0 >"$INETD_DIR/mark"
	wait_until inetd_started
	inetd_running || fail "$(cat "$INETD_DIR/log")"
}

# stop_sinks: ends them.
stop_sinks() {
	# shellcheck disable=SC2046 # numbers
	kill $(cat "$INETD_DIR"/*.pid)
}

# sent SINK WHAT: true if a datagram holds it.
sent() {
	grep -qF -- "$2" "$INETD_DIR/$1" || fail "$(cat "$INETD_DIR/$1")"
}

@test "the journal gets fields, and nothing in a value makes another" {
	hostile_ini 'log_format = text'
	start_with_sinks journal syslog
	use_hostile
	wait_until sent journal 'MESSAGE=listener: ended with'
	wait_until sent journal 'MESSAGE="listener: stderr: said service=forged pid=1"'
	inetd_stop
	[ ! -s "$INETD_DIR/syslog" ]
	[ ! -s "$INETD_DIR/log" ]
	/usr/bin/python3 - "$INETD_DIR/journal" "$INETD_PID" <<-'END'
		import ast, re, sys
		known = {"PRIORITY", "SYSLOG_FACILITY", "SYSLOG_IDENTIFIER", "SYSLOG_PID", "MESSAGE"}
		ended = 0
		for line in open(sys.argv[1]):
		    datagram = ast.literal_eval(line)
		    assert datagram.endswith(b"\n"), datagram
		    pairs = [field.split(b"=", 1) for field in datagram[:-1].split(b"\n")]
		    names = [name.decode() for name, _ in pairs]
		    assert all(re.fullmatch("[A-Z][A-Z_]*", name) for name in names), datagram
		    assert len(names) == len(set(names)) and known <= set(names), datagram
		    of = {name.decode(): value.decode("utf-8") for name, value in pairs}
		    assert of["SYSLOG_PID"] == sys.argv[2] and of["SYSLOG_IDENTIFIER"] == "inetd", of
		    if of["MESSAGE"].startswith("listener: ended"):
		        ended += 1
		        assert of["PRIORITY"] == "6" and of["INETD_SERVICE"] == "listener", of
		        assert of["INETD_PEER"].startswith('@x" pid=1 service=forged\\ level=err?{}'), of
		        assert of["INETD_PID"].isdigit() and float(of["INETD_DURATION"]) >= 0, of
		assert ended == 1, ended
	END
	stop_sinks
}

@test "syslog: one datagram a line, as text and as JSON" {
	local format
	for format in text json; do
		hostile_ini "log_format = $format"
		start_with_sinks syslog
		use_hostile
		wait_until sent syslog 'listener: ended with'
		inetd_stop
		stop_sinks
		# Each begins with a priority, a time, and who says it; what follows is a line as on stderr.
		/usr/bin/python3 - "$INETD_DIR/syslog" "$INETD_DIR/lines" <<-'END'
			import ast, re, sys
			with open(sys.argv[2], "w", encoding="utf-8") as out:
			    for line in open(sys.argv[1]):
			        datagram = ast.literal_eval(line).decode("utf-8")
			        head = re.match(r"<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (inetd\[\d+\]: )", datagram)
			        assert head and int(head[1]) >> 3 == 3 and "\n" not in datagram, datagram
			        out.write((head[2] if "{" != datagram[head.end()] else "") + datagram[head.end():] + "\n")
		END
		if [ $format = json ]; then
			lines_are_json <(sed -n '/^{/,$p' "$INETD_DIR/lines")
		else
			each_line_parses "$INETD_DIR/lines"
		fi
		rm -rf "${INETD_DIR:?}/dev" "$INETD_DIR"/syslog*
	done
}

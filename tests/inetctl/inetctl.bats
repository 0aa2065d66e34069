#!/usr/bin/env bats
# inetctl from outside: what each verb shows, as text and as JSON, to whom, and how it exits. What the verbs that
# change do is in other families; top has its own.

load ../helpers/family
load ../helpers/ending

# aligned: succeeds if every column of the table (standard input, up to an empty line) begins, or for numbers ends,
# where its name does.
aligned() {
	python3 -c '
import re, sys, unicodedata
def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
def spans(line):
    return [(width(line[:w.start()]), width(line[:w.end()])) for w in re.finditer(r"\S+", line)]
lines = sys.stdin.read().split("\n\n")[0].rstrip("\n").split("\n")
names = spans(lines[0])
assert len(lines) > 1, "no rows"
for line in lines[1:]:
    for name, cell in zip(names[:-1], spans(line)):
        assert name[0] == cell[0] or name[1] == cell[1], line
'
}

# cell NAME COLUMN VERB [ARGUMENT...]: what the table of a verb has there.
cell() {
	inetctl "${@:3}" | awk -v row="$1" -v name="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) n = i }
		NR > 1 && n && $1 == row { print $n; found = 1; exit }
		END { exit !found }'
}

# cell_is VALUE NAME COLUMN VERB [ARGUMENT...]
cell_is() {
	local value
	value=$(cell "${@:2}") || return
	[ "$value" = "$1" ] || fail "$2 has $3 $value, not $1"
}

# has_aged NAME COLUMN VERB [ARGUMENT...]: true if the span of time there is a second or more.
has_aged() {
	local value
	value=$(cell "$@") || return
	[[ $value =~ ^([1-9][0-9]*s|[0-9]+m[0-5][0-9]s)$ ]] || fail "$1 has $2 $value"
}

# json PYTHON VERB...: the expression is true for `all`, what the verb answers with --json, and `of(TYPE)`, its
# records of a type.
json() {
	inetctl "${@:2}" --json | python3 -c '
import json, sys
all = json.load(sys.stdin)
assert isinstance(all, list) and len(all) and {type(one) for one in all} == {dict}, all
of = lambda kind: [one for one in all if one["record"] == kind]
assert eval(sys.argv[1]), all' "$1"
}

# is_plain: succeeds if standard input has no control characters but newlines, and is UTF-8.
is_plain() {
	python3 -c '
import sys
text = sys.stdin.buffer.read().decode()
bad = [c for c in text if c != "\n" and (c < " " or "\x7f" <= c < "\xa0")]
assert text and not bad, (bad, text)'
}

# three: a service that is full when one has called, one of two sources, a built-in, a datagram service.
three() {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		instances = 1
		[picky]
		port = 0
		server = /bin/cat
		per_source = 1
		log = start exit refuse
		[echo]
		port = 0
		internal = echo
		[lend]
		port = 0
		protocol = udp
		wait = yes
		server = $B/services/hello-dgram
	END
	wait_until cell_is ready echo STATE status
}

@test "status: a line for each service, below it why one is held, and how many wait" {
	local held waiting
	three
	run -0 inetctl status
	[[ ${lines[0]} == NAME\ *STATE\ *SINCE\ *RUNNING\ *LIMIT\ *STARTED\ *REFUSED\ *FAILED\ *QUEUE ]]
	[ "${#lines[@]}" = 5 ] || fail "$output"
	aligned <<<"$output"
	cell_is 1 cat LIMIT status
	cell_is - lend QUEUE status
	connect_tcp held cat
	wait_until cell_is full cat STATE status
	connect_tcp waiting cat
	wait_until cell_is 1 cat QUEUE status
	run -0 inetctl status
	aligned <<<"$output"
	[ "${lines[5]}" = 'cat: as many run as instances allows; further connections wait' ]
	[ "$(cell cat RUNNING status),$(cell cat STARTED status)" = 1,1 ]
	wait_until has_aged cat SINCE status
	close_tcp held waiting
	wait_until cell_is 2 cat STARTED status
	wait_until cell_is ready cat STATE status
	inetd_stop
}

@test "the longest turn of the event loop: in stats and metrics, and below the table of status if it is long" {
	local turn
	need_plain
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	run -0 inetctl status
	# A machine that is busy may have made one long.
	[ "$(inetctl stats | awk '$1 == "longest_turn_us" { print $2 }')" -ge 500000 ] || [[ $output != *daemon:* ]]
	inetd_stop
	under_strace accept4:delay_enter=700000:when=1
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	run -0 inetctl status
	grep -qE '^daemon: its longest turn took (0\.[7-9]|[1-9])[0-9.]* s, in the last minutes (0\.[7-9]|[1-9])[0-9.]* s: nobody' <<<"$output"
	turn=$(inetctl stats | awk '$1 == "longest_turn_us" { print $2 }')
	[ "$turn" -ge 700000 ]
	json 'of("daemon")[0]["longest_turn_us"] >= 700000' status
	json '[s["value"] >= 0.7 for s in all if s["name"] == "inetd_longest_turn_seconds"] == [True]' metrics
	inetd_stop
}

@test "status NAME: everything of one service, in sections, refusals by their reason" {
	local held waiting
	three
	connect_tcp held picky
	wait_until cell_is 1 picky RUNNING status
	assert_answer '' ask_tcp picky hi
	assert_answer '' ask_tcp picky hi
	wait_until cell_is 2 picky REFUSED status
	run -0 inetctl status picky
	[ "${lines[0]}" = picky ]
	[[ $output == *$'\n  state           ready since '*-*-*:*:*'s)'$'\n'* ]]
	[[ $output == *$'\n  program         /bin/cat\n'* ]]
	[[ $output == *"where           $INETD_DIR/inetd.ini:"* ]]
	[[ $output == *$'\n  running         1 of 256, peak 1\n'* ]]
	[[ $output == *$'\nRefused for\n  per_source      2\n'* ]]
	[[ $output == *$'\nLast minute\n  started         1\n'* ]]
	[[ $output == *$'\n  ADDRESS '* ]]
	[[ $output == *"  127.0.0.1:$(inetd_port picky)  ready "* ]]
	[[ $output == *$'\nMachine, '*somaxconn* ]]
	[[ $output != *cat\ ready* ]]
	close_tcp held
	connect_tcp held cat
	wait_until cell_is full cat STATE status
	connect_tcp waiting cat
	wait_until cell_is 1 cat QUEUE status
	run -0 inetctl status cat
	[[ $output == *$'\n  reason          as many run as instances allows'* ]]
	grep -qE "^  127\.0\.0\.1:[0-9]+ +full +1 +[1-9][0-9]*$" <<<"$output"
	close_tcp held waiting
	run -1 --separate-stderr inetctl status piky
	[ -z "$output" ]
	[[ $stderr == *"no service is called 'piky': did you mean picky"* ]]
	inetd_stop
}

overflowing() {
	start_ini <<-END
		[cat]
		port = 7000
		server = /bin/cat
		instances = 1
		backlog = 1
	END
	run -0 inetctl status
	[[ $output != *machine:* ]]
	python3 -c '
import select, socket, sys
open_ones = []
for i in range(6):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", 7000))
    open_ones.append(s)
print("called", flush=True)
sys.stdin.read()' <"$INETD_DIR/over" >"$INETD_DIR/called" 3>&- &
	# shellcheck disable=SC2064 # this is a shell of its own (in_network)
	trap "kill -KILL $! 2>/dev/null || true" EXIT
	exec {over}>"$INETD_DIR/over"
	wait_until grep -q called "$INETD_DIR/called"
	wait_until machine_complains
	inetctl status cat | grep -q '^  advice .*somaxconn'
	json 'of("machine")[0]["listen_overflows"] > 0' status
	wait_until json '{s["name"]: s["value"] for s in all if s["labels"] == {"service": "cat", "address": "127.0.0.1:7000"}} == {
		"inetd_endpoint_queue": 2, "inetd_endpoint_queue_limit": 1}' metrics
	exec {over}>&-
	inetd_stop
}

machine_complains() {
	inetctl status | grep -q '^machine: accept queues have overflowed: raise backlog'
}

@test "status says what to raise when accept queues have overflowed" {
	mkfifo "$INETD_DIR/over"
	in_network overflowing
}

@test "connections: who is served, by which process, since when, and what it has used" {
	local first second third pid
	inetd_script busy <<-'END'
		#!/usr/bin/python3
		import sys, threading, time
		def burn():
		    end = time.thread_time() + 0.3
		    while time.thread_time() < end:
		        pass
		thread = threading.Thread(target=burn)
		thread.start()
		thread.join()
		print("burnt", flush=True)
		sys.stdin.read()
	END
	start_ini <<-END
		[busy]
		port = 0
		server = $INETD_DIR/busy
		server_args = one "two words"
		[echo]
		port = 0
		internal = echo
		[lend]
		port = 0
		wait = yes
		server = /usr/bin/python3
		server_args = -c "import socket; s = socket.socket(fileno=0); c = s.accept()[0]; c.sendall(b'x\\n'); c.recv(1)"
	END
	wait_until cell_is ready echo STATE status
	run -0 inetctl connections
	[ "$output" = 'SERVICE  PEER  PID  STATE  AGE  CPU  COMMAND' ]
	connect_tcp first busy
	read -r -t 30 line <&"$first"
	[ "$line" = burnt ]
	connect_tcp second echo
	wait_until cell_is internal echo STATE connections
	connect_tcp third lend
	read -r -t 30 line <&"$third"
	run -0 inetctl connections
	aligned <<<"$output"
	pid=$(inetd_children busy)
	[ "$(cell busy PID connections)" = "$pid" ]
	[[ $(cell busy PEER connections) == 127.0.0.1:* ]]
	[ "$(cell busy STATE connections)" = runs ]
	# Its threads' time too.
	awk -v cpu="$(cell busy CPU connections)" 'BEGIN { exit !(cpu >= 0.2 && cpu < 60) }' || fail "$output"
	[[ $output == *" /usr/bin/python3 $INETD_DIR/busy one two words"* ]]
	[ "$(cell lend STATE connections),$(cell lend PEER connections)" = lent,- ]
	[[ $output == *' 1 session' || $output == *$' 1 session\n'* ]]
	json "[p['pid'] for p in of('program') if p['service'] == 'busy'] == [$pid]" connections
	json "of('program')[0]['cpu_ms'] >= 200 and of('program')[0]['command'].endswith('/busy one two words')" \
		connections busy
	json "of('session') == [{'record': 'session', 'service': 'echo', 'count': 1}]" connections echo

	run -0 inetctl connections echo
	[ "${#lines[@]}" = 2 ]
	wait_until has_aged busy AGE connections
	run -1 inetctl connections nobody
	close_tcp first second third
	wait_until count_is 1 inetctl connections
	run -0 inetctl --json connections
	[ "$output" = '[]' ]
	inetd_stop
}

@test "stats: the daemon in figures" {
	three
	assert_answer hi ask_tcp cat hi
	run -0 inetctl stats
	grep -qx "pid  *$INETD_PID" <<<"$output"
	grep -qx 'services  *4' <<<"$output"
	grep -qxE 'uptime +[0-9]+ \([0-9ms]+\)' <<<"$output"
	json "len(all) == 1 and all[0]['pid'] == $INETD_PID and all[0]['started'] == 1 and all[0]['memory_kib'] > 0" stats
	json "all == [{'record': 'version', 'inetctl': all[0]['inetd'], 'inetd': all[0]['inetctl'], 'pid': $INETD_PID}]" \
		version
	inetd_stop
}

events_have() {
	inetctl events | grep -qE -- "$1"
}

@test "events: the newest lines of the log, oldest first" {
	three
	assert_answer hi ask_tcp picky hi
	wait_until events_have '^20[0-9-]{8} [0-9:]{8}\.[0-9]{3}  info     picky: ended with exit 0 service=picky peer=127\.0\.0\.1:[0-9]+ pid=[0-9]+ duration=0\.'
	[[ $(inetctl events | head -n 1) == *' notice '*started* ]]
	json "[e['duration'] < 60 and e['pid'] > 1 and e['level'] for e in all if 'ended with' in e['text']] == ['info']" \
		events
	json "all == sorted(all, key=lambda e: (e['time'], e['usec']))" events
	# More than are kept: the oldest are gone, the order is the same.
	python3 - "$INETD_DIR/control" <<-'END'
		import socket, sys
		for level in ["info", "debug"] * 101:
		    with socket.socket(socket.AF_UNIX) as s:
		        s.connect(sys.argv[1])
		        s.sendall(b"inetd/2 log-level " + level.encode() + b"\n")
		        while s.recv(1000):
		            pass
	END
	json "len(all) == 200 and 'level debug by inetctl' in all[-1]['text'] and 'level info by inetctl' in all[0]['text']" events
	json "all == sorted(all, key=lambda e: (e['time'], e['usec']))" events
	inetd_stop
}

@test "metrics: two formats, and none of another name" {
	three
	assert_answer hi ask_tcp cat hi
	wait_until cell_is 0 cat RUNNING status
	run -0 inetctl metrics
	grep -qx 'inetd_service_started_total{service="cat"} 1' <<<"$output"
	[[ $output != *EOF ]]
	run -0 inetctl metrics openmetrics
	grep -qx '# TYPE inetd_service_started counter' <<<"$output"
	[ "${lines[-1]}" = '# EOF' ]
	run -1 inetctl metrics xml
	# A gauge for each socket of TCP, and only for those.
	[ "$(inetctl metrics | sed -n 's/^inetd_endpoint_queue{service="\(.*\)",address="\(.*\)"} 0$/\1 \2/p')" = \
		"$(printf '%s 127.0.0.1:%s\n' cat "$(inetd_port cat)" picky "$(inetd_port picky)" echo "$(inetd_port echo)")" ]
	[ "$(inetctl metrics | grep -c '^inetd_endpoint_queue_limit{.*} [1-9][0-9]*$')" = 3 ]
	inetd_stop
}

@test "--json: valid everywhere, before the verb and behind it, numbers as numbers" {
	three
	assert_answer hi ask_tcp cat hi
	json "[s['name'] for s in of('service')] == ['cat', 'picky', 'echo', 'lend']" list
	json "[e['service'] for e in of('endpoint')] == ['cat', 'picky', 'echo', 'lend']" list
	json "of('service')[0]['limit'] == 1 and of('service')[0]['type'] == 'stream'" status
	json "len(of('service')[0]['history']) == 60 and sum(of('service')[0]['history']) == 1" status cat
	json "of('machine')[0]['somaxconn'] > 0" status
	json "all[0]['text'].startswith('[cat/tcp]\n') and 'server = /bin/cat\n' in all[0]['text']" show cat
	json "all == [{'text': ''}]" check
	json "len(all) == 1 and isinstance(all[0]['text'], str)" diff
	json "len(all) > 50 and {k['record'] for k in all} == {'key'}" keys
	json "all == [dict(all[0], name='user')] and all[0]['meaning']" keys user
	[ "$(inetctl --json show cat)" = "$(inetctl show --json cat)" ]
	[ "$(inetctl --json show cat)" = "$(inetctl show cat --json)" ]
	json "of('sample') == all and {type(s['value']) for s in all} <= {int, float}" metrics
	json "[s for s in all if s['labels'] == {'service': 'cat'} and s['name'] == 'inetd_service_started_total'] == [
		{'record': 'sample', 'name': 'inetd_service_started_total', 'type': 'counter', 'labels': {'service': 'cat'},
		'value': 1}]" metrics
	[ "$(inetctl metrics --json openmetrics | wc -l)" = "$(inetctl metrics --json | wc -l)" ]
	# Where there is nothing to be had standard output has nothing, which is no JSON.
	run -1 --separate-stderr inetctl --json show nobody
	[ -z "$output" ]
	[[ $stderr == *"no service is called 'nobody'"* ]]
	run -2 --separate-stderr inetctl reload --json
	[ "$stderr" = 'inetctl: reload has no --json' ]
	# A configuration with mistakes: they, and the status.
	echo 'nonsense = 1' >>"$INETD_DIR/inetd.ini"
	run -2 --separate-stderr inetctl check --json
	python3 -c 'import json, sys; assert "nonsense" in json.load(sys.stdin)[0]["text"]' <<<"$output"
	inetd_stop
}

@test "--json: every verb that reads has it" {
	local verb
	"$INETCTL" --help | sed -n 's/^    \([a-z]\)/\1/p' | tr ' ' '\n' | sort >"$INETD_DIR/have"
	"$INETCTL" --help | sed -nE '/for root/d; s/^  ([a-z]+) .*/\1/p' | grep -vxE 'try|line|import|export' | sort >"$INETD_DIR/read"
	[ "$(wc -l <"$INETD_DIR/read")" -ge 12 ]
	diff "$INETD_DIR/have" "$INETD_DIR/read"
}

@test "metrics --json: the samples that the text has, labels and values as they are" {
	start_ini <<-'END'
		[a"b\c]
		listen = 127.0.0.1:0
		server = /bin/cat
		instances = unlimited
		[used]
		port = 0
		server = /bin/cat
	END
	assert_answer hi ask_tcp used hi
	wait_until cell_is 0 used RUNNING status
	json "[s['value'] for s in all if s['name'] == 'inetd_service_running_limit'] == [None, 256]" metrics
	json "{s['type'] for s in all if s['name'] == 'inetd_service_exec_seconds_bucket'} == {'histogram'}" metrics
	inetctl metrics >"$INETD_DIR/text"
	inetctl metrics --json >"$INETD_DIR/json"
	python3 - "$INETD_DIR/text" "$INETD_DIR/json" <<-'END'
		import json, re, sys
		# Each sample of the text, written anew from the objects; what grows by itself is left out.
		grows = re.compile("inetd_(uptime|private_memory|open_desc|listen_|longest_turn|recent_turn)")
		def text(one):
		    labels = ",".join('%s="%s"' % (k, re.sub(r'(["\\])', r"\\\1", v)) for k, v in one["labels"].items())
		    return one["name"] + ("{%s}" % labels if labels else "")
		want = [line.rstrip("\n").rpartition(" ") for line in open(sys.argv[1]) if line[0] != "#"]
		want = [(name, value) for name, _, value in want if not grows.match(name)]
		have = [one for one in json.load(open(sys.argv[2])) if not grows.match(one["name"])]
		assert len(have) > 40 and any('a"b' in one["labels"].get("service", "") for one in have), have
		assert [name for name, _ in want] == [text(one) for one in have]
		for (name, value), one in zip(want, have):
		    assert (one["value"] is None) if value == "+Inf" else float(value) == one["value"], (name, value, one)
	END
	inetd_stop
}

@test "an unknown verb: the error comes last and names the nearest verb" {
	run -2 --separate-stderr "$INETCTL" lst
	[ "${stderr_lines[-1]}" = "inetctl: unknown verb 'lst': did you mean list?" ]
	[[ $stderr == usage:* ]]
	run -2 --separate-stderr "$INETCTL" nonsense
	[ "${stderr_lines[-1]}" = "inetctl: unknown verb 'nonsense'" ]
	run -2 --separate-stderr "$INETCTL" $'x\e[31my'
	[ "${stderr_lines[-1]}" = "inetctl: unknown verb 'x?[31my'" ]
}

@test "an unknown option: what is wrong is not followed by all that there is" {
	run -2 --separate-stderr "$INETCTL" --nonsense
	[ ${#stderr_lines[@]} -le 3 ] || fail "$stderr"
	[[ ${stderr_lines[0]} == *@("'--nonsense'"|": nonsense") ]] # glibc, musl
}

@test "what inetctl and inetd say of their use has 80 columns at most" {
	local verb
	{
		"$INETCTL" --help
		"$INETD" --help
		for verb in top try list 'log-level' nonsense; do
			"$INETCTL" "$verb" -z 2>&1 || true
		done
	} >"$INETD_DIR/help"
	[ "$(wc -l <"$INETD_DIR/help")" -ge 40 ]
	run awk 'length > 80' "$INETD_DIR/help"
	[ -z "$output" ] || fail "$output"
}

@test "exit statuses: 0 done, 1 not possible, 2 wrong usage or mistakes in the configuration" {
	local verb
	three
	for verb in list status 'status cat' stats connections 'connections cat' events metrics check diff version \
		'keys user' 'show cat' reload; do
		# shellcheck disable=SC2086 # a verb and its argument
		run -0 inetctl $verb
	done
	for verb in 'status nobody' 'connections nobody' 'show nobody' 'keys nobody' 'enable nobody' 'disable nobody' \
		'stop nobody' 'kill nobody' 'kill 1' 'log-level loud' 'unblock nowhere'; do
		# shellcheck disable=SC2086
		run -1 inetctl $verb
		[ -n "$output" ] || fail "$verb says nothing"
	done
	for verb in '' nonsense 'status a b' 'list a' show enable kill 'keys a b' 'status --jsn' 'drain 1 2' 'top x' \
		'try' 'log-level'; do
		# shellcheck disable=SC2086
		run -2 inetctl $verb
		[[ $output == *usage:* ]] || fail "$verb: $output"
	done
	run -2 inetctl status ''
	run -2 inetctl status $'a\tb'
	# Standard output that takes nothing.
	# shellcheck disable=SC2016
	run -1 sh -c '"$0" -s "$1" list >/dev/full' "$INETCTL" "$INETD_DIR/control"
	[[ $output == *'No space left'* ]]
	echo 'nonsense = 1' >>"$INETD_DIR/inetd.ini"
	run -2 inetctl check
	run -2 inetctl reload
	inetd_stop
}

@test "no daemon, or not for this user: an error that says what to do" {
	local verb
	three
	run -0 inetctl list
	need_root
	mkdir "$INETD_DIR/bin"
	cp "$INETCTL" "$INETD_DIR/bin"
	run -1 --separate-stderr setpriv --reuid=nobody --regid=nogroup --clear-groups \
		"$INETD_DIR/bin/inetctl" -s "$INETD_DIR/control" status
	[ -z "$output" ]
	[[ $stderr == *"$INETD_DIR/control: Permission denied"*'use sudo, or set control_group'* ]]
	# The group that may is named.
	chgrp daemon "$INETD_DIR/control"
	chmod 660 "$INETD_DIR/control"
	run -1 --separate-stderr setpriv --reuid=nobody --regid=nogroup --clear-groups \
		"$INETD_DIR/bin/inetctl" -s "$INETD_DIR/control" status
	[[ $stderr == *'members of the group daemon'* ]]
	inetd_stop
	for verb in list status stats connections events metrics check diff version 'show cat' 'top' reload drain \
		'kill 1' '--json list' '--json show cat'; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr inetctl $verb
		[[ $stderr == *"no inetd answers on $INETD_DIR/control"*'start it'*INETD_CONTROL* ]] || fail "$verb: $stderr"
	done
}

# answered ANSWER VERB...: what inetctl makes of an answer, given as a format of printf: $status, $output, $stderr.
answered() {
	local fake
	# shellcheck disable=SC2059
	printf "$1" >"$INETD_DIR/answer"
	(close_inherited && exec socat "UNIX-LISTEN:$INETD_DIR/fake" SYSTEM:"read x; cat $INETD_DIR/answer") &
	fake=$!
	wait_until eval "ss -Hlx | grep -qF '$INETD_DIR/fake'"
	run --separate-stderr "$INETCTL" -s "$INETD_DIR/fake" "${@:2}"
	kill "$fake" 2>/dev/null || true # if nobody has asked
	wait "$fake" || true
	rm -f "$INETD_DIR/fake"
}

@test "an answer that is none is no result" {
	local answer
	answered 'inetd/2 0 15\nservice\tname=x\n' status
	[ "$status" = 0 ]
	for answer in 'inetd/2 0 13\nservice\tname\n' 'inetd/2 0 8\n\tname=x\n' 'inetd/2 zero 0\n' 'inetd/2 0 zero\n' \
		'inetd/2 0 -1\n' 'inetd/2 0\n' 'inetd/1 0\n' 'inetd/2 0 5' 'HTTP/1.0 200 OK\n' '' \
		'inetd/2 0 15\nservice\tname=x\nservice\tname=y\n'; do
		answered "$answer" status
		[ "$status$output" = 1 ] || fail "$answer: $status $output"
		[[ $stderr == *'not one of an inetd of this version'* ]] || fail "$answer: $stderr"
	done
}

@test "an answer without its end is no result, and nothing of it is printed" {
	local verb
	for verb in list status 'status --json' top 'top --json' stats connections events 'metrics --json' metrics check \
		'show x' 'show --json x' diff reload 'enable x' version; do
		# shellcheck disable=SC2086 # a verb and its argument
		answered 'inetd/2 0 30\nservice\tname=x\n' $verb
		[ "$status" = 1 ] || fail "$verb: $status"
		[[ $stderr == *'cut off after 15 of 30 bytes'* ]] || fail "$verb: $stderr"
		# What is known without the daemon may be told.
		[ -z "$output" ] || [ "$verb" = version ] || fail "$verb: $output"
	done
	# Why it was not done, as far as it is known.
	answered 'inetd/2 1 30\nlist: only ro' list
	[ "$status$output" = 1 ]
	[[ $stderr == *'list: only ro'*'cut off'* ]]
}

@test "metrics --json: what is no sample is no result" {
	local line
	for line in 'a' 'a b' 'a{} x' 'a{b} 1' 'a{b="} 1' 'a{b="c" 1' 'a{b="c"}1' 'a{b="c";d="e"} 1' '{b="c"} 1' \
		'a{="c"} 1' 'a 01' 'a 1.' 'a -Inf' 'a{b="c"} 1 '; do
		answered "$(printf 'inetd/2 0 %d\n%s\\n' $((${#line} + 1)) "$line")" metrics --json
		[ "$status$output" = 1 ] || fail "$line: $status $output"
		[[ $stderr == *'not one of an inetd of this version'* ]] || fail "$line: $stderr"
	done
	answered 'inetd/2 0 33\n# TYPE a gauge\na{b="c\\"\\\\nd"} 1.5' metrics --json
	[ "$status" = 0 ] || fail "$stderr"
	python3 -c 'import json, sys; assert json.load(sys.stdin) == [{"record": "sample", "name": "a", "type": "gauge",
		"labels": {"b": "c\"\\nd"}, "value": 1.5}]' <<<"$output"
}

@test "the daemon does not wait for whoever reads what inetctl prints" {
	local fake asker lines
	# More than the socket and the pipe hold, together.
	(echo inetd/2 0 2200000 && yes 0123456789 | head -n 200000) >"$INETD_DIR/answer"
	(close_inherited && exec socat "UNIX-LISTEN:$INETD_DIR/fake" SYSTEM:"read x; cat $INETD_DIR/answer") &
	fake=$!
	wait_until eval "ss -Hlx | grep -qF '$INETD_DIR/fake'"
	mkfifo "$INETD_DIR/pipe"
	(close_inherited && exec "$INETCTL" -s "$INETD_DIR/fake" metrics 1<>"$INETD_DIR/pipe") &
	asker=$!
	wait_until inetd_gone "$fake"
	lines=$(wc -l <"$INETD_DIR/pipe")
	wait "$asker"
	[ "$lines" = 200000 ] || fail "$lines"
}

@test "nothing that a peer or a program is called reaches the terminal as more than text" {
	local verb
	inetd_script forge <<-'END'
		#!/bin/bash
		exec -a $'\e[31m\e]0;forged\a\x9bX\xc2\x9bY' sleep 1000
	END
	start_ini <<-END
		[unix]
		listen = $INETD_DIR/socket
		server = $INETD_DIR/forge
		log = start exit refuse
	END
	(close_inherited && exec python3 -c '
import socket
s = socket.socket(socket.AF_UNIX)
s.bind("\0\x1b[2J\x1b]0;forged\x07\nunix: forged\u009b31m")
s.connect("'"$INETD_DIR"'/socket")
s.recv(1)') &
	wait_until cell_is 1 unix RUNNING status
	wait_until grep -q sleep "/proc/$(inetd_children)/comm"
	for verb in list status 'status unix' connections events stats 'top -n 1' metrics 'connections --json' \
		'events --json' 'status --json'; do
		# shellcheck disable=SC2086
		run -0 inetctl $verb
		is_plain <<<"$output" || fail "$verb"
	done
	inetctl connections | grep -qF '?[31m?]0;forged??X'
	# One line a program, and a line of the log, however it is called.
	count_is 2 inetctl connections
	run ! grep -q '^unix: forged' <(inetctl events)
	kill "$(inetd_children)"
	# The test itself sees one.
	run ! is_plain <<<$'\e[31m'
	inetd_stop
}

@test "columns stand below each other whatever the names are written in" {
	inetd_start <<-END
		$INETD_DIR/größer stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/日本語 stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/plain-and-long stream unix nowait $INETD_USER /bin/cat
	END
	for verb in list status; do
		run -0 env LC_ALL=C "$INETCTL" -s "$INETD_DIR/control" $verb
		aligned <<<"$output"
		[[ $output == *größer* && $output == *日本語* ]]
	done
	run ! aligned <<<$'NAME  STATE  X\na    ready  x'
	inetd_stop
}

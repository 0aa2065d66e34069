#!/usr/bin/env bats
# Who may ask the daemon what: control_group and credentials; and clients that mean harm, beside
# services that must not notice.

load ../helpers/family
load ../helpers/control

# group_ini [GROUP]: a configuration with one service, with that control_group or none.
group_ini() {
	printf '%s\n' '[defaults]' 'bind = 127.0.0.1' "user = $INETD_USER" ${1:+'[inetd]' "control_group = $1"} \
		'[cat]' port=0 server=/bin/cat >"$INETD_DIR/inetd.ini"
}

# as UID GID GROUPS COMMAND...: runs it so; GROUPS is "-" for none.
as() {
	local groups=--clear-groups
	[ "$3" = - ] || groups=--groups=$3
	setpriv --reuid="$1" --regid="$2" "$groups" "${@:4}"
}

ask_as() {
	as "$1" "$2" "$3" /usr/bin/python3 - "$INETD_DIR/control" "${@:4}" \
		<"$TOP/tests/bin/control_ask.py"
}

# mode_is MODE GROUP: true if the control socket has them.
mode_is() {
	local seen
	seen=$(stat -c '%a %g' "$INETD_DIR/control")
	[ "$seen" = "$1 $2" ] || fail "$seen"
}

@test "members of control_group may read, nothing more; others not even that" {
	local verb
	need_root
	group_ini 54321
	inetd_start --conf "$INETD_DIR/inetd.ini"
	mode_is 660 54321
	for verb in list status stats connections events metrics check diff version 'show cat'; do
		# shellcheck disable=SC2086 # a verb and its argument
		run -0 ask_as 65001 54321 - $verb
	done
	# A supplementary group is as good, among many.
	run -0 ask_as 65001 65001 "$(seq -s , 60000 60100),54321" list
	for verb in reload drain 'enable cat' 'disable cat' 'stop cat' 'kill cat' 'unblock ::1' 'log-level err'; do
		# shellcheck disable=SC2086 # a verb and its argument
		run -1 ask_as 65001 54321 - $verb
		[[ $output == *'only root may do that'* ]]
	done
	run -1 ask_as 65001 65001 "$(seq -s , 60000 60100)" list
	[[ $output == *'Permission denied'* ]]
	# The verb decides, not the mode alone.
	chmod 666 "$INETD_DIR/control"
	run -1 ask_as 65001 65001 "$(seq -s , 60000 60100)" list
	[[ $output == *'control_group may ask'* ]]
	run -0 ask_as 65001 54321 - list
	run -0 control disable cat
	run -0 control reload
	inetd_stop
}

@test "values of env are shown to root only" {
	need_root
	group_ini 54321
	printf '[secret]\nlisten = 127.0.0.1:0\nuser = root\nserver = /bin/cat\nenv = A=hidden1 PASSWORD=hidden2\n' \
		>>"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	run -0 control show secret
	[[ $output == *$'\nenv = A=hidden1 PASSWORD=hidden2\n'* ]] || fail "$output"
	run -0 ask_as 65001 54321 - show secret
	[[ $output == *$'\n# env: only root may see the values\n'* && $output == *'server = /bin/cat'* ]] || fail "$output"
	[[ $output != *hidden* ]]
	sed -i 's/hidden2/hidden3/' "$INETD_DIR/inetd.ini"
	run -0 control diff
	[[ $output == *hidden3* ]]
	run -0 ask_as 65001 54321 - diff
	[[ $output != *hidden* && $output == *'changed: secret'*'or values of env'* ]] || fail "$output"
	# A key of its own is not, nor what only begins so.
	printf 'env = %s\n' 'B=hidden4' >>"$INETD_DIR/inetd.ini"
	run -2 control diff
	run ask_as 65001 54321 - diff
	[[ $output != *hidden* ]] || fail "$output"
	inetd_stop
}

@test "control_group comes, changes and goes with a reload; a mistake changes nothing" {
	need_root
	group_ini
	inetd_start --conf "$INETD_DIR/inetd.ini"
	mode_is 600 0
	chmod 666 "$INETD_DIR/control"
	run -1 ask_as 65001 54321 - list
	group_ini 54321
	run -0 control reload
	mode_is 660 54321
	run -0 ask_as 65001 54321 - list
	group_ini nosuchgroup-of-ours
	run -2 control reload
	[[ $output == *"unknown group 'nosuchgroup-of-ours'"* ]]
	mode_is 660 54321
	run -0 ask_as 65001 54321 - list
	group_ini 54322
	run -0 control reload
	mode_is 660 54322
	run -1 ask_as 65001 54321 - list
	run -0 ask_as 65001 54322 - list
	group_ini
	run -0 control reload
	mode_is 600 0
	chmod 666 "$INETD_DIR/control"
	run -1 ask_as 65001 54322 - list
	run -0 control list
	inetd_stop
}

@test "a group that the socket cannot be given to is not let in, nor the one before it" {
	local moved
	need_root
	moved=$INETD_DIR/moved
	ask_moved_as() {
		as "$1" "$1" - /usr/bin/python3 - "$moved" list <"$TOP/tests/bin/control_ask.py"
	}
	group_ini 54321
	inetd_start --conf "$INETD_DIR/inetd.ini"
	# It still is a way to the daemon, but not the one that it knows.
	mv "$INETD_DIR/control" "$moved"
	chmod 666 "$moved"
	run -0 ask_moved_as 54321
	group_ini 54322
	run -0 "$INETCTL" -s "$moved" reload
	assert_log 'control_group: the control socket cannot be given to the group 54322'
	run -1 ask_moved_as 54321
	[[ $output == *'control_group may ask'* ]] || fail "$output"
	run -1 ask_moved_as 54322
	[[ $output == *'control_group may ask'* ]] || fail "$output"
	# The next reload tries again.
	mv "$moved" "$INETD_DIR/control"
	run -0 control reload
	mode_is 660 54322
	run -0 ask_as 54322 54322 - list
	run -1 ask_as 54321 54321 - list
	inetd_stop
}

@test "the daemon's own user may everything, without root too" {
	need_root
	mkdir "$INETD_DIR/own"
	chown 65002:65002 "$INETD_DIR/own"
	chmod 755 "$INETD_DIR"
	printf '%s\n' '[cat]' port=0 bind=127.0.0.1 user=65002:65002 server=/bin/cat >"$INETD_DIR/own/inetd.ini"
	chown 65002 "$INETD_DIR/own/inetd.ini"
	cp "$INETD" "$INETD_DIR/inetd"
	(close_inherited && exec setpriv --reuid=65002 --regid=65002 --clear-groups "$INETD_DIR/inetd" -f -e \
		--control "$INETD_DIR/own/control" "$INETD_DIR/own/inetd.ini") </dev/null 2>"$INETD_DIR/own.log" &
	own=$!
	wait_until test -S "$INETD_DIR/own/control"
	ln -s own/control "$INETD_DIR/control"
	run -0 ask_as 65002 65002 - disable cat
	run -0 control enable cat
	chmod 666 "$INETD_DIR/own/control"
	run -1 ask_as 65003 65002 - list
	run -0 ask_as 65002 65002 - drain
	wait_until inetd_gone $own
	rm "$INETD_DIR/control"
}

@test "show and keys know the daemon's keys" {
	group_ini "$(id -g)"
	printf '[inetd]\nlog_format = json\n' >>"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	run -0 control show inetd
	[[ $output == *"control_group = $(id -g)"* ]]
	[[ $output == *'log_format = json'* ]]
	run -0 inetctl keys
	[[ $output == *control_group* && $output == *log_format* ]]
	inetd_stop
}

# daemon_ini: a configuration of which the lines of [inetd] are standard input.
daemon_ini() {
	(
		echo '[inetd]' && cat
		printf '[cat]\nlisten = 127.0.0.1:0\nuser = %s\nserver = /bin/cat\n' "$INETD_USER"
	) >"$INETD_DIR/inetd.ini"
}

@test "a mistake in [inetd] takes nothing back: not the limit of all programs, nor what show and diff say" {
	local before
	inetd_use inetd
	daemon_ini <<-END
		children = 1
		stop_children = yes
		control_group = $INETD_GROUP
		log_level = notice
		log_format = json
	END
	inetd_start --conf "$INETD_DIR/inetd.ini"
	before=$(control show inetd)
	grep -qx 'children = 1' <<<"$before"
	daemon_ini <<-END
		children = many
		control_group = nosuchgroup-of-ours
		log_format = poem
	END
	run -2 control diff
	[ "${lines[-1]}" = 'a reload would change nothing' ] || fail "$output"
	run -2 control reload
	run -0 control show inetd
	[ "$output" = "$before" ] || fail "$output"
	connect_tcp held cat
	wait_until state_is cat children
	# Without the mistakes it is what the file says.
	daemon_ini </dev/null
	run -0 control reload
	run -0 control show inetd
	grep -qx 'children = unlimited' <<<"$output"
	grep -qx 'stop_children = no' <<<"$output"
	grep -qx '# control_group: none' <<<"$output"
	close_tcp held
	inetd_stop
}

@test "hostile clients keep no service waiting, and inetctl gets through" {
	local kind hostile
	{
		printf '127.0.0.1:{cat} stream tcp nowait %s /bin/cat\n' "$INETD_USER"
		for ((i = 0; i < 5000; i++)); do
			echo "@inetd-test-$$-$i stream unix nowait $INETD_USER /bin/cat"
		done
	} >"$INETD_DIR/many"
	inetd_start <"$INETD_DIR/many"
	port=$(inetd_port cat)
	# How long a connection takes when nobody disturbs is the measure.
	calm=$(python3 "$TOP/tests/bin/control_hostile.py" latency "$port" 50)
	for kind in silent bytewise long deaf crowd binary; do
		coproc HOSTILE { close_inherited; exec python3 "$TOP/tests/bin/control_hostile.py" $kind "$INETD_DIR/control"; }
		hostile=$HOSTILE_PID
		read -r -t 30 line <&"${HOSTILE[0]}"
		[ "$line" = ready ]
		slow=$(python3 "$TOP/tests/bin/control_hostile.py" latency "$port" 50)
		echo "$kind: $slow ms, calm $calm ms"
		# 5000 services take some milliseconds to list: no client may cost more than a few of those.
		((slow < calm * 20 + 500 * INETD_PATIENCE))
		inetd_running
		run -0 timeout $((30 * INETD_PATIENCE)) python3 "$TOP/tests/bin/control_ask.py" "$INETD_DIR/control" version
		kill "$hostile"
		wait "$hostile" || true
	done
	run -0 control list
	[ "$(grep -c ^service <<<"$output")" = 5001 ]
	assert_no_leaks
	inetd_stop
}

@test "members of control_group keep neither root nor each other from asking" {
	local kind line i hostile
	need_root
	{
		printf '%s\n' '[defaults]' 'bind = 127.0.0.1' "user = $INETD_USER" '[inetd]' 'control_group = 54321'
		for ((i = 0; i < 3000; i++)); do
			printf '[x%d]\nlisten = @inetd-test-%d-%d\nserver = /bin/cat\n' $i $$ $i
		done
	} >"$INETD_DIR/inetd.ini"
	inetd_start "$INETD_DIR/inetd.ini"
	for kind in deaf silent; do
		coproc HOSTILE {
			close_inherited
			exec setpriv --reuid=12345 --regid=54321 --clear-groups /usr/bin/python3 - $kind "$INETD_DIR/control" \
				<"$TOP/tests/bin/control_hostile.py"
		}
		hostile=$HOSTILE_PID
		read -r -t 30 line <&"${HOSTILE[0]}"
		[ "$line" = ready ]
		# Each of the hostile ones may take three seconds or ten, in which nobody had a place.
		for ((i = 0; i < 3; i++)); do
			run -0 timeout $((2 * INETD_PATIENCE)) "$INETCTL" -s "$INETD_DIR/control" version
		done
		run -0 timeout $((2 * INETD_PATIENCE)) setpriv --reuid=12346 --regid=54321 --clear-groups \
			/usr/bin/python3 - "$INETD_DIR/control" version <"$TOP/tests/bin/control_ask.py"
		kill "$hostile"
		wait "$hostile" || true
	done
	assert_no_leaks
	inetd_stop
}

@test "what is no request is answered, and only one request is" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	say() {
		printf '%b' "$1" | socat -t 30 - "UNIX-CONNECT:$INETD_DIR/control"
	}
	[[ $(say 'inetd/2 version\n') == inetd/2\ 0\ *process* ]]
	[[ $(say 'inetd/2 version\ninetd/2 stats\n') == inetd/2\ 0\ *process* ]]
	[[ $(say 'inetd/2 version\ninetd/2 stats\n') != *uptime* ]]
	[[ $(say 'inetd/1 version\n') == inetd/2\ 2\ *speaks* ]]
	[[ $(say 'inetd/3 version\n') == inetd/2\ 2\ *speaks* ]]
	[[ $(say 'GET / HTTP/1.0\r\n\r\n') == inetd/2\ 2\ * ]]
	[[ $(say 'inetd/2 ver\000sion\n' | tr -d '\0') == inetd/2\ 2\ * ]]
	[[ $(say 'inetd/2 \n') == inetd/2\ 2\ *'a request is'* ]]
	[[ $(say 'inetd/2  version\n') == inetd/2\ 2\ *'a request is'* ]]
	[[ $(say 'inetd/2 Version\n') == inetd/2\ 2\ *unknown\ request* ]]
	[[ $(say 'inetd/2 version x\n') == inetd/2\ 2\ *no\ argument* ]]
	[[ $(say 'inetd/2 show a\033[31mb\n') == inetd/2\ 2\ * ]]
	# The longest one, and one more.
	long=$(printf '%01010d' 0)
	[[ $(say "inetd/2 show $long\\n") == inetd/2\ 1\ *'no service is called'* ]]
	[[ $(say "inetd/2 show $long$long\\n") == inetd/2\ 2\ *shorter* ]]
	# The length is that of the text, also of what could not be done.
	for request in version list metrics 'show nobody' nonsense 'version x' ' version' "show $long$long"; do
		say "inetd/2 $request\\n" >"$INETD_DIR/answer"
		read -r line <"$INETD_DIR/answer"
		[[ $line =~ ^inetd/2\ [012]\ ([1-9][0-9]*)$ ]] || fail "$request: $line"
		[ "${BASH_REMATCH[1]}" = "$(tail -n +2 "$INETD_DIR/answer" | wc -c)" ] || fail "$request: $line"
	done
	# Nothing is said to one who leaves.
	[ -z "$(say 'inetd/2 version')" ]
	assert_no_leaks
	inetd_stop
}

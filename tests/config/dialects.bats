#!/usr/bin/env bats
# The rows of the table of dialects in inetd.conf(5), each served in every dialect.

load ../helpers/family

NAMES=(auto debian freebsd netbsd openbsd gnu busybox)

setup() {
	inetd_setup
}

# in_dialect NAME [OPTION...]: starts an inetd with the configuration on standard input, written in that dialect.
in_dialect() {
	inetd_start --name "$1" --dialect "$1" "${@:2}"
}

# both_or both|one -4|-6 tcp|udp: the service with the name of the protocol answers both families, or that one alone.
both_or() {
	local other=-6
	assert_answer hi "ask_$3" "$2" "$3" hi
	[ "$2" != -6 ] || other=-4
	# By name: a socket of the other family would have a port of its own.
	if [ "$1" = both ]; then
		assert_answer hi "ask_$3" $other "$3" hi
	else
		run ! assert_answer hi "ask_$3" -t 1 $other "$3" hi
	fi
}

@test "plain tcp and udp: both families for auto and debian, IPv4 alone for the others" {
	local name which
	for name in "${NAMES[@]}"; do
		in_dialect "$name" <<-END
			{tcp} stream tcp nowait $INETD_USER /bin/cat cat
			{udp} dgram udp wait $INETD_USER internal echo
		END
		which=one
		[[ $name != @(auto|debian) ]] || which=both
		both_or $which -4 tcp
		both_or $which -4 udp
		inetd_stop
	done
}

@test "an IPv6 address asks for its family in every dialect" {
	local name
	for name in "${NAMES[@]}"; do
		in_dialect "$name" <<<"[::1]:{six} stream tcp nowait $INETD_USER /bin/cat cat"
		assert_answer hi ask_tcp -6 six hi
		inetd_stop
	done
}

@test "tcp6 and udp6: IPv4 too for gnu and busybox, IPv6 alone for the others" {
	local name which
	for name in "${NAMES[@]}"; do
		in_dialect "$name" <<-END
			{tcp} stream tcp6 nowait $INETD_USER /bin/cat cat
			{udp} dgram udp6 wait $INETD_USER internal echo
		END
		which=one
		[[ $name != @(gnu|busybox) ]] || which=both
		both_or $which -6 tcp
		both_or $which -6 udp
		inetd_stop
	done
}

@test "a program without a slash is looked for in PATH for busybox alone" {
	local name
	for name in "${NAMES[@]}"; do
		in_dialect "$name" <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER cat cat"
		if [ "$name" = busybox ]; then
			assert_answer hi ask_tcp cat hi
		else
			[ -z "$(ask_tcp -t 2 cat hi || true)" ]
		fi
		inetd_stop
	done
}

@test "a script without #! is run by the shell for busybox alone" {
	local name
	for name in "${NAMES[@]}"; do
		inetd_use "$name"
		# shellcheck disable=SC2016 # for the script
		printf 'read -r line\necho "$1 $line"\n' >"$INETD_DIR/script"
		chmod 755 "$INETD_DIR/script"
		in_dialect "$name" <<<"127.0.0.1:{script} stream tcp nowait $INETD_USER $INETD_DIR/script script one"
		if [ "$name" = busybox ]; then
			assert_answer 'one hi' ask_tcp script hi
		else
			[ -z "$(ask_tcp -t 2 script hi || true)" ]
		fi
		inetd_stop
	done
}

@test "a unix socket without a mode: 600 for freebsd, 755 for netbsd and busybox, 666 for the others" {
	local name wanted
	for name in "${NAMES[@]}"; do
		inetd_use "$name"
		in_dialect "$name" <<<"$INETD_DIR/socket stream unix nowait $INETD_USER /bin/cat cat"
		wanted=666
		[ "$name" != freebsd ] || wanted=600
		[[ $name != netbsd && $name != busybox ]] || wanted=755
		[ "$(stat -c %a "$INETD_DIR/socket")" = $wanted ] || fail "$name: $(stat -c %a "$INETD_DIR/socket")"
		inetd_stop
	done
}

@test "of a directory every file is read for gnu, those that end in .conf and .ini for the others" {
	local name
	for name in "${NAMES[@]}"; do
		inetd_use "$name"
		mkdir "$INETD_DIR/d"
		echo "127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/d/10-cat"
		echo "127.0.0.2:0 stream tcp nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/d/cat.conf"
		echo "127.0.0.3:0 stream tcp nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/d/cat~"
		inetd_start --name "$name" --conf "$INETD_DIR/d" --dialect "$name"
		case $name in
		gnu) inetd_log_has 'started: 2 services' ;;
		*) inetd_log_has 'started: 1 services?' ;;
		esac
		inetd_stop
	done
}

@test "a group that is written for root: passed over for debian and gnu, the program's for the others" {
	local name wanted
	need_root
	getent group mail >/dev/null || skip 'needs the group mail'
	for name in "${NAMES[@]}"; do
		in_dialect "$name" <<<"127.0.0.1:{id} stream tcp nowait root.mail /usr/bin/id id -gn"
		wanted=mail
		[[ $name != @(debian|gnu) ]] || wanted=root
		assert_answer "$wanted" ask_tcp id
		run -0 "$INETD" --dialect "$name" -t "$INETD_DIR/inetd.conf"
		case $name in
		auto) [[ $output == *inetd.conf:1:\ warning:*"the group"*Debian*GNU* ]] ;;
		debian | gnu) [[ $output == *inetd.conf:1:\ note:*"the group"* ]] ;;
		*) [ -z "$output" ] ;;
		esac
		inetd_stop
	done
}

@test "of two entries for a socket the last counts in each dialect, and is an error without one" {
	local name
	for name in "${NAMES[@]}"; do
		inetd_use "$name"
		in_dialect "$name" <<-END
			$INETD_DIR/socket stream unix nowait $INETD_USER /bin/echo echo first
			$INETD_DIR/socket stream unix nowait $INETD_USER /bin/echo echo last
		END
		if [ "$name" = auto ]; then
			assert_answer first ask_unix "$INETD_DIR/socket"
			run -2 "$INETD" -t "$INETD_DIR/inetd.conf"
		else
			assert_answer last ask_unix "$INETD_DIR/socket"
			run -0 "$INETD" --dialect "$name" -t "$INETD_DIR/inetd.conf"
			[[ $output == *inetd.conf:1:\ note:*last* ]]
		fi
		inetd_stop
	done
}

@test "a comment in the file names the dialect of what follows it" {
	inetd_start <<-END
		{six} stream tcp6 nowait $INETD_USER /bin/cat cat
		# dialect: gnu
		{both} stream tcp6 nowait $INETD_USER /bin/cat cat
		# dialect: auto
		{again} stream tcp6 nowait $INETD_USER /bin/cat cat
	END
	run ! ask_tcp "$(inetd_port six)" hi
	assert_answer hi ask_tcp "$(inetd_port both)" hi
	run ! ask_tcp "$(inetd_port again)" hi
	inetd_stop
	echo '# dialect: bsd' >"$INETD_DIR/wrong.conf"
	run -2 "$INETD" -t "$INETD_DIR/wrong.conf"
	[[ $output == *wrong.conf:1:\ error:*bsd*freebsd* ]]
	run -2 "$INETD" --dialect bsd -t "$INETD_DIR/wrong.conf"
	[[ $output == *freebsd* ]]
}

@test "-p: a path in the same word for gnu, alone no pid file; the path of a pid file for the others" {
	local name option
	local line="127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat cat"
	for name in "${NAMES[@]}"; do
		inetd_use "$name"
		for option in -p --pidfile=; do
			in_dialect "$name" "$option$INETD_DIR/own" <<<"$line"
			[ "$(cat "$INETD_DIR/own")" = "$INETD_PID" ]
			inetd_stop
		done
		for option in -p --pidfile; do
			echo "127.0.0.2:0 stream tcp nowait $INETD_USER /bin/cat cat" >"$INETD_DIR/after"
			[ "$name" = gnu ] || rm "$INETD_DIR/after"
			in_dialect "$name" $option "$INETD_DIR/after" <<<"$line"
			case $name in
			gnu) inetd_log_has 'started: 2 services' && [ ! -e "$INETD_DIR/pid" ] ;;
			*) inetd_log_has 'started: 1 service' && [ "$(cat "$INETD_DIR/after")" = "$INETD_PID" ] ;;
			esac
			inetd_stop
		done
	done
}

@test "-t tells of what means something else elsewhere, and of nothing in the dialect that it is written in" {
	local name
	need_root
	printf '%s\n' "8001 stream tcp nowait nobody /bin/cat cat" "8002 stream tcp6 nowait nobody /bin/cat cat" \
		"  8003 stream tcp4 nowait nobody /bin/cat cat" >"$INETD_DIR/x.conf"
	run -0 "$INETD" -t "$INETD_DIR/x.conf"
	[[ $output == *:1:\ note:*tcp4* && $output == *:2:\ warning:*tcp46* && $output == *:3:\ warning:*blank* ]]
	for name in gnu busybox; do
		run -0 "$INETD" --dialect "$name" -t "$INETD_DIR/x.conf"
		[ -z "$output" ] || fail "$name: $output"
	done
	# What is so in no other inetd is told in each of them.
	echo "8001 stream tcp nowait.20 nobody /bin/cat cat" >"$INETD_DIR/x.conf"
	for name in "${NAMES[@]}"; do
		run -0 "$INETD" --dialect "$name" -t "$INETD_DIR/x.conf"
		[[ $output == *:1:\ note:*'ten minutes (busybox: for one)'* ]]
	done
}

@test "-p: a file that is no pid file is left as it is" {
	local line="127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat cat"
	echo "$line" >"$INETD_DIR/x.conf"
	run -0 "$INETD" --dialect=gnu -t -p "$INETD_DIR/x.conf"
	[[ $output != *error* ]]
	# Elsewhere it is the path of -p: it holds no number, and inetd does not start.
	run -1 timeout 60 "$INETD" -f -e --control "$INETD_DIR/control" -p "$INETD_DIR/x.conf" "$INETD_DIR/x.conf"
	[[ $output == *'pid file'*'left as it is'* ]]
	[ "$(cat "$INETD_DIR/x.conf")" = "$line" ]
}

# asking.bash - for the tests of service programs that answer by HTTP, and of those that ask the daemon for what
# they answer (protocol/ask.h); after family.bash and rude.bash.

# ask_daemon NAME [OPTION...]: the program NAME as the service www, which asks the inetd that runs it (options
# are its own), beside one called used, and what else standard input has, as sections.
ask_daemon() {
	start_ini < <(
		echo 'log = start exit refuse'
		cat
		printf '[www]\nport = 0\nserver = %s\nserver_args = %s\n' "$B/services/$1" \
			"-s $INETD_DIR/control ${*:2}"
		printf '[used]\nport = 0\nserver = /bin/cat\n'
	)
	url=http://127.0.0.1:$(inetd_port www)
}

# get [OPTION...] PATH: as curl does it, the path as it stands.
get() {
	curl -sS -m $((20 * INETD_PATIENCE)) --noproxy '*' --path-as-is "${@:1:$#-1}" "$url${*: -1}"
}

# status [OPTION...] PATH: what is answered.
status() {
	get -o /dev/null -w '%{http_code}' "$@"
}

# field NAME [OPTION...] PATH: a field of the answer's head.
field() {
	get -o /dev/null -D - "${@:2}" | tr -d '\r' | sed -n "s/^$1: //ip"
}

# false_daemon MODE: whoever asks $INETD_DIR/false is treated as tests/bin/false_daemon.py says; its process is
# $false_pid.
false_daemon() {
	rm -f "$INETD_DIR/false" "$INETD_DIR/false.out"
	(close_inherited && exec "$TOP/tests/bin/false_daemon.py" "$INETD_DIR/false" "$1" >"$INETD_DIR/false.out") &
	false_pid=$!
	wait_until grep -q ready "$INETD_DIR/false.out"
}

# all_ended_well: nothing runs, and what ran has ended with 0.
all_ended_well() {
	assert_no_leaks
	assert_log 'ended with exit 0'
	refute_log 'ended with .*(signal|exit [1-9])'
}

# status_patient PATH: what the service patient answers.
status_patient() {
	local url
	url=http://127.0.0.1:$(inetd_port patient)
	status "$1"
}

# no_daemon_helps NAME PATH: the program NAME, asked for PATH, answers 503 in bounded time and memory whatever
# is wrong with the daemon.
no_daemon_helps() {
	local mode
	start_ini <<-END
		log = start exit refuse
		[www]
		port = 0
		server = $B/services/$1
		server_args = -t 1 -s $INETD_DIR/false
		[patient]
		port = 0
		server = $B/services/$1
		server_args = -t 60 -s $INETD_DIR/false
	END
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(status "$2")" = 503 ] || fail 'no socket'
	for mode in silent close rubbish refuse endless drip cut more old queue; do
		false_daemon $mode
		[ "$(status "$2")" = 503 ] || fail "$mode: $(status "$2")"
		# It is not the time that ends an answer that is too long.
		[ $mode != endless ] || [ "$(status_patient "$2")" = 503 ] || fail 'endless, with patience'
		kill "$false_pid"
		wait "$false_pid" || true
	done
	rm "$INETD_DIR/false"
	all_ended_well
	refute_log 'peak_kib=[1-9][0-9]{6}'
	inetd_stop
}

# callers_are_survived PATH: no bad manners of a caller who wants PATH of {www} keep it or break it.
callers_are_survived() {
	local input seed good="GET $1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
	[ -z "$(rude silent www </dev/null)" ] || fail silent
	[[ $(printf 'GET / HTTP/1.1\r\n' | rude silent www) == 'HTTP/1.1 408 '* ]] || fail 'half a request'
	[[ $(printf '%b' "$good" | rude byte-by-byte www) == 'HTTP/1.1 200 '* ]] || fail 'byte by byte'
	for input in '' 'GET / HT' "$good"; do
		printf '%b' "$input" | rude reset www
	done
	printf '%b' "$good" | rude reset -r 100 www
	for seed in 1 2 3; do
		rude rubbish -s $seed -n 200000 www >/dev/null
	done
	# Answers are small beside a socket's buffer: only what is asked again and again is not taken.
	rude_meanwhile never-read -n 1000000000 www < <(printf '%b' "$good")
	wait_until field_is www RUNNING 0
	rude_end
	[ "$(status "$1")" = 200 ] || fail 'afterwards'
	all_ended_well
}

# start_by_group PROGRAM: serves a program that asks the control socket: www in the group that may, not without.
start_by_group() {
	cp "$B/services/$1" "$INETD_DIR/"
	cat >"$INETD_DIR/inetd.ini" <<-END
		[inetd]
		control_group = nogroup
		[www]
		listen = 127.0.0.1:0
		user = daemon
		group = nogroup
		server = $INETD_DIR/$1
		server_args = -s $INETD_DIR/control
		[not]
		listen = 127.0.0.1:0
		user = daemon
		server = $INETD_DIR/$1
		server_args = -s $INETD_DIR/control
	END
	inetd_start --conf "$INETD_DIR/inetd.ini"
}

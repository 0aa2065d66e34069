# pool.bash - a pool of processes made by prefork, for its tests; after family.bash and noting.bash.

# shellcheck disable=SC2046,SC2086 # process numbers, and options that may be none

# shellcheck disable=SC2034 # both ways of it
WAYS=('' --pass)

# start OPTION... [-- PROGRAM [ARGUMENT...]]: a pool of its own, as the service "pool".
start() {
	inetd_start <<-END
		127.0.0.1:{pool} stream tcp wait $INETD_USER $(noting "$B/services/prefork" "$@")
	END
}

# manager: the process of the pool that decides; what ran the pool before may not have ended yet.
manager() {
	pgrep -P "$(inetd_children | paste -sd ,)" | grep .
}

# workers: those that serve.
workers() {
	pgrep -P "$(manager)"
}

# busy: those of them that have a connection.
busy() {
	ss -Htnp state established "sport = :$(inetd_port pool)" | grep -oE 'pid=[0-9]+' | cut -d = -f 2
}

# finish [NUMBER]: ends the pool, or the last of so many, and all; it may have ended by itself in the meantime.
finish() {
	kill -TERM "$(manager)" 2>/dev/null || true
	wait_until have_ended "${1:-1}"
	assert_no_leaks
	inetd_stop
	rm "$INETD_DIR/ended"
}

# connect NUMBER: opens so many connections, each of which has been answered; adds to `connections`.
connect() {
	local i fd line
	for ((i = 0; i < $1; i++)); do
		connect_tcp fd pool
		echo hello >&"$fd"
		read -r -t 30 line <&"$fd"
		[ "$line" = uryyb ] || fail "answered $line" || return
		connections+=("$fd")
	done
}

# hang_up [NUMBER]: closes so many of them, or all.
hang_up() {
	local fd
	for fd in "${connections[@]:0:${1:-1000}}"; do
		exec {fd}>&-
	done
	connections=("${connections[@]:${1:-1000}}")
}

# waiter FILE: asks in the background; the answer is in the file when there is one.
waiter() {
	(close_inherited && ask_tcp pool hello >"$1.part" && mv "$1.part" "$1") &
}

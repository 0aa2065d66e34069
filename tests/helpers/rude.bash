# rude.bash - callers with bad manners, for the tests of service programs; after family.bash.

# rude MODE [OPTION...] NAME: what tests/bin/rude_peer.py does to the service NAME; says what standard input
# has. A caller who never reads is left alone, as it sees no end: await_service is for that.
rude() {
	local port
	port=$(inetd_port "${*: -1}" -4) || return
	"$TOP/tests/bin/rude_peer.py" "${@:1:$#-1}" "$port"
}

# rude_meanwhile MODE [OPTION...] NAME: the same in the background, at once connected; its process is $rude_pid.
rude_meanwhile() {
	local input=$INETD_DIR/rude.in
	cat >"$input"
	rm -f "$INETD_DIR/rude.err"
	(close_inherited && rude "$@" <"$input" >/dev/null 2>"$INETD_DIR/rude.err") &
	rude_pid=$!
	wait_until grep -q connected "$INETD_DIR/rude.err"
}

# rude_end: ends it.
rude_end() {
	pkill -P "$rude_pid" || true
	wait "$rude_pid" || true
}

# peak_below KIB PID...: the processes never had more memory than that, their programs included.
peak_below() {
	local pid peak
	for pid in "${@:2}"; do
		peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status") || continue
		[ "${peak:-0}" -lt "$1" ] || fail "process $pid had $peak KiB"
	done
}

# beside.bash - while somebody attacks the daemon, the services beside are asked all the time: each question is
# answered soon, and the event loop was never away for long; after family.bash.

BESIDE_MS=200

# beside_start NAME...: asks these TCP services, which must send back what they get, every 20 ms from now on, or as
# BESIDE_EVERY_MS says.
beside_start() {
	local name
	local -a ports=()
	for name; do
		ports+=("$(inetd_port "$name" -4)") || return
	done
	rm -f "$INETD_DIR/beside"
	(close_inherited && exec "$TOP/tests/bin/beside.py" "$INETD_DIR/beside" "${ports[@]}") &
	BESIDE_PID=$!
	wait_until test -e "$INETD_DIR/beside"
}

# beside_end: no more; each question was answered within 200 ms, and no turn of the daemon's loop took longer. Where the
# machine is so busy that a plain process is late as well: later by five times as much, as between a question and its
# answer the daemon, a child of it, a program and who asks each wait for their turn of the processor.
beside_end() {
	local asked worst failed machine most turn_us
	kill -TERM "$BESIDE_PID" && wait "$BESIDE_PID" || return
	read -r _ asked _ worst _ failed _ machine <"$INETD_DIR/beside"
	turn_us=$(inetctl stats | awk '$1 == "longest_turn_us" { print $2 }')
	echo "asked $asked times: $worst ms at most, a plain process $machine; the longest turn of the loop $turn_us us"
	most=$((BESIDE_MS * INETD_PATIENCE + 5 * machine))
	[ "$asked" -gt 5 ] || fail "asked $asked times only" || return
	[ "$failed" = 0 ] || fail "$failed of $asked questions had no answer" || return
	[ "$worst" -lt "$most" ] || fail "an answer took $worst ms" || return
	[ "$turn_us" -lt $((most * 1000)) ] || fail "a turn of the loop took $turn_us us"
}

# beside_asked NUMBER: true when they have been asked so many times.
beside_asked() {
	kill -USR1 "$BESIDE_PID"
	[ "$(cat "$INETD_DIR/beside.count" 2>/dev/null || echo 0)" -ge "$1" ]
}

# on_fuse: inetds started from here on find a file system at $INETD_DIR/fs that does not answer (tests/bin/fuse.c).
on_fuse() {
	need_root
	[ -e /dev/fuse ] || skip 'no /dev/fuse'
	unshare -m true || skip 'no mount namespaces'
	mkdir -p "$INETD_DIR/fs"
	INETD_UNDER="unshare -m $B/tests/bin/fuse $INETD_DIR/fs"
}

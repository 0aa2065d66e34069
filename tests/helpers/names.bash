# names.bash - a name server of a test's own; after family.bash.

# name_server: has the names of the table on standard input asked for.
name_server() {
	cat >"$INETD_DIR/table"
	(close_inherited && exec "$TOP/tests/bin/name_server.py" "$INETD_DIR/table" "$INETD_DIR/asked") &
	# shellcheck disable=SC2064 # this is a shell of its own (in_network)
	trap "kill -KILL $! 2>/dev/null || true" EXIT
	wait_until grep -qs ready "$INETD_DIR/asked"
}

# with_names: inetds started from here on ask the name server, and nobody else.
with_names() {
	with_etc
	printf 'nameserver 127.0.0.1\noptions timeout:%s attempts:1\n' "${1:-1}" >"$INETD_DIR/etc/resolv.conf"
	echo 'hosts: dns' >"$INETD_DIR/etc/nsswitch.conf"
}

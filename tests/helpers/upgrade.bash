# upgrade.bash - inetds whose program can be replaced, for the families about upgrades; after family.bash.

# own_program: inetds started from here on are a copy of the program, with its worker, in $INETD_DIR/bin.
own_program() {
	mkdir -p "$INETD_DIR/bin"
	cp "$B/inetd" "$B/inetd-worker" "$B/inetd-wrap" "$INETD_DIR/bin/"
	[ ! -e "$B/inetd-rpc" ] || cp "$B/inetd-rpc" "$INETD_DIR/bin/"
	chmod 755 "$INETD_DIR/bin"
	INETD=$INETD_DIR/bin/inetd
}

# new_program: what stands at the daemon's path from now on: standard input, as an executable file; in one stroke, as
# packages are installed.
new_program() {
	cat >"$INETD.new"
	chmod 755 "$INETD.new"
	mv "$INETD.new" "$INETD"
}

# same_program: the right one again, as a file of its own.
same_program() {
	new_program <"$B/inetd"
}

# figure NAME: of inetctl stats.
figure() {
	inetctl stats | awk -v name="$1" '$1 == name { print $2; found = 1 } END { exit !found }'
}

# executed: the file of the program that runs.
executed() {
	stat -Lc %i "/proc/$INETD_PID/exe"
}

# upgraded: replaces the program by a copy and has the daemon execute it; it is the same process afterwards.
upgraded() {
	local before output
	before=$(figure upgrades) || return
	same_program
	output=$(inetctl upgrade) || fail "upgrade: $output" "$(inetd_log)" || return
	[[ $output == 'upgraded to inetd '* ]] || fail "$output" || return
	[ "$(figure upgrades)" = $((before + 1)) ] || fail "$(figure upgrades) upgrades" || return
	[ "$(executed)" = "$(stat -c %i "$INETD")" ] || fail 'another file is executed'
}

# stays REGEXP: the daemon is asked to upgrade, and goes on as it is, for a reason that matches.
stays() {
	local before output
	before=$(executed) || return
	! output=$(inetctl upgrade 2>&1) || fail "upgraded: $output" || return
	[[ $output == 'upgrade: everything stays as it was: '* ]] && grep -E -- "$1" <<<"$output" || fail "$output" || return
	assert_log 'everything stays as it was' || return
	[ "$(executed)" = "$before" ] || fail 'another file is executed'
}

# says FD TEXT: what is sent to a service that gives it back comes back.
says() {
	local line
	echo "$2" >&"$1"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$1" || fail "no answer to $2" || return
	[ "$line" = "$2" ] || fail "answered '$line', not '$2'"
}

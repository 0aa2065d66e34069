# control.bash - the control socket itself, without inetctl: for the families about its verbs and its
# protocol.

# control VERB [ARG]: asks the daemon in use; prints the body and returns the status of the answer, 99
# when there is none.
control() {
	python3 "$TOP/tests/bin/control_ask.py" "$INETD_DIR/control" "$@"
}

# control_field TYPE NAME FIELD: that field of the first record of the type whose service or name is NAME.
control_field() {
	control status "$2" | awk -F '\t' -v type="$1" -v field="$3" '
		$1 == type { for (i = 2; i <= NF; i++) if ($i ~ "^" field "[=#]") {
			print substr($i, length(field) + 2); found = 1; exit } }
		END { exit !found }'
}

# state_is NAME STATE: true if the service is in that state.
state_is() {
	local state
	state=$(control_field service "$1" state) || return
	[ "$state" = "$2" ] || fail "$1 is $state, not $2"
}

# refused PORT: true if nobody listens there.
refused() {
	local output
	output=$(socat -u /dev/null "TCP4:127.0.0.1:$1" 2>&1) && return 1
	[[ $output == *'Connection refused'* ]] || fail "$output"
}

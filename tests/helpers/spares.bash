# spares.bash - programs that stand ready, and the same ones started for their connection; after family.bash.

# ready NAME NUMBER: true if so many programs of the service stand ready.
ready() {
	local number
	number=$(inetctl status "$1" | awk '$1 == "spares" { print $2 }')
	[ "${number:-0}" = "$2" ] || fail "$1 has ${number:-0} spares, not $2"
}

# found NAME NUMBER: true if so many connections of the service found a program that stood ready.
found() {
	local number
	number=$(inetctl status "$1" | awk '$1 == "spares" { print $4 }')
	[ "${number:-0}" = "$2" ] || fail "${number:-0} connections of $1 found a spare, not $2"
}

# same_but_numbers FILE: without what differs from one program to the next anyway.
same_but_numbers() {
	sed -E 's/^(pid) .*/\1/; s/((LOCAL|REMOTE|SERVER_)_?PORT=).*/\1/' "$1"
}

# alike COMMAND...: the command, with "cold" and with "warm" after it, says the same but for numbers, and the second time
# it was a program that stood ready.
alike() {
	wait_until ready warm 1
	"$@" cold >"$INETD_DIR/cold.out"
	"$@" warm >"$INETD_DIR/warm.out"
	found warm 1
	diff <(same_but_numbers "$INETD_DIR/cold.out") <(same_but_numbers "$INETD_DIR/warm.out")
}

# one_by_one KEYS...: two services of the same program, "cold" and "warm"; the keys are of both.
one_by_one() {
	local keys
	printf -v keys '%s\n' "$@"
	start_ini <<-END
		[cold]
		listen = 0
		$keys
		[warm]
		listen = 0
		spare = 1
		$keys
	END
}

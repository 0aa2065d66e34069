# noting.bash - how service programs end, for their tests; after family.bash.

# need_direct: what the system says of a service program itself cannot be seen where valgrind runs it.
need_direct() {
	[ -z "${SERVICES_UNDER:-}" ] || skip 'not under valgrind'
}

# noting PROGRAM [ARGUMENT...]: makes a script that runs the program and notes how it ended, and prints the
# script's path, for the server field.
noting() {
	local name
	name=noting-$(cksum <<<"$*" | cut -d ' ' -f 1)
	inetd_script "$name" <<-END
		#!/usr/bin/python3
		import resource, subprocess
		status = subprocess.call("""$*""".split())
		peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
		with open("$INETD_DIR/ended", "a") as ended:
		    ended.write(f"{status} {peak}\n")
	END
	echo "$INETD_DIR/$name"
}

# have_ended NUMBER: true if so many have ended, all of them with status 0 and none with more memory than
# programs have that keep nothing (the interpreter's own is in the figure).
have_ended() {
	local most=40000 ends
	[ -z "$SPECIAL" ] || most=400000
	ends=$(awk -v most="$most" '{ print $2 < most ? $1 : $1 " with " $2 " KiB" }' "$INETD_DIR/ended" |
		sort | uniq -c | xargs)
	[ "$ends" = "$1 0" ] || fail "numbers and statuses: $ends"
}

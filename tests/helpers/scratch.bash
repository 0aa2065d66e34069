# scratch.bash - for tests with real programs, which run in the scratch root (make scratch); after family.bash.

# scratch_setup: inetds of the test are started there from here on.
scratch_setup() {
	inetd_setup
	need_mounts
	export SCRATCH=${SCRATCH:-$TOP/build/scratch} B
	[ -e "$SCRATCH/.made-by" ] || fail "there is no scratch root in $SCRATCH: make scratch"
	mkdir "$INETD_DIR/etc"
	export SCRATCH_ETC=$INETD_DIR/etc
	INETD_UNDER="$TOP/tests/scratch/enter ${INETD_UNDER:-}"
}

# shellcheck disable=SC2016 # for the inner shell
# there COMMAND...: runs a client in the scratch root, in the test's directory.
there() {
	timeout $((30 * INETD_PATIENCE)) "$TOP/tests/scratch/enter" bash -c 'cd "$1" && "${@:2}"' - "$INETD_DIR" "$@"
}

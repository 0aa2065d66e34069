#!/usr/bin/env bats
# Whole files of six inetds, served in their dialects: sockets, families, programs, users and limits are what the head
# of each file in tests/config/described says that its author expects; -t says at its line what is otherwise.

load ../helpers/family

DESCRIBED=$TOP/tests/config/described

setup() {
	inetd_setup
	need_mounts
	getent passwd games news backup proxy >/dev/null || skip 'needs the users of Debian'
	cp -r "$DESCRIBED" "$INETD_DIR/"
	cd "$INETD_DIR/described" || return
}

# held HEAD...: what the inetd in use serves is what these say.
held() {
	"$TOP/tests/bin/config_described.py" "$INETCTL" "$INETD_DIR/control" "$@"
}

# serve DIALECT FILE|DIRECTORY... -- HEAD...: an inetd with these, held against the heads.
serve() {
	local dialect=$1 files=()
	shift
	while [ "$1" != -- ]; do
		files+=(--conf "$1")
		shift
	done
	shift
	ip addr add 192.0.2.1/32 dev lo
	inetd_start "${files[@]}" --dialect "$dialect"
	wait_until held "$@"
	inetd_stop
}

# described DIALECT FILE|DIRECTORY... -- HEAD...: the same in a network and with a /run of its own, with programs that
# busybox finds without a path.
described() {
	local name
	mkdir "$INETD_DIR/bin"
	for name in httpd telnetd ftpd tftpd cat; do
		cp /bin/true "$INETD_DIR/bin/$name"
	done
	PATH=$PATH:$INETD_DIR/bin
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\nmount -t tmpfs tmpfs /run && exec "$@"\n' >"$INETD_DIR/with-run"
	chmod 755 "$INETD_DIR/with-run"
	INETD_UNDER="unshare -m $INETD_DIR/with-run ${INETD_UNDER:-}"
	in_network serve "$@"
}

# says DIALECT FILE LINE:TEXT...: -t of that file says, at these lines, nothing but these and that programs are not here,
# or run as root.
says() {
	local dialect=$1 file=$2 one
	shift 2
	run -0 "$INETD" --dialect "$dialect" -t "$file"
	for one; do
		grep -qE "^$file:${one%%:*}: (note|warning): .*${one#*:}" <<<"$output" ||
			fail "not said: $one" "$output"
	done
	for one; do
		output=$(grep -vF "$file:${one%%:*}: " <<<"$output" || true)
	done
	run grep -vE 'cannot be run|which does not exist|in no directory of PATH|runs as root' <<<"$output"
	[ -z "$output" ] || fail "$output"
}

@test "a grown file of Debian is served as its head says" {
	described debian debian.conf -- debian.conf
	says debian debian.conf 40:'the group' 40:'who comes'
}

@test "a file of FreeBSD is served as its head says" {
	described freebsd freebsd.conf -- freebsd.conf
	says freebsd freebsd.conf 31:'login class' 37:IPsec 40:'internal auth'
}

@test "lines of NetBSD, with a default address and a file that is included, are served as their heads say" {
	described netbsd netbsd-lines.conf -- netbsd-lines.conf
	says netbsd netbsd-lines.conf 21:'who comes'
}

@test "blocks of NetBSD between lines are served as their head says" {
	described netbsd netbsd-blocks.conf -- netbsd-blocks.conf
	says netbsd netbsd-blocks.conf
}

@test "a file of OpenBSD is served as its head says" {
	described openbsd openbsd.conf -- openbsd.conf
	says openbsd openbsd.conf 27:'who comes'
}

@test "a file of GNU inetutils with its directory is served as their heads say" {
	described gnu inetutils.conf inetutils.d -- inetutils.conf inetutils.d/10-clock inetutils.d/state
	says gnu inetutils.conf 21:'who comes'
}

@test "a file of busybox is served as its head says" {
	described busybox busybox.conf -- busybox.conf
	says busybox busybox.conf 25:'who comes'
}

@test "lines that these files have switched off are understood too, and nothing but the same is said of them" {
	local dialect file before
	while read -r dialect file; do
		before=$("$INETD" --dialect "$dialect" -t "$file" 2>&1)
		sed -E 's/^#(<off># )?([^# ]+[[:blank:]]+(stream|dgram)[[:blank:]])/\2/' "$file" >"on-$file"
		! diff -q "$file" "on-$file" >/dev/null || fail "nothing is switched off: $file"
		run -0 "$INETD" --dialect "$dialect" -t "on-$file"
		output=$(grep -vE 'cannot be run|which does not exist|in no directory of PATH|runs as root' <<<"$output" || true)
		[ "$output" = "$(grep -vE 'cannot be run|which does not exist|in no directory of PATH|runs as root' <<<"${before//"$file"/on-$file}" ||
			true)" ] || fail "$output"
	done <<-END
		debian debian.conf
		freebsd freebsd.conf
		netbsd netbsd-lines.conf
		openbsd openbsd.conf
	END
}

other_heads() {
	ip addr add 192.0.2.1/32 dev lo
	inetd_start --conf openbsd.conf --dialect openbsd
	wait_until held openbsd.conf
	run -1 held wrong.conf
	[[ $output == *'rate = 20/min'* ]]
	run -1 held busybox.conf
	inetd_stop
	inetd_start --conf openbsd.conf
	run -1 held openbsd.conf
	[[ $output == *'tcp ipv6 113 is answered'* ]]
	inetd_stop
}

@test "a head that is not kept is seen, and in another dialect it is not kept" {
	sed 's,rate=20/min,rate=21/min,' openbsd.conf >wrong.conf
	in_network other_heads
}

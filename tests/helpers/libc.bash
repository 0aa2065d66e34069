# libc.bash: what tests ask about the C library that this build has.

# is_glibc: true if it is glibc, whose symbols have versions.
is_glibc() {
	grep -qaF GLIBC_ "$B/inetd"
}

# need_glibc REASON: skips the case with another one, which lacks what the reason names.
need_glibc() {
	is_glibc || skip "$1"
}

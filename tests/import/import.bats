#!/usr/bin/env bats
# inetctl import: files of other super-servers become sections. Beside each file or directory here stands what is
# made of it, and for keys that this version lacks their loss.
# IMPORT_UPDATE=1 writes what is made now.

load ../helpers/family

HERE=$TOP/tests/import

setup() {
	inetd_setup
	cd "$HERE" || return
}

# imported FILE|DIRECTORY...: into $made; the report into $report, its status into $lost.
imported() {
	made=$BATS_TEST_TMPDIR/made.ini
	lost=0
	"$INETCTL" import "$@" >"$made" 2>"$BATS_TEST_TMPDIR/said" || lost=$?
	report=$("$INETCTL" import --check "$@" 2>/dev/null) || [ $? = "$lost" ]
}

# as_expected NAME: what was made is what NAME.expect has.
as_expected() {
	[ -z "${IMPORT_UPDATE:-}" ] || cp "$made" "$1.expect"
	"$TOP/tests/bin/import_compare.py" "$1.expect" "$made"
	! grep -q '^# LOST' "$made" || [ "$lost" = 3 ]
	grep -q '^# LOST' "$made" || [ "$lost" = 0 ]
}

# passes_check: inetd -t finds no mistake.
passes_check() {
	run "$INETD" -t "$made"
	[ "$status" = 0 ] || fail "$output"
}

# known: users and groups that a Debian has and others may lack.
known() {
	need_root
	getent passwd backup >/dev/null || skip 'needs the users of Debian'
}

@test "twenty files of xinetd.d, one by one" {
	known
	count=0
	for file in xinetd.d/*; do
		case $file in *.expect) continue ;; esac
		imported "$file"
		as_expected "$file"
		passes_check
		count=$((count + 1))
	done
	[ $count = 20 ]
}

@test "xinetd: what redirect takes the place of is told as that" {
	printf 'service away\n{\nport = 8098\nsocket_type = stream\nwait = no\nuser = nobody\n%s}\n' \
		$'server = /bin/cat\nserver_args = -n\n' >"$INETD_DIR/plain"
	sed 's/^server_args.*/&\nredirect = 192.0.2.9 80/' "$INETD_DIR/plain" >"$INETD_DIR/away"
	imported "$INETD_DIR/plain"
	grep -qx 'server = /bin/cat' "$made"
	imported "$INETD_DIR/away"
	grep -qx '# implied: server = /bin/cat: redirect is in its place' "$made"
	grep -qx '# implied: server_args = -n: redirect is in its place' "$made"
	grep -qx 'server = /.*/services/redirect' "$made"
	grep -qx 'server_args = 192.0.2.9 80' "$made"
}

@test "xinetd.conf with its directory: defaults, += and -=, disabled" {
	known
	imported xinetd.conf
	as_expected xinetd.conf
	passes_check
	# The directory that it is in means the same.
	cp "$made" "$BATS_TEST_TMPDIR/first"
	imported "$PWD/."
	sed "s|^# $PWD/./|# |" "$made" | diff "$BATS_TEST_TMPDIR/first" -
}

@test "ten socket units with their services and drop-ins" {
	known
	count=0
	for file in units/*.socket; do
		imported "$file"
		as_expected "$file"
		passes_check
		count=$((count + 1))
	done
	[ $count = 10 ]
	# All at once.
	run "$INETCTL" import units
	[ "$(grep -c '^\[' <<<"$output")" = 10 ]
}

@test "rlinetd.conf with its directory" {
	known
	imported other/rlinetd.conf
	as_expected other/rlinetd.conf
	passes_check
}

@test "command lines of tcpserver and its relatives" {
	known
	for file in other/smtpd/run other/dns/run other/lines; do
		imported "$file"
		as_expected "$file"
		passes_check
	done
}

# described NAME... -- FILE...: the import of these is what the heads of the files say.
described() {
	local names=()
	while [ "$1" != -- ]; do
		names+=("described/$1")
		shift
	done
	shift
	imported "${names[@]}"
	[ "$lost" = 3 ]
	run "$TOP/tests/bin/import_described.py" "$INETCTL" "$made" "${@/#/described/}"
	[ "$status" = 0 ] || fail "$output"
	[[ $output == *[1-9]*' lines of heads' ]]
}

@test "what the heads of files say comes of them" {
	described xinetd/xinetd.conf -- xinetd/xinetd.conf xinetd/xinetd.d/{challenge,clock,dbcheck,echo,finger,ftp} \
		xinetd/xinetd.d/{git,monitor,rsync,tftp,trap,webgate}
	described systemd/adm.socket -- systemd/adm.socket systemd/adm@.service
	described systemd/hello.socket -- systemd/hello.socket{,.d/limits.conf} systemd/hello@.service
	described systemd/note.socket -- systemd/note.s{ocket,ervice}
	described systemd/portal.socket -- systemd/portal.s{ocket,ervice}
	described systemd/web.socket -- systemd/web.s{ocket,ervice}
	described systemd/copy@{one,two}.socket -- systemd/copy@.s{ocket,ervice}
	# A head that is not kept is seen.
	sed 's/instances = 60/instances = 61/' described/xinetd/xinetd.conf >"$INETD_DIR/xinetd.conf"
	imported described/xinetd/xinetd.conf
	run -1 "$TOP/tests/bin/import_described.py" "$INETCTL" "$made" "$INETD_DIR/xinetd.conf"
}

@test "every attribute is converted, implied or lost, and the report says which" {
	local file line name
	for file in xinetd.d/* units/*.socket; do
		case $file in *.expect) continue ;; esac
		imported "$file"
		while read -r line; do
			case $line in
			'' | '#'* | '{' | '}' | service* | '['*) continue ;;
			esac
			name=${line%%[ =	+-]*}
			grep -qE "^[^ ]+:[0-9]+: \[[^]]+\] $name ?[-+=].*: (becomes|implied|LOST): " <<<"$report" ||
				fail "$file: nothing of $name in: $report"
		done < <(sed 's/\\$//' "$file" | grep -v '^ ')
		[ "$(grep -c ': LOST: ' <<<"$report")" = "$(grep -c '^# LOST: ' "$made")" ] || fail "$file"
	done
}

@test "files that are nothing of the kind, or wrong, are refused with their line" {
	printf 'ftp stream tcp nowait root /bin/cat cat\n' >"$INETD_DIR/inetd.conf"
	run -1 "$INETCTL" import "$INETD_DIR/inetd.conf"
	[[ $output == *'is nothing that can be imported'* ]]
	printf 'service a\n{\n\tport 7\n}\n' >"$INETD_DIR/a"
	run -1 "$INETCTL" import "$INETD_DIR/a"
	[[ $output == *"/a:3: an attribute is written as NAME = VALUE"* ]]
	printf 'service a\n{\n\tport = 7\n' >"$INETD_DIR/a"
	run -1 "$INETCTL" import "$INETD_DIR/a"
	[[ $output == *"a '}' is missing"* ]]
	printf 'include %s/a\n' "$INETD_DIR" >"$INETD_DIR/a"
	run -1 "$INETCTL" import "$INETD_DIR/a"
	[[ $output == *'include each other'* ]]
	printf '[Socket]\nListenStream\n' >"$INETD_DIR/a.socket"
	run -1 "$INETCTL" import "$INETD_DIR/a.socket"
	[[ $output == *'a.socket:2: neither'* ]]
	printf '[Socket]\nListenStream=1\n' >"$INETD_DIR/a.socket"
	run -1 "$INETCTL" import "$INETD_DIR/a.socket"
	[[ $output == *'a.service: No such file'* ]]
	printf 'service "a" { port 7 }\n' >"$INETD_DIR/a"
	run -1 "$INETCTL" import "$INETD_DIR/a"
	[[ $output == *"a:1: a ';' is missing"* ]]
	head -c 100 /dev/zero >"$INETD_DIR/a"
	run -1 "$INETCTL" import "$INETD_DIR/a"
	[[ $output == *'NUL'* ]]
	run -1 "$INETCTL" import "$INETD_DIR/nothing"
	run -2 "$INETCTL" import
	run -2 "$INETCTL" import --wrong "$INETD_DIR/a"
	# One that is good shows that it is the others' fault.
	run -0 "$INETCTL" import xinetd.d/telnet
}

@test "log_type: a file for all, its limits, and syslog for one" {
	cat >"$BATS_TEST_TMPDIR/x.conf" <<-'END'
		defaults
		{
			log_type = FILE /var/log/xinetd.log 5000000 6000000
		}
		service echo
		{
			type = INTERNAL
			log_type = SYSLOG
		}
		service daytime
		{
			type = INTERNAL
			log_type = FILE /var/log/daytime
		}
	END
	imported "$BATS_TEST_TMPDIR/x.conf"
	[ "$(sed -n '/^\[\|^log_to/p' "$made")" = '[defaults]
log_to = /var/log/xinetd.log
[echo]
log_to = log
[daytime]
log_to = /var/log/daytime' ] || fail "$(cat "$made")"
	grep '^# LOST: log_type = .*: the limits of its size: logrotate(8)' "$made"
	passes_check
}

@test "SocketProtocol of systemd, protocol of xinetd: sctp, mptcp, udplite" {
	local protocol
	for protocol in mptcp sctp udplite; do
		printf '%s\n' '[Socket]' "$([ $protocol = udplite ] && echo ListenDatagram || echo ListenStream)=9001" \
			"SocketProtocol=$protocol" "$([ $protocol = udplite ] || echo Accept=yes)" >"$BATS_TEST_TMPDIR/x.socket"
		printf '%s\n' '[Service]' 'ExecStart=/bin/cat' 'StandardInput=socket' 'User=root' |
			tee "$BATS_TEST_TMPDIR/x.service" >"$BATS_TEST_TMPDIR/x@.service"
		imported "$BATS_TEST_TMPDIR/x.socket"
		grep -Eqx "protocol = $protocol(46)?" "$made" || fail "$(cat "$made")"
		grep '^# LOST' "$made" | grep SocketProtocol && fail "$(cat "$made")"
		passes_check
		[ "$protocol" = udplite ] || printf '%s\n' 'service x' '{' "protocol = $protocol" 'socket_type = stream' 'wait = no' \
			'user = root' 'server = /bin/cat' 'port = 9001' 'type = UNLISTED' '}' >"$BATS_TEST_TMPDIR/x.conf"
		imported "$BATS_TEST_TMPDIR/x.conf"
		[ "$protocol" = udplite ] || grep -qx "protocol = $protocol" "$made" || fail "$(cat "$made")"
		passes_check
	done
}

@test "names of hosts: kept for connections, lost where the kernel judges, also those of defaults" {
	cat >"$BATS_TEST_TMPDIR/x.conf" <<-'END'
		defaults
		{
			only_from = 192.0.2.1 .example.org
			no_access = bad.example.org
		}
		service one
		{
			type = UNLISTED
			port = 9001
			socket_type = stream
			protocol = tcp
			wait = no
			user = root
			server = /bin/cat
			only_from += good.example.org
		}
		service two
		{
			type = UNLISTED
			port = 9002
			socket_type = dgram
			protocol = udp
			wait = yes
			user = root
			server = /bin/cat
			only_from += 192.0.2.2 good.example.org
		}
		service three
		{
			type = UNLISTED
			port = 9003
			socket_type = stream
			protocol = tcp
			wait = yes
			user = root
			server = /bin/cat
		}
	END
	imported "$BATS_TEST_TMPDIR/x.conf"
	[ "$(grep -E '^(\[|only_from|no_access)' "$made")" = '[defaults]
only_from = 192.0.2.1 .example.org
no_access = bad.example.org
[one]
only_from += good.example.org
[two]
only_from = 192.0.2.1 192.0.2.2
no_access = 255.255.255.255
[three]
only_from = 192.0.2.1
no_access = 255.255.255.255' ] || fail "$(cat "$made")"
	[ "$(grep -c "^# LOST: .*'[a-z.]*' is a name: only addresses and networks are .* with wait or datagrams" "$made")" = 5 ] ||
		fail "$(cat "$made")"
	passes_check
}

@test "xinetd as strangers write it: names in capitals, both families, texts for datagrams, quotes in env" {
	cat >"$BATS_TEST_TMPDIR/x.conf" <<-'END'
		service one
		{
			TYPE = UNLISTED
			PORT = 9001
			socket_type = stream
			wait = no
			user = root
			server = /bin/cat
			FLAGS = IPv6 IPv4
			env = TZ=UTC "A=b c"
		}
		service two
		{
			type = UNLISTED
			port = 9002
			socket_type = dgram
			protocol = udp
			wait = yes
			user = root
			server = /bin/cat
			flags = IPv4
			banner_fail = /etc/hostname
			banner = /etc/hostname
		}
	END
	imported "$BATS_TEST_TMPDIR/x.conf"
	[ "$(grep -E '^(\[|listen|protocol|env|banner)' "$made")" = '[one]
listen = 9001
protocol = tcp46
env = TZ=UTC
[two]
listen = 9002
protocol = udp4' ] || fail "$(cat "$made")"
	[ "$(grep -c '^# LOST: banner.*: only connections can be told something' "$made")" = 2 ]
	grep -F "# LOST: env = TZ=UTC \"A=b c\": '\"A=b' is no NAME=VALUE" "$made"
	passes_check
}

@test "what a socket unit asks for of tcp is lost for another protocol, and the section is served" {
	printf '%s\n' '[Socket]' 'ListenStream=9001' 'SocketProtocol=mptcp' 'Accept=yes' 'KeepAlive=yes' 'NoDelay=yes' \
		>"$BATS_TEST_TMPDIR/x.socket"
	printf '%s\n' '[Service]' 'ExecStart=/bin/cat' 'StandardInput=socket' 'User=root' >"$BATS_TEST_TMPDIR/x@.service"
	imported "$BATS_TEST_TMPDIR/x.socket"
	[ "$(grep -cE '^# LOST: (KeepAlive|NoDelay)=yes: it is for tcp alone' "$made")" = 2 ] || fail "$(cat "$made")"
	passes_check
}

#!/usr/bin/env bats
# What programs see under the real xinetd, and under inetd with what inetctl import makes of the same file: one
# service for each combination of attributes, asked one after the other.

load ../helpers/family
load ../helpers/ending
load ../helpers/scratch

setup() {
	scratch_setup
	unshare -n true || skip 'no network namespaces'
	# Ports of their own, for both.
	mkfifo "$INETD_DIR/hold"
	(close_inherited && exec unshare -n bash -c "ip link set lo up && echo >$INETD_DIR/up && read -r <$INETD_DIR/hold") &
	holder=$!
	wait_until [ -e "$INETD_DIR/up" ]
	net=(nsenter "--net=/proc/$(pgrep -P $holder . || echo $holder)/ns/net")
	state=$(probe state)
	printf 'welcome\n' >"$INETD_DIR/banner"
	count=0
	: >"$INETD_DIR/x.conf"
}

# combination ATTRIBUTE...: one more service; standard words are added where they are not said.
combination() {
	local line
	count=$((count + 1))
	{
		printf 'service s%d\n{\n\ttype = UNLISTED\n\tport = %d\n' "$count" $((7000 + count))
		for line in 'socket_type = stream' 'wait = no' 'user = nobody' "server = $state" 'disable = no'; do
			[[ " $* " == *" ${line%% *} ="* ]] || printf '\t%s\n' "$line"
		done
		printf '\t%s\n' "$@"
		printf '}\n\n'
	} >>"$INETD_DIR/x.conf"
}

combinations() {
	local now close
	now=$(date +%H)
	close=$(printf '%d:00-%d:30' $(((10#$now + 4) % 24)) $(((10#$now + 4) % 24)))
	printf 'defaults\n{\n\tcps = 1000 1\n\tinstances = 50\n\tpassenv = PATH\n}\n\n' >"$INETD_DIR/x.conf"
	combination 'server_args = -a'
	combination 'user = root'
	combination 'user = daemon'
	combination 'user = 65534'
	combination 'user = nobody' 'group = daemon'
	combination 'user = nobody' 'group = 1'
	combination 'user = root' 'groups = yes'
	combination 'server_args = one two  three'
	combination 'server_args = "one two" three'
	combination "server_args = it's a \$HOME \\n ; # %i \`x\`"
	combination 'server_args = -a --b=c,d /e/f'
	combination 'flags = NAMEINARGS' 'server_args = other-name -x y'
	combination 'flags = NAMEINARGS REUSE' 'server_args = /a/path'
	combination 'nice = 5'
	combination 'nice = -3' 'user = root'
	combination 'umask = 077'
	combination 'umask = 002' 'nice = 1'
	combination 'env = ONE=1'
	combination 'env = ONE=1' 'env += TWO=a=b'
	combination 'env = ONE=1 TWO=;x'
	combination 'passenv = GIVEN'
	combination 'passenv = GIVEN' 'env = ONE=1'
	combination 'passenv ='
	combination 'rlimit_as = 512M'
	combination 'rlimit_cpu = 10'
	combination 'rlimit_files = 64'
	combination 'rlimit_stack = 4M'
	combination 'rlimit_data = 64M' 'rlimit_cpu = UNLIMITED'
	combination 'only_from = 127.0.0.0'
	combination 'only_from = 192.0.2.1'
	combination 'no_access = 127.0.0.1'
	combination 'only_from = 127.0.0.0' 'no_access = 127.0.0.1'
	# Of an address in both lists xinetd never finds the better match, which its manual promises: not compared.
	combination 'only_from = 127.0.0.1' 'no_access = 10.0.0.0'
	combination 'only_from = 127.0.0.{7,1}'
	combination 'only_from = 0.0.0.0'
	combination 'only_from ='
	combination "banner_success = $INETD_DIR/banner"
	combination "banner = $INETD_DIR/banner" 'no_access = 127.0.0.1'
	combination "banner_fail = $INETD_DIR/banner" 'only_from = 10.0.0.0'
	combination 'access_times = 0:00-23:59'
	combination "access_times = $close"
	combination 'disable = yes'
	combination 'flags = IPv4' 'bind = 127.0.0.1'
	combination 'interface = 127.0.0.1' 'protocol = tcp'
	combination 'env = ONE=1' 'only_from -= 127.0.0.1' 'only_from += 127.0.0.1'
	combination 'redirect = 127.0.0.1 7001'
}

# ask_all DIRECTORY: what each service answers, one file each.
ask_all() {
	local i
	mkdir "$1"
	for ((i = 1; i <= count; i++)); do
		timeout $((10 * INETD_PATIENCE)) "${net[@]}" socat -u \
			"TCP4:127.0.0.1:$((7000 + i))" STDOUT >"$1/$i" 2>/dev/null || true
	done
}

# told FILE: what both must say; xinetd gives all its variables, but those that begin so are the test's. Groups
# are its own unless groups = yes is said, and the limit of descriptors is the daemon's.
told() {
	grep -vE '^(comm|pid|session|group |groups|nofile|buffers|not default|flags|directory)' "$1" |
		grep -vE '^env ' || true
	grep -E '^env (ONE|TWO|GIVEN)=' "$1" | sort || true
}

# lost_there NUMBER: a limit that this version has no key for.
lost_there() {
	awk -v head="[s$1]" '$0 == head { inside = 1; next } /^\[/ { inside = 0 }
		inside && /no key rlimit_/ { found = 1 } END { exit !found }' "$INETD_DIR/made.ini"
}

@test "46 combinations of attributes, beside the real xinetd" {
	local i pid differ=0
	combinations
	[ "$count" -ge 40 ]
	env -i PATH=/usr/sbin:/usr/bin GIVEN=yes "${net[@]}" env SCRATCH="$SCRATCH" SCRATCH_ETC="$SCRATCH_ETC" B="$B" \
		TMPDIR="${TMPDIR:-/tmp}" "$TOP/tests/scratch/enter" xinetd -dontfork -f "$INETD_DIR/x.conf" \
		-filelog "$INETD_DIR/x.log" -pidfile "$INETD_DIR/x.pid" 3>&- &
	pid=$!
	wait_until "${net[@]}" socat -u OPEN:/dev/null TCP4:127.0.0.1:7001
	ask_all "$INETD_DIR/theirs"
	kill "$pid"
	wait "$pid" || true
	[ "$("$INETCTL" import "$INETD_DIR/x.conf" 2>/dev/null >"$INETD_DIR/made.ini" || echo $?)" = 3 ]
	sed -i "s|^server = .*/services/redirect|server = $B/services/redirect|" "$INETD_DIR/made.ini"
	GIVEN=yes INETD_UNDER="${net[*]} $INETD_UNDER" inetd_start --conf "$INETD_DIR/made.ini"
	ask_all "$INETD_DIR/ours"
	for ((i = 1; i <= count; i++)); do
		! lost_there $i || continue
		diff <(told "$INETD_DIR/theirs/$i") <(told "$INETD_DIR/ours/$i") >"$INETD_DIR/difference" || {
			differ=$((differ + 1))
			sed -n "/^service s$i\$/,/^}/p" "$INETD_DIR/x.conf"
			cat "$INETD_DIR/difference"
		}
	done
	[ $differ = 0 ]
	# Some were served and some refused.
	[ "$(grep -l 'argv 0' "$INETD_DIR"/theirs/* | wc -l)" -ge 30 ]
	[ "$(grep -L 'argv 0' "$INETD_DIR"/theirs/* | wc -l)" -ge 6 ]
	inetd_stop
}

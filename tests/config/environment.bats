#!/usr/bin/env bats
# env, passenv and clean_env: what a program finds in its environment besides what all have.

load ../helpers/family

setup() {
	inetd_setup
	STATE=$(probe state)
}

# section NAME: a section for the probe, with the further keys on standard input.
section() {
	printf '[%s]\nport = 0\nbind = 127.0.0.1\nuser = %s\nserver = %s\n' "$1" "$INETD_USER" "$STATE"
	cat
}

# env_of NAME: the variables a program of the service has.
env_of() {
	ask_tcp "$1" | sed -n 's/^env //p'
}

# has LINE...: each is in $output; those that begin with ! must not begin a line there.
has() {
	local line
	for line; do
		if [ "${line#!}" != "$line" ]; then
			! grep -q "^${line#!}" <<<"$output" || fail "there is ${line#!} in: $output"
		else
			grep -qxF -- "$line" <<<"$output" || fail "no '$line' in: $output"
		fi || return
	done
	[ -z "$(cut -d= -f1 <<<"$output" | sort | uniq -d)" ] || fail "twice in: $output"
}

@test "env adds variables, with quotes, and may change what all have" {
	start_ini < <(
		section plain </dev/null
		section some <<-'END'
			env = ONE=1 "TWO=a  b" EMPTY= PATH=/nowhere
			env += USER=somebody THREE=x=y
		END
	)
	run -0 env_of plain
	has "USER=$INETD_USER" '!ONE' '!PATH=/nowhere'
	run -0 env_of some
	has ONE=1 'TWO=a  b' EMPTY= PATH=/nowhere USER=somebody THREE=x=y "LOGNAME=$INETD_USER" PROTO=TCP
	inetd_stop
}

@test "passenv takes variables from the daemon's environment, and those that are not there are not made up" {
	export MINE=kept OTHER=left
	start_ini < <(
		section plain </dev/null
		section pass <<-'END'
			passenv = MINE MISSING HOME
			env = HOME=/env
		END
	)
	run -0 env_of plain
	has '!MINE' '!OTHER'
	run -0 env_of pass
	# What env says is nearer than what the daemon has.
	has MINE=kept '!MISSING' '!OTHER' HOME=/env
	inetd_stop
}

@test "clean_env = no gives all of the daemon's variables, clean_env = yes none with -E" {
	export MINE=kept USER=daemon-user NOTIFY_SOCKET='' LISTEN_FDS=7
	unset NOTIFY_SOCKET
	start_ini < <(
		section clean </dev/null
		section kept <<-'END'
			clean_env = no
			env = OWN=1
		END
	)
	run -0 env_of clean
	has '!MINE' "USER=$INETD_USER"
	run -0 env_of kept
	has MINE=kept USER=daemon-user OWN=1 PROTO=TCP '!LISTEN_'
	inetd_stop

	start_ini -E < <(
		section kept </dev/null
		section clean <<<'clean_env = yes'
	)
	run -0 env_of kept
	has MINE=kept
	run -0 env_of clean
	has '!MINE' "USER=$INETD_USER"
	inetd_stop
}

@test "LANG and TZ are the daemon's, where it has them and nobody says otherwise" {
	export LANG=en_GB.UTF-8 TZ=Asia/Tokyo
	sections() {
		section plain </dev/null
		section env <<<'env = LANG=C TZ=UTC'
		section some <<<'env = OWN=1'
	}
	start_ini < <(sections)
	run -0 env_of plain
	has LANG=en_GB.UTF-8 TZ=Asia/Tokyo
	run -0 env_of some
	has LANG=en_GB.UTF-8 TZ=Asia/Tokyo OWN=1
	run -0 env_of env
	has LANG=C TZ=UTC
	inetd_stop
	unset LANG TZ
	start_ini < <(sections)
	for name in plain some; do
		run -0 env_of $name
		has '!LANG' '!TZ' "USER=$INETD_USER"
	done
	inetd_stop
}

@test "what is said about the connection is about the connection, whoever says something else" {
	export TCPREMOTEIP=192.0.2.1 REMOTE_HOST=192.0.2.2 PROTO=UDP
	start_ini < <(
		section env <<<'env = TCPREMOTEIP=192.0.2.1 PROTO=UDP REMOTE_HOST=192.0.2.2 OWN=1'
		section pass <<<'passenv = TCPREMOTEIP PROTO REMOTE_HOST'
		section kept <<<'clean_env = no'
	)
	for name in env pass kept; do
		run -0 env_of $name
		has TCPREMOTEIP=127.0.0.1 REMOTE_HOST=127.0.0.1 PROTO=TCP
	done
	inetd_stop
}

@test "an environment that does not fit is an error with its reason, and the next reload heals it" {
	local i
	for ((i = 0; i < 20; i++)); do
		export "VARIABLE_$i=$(printf '%010000d' "$i")"
	done
	start_ini < <(
		section clean </dev/null
		section kept <<<'clean_env = no'
	)
	run -0 env_of kept
	has "VARIABLE_19=$VARIABLE_19"
	# The kernel takes a quarter of the stack, and 128 KiB at least (execve(2)).
	prlimit --pid "$INETD_PID" --stack=262144:
	run -0 env_of clean
	has '!VARIABLE'
	ask_tcp kept || true
	assert_log 'kept: cannot start .*Argument list too long'
	wait_until field_is kept RUNNING 0
	{
		section clean </dev/null
		section kept <<<'passenv = VARIABLE_1'
	} >"$INETD_DIR/inetd.ini"
	inetd_reload
	run -0 env_of kept
	has "VARIABLE_1=$VARIABLE_1" '!VARIABLE_2='
	assert_no_leaks
	inetd_stop
}

@test "lent sockets: env is there too" {
	start_ini <<-END
		[udp]
		port = 0
		protocol = udp
		server = $STATE
		server_args = -o $INETD_DIR/out
		env = ONE=1 UDPREMOTEIP=192.0.2.1
	END
	datagram udp
	wait_until test -e "$INETD_DIR/out"
	run -0 sed -n 's/^env //p' "$INETD_DIR/out"
	has ONE=1 UDPREMOTEIP=127.0.0.1
	inetd_stop
}

@test "a daemon without any variable of its own starts, and its programs have those of every program" {
	INETD_UNDER="env -i ${INETD_UNDER:-}"
	# Without a name look-up for PATH: the programs are named by their paths.
	start_ini --resolve < <(
		section plain </dev/null
		section kept <<<'clean_env = no'
		section echo <<<'internal = echo' | grep -v '^server'
	)
	run -0 env_of plain
	has "USER=$INETD_USER" PROTO=TCP '!LANG' '!TZ'
	run -0 env_of kept
	has PROTO=TCP '!USER'
	assert_answer hi ask_tcp echo hi
	inetd_reload
	assert_no_leaks
	inetd_stop
	run -0 env -i "$INETD" -t "$INETD_DIR/inetd.ini"
}

@test "-E: thousands of variables reach a program, each once, and what the connection says wins" {
	local many i
	many=(TCPREMOTEIP=192.0.2.1 LAST=later)
	for ((i = 0; i < 4000; i++)); do
		many+=("SERVICE_${i}_PORT_TCP_ADDR=10.0.0.1")
	done
	INETD_UNDER="env -i ${many[*]} ${INETD_UNDER:-}"
	start_ini -E < <(
		section kept </dev/null
		section one <<<'env = SERVICE_7_PORT_TCP_ADDR=own'
	)
	run -0 env_of kept
	has SERVICE_0_PORT_TCP_ADDR=10.0.0.1 SERVICE_3999_PORT_TCP_ADDR=10.0.0.1 LAST=later TCPREMOTEIP=127.0.0.1
	[ "$(grep -c ^SERVICE_ <<<"$output")" = 4000 ]
	[ "$(grep -c ^TCPREMOTEIP= <<<"$output")" = 1 ]
	run -0 env_of one
	has SERVICE_7_PORT_TCP_ADDR=own SERVICE_8_PORT_TCP_ADDR=10.0.0.1
	inetd_stop
}

@test "environment_file: variables of files, below those of env, read again by a reload" {
	printf '%s\n' '# a comment' '; another' '' 'ONE=file' ' TWO = no' >"$INETD_DIR/bad"
	printf '%s\n' '# a comment' '; another' '' 'ONE=file' "TWO='a  b'" '  export THREE="x=y" ' 'FOUR=' 'HOME=/file' \
		>"$INETD_DIR/first"
	# shellcheck disable=SC2016 # it is meant so
	printf 'ONE=second\nFIVE=$ONE' >"$INETD_DIR/second"
	start_ini < <(
		section plain </dev/null
		section files <<-END
			environment_file = $INETD_DIR/first -$INETD_DIR/missing
			environment_file += $INETD_DIR/second
			env = FOUR=env
		END
	)
	run -0 env_of plain
	has '!ONE' '!TWO' '!HOME=/file'
	run -0 env_of files
	# shellcheck disable=SC2016 # nothing is substituted
	has ONE=second 'TWO=a  b' THREE=x=y FOUR=env HOME=/file 'FIVE=$ONE' "USER=$INETD_USER" PROTO=TCP
	echo 'ONE=changed' >"$INETD_DIR/missing"
	run -0 env_of files
	has ONE=second
	echo 'FIVE=changed' >"$INETD_DIR/second"
	inetd_reload
	run -0 env_of files
	has ONE=changed FIVE=changed
	# With a mistake the entry keeps what it had.
	cp "$INETD_DIR/bad" "$INETD_DIR/second"
	run inetctl reload
	[[ $output == *"inetd.ini:"*": error: environment_file: line 5 of $INETD_DIR/second is not NAME=VALUE"* ]]
	run -0 env_of files
	has ONE=changed FIVE=changed
	inetd_stop
}

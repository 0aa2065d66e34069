#!/usr/bin/env bats
# As whom a program runs.

load ../helpers/family

setup() {
	inetd_setup
	STATE=$(probe state)
}

# people: users and groups of the test's own. alice is in two more groups; a.dot has a dot in its name.
people() {
	with_etc
	cp /etc/passwd /etc/group "$INETD_DIR/etc/"
	# A package of inetd may have made it here.
	sed -i '/^_inetd:/d' "$INETD_DIR/etc/passwd"
	cat >>"$INETD_DIR/etc/passwd" <<-'END'
		alice:x:4001:4001::/home/alice:/bin/false
		a.dot:x:4002:4001::/home/dot:
		dot:x:4003:4001::/:/bin/sh
	END
	cat >>"$INETD_DIR/etc/group" <<-'END'
		alice:x:4001:
		extra:x:4010:alice
		more:x:4011:dot,alice
		other:x:4012:
	END
}

# ids NAME: uids, gids and groups of what the service NAME runs, on one line.
ids() {
	ask_tcp "$1" | grep -E '^(uid|gid|groups)( |$)' | xargs
}

@test "user, group and supplementary groups, in every notation" {
	people
	inetd_start <<-END
		127.0.0.1:{user} stream tcp nowait alice $STATE
		127.0.0.1:{colon} stream tcp nowait alice:other $STATE
		127.0.0.1:{point} stream tcp nowait alice.other $STATE
		127.0.0.1:{dot} stream tcp nowait a.dot $STATE
		127.0.0.1:{dotgroup} stream tcp nowait a.dot:more $STATE
		127.0.0.1:{dotdot} stream tcp nowait a.dot.more $STATE
		127.0.0.1:{class} stream tcp nowait alice:other/daemon $STATE
		127.0.0.1:{numbers} stream tcp nowait 4001:4012 $STATE
		127.0.0.1:{nobody} stream tcp nowait 4999:4998 $STATE
		127.0.0.1:{root} stream tcp nowait root $STATE
		127.0.0.1:{rootgroup} stream tcp nowait root:other $STATE
	END
	assert_answer 'uid 4001 4001 4001 gid 4001 4001 4001 groups 4001 4010 4011' ids user
	assert_answer 'uid 4001 4001 4001 gid 4012 4012 4012 groups 4010 4011 4012' ids colon
	assert_answer "$(ids colon)" ids point
	assert_answer 'uid 4002 4002 4002 gid 4001 4001 4001 groups 4001' ids dot
	assert_answer 'uid 4002 4002 4002 gid 4011 4011 4011 groups 4011' ids dotgroup
	assert_answer "$(ids dotgroup)" ids dotdot
	assert_answer "$(ids colon)" ids class
	assert_answer "$(ids colon)" ids numbers
	assert_answer 'uid 4999 4999 4999 gid 4998 4998 4998 groups 4998' ids nobody
	assert_answer -e '^uid 0 0 0 gid 0 0 0 groups( 0)?( |$)' ids root
	assert_answer -e '^uid 0 0 0 gid 4012 4012 4012 groups 4012( |$)' ids rootgroup
	inetd_stop
}

@test "home, shell and names of the user" {
	people
	inetd_start <<-END
		127.0.0.1:{alice} stream tcp nowait alice $STATE
		127.0.0.1:{dot} stream tcp nowait a.dot $STATE
	END
	run -0 ask_tcp alice
	for line in USER=alice LOGNAME=alice HOME=/home/alice SHELL=/bin/false; do
		grep -qx "env $line" <<<"$output"
	done
	# passwd(5): an empty shell is /bin/sh.
	run -0 ask_tcp dot
	grep -qx 'env SHELL=/bin/sh' <<<"$output"
	inetd_stop
}

@test "no capability is left to a program that is not root's" {
	need_root
	inetd_start <<-END
		127.0.0.1:{root} stream tcp nowait root /bin/grep grep ^CapEff /proc/self/status
		127.0.0.1:{nobody} stream tcp nowait nobody /bin/grep grep ^Cap /proc/self/status
	END
	assert_answer -e '[1-9a-f]' ask_tcp root
	run -0 ask_tcp nobody
	[ "$(grep -E '^Cap(Inh|Prm|Eff|Amb)' <<<"$output" | grep -c '0000000000000000$')" = 4 ]
	inetd_stop
}

@test "an unknown user or group is an error when the file is read" {
	inetd_config <<-END
		9 stream tcp nowait $INETD_USER:$INETD_GROUP $STATE
	END
	run -0 "$INETD" -t "$INETD_DIR/inetd.conf"
	inetd_config <<-END
		9 stream tcp nowait no-such-user $STATE
		10 stream tcp nowait $INETD_USER:no-such-group $STATE
		11 stream tcp nowait no.such.user $STATE
	END
	run -2 "$INETD" -t "$INETD_DIR/inetd.conf"
	[[ ${lines[0]} == *inetd.conf:1:\ error:*no-such-user* ]]
	[[ ${lines[1]} == *inetd.conf:2:\ error:*no-such-group* ]]
	[[ ${lines[2]} == *inetd.conf:3:\ error:*no.such.user* ]]
}

@test "users are looked up when the file is read, not when a client calls" {
	people
	inetd_start <<-END
		127.0.0.1:{alice} stream tcp nowait alice $STATE
	END
	assert_answer -e '^uid 4001' ids alice
	# In its namespace the files are the same ones.
	sed -i '/^alice/d' "$INETD_DIR/etc/passwd" "$INETD_DIR/etc/group"
	assert_answer -e '^uid 4001' ids alice
	inetd_stop
}

@test "without root it serves as the caller, and says so" {
	local user
	user=$INETD_USER
	if [ "$(id -u)" = 0 ]; then
		user=nobody
		# The checkout may be where only root can look.
		cp "$INETD" "$B/inetd-worker" "$INETD_DIR/"
		INETD=$INETD_DIR/${INETD##*/}
		chown nobody "$INETD_DIR"
		INETD_UNDER="setpriv --reuid=nobody --regid=nogroup --init-groups ${INETD_UNDER:-}"
	fi
	inetd_start <<-END
		127.0.0.1:{self} stream tcp nowait $user $STATE
		127.0.0.1:{echo} stream tcp nowait $user internal echo
		127.0.0.1:{other} stream tcp nowait root $STATE
	END
	assert_answer -e "^uid $(id -u "$user") $(id -u "$user") " ids self
	assert_answer hello ask_tcp echo hello
	# It cannot become root, and says so.
	assert_answer "$(ids self)" ids other
	assert_log "inetd.conf:3: warning: .*'root'"
	inetd_stop
}

@test "supplementary groups of the daemon do not reach programs, however many they are" {
	local last
	need_root
	for last in 5001 5100; do
		INETD_UNDER="setpriv --groups $(seq -s , 5000 $last)"
		inetd_start <<-END
			127.0.0.1:{root} stream tcp nowait root /bin/grep grep Groups /proc/self/status
			127.0.0.1:{nobody} stream tcp nowait nobody /bin/grep grep Groups /proc/self/status
		END
		grep "Groups.* $last" "/proc/$INETD_PID/status"
		assert_answer -e '^Groups:' ask_tcp root
		[[ $(ask_tcp root) != *500* ]] || fail "$(ask_tcp root)"
		assert_answer -e '^Groups:' ask_tcp nobody
		[[ $(ask_tcp nobody) != *500* ]]
		inetd_stop
	done
}

# worker_ids: uid and gid of the worker.
worker_ids() {
	awk '/^[UG]id:/ { print $2 }' "/proc/$(inetd_worker)/status" | xargs
}

@test "built-ins run as _inetd where that user exists, but never as the user of a service" {
	local conf="127.0.0.1:{echo} stream tcp nowait root internal echo"
	people
	printf '%s:x:%s:%s::/:/bin/false\n' _inetd 4020 4021 >>"$INETD_DIR/etc/passwd"
	inetd_start <<<"$conf"
	assert_answer hello ask_tcp echo hello
	wait_until assert_answer '4020 4021' worker_ids
	inetd_stop
	inetd_start <<-END
		$conf
		127.0.0.1:{same} stream tcp nowait _inetd /bin/cat
	END
	assert_answer hello ask_tcp echo hello
	wait_until assert_answer '60990 60990' worker_ids
	inetd_stop
}

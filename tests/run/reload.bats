#!/usr/bin/env bats
# Reading the configuration again: what is kept, what changes, and that a mistake takes nothing away.

load ../helpers/family

# inode NAME: of the socket that a service listens on.
inode() {
	ss -Hltne "sport = :$(inetd_port "$1")" | grep -o 'ino:[0-9]*'
}

@test "nothing changed: sockets, children and counts are kept" {
	local held before
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/2 $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
		127.0.0.1:{udp} dgram udp wait $INETD_USER internal echo
	END
	connect_tcp held cat
	connect_tcp session echo
	wait_until field_is cat RUNNING 1
	wait_until field_is echo RUNNING 1
	before=$(inode cat)
	inetctl list >"$INETD_DIR/before"
	for how in --hup ''; do
		# shellcheck disable=SC2086
		inetd_reload $how
		[ "$(inode cat)" = "$before" ]
		inetctl list | diff "$INETD_DIR/before" -
	done
	echo hi >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = hi ]
	echo there >&"$session"
	read -r -t 30 line <&"$session"
	[ "$line" = there ]
	assert_answer hi ask_udp udp hi
	assert_answer hi ask_tcp cat hi
	close_tcp held session
	assert_no_leaks
	inetd_stop
}

@test "connections that wait in the queue are served after a reload" {
	local one
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/1 $INETD_USER /bin/cat
	END
	connect_tcp one cat
	wait_until field_is cat STATE full
	(close_inherited && ask_tcp cat hi >"$INETD_DIR/answer") &
	waiter=$!
	sed -i 's|/bin/cat|/usr/bin/tr tr a-z A-Z|' "$INETD_DIR/inetd.conf"
	inetd_reload
	close_tcp one
	wait $waiter
	[ "$(cat "$INETD_DIR/answer")" = HI ]
	inetd_stop
}

@test "services come, change and go; what runs lives on" {
	local held port pid
	inetd_start <<-END
		127.0.0.1:{keep} stream tcp nowait $INETD_USER /bin/echo echo one
		127.0.0.1:{go} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer one ask_tcp keep
	port=$(inetd_port go)
	keep=$(inetd_port keep)
	connect_tcp held go
	wait_until count_is 1 inetd_children cat
	inetd_config <<-END
		127.0.0.1:{keep} stream tcp nowait $INETD_USER /bin/echo echo two
		127.0.0.1:{come} stream tcp nowait $INETD_USER /bin/echo echo new
	END
	# The second line has a free port as the one before it had: it is the same endpoint.
	sed -i '2s/tcp/tcp6/; 2s/127.0.0.1/[::1]/' "$INETD_DIR/inetd.conf"
	inetd_reload
	[ "$(inetd_port keep)" = "$keep" ]
	assert_answer two ask_tcp keep
	assert_answer new ask_tcp -6 come
	run ! ask_tcp "$port"
	echo alive >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = alive ]
	close_tcp held
	wait_until count_is 0 inetd_children
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

# typo CONFIG: a reload with it is an error, and the service "good" goes on.
typo() {
	inetd_config
	run -2 inetd_reload
	[[ $output == *error* ]] || return
	[ "$(ask_tcp "$good" hi)" = hi ] && [ "$(ask_tcp "$bad" hi)" = HI ]
}

@test "a reload with a typo loses no service" {
	local line good bad
	inetd_start <<-END
		127.0.0.1:{good} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{bad} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z
	END
	good=$(inetd_port good)
	bad=$(inetd_port bad)
	for line in 'stream tcp nowiat root /usr/bin/tr' 'strem tcp nowait root /usr/bin/tr' \
		'stream tpc nowait root /usr/bin/tr' 'stream tcp nowait no-such-user /usr/bin/tr' \
		'stream tcp nowait' 'stream tcp nowait.many root /usr/bin/tr' \
		"stream tcp nowait root /usr/bin/tr 'unclosed" 'stream tcp nowait root internal nonsense' \
		'stream'; do
		typo <<-END
			127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
			127.0.0.1:0 $line
		END
		assert_log 'inetd.conf:2: error'
		inetd_log_mark
	done
	# Other good things of the same file are done all the same.
	typo <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:0 stream tcp nowiat $INETD_USER /usr/bin/tr
		[::1]:{new} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp -6 new hi
	inetctl list | grep "127.0.0.1:$bad .*kept"
	# Mended, it is the service it was.
	inetd_config <<-END
		127.0.0.1:{good} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{bad} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z
	END
	inetd_reload
	[ "$(inetd_port bad)" = "$bad" ]
	run ! grep kept <(inetctl list)
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "a file with an error removes nothing; another file does" {
	inetd_config <<-END
		127.0.0.1:{stays} stream tcp nowait $INETD_USER /bin/cat
		.include $INETD_DIR/more.conf
		.include $INETD_DIR/less.conf
	END
	inetd_config more.conf <<-END
		[::1]:{more} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.2:{extra} stream tcp nowait $INETD_USER /bin/cat
	END
	inetd_config less.conf <<-END
		127.0.0.3:{less} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.4:{other} stream tcp nowait $INETD_USER /bin/cat
	END
	inetd_start --conf "$INETD_DIR/inetd.conf"
	more=$(inetd_port more)
	extra=$(inetd_port extra)
	less=$(inetd_port less)
	other=$(inetd_port other)
	# One line is gone and another is wrong; in the other file one is gone.
	echo "[::1]:0 stream tcp nowiat $INETD_USER /bin/cat" >"$INETD_DIR/more.conf"
	echo "127.0.0.3:0 stream tcp nowait $INETD_USER /bin/cat" >"$INETD_DIR/less.conf"
	run -2 inetd_reload
	[[ $output == *more.conf:1:\ error* ]]
	assert_answer hi ask_tcp -6 "$more" hi
	assert_answer hi ask_tcp -h 127.0.0.2 "$extra" hi
	assert_answer hi ask_tcp -h 127.0.0.3 "$less" hi
	run ! ask_tcp -h 127.0.0.4 "$other" hi
	inetctl list | grep "127.0.0.2:$extra .*kept"
	# Without the error it goes.
	: >"$INETD_DIR/more.conf"
	inetd_reload
	run ! ask_tcp -h 127.0.0.2 "$extra" hi
	inetd_stop
}

@test "an error that was there already holds nothing back, only what got worse does" {
	local wrong="127.0.0.9:0 stream tcp nowiat $INETD_USER /bin/cat"
	inetd_start <<-END
		127.0.0.1:{one} stream tcp nowait $INETD_USER /bin/cat
		$wrong
		127.0.0.2:{two} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.3:{three} stream tcp nowait $INETD_USER /bin/cat
	END
	one=$(inetd_port one) two=$(inetd_port two) three=$(inetd_port three)
	# The line has moved, the error is the same: what was taken out goes.
	inetd_config <<-END
		127.0.0.2:{two} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.3:{three} stream tcp nowait $INETD_USER /bin/cat
		$wrong
	END
	run -2 inetd_reload
	run ! ask_tcp "$one" hi
	assert_answer hi ask_tcp -h 127.0.0.2 "$two" hi
	# A second one of its kind is a new one: nothing goes, at this reload and at the next.
	inetd_config <<-END
		127.0.0.3:{three} stream tcp nowait $INETD_USER /bin/cat
		$wrong
		$wrong
	END
	run -2 inetd_reload
	assert_answer hi ask_tcp -h 127.0.0.2 "$two" hi
	run -2 inetd_reload
	assert_answer hi ask_tcp -h 127.0.0.2 "$two" hi
	# As it was before, but without the service.
	inetd_config <<-END
		127.0.0.3:{three} stream tcp nowait $INETD_USER /bin/cat
		$wrong
	END
	run -2 inetd_reload
	run ! ask_tcp -h 127.0.0.2 "$two" hi
	assert_answer hi ask_tcp -h 127.0.0.3 "$three" hi
	inetd_stop
}

@test "files that others may write are refused like unreadable ones" {
	need_root
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait root /bin/cat
	END
	port=$(inetd_port cat)
	sed 's|/bin/cat|/bin/false|' "$INETD_DIR/inetd.conf" >"$INETD_DIR/evil"
	chmod 666 "$INETD_DIR/evil"
	mv "$INETD_DIR/evil" "$INETD_DIR/inetd.conf"
	run -2 inetd_reload
	[[ $output == *inetd.conf*writ* ]]
	assert_answer hi ask_tcp "$port" hi
	chmod 644 "$INETD_DIR/inetd.conf"
	chown nobody "$INETD_DIR/inetd.conf"
	run -2 inetd_reload
	[[ $output == *inetd.conf*own* ]]
	assert_answer hi ask_tcp "$port" hi
	# Writable by its group: served, with a warning.
	chown root "$INETD_DIR/inetd.conf"
	chmod 664 "$INETD_DIR/inetd.conf"
	run -0 inetd_reload
	[[ $output == *warning*group* ]]
	run ! assert_answer hi ask_tcp "$port" hi
	inetd_stop
}

@test "a running wait program survives reloads; a removed one too, and its address can come back" {
	inetd_script greet <<-'END'
		#!/usr/bin/python3
		import os, socket
		listener = socket.socket(fileno=0)
		while True:
		    conn, _ = listener.accept()
		    text = conn.recv(100)
		    conn.sendall(b"%d" % os.getpid())
		    conn.close()
		    if b"stop" in text:
		        break
	END
	inetd_start <<-END
		127.0.0.1:{wait} stream tcp wait $INETD_USER $INETD_DIR/greet
	END
	port=$(inetd_port wait)
	pid=$(ask_tcp "$port" hi)
	inetd_reload
	inetd_reload --hup
	[ "$(ask_tcp "$port" hi)" = "$pid" ]
	[ "$(inetd_field wait STATE)" = lent ]
	[ "$(inetd_field wait RUNNING)" = 1 ]
	# Removed: inetd's copy is closed, the program has its own.
	: >"$INETD_DIR/inetd.conf"
	inetd_reload
	count_is 1 inetctl list
	[ "$(ask_tcp "$port" hi)" = "$pid" ]
	# It is wanted again, on the very port, while the old program lives.
	inetd_config <<-END
		127.0.0.1:$port stream tcp nowait $INETD_USER /bin/echo echo new
	END
	inetd_reload
	[ "$(ask_tcp "$port" hi)" = "$pid" ]
	[ "$(ask_tcp "$port" stop)" = "$pid" ]
	wait_until assert_answer new ask_tcp "$port"
	inetd_stop
}

narrower() {
	local held round
	inetd_start <<-END
		7000 stream tcp4 nowait/1 $INETD_USER /bin/cat
		7001 dgram udp4 wait $INETD_USER internal echo
	END
	assert_answer hi ask_tcp -h 127.0.0.2 7000 hi
	for round in 1 2 3; do
		# Somebody is in the queue meanwhile, and has not connected for nothing.
		wait_until field_is 7000 RUNNING 0
		connect_tcp held 7000
		wait_until field_is 7000 STATE full
		(close_inherited && ask_tcp 7000 hi >"$INETD_DIR/queued.$round") &
		waiter=$!
		wait_until queued 7000 1
		sed -i 's/^700/127.0.0.1:700/' "$INETD_DIR/inetd.conf"
		inetd_reload | grep ' 0 not open yet'
		close_tcp held
		wait $waiter
		[ "$(cat "$INETD_DIR/queued.$round")" = hi ]
		assert_answer hi ask_tcp -h 127.0.0.1 7000 hi
		assert_answer hi ask_udp -h 127.0.0.1 7001 hi
		run ! ask_tcp -h 127.0.0.2 7000 hi
		sed -i 's/^127.0.0.1:700/700/' "$INETD_DIR/inetd.conf"
		inetd_reload | grep ' 0 not open yet'
		wait_until assert_answer hi ask_tcp -h 127.0.0.2 7000 hi
		assert_answer hi ask_udp -h 127.0.0.2 7001 hi
	done
	assert_no_leaks
	inetd_stop
}

@test "from any address to one and back works at once, and serves the queue" {
	in_network narrower
}

# state: what inetctl list says, without counts.
state() {
	inetctl list | awk '{ print $1, $2, $3, $8, $9 }' | sed 1d | sort
}

same_state() {
	local from to files=("$INETD_DIR"/conf.*)
	inetd_start --conf "$INETD_DIR/current" -a 127.0.0.1 </dev/null
	for from in "${files[@]}"; do
		for to in "${files[@]}"; do
			cp "$from" "$INETD_DIR/current"
			inetd_reload >/dev/null
			cp "$to" "$INETD_DIR/current"
			inetd_reload >/dev/null
			state >"$INETD_DIR/reloaded"
			if [ ! -e "$to.restarted" ]; then
				inetd_stop
				inetd_start --conf "$INETD_DIR/current" -a 127.0.0.1 </dev/null
				state >"$to.restarted"
				[ -s "$to.restarted" ]
			fi
			diff "$to.restarted" "$INETD_DIR/reloaded" || fail "from $from to $to"
		done
	done
	inetd_stop
}

@test "the same file by reload and by restart gives the same state" {
	local u=$INETD_USER
	cat >"$INETD_DIR/conf.1" <<-END
		7000 stream tcp nowait root /bin/cat
		7001 dgram udp wait root internal echo
		7002 stream tcp46 nowait root /bin/cat
		$INETD_DIR/s stream unix nowait root /bin/cat
		7010 stream tcp nowait root internal tcpmux
		tcpmux/a stream tcp nowait root /bin/cat
	END
	cat >"$INETD_DIR/conf.2" <<-END
		127.0.0.2:7000 stream tcp wait root /bin/cat
		*:7002 stream tcp4 nowait root internal echo
		7001 stream tcp nowait root internal daytime
		7011 stream tcp nowait root /bin/cat
		7012 stream tcp nowait root /bin/cat
	END
	cat >"$INETD_DIR/conf.3" <<-END
		*:7000 stream tcp nowait.5 root /usr/bin/env
		127.0.0.1,127.0.0.2:7002 stream tcp nowait root /bin/cat
		7001 dgram udp wait root /bin/cat
		:::0600:$INETD_DIR/s seqpacket unix nowait root /bin/cat
		tcpmux/b stream tcp nowait root /bin/cat
		7010 stream tcp nowait root internal tcpmux
	END
	cat >"$INETD_DIR/conf.4" <<-END
		*:7000 stream tcp nowait root /bin/cat
		*:7000 stream tcp6 nowait root /usr/bin/env
		[::1]:7001 dgram udp wait root internal echo
		*:7002 stream tcp nowait root /bin/cat
		$INETD_DIR/s dgram unix wait root /bin/cat
	END
	cp "$INETD_DIR/conf.1" "$INETD_DIR/current"
	in_network same_state
}

@test "a path that is removed goes, and mode, owner and buffers of a kept one change" {
	inetd_start <<-END
		$INETD_DIR/a stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/b stream unix nowait $INETD_USER /bin/cat
	END
	[ "$(stat -c %a "$INETD_DIR/a")" = 666 ]
	before=$(stat -c %i "$INETD_DIR/a")
	inetd_config <<-END
		:::0600:$INETD_DIR/a stream unix nowait $INETD_USER /bin/cat
	END
	inetd_reload
	[ ! -e "$INETD_DIR/b" ]
	[ "$(stat -c '%i %a' "$INETD_DIR/a")" = "$before 600" ]
	assert_answer hi ask_unix "$INETD_DIR/a" hi
	inetd_stop
	[ ! -e "$INETD_DIR/a" ]
}

@test "a path that somebody else has taken meanwhile is not removed at the end" {
	inetd_start <<-END
		$INETD_DIR/a stream unix nowait $INETD_USER /bin/cat
	END
	rm "$INETD_DIR/a"
	echo mine >"$INETD_DIR/a"
	inetd_stop
	[ "$(cat "$INETD_DIR/a")" = mine ]
}

@test "new limits hold at once, what runs counts" {
	local one two three
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/2 $INETD_USER /bin/cat
	END
	connect_tcp one cat
	connect_tcp two cat
	wait_until field_is cat STATE full
	sed -i 's/nowait.2/nowait\/3/' "$INETD_DIR/inetd.conf"
	inetd_reload
	assert_answer hi ask_tcp cat hi
	wait_until field_is cat RUNNING 2
	sed -i 's/nowait.3/nowait\/1/' "$INETD_DIR/inetd.conf"
	inetd_reload
	close_tcp one
	wait_until field_is cat RUNNING 1
	run ! ask_tcp -t 1 cat hi
	[ "$(inetd_field cat STATE)" = full ]
	close_tcp two
	wait_until assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "what the command line says holds after a reload too" {
	cd "$INETD_DIR"
	inetd_start -4 -a 127.0.0.9 -c 1 -q 5 <<-END
		{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp -h 127.0.0.9 cat hi
	inetctl list >before
	cp inetd.conf saved
	: >inetd.conf
	inetd_reload
	cp saved inetd.conf
	inetd_reload
	assert_answer hi ask_tcp -h 127.0.0.9 cat hi
	run ! ask_tcp -h 127.0.0.1 cat hi
	count_is 1 inetd_rows cat
	[ "$(ss -Hltn "sport = :$(inetd_port cat)" | awk '{ print $3 }')" = 5 ]
	exec {one}<>"/dev/tcp/127.0.0.9/$(inetd_port cat)"
	wait_until field_is cat STATE full
	close_tcp one
	inetd_stop
}

@test "a socket changes from lent to accepted and back" {
	local word kind
	inetd_start <<-END
		127.0.0.1:{x} stream tcp nowait $INETD_USER /bin/echo echo program
	END
	assert_answer program ask_tcp x
	for word in 'internal daytime' '/bin/echo echo program' 'internal daytime'; do
		sed -i "s|$INETD_USER .*|$INETD_USER $word|" "$INETD_DIR/inetd.conf"
		inetd_reload
		case $word in
		internal*) assert_answer -e '20[0-9][0-9]' ask_tcp x ;;
		*) assert_answer program ask_tcp x ;;
		esac
	done
	inetd_script once <<-'END'
		#!/usr/bin/python3
		import socket
		conn, _ = socket.socket(fileno=0).accept()
		conn.sendall(b"lent")
	END
	for kind in wait nowait wait; do
		sed -i "s|tcp .*|tcp $kind $INETD_USER $INETD_DIR/once|" "$INETD_DIR/inetd.conf"
		[ $kind = wait ] || sed -i "s|$INETD_DIR/once|/bin/echo echo program|" "$INETD_DIR/inetd.conf"
		inetd_reload
		if [ $kind = wait ]; then
			assert_answer lent ask_tcp x
			wait_until field_is x STATE ready
		else
			assert_answer program ask_tcp x
		fi
	done
	inetd_stop
}

# wait_at ADDRESS LISTENER: connects to port 7000 there and waits until that is in the queue of the socket; what comes
# goes to the file "queued".
wait_at() {
	(close_inherited && ask_tcp -h "$1" 7000 hi >"$INETD_DIR/queued" 2>/dev/null) &
	waiter=$!
	wait_until queued 7000 1 "$2"
}

other_address() {
	local held
	inetd_start <<-END
		127.0.0.1:7000 stream tcp4 nowait/1 $INETD_USER /bin/cat
		127.0.0.2:7000 stream tcp4 nowait $INETD_USER /bin/echo echo private
	END
	assert_answer private ask_tcp -h 127.0.0.2 7000
	connect_tcp held 7000
	wait_until field_is 7000 STATE full
	wait_at 127.0.0.1 127.0.0.1
	sed -i 1d "$INETD_DIR/inetd.conf"
	inetd_reload
	wait $waiter || true
	[ "$(cat "$INETD_DIR/queued")" = '' ]
	close_tcp held
	assert_answer private ask_tcp -h 127.0.0.2 7000
	# From all addresses to one of them: the queue is served as far as it is for that one.
	inetd_config <<-END
		7000 stream tcp4 nowait/1 $INETD_USER /bin/cat
	END
	inetd_reload
	connect_tcp held 7000
	wait_until field_is 7000 STATE full
	wait_at 127.0.0.3 0.0.0.0
	inetd_config <<-END
		127.0.0.2:7000 stream tcp4 nowait $INETD_USER /bin/echo echo private
	END
	inetd_reload
	wait $waiter || true
	[ "$(cat "$INETD_DIR/queued")" = '' ]
	close_tcp held
	inetd_stop
}

@test "connections in a queue never reach the service of another address" {
	in_network other_address
}

wait_narrower() {
	local pid udp
	ip address add 10.1.1.1/32 dev lo # a datagram from 127.0.0.2 would be answered by 127.0.0.1
	inetd_script greet <<-'END'
		#!/usr/bin/python3
		import os, socket
		listener = socket.socket(fileno=0)
		while True:
		    if listener.type == socket.SOCK_STREAM:
		        conn, _ = listener.accept()
		        text = conn.recv(100)
		        conn.sendall(b"%d" % os.getpid())
		        conn.close()
		    else:
		        text, peer = listener.recvfrom(100)
		        listener.sendto(b"%d" % os.getpid(), peer)
		    if b"stop" in text:
		        break
	END
	inetd_start <<-END
		7000 stream tcp4 wait $INETD_USER $INETD_DIR/greet
		7001 dgram udp4 wait $INETD_USER $INETD_DIR/greet
	END
	pid=$(ask_tcp 7000 hi)
	udp=$(ask_udp 7001 hi)
	inetd_config <<-END
		127.0.0.1:7000 stream tcp4 nowait $INETD_USER /bin/cat
		127.0.0.1:7001 dgram udp4 wait $INETD_USER $INETD_DIR/greet
	END
	inetd_signal HUP
	# The daemon does not hang in accept(2), and the programs still get what is not for the new sockets.
	timeout 60 "$INETCTL" -s "$INETD_DIR/control" list
	assert_answer hi ask_tcp -h 127.0.0.1 7000 hi
	[ "$(ask_udp -h 127.0.0.1 7001 stop)" != "$udp" ]
	[ "$(ask_tcp -h 127.0.0.2 7000 stop)" = "$pid" ]
	[ "$(ask_udp -h 10.1.1.1 7001 stop)" = "$udp" ]
	inetd_stop
}

@test "from any address to one while a wait program has the socket: it keeps what it has" {
	in_network wait_narrower
}

named_address() {
	inetd_script answer <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		text, peer = s.recvfrom(100)
		s.sendto(b"program", peer)
	END
	printf '%s\n' "127.0.0.2:7000 dgram udp4 wait $INETD_USER internal echo" \
		"name.test:7000 dgram udp4 wait $INETD_USER $INETD_DIR/answer" >"$INETD_DIR/both"
	inetd_start <"$INETD_DIR/both"
	wait_until inetd_log_has 'new addresses'
	assert_answer hi ask_udp -h 127.0.0.2 7000 hi
	# The name has the address to itself: its socket is the worker's no more.
	sed -i 1d "$INETD_DIR/inetd.conf"
	inetd_reload
	assert_answer program ask_udp -h 127.0.0.2 7000 hi
	cp "$INETD_DIR/both" "$INETD_DIR/inetd.conf"
	inetd_reload
	wait_until assert_answer hi ask_udp -h 127.0.0.2 7000 hi
	inetd_stop
}

@test "an address goes from a built-in to a program that is bound by name, and back" {
	with_etc
	printf '127.0.0.1 localhost\n127.0.0.2 name.test\n' >"$INETD_DIR/etc/hosts"
	in_network named_address
}

@test "the owner of a path that nobody is named for any more is the daemon's user" {
	need_root
	inetd_start <<-END
		:nobody:nogroup:0660:$INETD_DIR/a stream unix nowait $INETD_USER /bin/cat
	END
	[ "$(stat -c '%U %G %a' "$INETD_DIR/a")" = 'nobody nogroup 660' ]
	inetd_config <<-END
		$INETD_DIR/a stream unix nowait $INETD_USER /bin/cat
	END
	inetd_reload
	[ "$(stat -c '%U %G %a' "$INETD_DIR/a")" = 'root root 666' ]
	inetd_stop
}

# mine ADDRESS: the configuration of one service, which may run twice, on that address.
mine() {
	cat <<-END
		[mine]
		bind = $1
		port = 0
		server = /bin/cat
		user = $INETD_USER
		instances = 2
	END
}


@test "a service whose port changes keeps its state: what runs counts and is known by its name" {
	local one two
	mine 127.0.0.1 >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	connect_tcp one mine
	connect_tcp two mine
	wait_until field_is mine RUNNING 2
	mine 127.0.0.2 >"$INETD_DIR/inetd.ini"
	inetd_reload
	field_is mine RUNNING 2
	field_is mine STATE full
	run ! ask_tcp -h 127.0.0.2 -t 1 mine hi
	[ "$(inetctl connections mine | grep -c 127.0.0.1)" = 2 ]
	close_tcp one
	wait_until field_is mine RUNNING 1
	assert_answer hi ask_tcp -h 127.0.0.2 mine hi
	wait_until field_is mine RUNNING 1
	# The one from before the reload, too, is ended by name.
	inetctl stop mine
	wait_until field_is mine RUNNING 0
	close_tcp two
	inetd_stop
}

@test "a service that is removed and comes back finds what still runs of it" {
	local one two pids
	mine 127.0.0.1 >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	connect_tcp one mine
	connect_tcp two mine
	wait_until field_is mine RUNNING 2
	wait_until count_is 2 inetd_children cat # they have got to their exec
	pids=$(inetd_children cat)
	printf '[other]\nport = 0\ninternal = echo\n' >"$INETD_DIR/inetd.ini"
	inetd_reload
	run ! field_is mine RUNNING 2
	[ "$(inetd_children cat)" = "$pids" ]
	mine 127.0.0.2 >>"$INETD_DIR/inetd.ini"
	inetd_reload
	field_is mine RUNNING 2
	field_is mine STATE full
	inetctl stop mine
	wait_until field_is mine RUNNING 0
	# Without anything that runs it begins anew.
	printf '[other]\nport = 0\ninternal = echo\n' >"$INETD_DIR/inetd.ini"
	inetd_reload
	mine 127.0.0.1 >>"$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp mine hi
	close_tcp one two
	inetd_stop
}

@test "two services that swap their names keep their counts under them" {
	local one
	printf '[%s]\nbind = 127.0.0.%s\nport = 0\nserver = /bin/cat\nuser = %s\n' one 1 "$INETD_USER" two 2 "$INETD_USER" >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	connect_tcp one one
	wait_until field_is one RUNNING 1
	printf '[%s]\nbind = 127.0.0.%s\nport = 0\nserver = /bin/cat\nuser = %s\n' two 1 "$INETD_USER" one 2 "$INETD_USER" >"$INETD_DIR/inetd.ini"
	inetd_reload
	field_is one RUNNING 1
	field_is two RUNNING 0
	assert_answer hi ask_tcp two hi
	assert_answer hi ask_tcp -h 127.0.0.2 one hi
	close_tcp one
	assert_no_leaks
	inetd_stop
}

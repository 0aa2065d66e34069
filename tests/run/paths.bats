#!/usr/bin/env bats
# Paths through a directory that another owns: he can rename it and put a link in its place, at any moment, and gets
# nothing by it: root makes, changes and appends to no file elsewhere, and waits for no file system of his.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside

setup() {
	inetd_setup
	need_root
	need_plain
	# What nobody but root may change, and where nothing is to appear.
	mkdir -m 700 "$INETD_DIR/secret"
	mkdir "$INETD_DIR/public"
	mkdir "$INETD_DIR/public/theirs"
	chown nobody: "$INETD_DIR/public" "$INETD_DIR/public/theirs"
}

# attack: the directory is moved away, and a link to the secret one is in its place; attack_over: no more.
attack() {
	mv "$INETD_DIR/public/theirs" "$INETD_DIR/public/moved"
	ln -s ../secret "$INETD_DIR/public/theirs"
}

attack_over() {
	rm "$INETD_DIR/public/theirs"
	mv "$INETD_DIR/public/moved" "$INETD_DIR/public/theirs"
}

# secret_is NAME...: these are there, and nothing else.
secret_is() {
	local found
	found=$(ls -A "$INETD_DIR/secret")
	[ "$found" = "$(printf '%s\n' "$@")" ] || fail "in the secret directory: $found"
}

@test "stderr = /path: no file is made or appended to where a link leads" {
	local log=$INETD_DIR/public/theirs/log
	echo mine >"$INETD_DIR/secret/crontab"
	start_ini <<-END
		[made]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2; echo hello'
		stderr = $log
		[appended]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2; echo hello'
		stderr = $INETD_DIR/public/theirs/crontab
	END
	assert_answer hello ask_tcp made
	wait_until grep -q oops "$log"
	attack
	assert_answer hello ask_tcp made
	assert_answer hello ask_tcp appended
	assert_log 'made: stderr goes to /dev/null: .*(Too many levels of symbolic links|Symbolic link loop)'
	assert_log 'appended: stderr goes to /dev/null: .*(Too many levels of symbolic links|Symbolic link loop)'
	secret_is crontab
	[ "$(cat "$INETD_DIR/secret/crontab")" = mine ]
	attack_over
	assert_answer hello ask_tcp made
	wait_until count_is 2 cat "$log"
	inetd_stop
}

@test "a unix socket: none is made where a link leads, and it comes when the directory is back" {
	start_ini <<-END
		[one]
		listen = $INETD_DIR/public/theirs/one
		server = /bin/cat
	END
	assert_answer hi ask_unix "$INETD_DIR/public/theirs/one" hi
	attack
	cat >>"$INETD_DIR/inetd.ini" <<-END
		[two]
		listen = $INETD_DIR/public/theirs/two
		server = /bin/cat
	END
	inetctl reload || true
	wait_until field_is two STATE bind
	assert_log 'two.*(Too many levels of symbolic links|Symbolic link loop)'
	secret_is
	attack_over
	wait_until assert_answer hi ask_unix "$INETD_DIR/public/theirs/two" hi
	# The one that was open all the time is removed where it is.
	assert_answer hi ask_unix "$INETD_DIR/public/theirs/one" hi
	inetd_stop
	[ -z "$(ls -A "$INETD_DIR/public/theirs")" ]
}

@test "a unix socket: no moment is left between the look at a directory and the bind" {
	local swap_fd swapper
	start_ini <<-END
		[one]
		listen = $INETD_DIR/public/theirs/one
		server = /bin/cat
	END
	ln -s ../secret "$INETD_DIR/public/link"
	mkfifo "$INETD_DIR/swap"
	(close_inherited && exec "$TOP/tests/bin/swap.py" "$INETD_DIR/public/theirs" "$INETD_DIR/public/link" \
		<"$INETD_DIR/swap" >"$INETD_DIR/swaps") &
	swapper=$!
	exec {swap_fd}>"$INETD_DIR/swap"
	wait_until grep -q begins "$INETD_DIR/swaps"
	for _ in {1..150}; do
		inetctl disable one >/dev/null
		inetctl enable one >/dev/null || true
		secret_is
	done
	exec {swap_fd}>&-
	wait "$swapper"
	wait_until assert_answer hi ask_unix "$INETD_DIR/public/theirs/one" hi
	secret_is
	inetd_stop
}

@test "a reload that changes the mode of a socket gives away no other socket" {
	start_ini <<-END
		[one]
		listen = $INETD_DIR/public/theirs/one
		server = /bin/cat
		socket_user = nobody
		socket_mode = 0660
	END
	[ "$(stat -c '%U %a' "$INETD_DIR/public/theirs/one")" = 'nobody 660' ]
	# Root's own, by the same name.
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$INETD_DIR/secret/one"
	chmod 600 "$INETD_DIR/secret/one"
	attack
	sed -i 's/0660/0666/' "$INETD_DIR/inetd.ini"
	inetctl reload || true
	assert_log 'one: .*open'
	[ "$(stat -c '%U %a' "$INETD_DIR/secret/one")" = 'root 600' ]
	attack_over
	sed -i 's/0666/0664/' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(stat -c '%U %a' "$INETD_DIR/public/theirs/one")" = 'nobody 664' ]
	rm "$INETD_DIR/secret/one"
	inetd_stop
}

@test "a unix socket on a file system that does not answer holds up nobody" {
	on_fuse
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[lost]
		listen = $INETD_DIR/fs/stat
		server = /bin/cat
	END
	beside_start beside
	field_is lost STATE bind
	sed -i 's/^\[lost\]/&\nsocket_mode = 0600/' "$INETD_DIR/inetd.ini"
	inetctl reload || true
	inetctl disable lost
	inetctl enable lost || true
	# The daemon looks at nothing there when it is asked what it thinks of a configuration.
	cat >>"$INETD_DIR/inetd.ini" <<-END
		[more]
		port = 0
		server = $INETD_DIR/fs/stat/run
		stderr = $INETD_DIR/fs/stat/log
		[deep]
		listen = $INETD_DIR/fs/stat/socket
		server = /bin/cat
	END
	inetctl check || true
	wait_until beside_asked 50
	beside_end
	inetd_stop
}

@test "a link of ours to a file system that does not answer holds up nobody, whatever it is named for" {
	on_fuse
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
	END
	beside_start beside
	ln -s fs/stat/file "$INETD_DIR/stat"
	ln -s fs/open-file "$INETD_DIR/open"
	printf '#!%s\n' "$INETD_DIR/open" >"$INETD_DIR/script"
	chmod +x "$INETD_DIR/script"
	for file in stat open script; do
		cat >>"$INETD_DIR/inetd.ini" <<-END
			[$file]
			port = 0
			server = $INETD_DIR/$file
			spare = 1
			wrapper = $INETD_DIR/$file
			stderr = $INETD_DIR/$file
			log_to = $INETD_DIR/$file
			[$file-environment]
			port = 0
			server = /bin/cat
			environment_file = $INETD_DIR/$file
			[$file-banner]
			port = 0
			server = /bin/cat
			banner = $INETD_DIR/$file
			[$file-socket]
			listen = $INETD_DIR/$file
			server = /bin/cat
		END
	done
	run -2 inetctl reload
	[[ $output == *"environment_file: $INETD_DIR/open is in a directory that others can change"* ]]
	inetctl check || true
	inetctl diff || true
	wait_until beside_asked 50
	beside_end
	inetd_stop
}

@test "a file of the configuration that another could replace is not opened, and what it has asked for stays" {
	on_fuse
	mkdir "$INETD_DIR/public/ours"
	echo "$INETD_DIR/more stream unix nowait root /bin/cat" >"$INETD_DIR/public/ours/more.conf"
	chown root: "$INETD_DIR/public"
	echo ".include $INETD_DIR/public/ours/more.conf" >"$INETD_DIR/more.conf"
	start_ini "$INETD_DIR/more.conf" <<-END
		[beside]
		port = 0
		server = /bin/cat
	END
	beside_start beside
	inetd_reload
	assert_answer hi ask_unix "$INETD_DIR/more" hi
	# He moves it away, and what is there instead never answers.
	chown nobody: "$INETD_DIR/public"
	rm -r "$INETD_DIR/public/ours"
	ln -s "$INETD_DIR/fs/stat" "$INETD_DIR/public/ours"
	run -2 inetctl reload
	[[ $output == *"more.conf: error: refused: can be replaced by others: $INETD_DIR/public belongs to uid"* ]]
	[[ $output == *'reloaded with errors: 2 services'* ]]
	echo ".include $INETD_DIR/public/ours/*.conf" >"$INETD_DIR/more.conf"
	run -2 inetctl reload
	[[ $output == *'more.conf:1: error: refused: can be replaced by others'* ]]
	[[ $output == *'reloaded with errors: 2 services'* ]]
	wait_until beside_asked 50
	beside_end
	inetd_stop
}

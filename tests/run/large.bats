#!/usr/bin/env bats
# Configurations of a size that nobody should need.

load ../helpers/family

# lines NUMBER: entries for so many addresses, all of one port.
lines() {
	awk -v count="$1" -v user="$INETD_USER" 'BEGIN {
		for (i = 0; i < count; i++)
			printf "127.60.%d.%d:7100 stream tcp nowait %s /bin/cat cat\n", i / 250, i % 250 + 1, user
	}'
}

# reload_lines NUMBER: the configuration has that many of them now, and another one.
reload_lines() {
	{
		echo "127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
		lines "$1"
	} >"$INETD_DIR/inetd.conf"
	inetd_reload
}

# turn_us: the longest turn of the loop.
turn_us() {
	inetctl stats | awk '$1 == "longest_turn_us" { print $2 }'
}

many_lines() {
	local turn started took
	inetd_start <<<"127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
	started=$(date +%s%N)
	reload_lines 15000 >/dev/null
	took=$((($(date +%s%N) - started) / 1000))
	turn=$(turn_us)
	echo "a reload of $took us, whose longest turn was $turn us"
	[ $((turn * 3)) -lt $took ] || return
	[ "$(ask_tcp -h 127.60.59.250 7100 hi)" = hi ] || return
	inetd_stop
}

@test "a reload of very many lines is worked off between the events" {
	need_plain
	in_network many_lines
}

left_lines() {
	inetd_start <<<"127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
	lines 15000 >"$INETD_DIR/inetd.conf"
	# In the order of their numbers: the reload begins, and cannot be over when the stop comes.
	kill -STOP "$INETD_PID"
	kill -HUP "$INETD_PID"
	kill -TERM "$INETD_PID"
	kill -CONT "$INETD_PID"
	inetd_ended
}

@test "a stop leaves a reload that goes on, and calls it by its name" {
	need_plain
	in_network left_lines
	assert_log 'the reading of the configuration was left: the daemon is stopping'
	assert_log 'stopping: got Terminated'
	refute_log 'Cannot allocate memory|reload failed'
}

# used_by NUMBER: processor time of taking away so many addresses of a port.
used_by() {
	local before
	reload_lines "$1" >/dev/null
	before=$(processor_ms)
	reload_lines 0 >/dev/null
	echo $(($(processor_ms) - before))
}

one_port() {
	local few many
	inetd_start <<<"127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
	few=$(used_by 2000)
	many=$(used_by 12000)
	echo "2 000 addresses: $few ms, 12 000: $many ms"
	# In proportion it is six times as much; if each looked at all others, 36 times.
	[ "$many" -lt $((15 * (few + 10))) ] || return
	inetd_stop
}

@test "taking away many addresses of one port takes time in proportion" {
	need_plain
	in_network one_port
}

# anonymous_kib: what the daemon has written.
anonymous_kib() {
	awk '$1 == "Anonymous:" { print $2 }' "/proc/$INETD_PID/smaps_rollup"
}

memory() {
	local one many
	inetd_start <<<"127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
	one=$(anonymous_kib)
	reload_lines 5000 >/dev/null
	many=$(anonymous_kib)
	echo "one service: $one KiB, 5 000 more: $many KiB"
	[ $(((many - one) * 1024 / 5000)) -le 1024 ] || return
	inetd_stop
}

@test "a service takes no more than 1 KiB of memory" {
	need_plain
	in_network memory
}

# code_kib FIELD: of the daemon's own code.
code_kib() {
	awk -v field="$1:" -v exe="$(readlink "/proc/$INETD_PID/exe")" '
		/^[0-9a-f]+-/ { is = $2 ~ /x/ && $NF == exe }
		is && $1 == field { print $2; exit }' "/proc/$INETD_PID/smaps"
}

is_in_memory_by_half() {
	[ $(($(code_kib Rss) * 2)) -le "$(code_kib Size)" ]
}

@test "what only the start and connections have needed is given back" {
	local idle busy
	need_plain
	start_ini <<<$'[cat]\nport = 0\nserver = /bin/cat'
	[ "$(code_kib Size)" -gt 0 ]
	wait_until is_in_memory_by_half
	idle=$(code_kib Rss)
	[ "$(ask_tcp cat hello)" = hello ]
	busy=$(code_kib Rss)
	echo "$idle KiB of $(code_kib Size) were in memory, then $busy"
	[ "$busy" -gt "$idle" ]
	has_less() { [ "$(code_kib Rss)" -lt "$busy" ]; }
	wait_until has_less
	inetd_stop
}

# status_kib NAME: a figure of the daemon's memory.
status_kib() {
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/$INETD_PID/status"
}

# taken_kib NUMBER: the most that a reload takes besides what there is before or afterwards.
taken_kib() {
	local before after most
	echo 5 >"/proc/$INETD_PID/clear_refs" # the most is counted anew
	before=$(status_kib VmRSS)
	reload_lines "$1" >/dev/null
	after=$(status_kib VmRSS)
	most=$(status_kib VmHWM)
	echo $((most - (before > after ? before : after)))
}

reload_memory() {
	local file_kib taken
	inetd_start <<<"127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo"
	[ -w "/proc/$INETD_PID/clear_refs" ] || skip 'the kernel does not tell the most that a process has had'
	reload_lines 20000 >/dev/null
	file_kib=$(($(wc -c <"$INETD_DIR/inetd.conf") / 1024))
	taken=$(taken_kib 20000)
	echo "a reload of $file_kib KiB takes $taken KiB"
	[ "$taken" -gt 0 ]
	[ "$taken" -le $((8 * file_kib)) ] || return
	inetd_stop
}

@test "a reload takes no more memory than eight times its file, besides what stays" {
	need_plain
	in_network reload_memory
}

# mistakes_ms FORM NUMBER: processor time of the second reload of so many mistakes, which are compared with the first.
mistakes_ms() {
	local before
	seq -f "$1" "$2" | sed 's/;/\n/g' >"$INETD_DIR/inetd.d/mistakes.$suffix"
	inetd_reload >/dev/null || true
	before=$(processor_ms)
	inetd_reload >/dev/null || true
	echo $(($(processor_ms) - before))
}

mistakes() {
	local suffix=$1 few many
	mkdir "$INETD_DIR/inetd.d"
	echo "127.0.0.1:7200 stream tcp nowait $INETD_USER internal echo" >"$INETD_DIR/echo.conf"
	inetd_start --conf "$INETD_DIR/echo.conf" --conf "$INETD_DIR/inetd.d"
	few=$(mistakes_ms "$2" 1000)
	many=$(mistakes_ms "$2" 6000)
	echo "1 000 mistakes: $few ms, 6 000: $many ms"
	[ "$(ask_tcp -h 127.0.0.1 7200 hi)" = hi ] || return
	# In proportion it is six times as much; if each looked at all others, 36 times.
	[ "$many" -lt $((15 * (few + 10))) ] || return
	inetd_stop
}

@test "very many mistakes take time in proportion" {
	need_plain
	in_network mistakes conf '%.0f tcp stream nowait rubbish'
}

@test "very many sections that mean nothing take time in proportion" {
	need_plain
	in_network mistakes ini '[s%.0f];instances = 5'
}

many_names() {
	local turn started took
	mux_lines() {
		echo "127.0.0.1:7201 stream tcp nowait $INETD_USER internal tcpmux"
		seq -f "tcpmux/Name-%06.0f stream tcp nowait $INETD_USER /bin/cat cat" "$1"
	}
	inetd_start < <(mux_lines 1)
	mux_lines 20000 >"$INETD_DIR/inetd.conf"
	started=$(date +%s%N)
	inetd_reload >/dev/null
	for name in name-000001 NAME-010000 name-020000; do
		[ "$(ask_tcp -h 127.0.0.1 7201 "$name" hi)" = hi ] || return
	done
	[[ "$(ask_tcp -h 127.0.0.1 7201 name-020001)" = -* ]] || return
	[ "$(ask_tcp -h 127.0.0.1 7201 help | wc -l)" = 20000 ] || return
	# One that is shut, of all of them, is offered no more; then all are told again.
	inetctl disable tcpmux/Name-010000
	[[ "$(ask_tcp -h 127.0.0.1 7201 name-010000)" = -* ]] || return
	inetctl enable tcpmux/Name-010000
	# Another worker is told all names before anybody is given to it.
	kill -KILL "$(inetd_worker)"
	[ "$(ask_tcp -h 127.0.0.1 7201 name-020000 hi)" = hi ] || return
	took=$((($(date +%s%N) - started) / 1000))
	turn=$(turn_us)
	echo "in $took us the longest turn was $turn us"
	[ $((turn * 3)) -lt $took ] || return
	inetd_stop
}

@test "very many names of tcpmux are told to the worker between the events" {
	need_plain
	in_network many_names
}

# ending.bash - for families that start other programs in the background than inetd: these end with the test,
# whatever happens; after family.bash.

# stop_tree PID...: stops the processes and what they have started, so that nothing new comes, and prints them.
stop_tree() {
	local pid children
	for pid; do
		kill -STOP "$pid" 2>/dev/null || continue
		echo "$pid"
		children=$(cat "/proc/$pid"/task/*/children 2>/dev/null) || true
		# shellcheck disable=SC2086 # numbers
		stop_tree $children
	done
}

# end_jobs: ends what this shell has in the background, with all that it has started.
end_jobs() {
	local -a jobs pids
	mapfile -t jobs < <(jobs -pr)
	mapfile -t pids < <(stop_tree "${jobs[@]}")
	[ ${#pids[@]} -gt 0 ] || return 0
	kill -KILL "${pids[@]}" 2>/dev/null || true
	wait "${jobs[@]}" 2>/dev/null || true
	wait_until inetd_gone "${pids[@]}"
}

teardown() {
	end_jobs
	inetd_teardown
}

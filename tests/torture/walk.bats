#!/usr/bin/env bats
# A short random walk of walk.py, the same each time; `make torture` has longer ones.

load ../helpers/family

@test "through random reloads, clients, deaths and orders counters and states are what a model says" {
	need_root
	need_plain
	run python3 -B "$BATS_TEST_DIRNAME/walk.py" --build "$B" --steps 60 --seed 17
	[ "$status" = 0 ] || fail "$output"
	[[ ${lines[-1]} == 'walk: 1 walks of 60 steps (--seed 17), 0 findings' ]] || fail "$output"
	[[ $output =~ reload\ [1-9].*served\ by\ a\ spare\ [1-9].*upgrade\ [1-9] ]] || fail "$output"
}

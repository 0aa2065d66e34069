#!/usr/bin/env bats
# A short random walk of walk.py, the same each time; `make torture` has longer ones.

load ../helpers/family

@test "through random reloads, clients, deaths and orders counters and states are what a model says" {
	need_root
	need_plain
	run python3 -B "$BATS_TEST_DIRNAME/walk.py" --build "$B" --steps 60 --seed 11
	[ "$status" = 0 ] || fail "$output"
	[[ $output == 'walk: 1 walks of 60 steps (--seed 11), 0 findings' ]] || fail "$output"
}

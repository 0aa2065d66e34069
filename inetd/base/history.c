/* history: see history.h. */
#include "base/history.h"

#include <string.h>

/* Empties the seconds that have passed without a count. */
static void move_on(struct history *history, uint64_t second)
{
	if (second <= history->second)
		return;
	if (second - history->second >= HISTORY_SECONDS) {
		memset(history->counts, 0, sizeof(history->counts));
	} else {
		for (uint64_t s = history->second + 1; s <= second; s++)
			history->counts[s % HISTORY_SECONDS] = 0;
	}
	history->second = second;
}

void history_add(struct history *history, uint64_t now_ms)
{
	uint16_t *count;

	move_on(history, now_ms / 1000);
	count = &history->counts[history->second % HISTORY_SECONDS];
	*count += *count < UINT16_MAX;
}

void history_read(const struct history *history, uint64_t now_ms, uint16_t out[HISTORY_SECONDS])
{
	struct history copy = *history;

	move_on(&copy, now_ms / 1000);
	for (unsigned i = 0; i < HISTORY_SECONDS; i++)
		out[i] = copy.counts[(copy.second + 1 + i) % HISTORY_SECONDS];
}

/* flow: see flow.h. */
#include "common/flow.h"

#include <errno.h>
#include <poll.h>

#include "base/monotonic.h"
#include "common/io.h"
#include "common/way.h"

/* What a way waits for. */
static struct pollfd wish(const struct way *way)
{
	if (way->over)
		return (struct pollfd){.fd = -1};
	if (way->full)
		return (struct pollfd){.fd = way->to, .events = POLLOUT};
	return (struct pollfd){.fd = way->from, .events = POLLIN};
}

/* Both ways until both are over. -1 with errno. */
static int pass_on(struct way ways[2], int idle_ms)
{
	uint64_t now = monotonic_ms(), end = now + (uint64_t)idle_ms;

	while (!ways[0].over || !ways[1].over) {
		struct pollfd wishes[2] = {wish(&ways[0]), wish(&ways[1])};
		int ready = now < end ? poll(wishes, 2, (int)(end - now)) : 0;

		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		now = monotonic_ms();
		for (int i = 0; i < 2; i++) {
			int moved = ready > 0 && wishes[i].revents ? way_move(&ways[i]) : 0;

			if (moved < 0)
				return -1;
			if (moved > 0)
				end = now + (uint64_t)idle_ms;
		}
	}
	return 0;
}

int flow_both_ways(int one, int other, int idle_ms)
{
	struct way ways[2];
	int result, error;

	way_open(&ways[0], one, other);
	way_open(&ways[1], other, one);
	result = pass_on(ways, idle_ms);
	error = errno;
	way_close(&ways[0]);
	way_close(&ways[1]);
	errno = error;
	return result;
}

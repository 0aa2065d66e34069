/* stderr_window: see stderr_window.h. */
#include "run/program/stderr_window.h"

#include "base/monotonic.h"

uint64_t stderr_window_wait_ms(struct stderr_window *window, size_t most)
{
	uint64_t now_ms = monotonic_ms();

	if (now_ms - window->start_ms >= STDERR_WINDOW_MS) {
		window->start_ms = now_ms;
		window->used = 0;
	}
	return window->used < most ? 0 : window->start_ms + STDERR_WINDOW_MS - now_ms;
}

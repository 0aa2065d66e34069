/* stderr_window: how much was read in a tenth of a second, which is to be bounded. */
#ifndef RUN_STDERR_WINDOW_H
#define RUN_STDERR_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#define STDERR_WINDOW_MS 100

struct stderr_window {
	uint64_t start_ms;
	size_t used; /* bytes since then; who reads adds them */
};

/* Milliseconds until more may be read than the `most` bytes of a window; 0 = now. */
uint64_t stderr_window_wait_ms(struct stderr_window *window, size_t most);

#endif

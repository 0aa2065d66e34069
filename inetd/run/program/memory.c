/* memory: see memory.h. */
#include "run/program/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/loop.h"

#define SHARE    16
#define EVERY_MS 1000

static struct {
	int fd; /* owned; -1: not opened */
	uint64_t next_ms;
	bool is_short;
} memory = {.fd = -1};

static bool is_short(void)
{
	char text[512];
	uint64_t total, available;
	ssize_t len = pread(memory.fd, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = 0;
	return sscanf(text, "MemTotal: %" SCNu64 " kB MemFree: %*u kB MemAvailable: %" SCNu64,
		       &total, &available) == 2 &&
	       available < total / SHARE;
}

bool memory_is_short(void)
{
	uint64_t now_ms = loop_now_ms();

	if (memory.fd < 0)
		memory.fd = fd_raise(open("/proc/meminfo", O_RDONLY | O_CLOEXEC));
	if (now_ms >= memory.next_ms) {
		memory.next_ms = now_ms + EVERY_MS;
		memory.is_short = is_short();
	}
	return memory.is_short;
}

void memory_close(void)
{
	fd_close(&memory.fd);
}

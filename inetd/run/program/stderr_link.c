/* stderr_link: see stderr_link.h. */
#include "run/program/stderr_link.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "run/process/companion.h"
#include "run/program/stderr_pool.h"

static bool closed;

void stderr_link_send(struct stderr_answer *answer, uint32_t verb, uint64_t inode, size_t len)
{
	struct pollfd link = {.fd = COMPANION_LINK, .events = POLLOUT};

	answer->verb = verb;
	answer->inode = inode;
	len += offsetof(struct stderr_answer, text);
	while (!closed && fd_send(COMPANION_LINK, answer, len, -1) < 0 &&
		(errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) {
		stderr_pool_unlock();
		poll(&link, 1, STDERR_WINDOW_MS);
		stderr_pool_lock();
	}
}

void stderr_link_tell(uint32_t verb, uint64_t inode)
{
	struct stderr_answer answer;

	stderr_link_send(&answer, verb, inode, 0);
}

void stderr_link_close(void)
{
	int link = COMPANION_LINK;

	closed = true;
	fd_close(&link);
}

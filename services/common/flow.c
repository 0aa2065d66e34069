/* flow: see flow.h. As long as much comes in and all of it goes out, a way does two system calls
 * for a pipe full of bytes and does not ask whether it may: poll(2) is for when one cannot go on.
 */
#include "common/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/io.h"

#define PIPE_BYTES (1 << 20) /* as much as an ordinary user may have, pipe(7) */
#define MUCH_BYTES (1 << 16) /* where so many came there may be more */
#define ROUNDS     16        /* before the other way has its turn */

/* One way: from a socket into a pipe, then from the pipe to the other socket until the pipe is
 * empty. */
struct flow {
	int from, to;
	int pipe[2];
	size_t held; /* bytes in the pipe; 0: reading, else writing */
	bool over;   /* its end of file has been passed on */
};

static int flow_open(struct flow *flow, int from, int to)
{
	*flow = (struct flow){.from = from, .to = to};
	if (pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	fcntl(flow->pipe[1], F_SETPIPE_SZ, PIPE_BYTES); /* if it may not be, it is slower */
	fcntl(from, F_SETFL, O_NONBLOCK);
	return 0;
}

static void flow_close(const struct flow *flow)
{
	close(flow->pipe[0]);
	close(flow->pipe[1]);
}

static ssize_t splice_bytes(int from, int to, size_t most)
{
	return splice(from, NULL, to, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* splice(2) stops before urgent data as if nothing or the end were there: recv(2) does not. */
static ssize_t read_urgent(const struct flow *flow)
{
	char buf[512];
	ssize_t got = recv(flow->from, buf, sizeof(buf), MSG_DONTWAIT);

	return got <= 0 ? got : write(flow->pipe[1], buf, (size_t)got);
}

/* Takes what is there, or passes on the end; `ready`: poll(2) says that there is something. -1 with
 * errno, EAGAIN if there is nothing. */
static int fill_pipe(struct flow *flow, bool ready)
{
	ssize_t got = splice_bytes(flow->from, flow->pipe[1], PIPE_BYTES);

	if (got == 0 || (got < 0 && errno == EAGAIN && ready))
		got = read_urgent(flow);
	if (got < 0)
		return -1;
	flow->held = (size_t)got;
	flow->over = got == 0;
	if (flow->over)
		shutdown(flow->to, SHUT_WR);
	return 0;
}

/* One turn of a way: takes what is there, unless something is held already, and gives it on.
 * Returns how many bytes went on, 0 if its end did; -1 with errno, EAGAIN if nothing could. */
static ssize_t move_once(struct flow *flow, bool ready)
{
	ssize_t put;

	if (flow->held == 0 && fill_pipe(flow, ready) < 0)
		return -1;
	if (flow->over)
		return 0;
	put = splice_bytes(flow->pipe[0], flow->to, flow->held);
	flow->held -= put > 0 ? (size_t)put : 0;
	return put;
}

/* Turns of a way that is ready, as long as they move much. Returns 1 if anything went on, else 0;
 * -1 with errno when the way is broken. */
static int move_many(struct flow *flow)
{
	int rounds = ROUNDS, moved = 0;
	ssize_t put;

	do {
		put = move_once(flow, rounds == ROUNDS);
		moved |= put >= 0;
	} while (put >= MUCH_BYTES && flow->held == 0 && --rounds > 0);
	return put >= 0 || errno == EAGAIN || errno == EINTR ? moved : -1;
}

/* What a way waits for. */
static struct pollfd flow_wish(const struct flow *flow)
{
	if (flow->over)
		return (struct pollfd){.fd = -1};
	if (flow->held > 0)
		return (struct pollfd){.fd = flow->to, .events = POLLOUT};
	return (struct pollfd){.fd = flow->from, .events = POLLIN};
}

/* Both ways until both are over. -1 with errno. */
static int pass_on(struct flow flows[2], int idle_ms)
{
	uint64_t now = monotonic_ms(), end = now + (uint64_t)idle_ms;

	while (!flows[0].over || !flows[1].over) {
		struct pollfd wishes[2] = {flow_wish(&flows[0]), flow_wish(&flows[1])};
		int ready = now < end ? poll(wishes, 2, (int)(end - now)) : 0;

		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		now = monotonic_ms();
		for (int i = 0; i < 2; i++) {
			int moved = ready > 0 && wishes[i].revents ? move_many(&flows[i]) : 0;

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
	struct flow flows[2];
	int result, error;

	if (flow_open(&flows[0], one, other) < 0)
		return -1;
	if (flow_open(&flows[1], other, one) < 0) {
		flow_close(&flows[0]);
		return -1;
	}
	result = pass_on(flows, idle_ms);
	error = errno;
	flow_close(&flows[0]);
	flow_close(&flows[1]);
	errno = error;
	return result;
}

/* heartbeat: a connection that notices when its peer is gone. Messages in frames (common/frame.h):
 * DATA comes back as it was, PING is answered by PONG, ERROR ends the connection. A peer that sends
 * no whole frame for a while is sent a PING; after three without an answer it is dropped. What is
 * no frame is answered by an ERROR that says why, and a close. Serves one connection (`nowait`).
 *
 * Shown here: TCP keeps no message boundaries, so read() returns half a frame or three of them, and
 * send() takes a part: one buffer for each direction, and a loop that waits for whichever can go
 * on. A peer that does not read stops being read from, so nothing here ever grows. What is done
 * with the bytes is in common/beat.h, which neither reads nor waits. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/beat.h"
#include "common/given.h"
#include "common/io.h"
#include "common/options.h"

static const struct options_known known = {.usage = "heartbeat [-i milliseconds]", .letters = "i:"};

static bool may_come_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* Takes what is there. False when the connection is broken. */
static bool receive(struct beat *beat)
{
	ssize_t got = recv(STDIN_FILENO, beat->in + beat->in_len, sizeof(beat->in) - beat->in_len,
		MSG_DONTWAIT);

	if (got < 0)
		return may_come_again();
	beat_received(beat, (size_t)got, monotonic_ms());
	return true;
}

/* Sends what the peer takes. False when the connection is broken. */
static bool transmit(struct beat *beat)
{
	ssize_t put = send(STDOUT_FILENO, beat->out, beat->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put < 0)
		return may_come_again();
	beat_sent(beat, (size_t)put, monotonic_ms());
	return true;
}

/* Waits for what can go on, and does it. False when the connection is over. */
static bool go_on(struct beat *beat)
{
	struct pollfd ends[2] = {
		{.fd = beat_wants_input(beat) ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = beat->out_len > 0 ? STDOUT_FILENO : -1, .events = POLLOUT}};
	uint64_t now_ms = monotonic_ms();

	if (now_ms >= beat->due_ms)
		return beat_probe(beat, now_ms);
	if (poll(ends, 2, (int)(beat->due_ms - now_ms)) < 0)
		return errno == EINTR;
	if (ends[1].revents && !transmit(beat))
		return false;
	return !ends[0].revents || receive(beat);
}

int main(int argc, char *argv[])
{
	struct beat beat = {.interval_ms = 30000};

	while (options_next(&known, argc, argv) != -1)
		beat.interval_ms = options_number(&known, 10, 3600000);
	if (given_kind(STDIN_FILENO) != GIVEN_CONNECTION) {
		fputs("heartbeat: standard input is not a connection\n", stderr);
		return 1;
	}
	beat_restart(&beat, monotonic_ms());
	while (!beat.ending || beat.out_len > 0)
		if (!go_on(&beat))
			return 0;
	io_hang_up(STDOUT_FILENO, beat.interval_ms);
	return 0;
}

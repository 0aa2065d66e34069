/* heartbeat: a connection that notices when its peer is gone. Messages in frames (common/frame.h):
 * DATA comes back as it was, PING is answered by PONG, ERROR ends the connection. A peer that sends
 * no whole frame for a while is sent a PING; after three without an answer it is dropped. What is
 * no frame is answered by an ERROR that says why, and a close. Serves one connection (`nowait`).
 *
 * Shown here: TCP keeps no message boundaries, so read() returns half a frame or three of them, and
 * send() takes a part: one buffer for each direction, and a loop that waits for whichever can go
 * on. A peer that does not read stops being read from, so nothing here ever grows. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/frame.h"
#include "common/given.h"
#include "common/io.h"
#include "common/options.h"

#define USAGE      "heartbeat [-i milliseconds]"
#define PROBES     3
#define FRAME_ROOM (FRAME_HEAD + FRAME_MOST)

struct session {
	unsigned char in[FRAME_ROOM], out[2 * FRAME_ROOM];
	size_t in_len, out_len; /* bytes that wait in them */
	int interval_ms;        /* of silence until a probe, and between probes */
	uint64_t due_ms;        /* when the next one is sent */
	unsigned probes;        /* without an answer, so far */
	bool heard_all;         /* the peer has shut down its writing side */
	bool ending;            /* what is in `out` is the last */
};

static bool has_room(const struct session *session)
{
	return sizeof(session->out) - session->out_len >= FRAME_ROOM;
}

static void restart_clock(struct session *session)
{
	session->due_ms = io_now_ms() + (uint64_t)session->interval_ms;
}

/* Best effort: the buffer is only full for a peer that does not read, who gets no probe either. */
static void queue(struct session *session, enum frame_type type, const void *data, size_t len)
{
	session->out_len += frame_put(session->out + session->out_len,
		sizeof(session->out) - session->out_len, type, data, len);
}

/* Nothing more is read; the rest of what was queued has a last interval to go out. */
static void end_session(struct session *session, const char *error)
{
	if (error)
		queue(session, FRAME_ERROR, error, strlen(error));
	session->ending = true;
	restart_clock(session);
}

static void handle_frame(struct session *session, const struct frame *frame)
{
	session->probes = 0;
	restart_clock(session);
	if (frame->type == FRAME_DATA)
		queue(session, FRAME_DATA, frame->data, frame->len);
	else if (frame->type == FRAME_PING)
		queue(session, FRAME_PONG, frame->data, frame->len);
	else if (frame->type == FRAME_ERROR)
		end_session(session, NULL);
}

/* Every whole frame for whose answer there is room. */
static void handle_input(struct session *session)
{
	struct frame frame;
	enum frame_result result;

	while (!session->ending && has_room(session)) {
		result = frame_scan(session->in, session->in_len, &frame);
		if (result == FRAME_WHOLE) {
			handle_frame(session, &frame);
			session->in_len -= FRAME_HEAD + frame.len;
			memmove(session->in, frame.data + frame.len, session->in_len);
		} else if (result == FRAME_UNKNOWN) {
			end_session(session, "unknown type");
		} else if (result == FRAME_LONG) {
			end_session(session, "length above 4096");
		} else if (session->heard_all) {
			end_session(session, session->in_len > 0 ? "end inside a frame" : NULL);
		} else {
			return;
		}
	}
}

static bool may_come_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* Takes what is there. False when the connection is broken. */
static bool receive(struct session *session)
{
	ssize_t got = recv(STDIN_FILENO, session->in + session->in_len,
		sizeof(session->in) - session->in_len, MSG_DONTWAIT);

	if (got < 0)
		return may_come_again();
	session->in_len += (size_t)got;
	session->heard_all = got == 0;
	handle_input(session);
	return true;
}

/* Sends what the peer takes. False when the connection is broken. */
static bool transmit(struct session *session)
{
	ssize_t put =
		send(STDOUT_FILENO, session->out, session->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put < 0)
		return may_come_again();
	session->out_len -= (size_t)put;
	memmove(session->out, session->out + put, session->out_len);
	handle_input(session); /* a frame may have waited for room */
	return true;
}

/* The time is over. False when there is nothing more to wait for. */
static bool probe(struct session *session)
{
	if (session->ending || session->probes == PROBES)
		return false;
	session->probes++;
	restart_clock(session);
	queue(session, FRAME_PING, NULL, 0);
	return true;
}

/* Waits for what can go on, and does it. False when the connection is over. */
static bool go_on(struct session *session)
{
	bool reading =
		!session->ending && !session->heard_all && session->in_len < sizeof(session->in);
	struct pollfd ends[2] = {{.fd = reading ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = session->out_len > 0 ? STDOUT_FILENO : -1, .events = POLLOUT}};
	uint64_t now_ms = io_now_ms();

	if (now_ms >= session->due_ms)
		return probe(session);
	if (poll(ends, 2, (int)(session->due_ms - now_ms)) < 0)
		return errno == EINTR;
	if (ends[1].revents && !transmit(session))
		return false;
	return !ends[0].revents || receive(session);
}

int main(int argc, char *argv[])
{
	struct session session = {.interval_ms = 30000};
	int opt;

	while ((opt = getopt(argc, argv, "i:")) != -1) {
		if (opt != 'i')
			options_usage(USAGE);
		session.interval_ms = options_number(optarg, 10, 3600000, USAGE);
	}
	if (optind < argc)
		options_usage(USAGE);
	if (given_kind(STDIN_FILENO) != GIVEN_CONNECTION) {
		fputs("heartbeat: standard input is not a connection\n", stderr);
		return 1;
	}
	restart_clock(&session);
	while (!session.ending || session.out_len > 0)
		if (!go_on(&session))
			return 0;
	io_hang_up(STDOUT_FILENO, session.interval_ms);
	return 0;
}

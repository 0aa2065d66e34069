/* way: see way.h. As long as much comes in and all of it goes out, a way does two system calls for
 * a pipe full of bytes and does not ask whether it may: waiting is for when one cannot go on. */
#include "common/way.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20) /* as much as an ordinary user may have, pipe(7) */
#define MUCH_BYTES (1 << 16) /* where so many came there may be more */
#define ROUNDS     16        /* before others have their turn */
#define PIPES_MOST 64        /* so that who reads slowly has not all memory and descriptors */
#define KEPT_MOST  16        /* of them that nobody needs now */

static int kept[KEPT_MOST][2];
static unsigned kept_count, pipes; /* all, with those kept */

void way_open(struct way *way, int from, int to)
{
	*way = (struct way){.from = from, .to = to, .pipe = {-1, -1}};
	fcntl(from, F_SETFL, O_NONBLOCK);
}

/* A filter of system calls may refuse splice(2), which does nothing with no bytes. */
static bool may_splice(void)
{
	static int may = -1;

	if (may < 0)
		may = splice(-1, NULL, -1, NULL, 0, 0) == 0;
	return may;
}

/* Bytes are in a pipe for moments: a way has one while it holds some. */
static int take_pipe(struct way *way)
{
	if (way->pipe[0] >= 0)
		return 0;
	if (kept_count) {
		kept_count--;
		way->pipe[0] = kept[kept_count][0];
		way->pipe[1] = kept[kept_count][1];
		return 0;
	}
	if (pipes >= PIPES_MOST || !may_splice() || pipe2(way->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		way->pipe[0] = way->pipe[1] = -1;
		return -1;
	}
	pipes++;
	fcntl(way->pipe[1], F_SETPIPE_SZ, PIPE_BYTES); /* if it may not be, it is slower */
	return 0;
}

/* An empty one is kept for the next. */
static void give_pipe(struct way *way)
{
	if (way->pipe[0] < 0 || way->held)
		return;
	if (kept_count < KEPT_MOST) {
		kept[kept_count][0] = way->pipe[0];
		kept[kept_count][1] = way->pipe[1];
		kept_count++;
		way->pipe[0] = way->pipe[1] = -1;
	} else {
		way_close(way);
	}
}

void way_close(struct way *way)
{
	if (way->pipe[0] < 0)
		return;
	close(way->pipe[0]);
	close(way->pipe[1]);
	way->pipe[0] = way->pipe[1] = -1;
	pipes--;
}

int way_put(struct way *way, const void *bytes, size_t len)
{
	if (take_pipe(way) < 0)
		return send(way->to, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len ? 0
											      : -1;
	if (write(way->pipe[1], bytes, len) != (ssize_t)len)
		return -1;
	way->held += len;
	way->full = true;
	return 0;
}

static ssize_t splice_bytes(int from, int to, size_t most)
{
	return splice(from, NULL, to, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* splice(2) stops before urgent data as if nothing or the end were there: recv(2) does not. */
static ssize_t read_urgent(const struct way *way)
{
	char buf[512];
	ssize_t got = recv(way->from, buf, sizeof(buf), MSG_DONTWAIT);

	return got <= 0 ? got : write(way->pipe[1], buf, (size_t)got);
}

static void pass_end(struct way *way)
{
	way->over = true;
	shutdown(way->to, SHUT_WR);
}

/* Takes what is there, or passes on the end; `ready`: poll(2) says that there is something. -1 with
 * errno, EAGAIN if there is nothing. */
static int fill_pipe(struct way *way, bool ready)
{
	ssize_t got = splice_bytes(way->from, way->pipe[1], PIPE_BYTES);

	if (got == 0 || (got < 0 && errno == EAGAIN && ready))
		got = read_urgent(way);
	if (got < 0)
		return -1;
	way->held = (size_t)got;
	if (got == 0)
		pass_end(way);
	return 0;
}

/* A turn without a pipe: only what the other side has taken is taken. */
static ssize_t copy_once(struct way *way)
{
	static char buf[MUCH_BYTES];
	ssize_t got = recv(way->from, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK), put;

	way->full = false;
	if (got < 0)
		return -1;
	if (got == 0) {
		pass_end(way);
		return 0;
	}
	put = send(way->to, buf, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL);
	way->full = put < got;
	if (put > 0 && recv(way->from, buf, (size_t)put, MSG_DONTWAIT) != put)
		return -1;
	return put;
}

/* One turn of a way: takes what is there, unless something is held already, and gives it on.
 * Returns how many bytes went on, 0 if its end did; -1 with errno, EAGAIN if nothing could. */
static ssize_t move_once(struct way *way, bool ready)
{
	ssize_t put;

	if (take_pipe(way) < 0)
		return copy_once(way);
	way->full = way->held > 0;
	if (way->held == 0 && fill_pipe(way, ready) < 0)
		return -1;
	if (way->over)
		return 0;
	put = splice_bytes(way->pipe[0], way->to, way->held);
	way->held -= put > 0 ? (size_t)put : 0;
	way->full = way->held > 0;
	return put;
}

int way_move(struct way *way)
{
	int rounds = ROUNDS, moved = 0, error;
	ssize_t put;

	do {
		put = move_once(way, rounds == ROUNDS);
		moved |= put >= 0;
	} while (put >= MUCH_BYTES && !way->full && --rounds > 0);
	error = errno;
	give_pipe(way);
	errno = error;
	return put >= 0 || error == EAGAIN || error == EINTR ? moved : -1;
}

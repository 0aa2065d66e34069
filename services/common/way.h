/* way: one way of a connection that is passed on: from a socket into a pipe, then from the pipe to
 * the other socket until the pipe is empty, by splice(2), never copied to the program. No more than
 * 64 pipes are there at a time, however many read slowly: other ways leave with the kernel what the
 * other side does not take, and copy the rest. The end of file is passed on as a half-close.
 * Nothing here waits. */
#ifndef SERVICES_COMMON_WAY_H
#define SERVICES_COMMON_WAY_H

#include <stdbool.h>
#include <stddef.h>

struct way {
	int from, to; /* the caller's */
	int pipe[2];  /* -1: it needs none now */
	size_t held;  /* bytes in the pipe */
	bool full;    /* it waits to write, else to read */
	bool over;    /* its end of file has been passed on */
};

/* Begins a way; `from` is made non-blocking. Have SIGPIPE ignored. */
void way_open(struct way *way, int from, int to);

/* Frees what it has; the sockets stay open. */
void way_close(struct way *way);

/* Has bytes go before those that come, some hundred. Returns 0, or -1 with errno. */
int way_put(struct way *way, const void *bytes, size_t len);

/* Moves what can be moved; it is ready for what it waits for. Returns 1 if anything went on, else
 * 0; -1 with errno when the way is broken: a peer has gone. */
int way_move(struct way *way);

#endif

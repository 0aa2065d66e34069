/* session: one connection that a built-in serves. Owns its descriptor, its timers and the bytes
 * that wait to be sent; ends with exactly one answer over the link. A session that has nothing to
 * send holds no buffer. */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/loop.h"
#include "worker/message.h"
#include "worker/protocol.h"

#define SESSION_READ 262144 /* bytes of one read */

struct session {
	struct watch watch; /* its fd is owned */
	struct timer timer; /* idle limit, or the end of all patience */
	LIST_ENTRY(session) in_sessions;
	const struct protocol *protocol;
	uint64_t progress_ms; /* when bytes moved last */
	uint64_t end_ms;      /* when it ends, whatever it does; 0 = never */
	char *out;            /* owned; NULL = nothing waits to be sent */
	uint32_t out_at, out_len;
	uint32_t id;
	uint32_t group;    /* 0 = a text, which belongs to none */
	uint32_t idle_ms;  /* 0 = no idle limit */
	uint32_t events;   /* watched for */
	uint16_t position; /* of chargen in its pattern */
	uint8_t stage;     /* enum stage */
	bool deadline;     /* the timer is final, not for idleness */
	bool patient;      /* wait for the client's end in any case */
	bool copies;       /* echo: splice(2) cannot read this kind of socket */
};

/* Takes a connection for WORKER_STREAM or WORKER_SAY; consumes fd (-1: it was lost on the way).
 * Whatever happens, its id is answered in the end. */
void session_start(const struct worker_down *msg, int fd);

/* Closes every session that came with this `group`. */
void session_end_all(uint32_t group);

/* How many sessions are open. */
size_t session_count(void);

/* For protocols: */

/* recv(2) without waiting; what was read counts as progress. */
ssize_t session_recv(struct session *session, void *data, size_t size, int flags);

/* Bytes moved by other means count as progress too. */
void session_moved(struct session *session);

/* How much to read at most, so that what may have to be kept stays within bounds. Bytes, not more
 * than SESSION_READ. */
size_t session_room(void);

/* Sends, and keeps a copy of what the socket does not take now. Nothing may be waiting already.
 * Returns 0, or -1 if the connection broke or there is no memory: end it. */
int session_send(struct session *session, const void *data, size_t len);

/* Sends from several pieces (writev(2)) and keeps nothing. Returns how many bytes went out, 0 if
 * the socket is full, or -1 if the connection broke. */
ssize_t session_sendv(struct session *session, struct iovec *iov, size_t count);

/* Ends the session `ms` from now, whatever it does. Returns 0, or -1 without memory for it. */
int session_limit(struct session *session, uint32_t ms);

#endif

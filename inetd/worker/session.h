/* session: one connection that a built-in serves. Owns its descriptor, its timer and the bytes
 * that wait to be sent (transfer.h moves them); ends with exactly one answer over the link. A
 * session that has nothing to send holds no buffer. */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/tree.h>
#include <sys/types.h>

#include "base/loop.h"
#include "worker/message.h"
#include "worker/protocol.h"

struct session {
	struct watch watch; /* its fd is owned */
	struct timer timer; /* idle limit, or the end of all patience */
	RB_ENTRY(session) by_id;
	const struct protocol *protocol;
	uint64_t progress_ms; /* when bytes moved last */
	uint64_t end_ms;      /* when it ends, whatever it does; 0 = never */
	char *out;            /* owned; NULL = nothing waits to be sent */
	uint32_t out_at, out_len;
	uint32_t drained; /* bytes thrown away since the last one was sent */
	uint32_t id;
	uint32_t group;    /* 0 = a text, which belongs to none */
	uint32_t idle_ms;  /* 0 = no idle limit */
	uint32_t events;   /* watched for */
	uint16_t position; /* of chargen in its pattern */
	uint8_t stage;     /* enum stage */
	bool deadline;     /* the timer is final, not for idleness */
	bool patient;      /* wait for the client's end in any case */
	bool own;          /* header: it was of the proxy's own */
	bool copies;       /* echo: splice(2) cannot read this kind of socket */
};

/* Takes a connection for WORKER_STREAM, WORKER_SAY or WORKER_HEADER; consumes fd (-1: it was lost
 * on the way). Whatever happens, its id is answered in the end. */
void session_start(const struct worker_down *msg, int fd);

/* Closes the session `id`; nothing if there is none. */
void session_drop(uint32_t id);

/* Closes every session that came with this `group`. */
void session_end_all(uint32_t group);

/* How many sessions are open. */
size_t session_count(void);

#endif

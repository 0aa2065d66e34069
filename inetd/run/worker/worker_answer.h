/* worker_answer: what a worker tells us: what is over, what tcpmux clients want, what to log. Of
 * the one that serves and of those that are retired (worker_retired.h). */
#ifndef RUN_WORKER_ANSWER_H
#define RUN_WORKER_ANSWER_H

#include <stdbool.h>

#include "run/worker/worker_slots.h"

/* Who is told what it has found out. conn->fd is consumed by the callee. */
struct worker_calls {
	/* A tcpmux client wants a service. */
	void (*wants)(const char *name, struct conn *conn);
	/* The PROXY header of a connection to a service was read, and conn is as if its client had
	 * come itself (wrong is NULL); or what is there is none: `wrong` is a sentence. */
	void (*headed)(struct service_state *state, struct conn *conn, const char *wrong);
	/* The worker has ended before it has read any of that header: it is to be read again. */
	void (*unread)(struct service_state *state, struct conn *conn);
};
void worker_answer_init(const struct worker_calls *calls);

/* Reads what has come over a link, as much as one turn may take; each message is about slots of
 * `owner` alone. `heard` is called for each, with its verb. False when the link is broken or at its
 * end. `is_open` is asked before each message whether there still is a link. */
struct worker_listener {
	void (*heard)(void *arg, uint32_t verb);
	bool (*is_open)(void *arg);
	void *arg;
};
bool worker_answer_read(
	int link_fd, struct slot_owner *owner, const struct worker_listener *listener);

/* A slot of a worker that is gone: frees it. A connection that waited for its header is not lost
 * with it, the first time. */
void worker_answer_lost(struct slot *slot);

#endif

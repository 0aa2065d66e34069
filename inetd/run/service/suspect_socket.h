/* suspect_socket: calls on a socket that programs have had. Most lock it in the kernel, and who has
 * a copy can keep it locked for as long as it likes, by a call that reads memory for which nobody
 * answers (userfaultfd(2), fuse(4)): who comes then sleeps, and no signal ends it. So a helper
 * makes them, which may be lost. A socket that nobody has had is asked directly. Where there is no
 * answer nothing is known: the socket is kept, and asked again later. */
#ifndef RUN_SUSPECT_SOCKET_H
#define RUN_SUSPECT_SOCKET_H

#include <stddef.h>

#include "run/service/listener.h"

#define SUSPECT_BYTES 1024 /* of an argument or a result, at most */

struct suspect_work {
	void (*run)(const void *arg, int fd, void *result); /* result: zeroed */
	const void *arg;
	size_t arg_size; /* of one that points to nothing else: a helper of a moment ago has it
			    too; 0: a new helper is forked, which has all */
	size_t size;     /* of the result */
};

/* One of them that is of no listener. */
struct suspect {
	int fd;                      /* borrowed */
	bool *locked;                /* set while it is; must stay where it is */
	struct service_state *state; /* held meanwhile; NULL: none */
};

/* Runs it on the open socket of the listener. Returns 0 with the result; else -1 with errno, and it
 * may have been done, or be done later:
 *   ETIMEDOUT  the socket is locked. Its service is held (HOLD_LOCKED) until the helper comes back,
 *              and no other socket of it that programs have had is asked: one helper is lost.
 *   EBUSY      others were, or were slow, in this turn of the loop: the next one is soon enough.
 *   others     no helper could be started (socketpair(2), fork(2)), or it was killed: its service
 *              is held for a pause (HOLD_FDS), 100 ms at first and 5 s at most, which is logged
 *              once.
 * An answer is waited for a tenth of a second, and no longer than a tenth of the time in all; but
 * for 10 ms each, and while the helper has no processor; in a turn for 120 ms, and three times in
 * vain. */
int suspect_call(struct listener *listener, const struct suspect_work *work, void *result);

/* The same for any socket, without a pause of a service. */
int suspect_ask(const struct suspect *suspect, const struct suspect_work *work, void *result);

#endif

/* rules: whose datagrams a socket answers, and when. Lists come in parts; they are the socket's
 * once it has taken them over, all at once. */
#ifndef WORKER_RULES_H
#define WORKER_RULES_H

#include <stdbool.h>

#include "worker/message.h"

enum rules_verdict { RULES_OK, RULES_DENIED, RULES_TIMES };

/* Zeroed = anybody, always, and nobody is exempt. */
struct rules {
	struct networks only_from, no_access, exempt; /* lists are owned */
	struct week_spans times;
};

/* Takes a WORKER_ACCESS. What came for another id before is forgotten. */
void rules_add(const struct worker_down *msg);

/* Makes what has come for `id` the lists of *out, which is overwritten: none if nothing came.
 * Returns 0, or -1 if there was no memory for a part: nothing may be answered then. */
int rules_take(uint32_t id, struct rules *out);

void rules_free(struct rules *rules);

/* What is to become of a datagram from `peer`; local time as a minute of the week. */
enum rules_verdict rules_check(
	const struct rules *rules, const struct sockaddr_len *peer, unsigned minute);

#endif

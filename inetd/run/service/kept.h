/* kept: descriptors that the daemon keeps for as long as a peer or a program likes, besides those
 * of connections on their way to a program: what tcpmux, tcp wrappers and lingering_close wait
 * with, and the errors of programs. They are a quarter of all that it may have, and shared by
 * services and sources (admit/share.h), so that nobody can take those that others need. */
#ifndef RUN_KEPT_H
#define RUN_KEPT_H

#include "admit/share.h"
#include "run/service/service_state.h"

/* Whose something is: the state's, and of the source that a peer is for its limits; uid as in
 * struct arrival. */
struct share_who kept_who(
	const struct service_state *state, const struct sockaddr_len *peer, uid_t uid);

/* How many there may be, from the limit on descriptors; before the first one. */
void kept_open(void);

/* share_take() and share_yield() of them. */
bool kept_take(struct share_hold *hold, const struct share_who *who);
bool kept_yield(void);

/* Logs, limited, that the service has given `what` up for others, or did not get it (`refused`). */
void kept_log(struct service_state *state, const char *what, bool refused);

#endif

/* lent_holders: processes that have left the group of their program, by setsid(2), and still have a
 * socket which that was lent: they could take its port for themselves after their service was
 * stopped. A helper looks for them in /proc and kills those that run as the user of the service. */
#ifndef RUN_LENT_HOLDERS_H
#define RUN_LENT_HOLDERS_H

#include "run/service/listener.h"

/* Before the socket of the listener is closed, because the service is: notes which it is, if
 * programs have had it. Not one that was passed to the daemon, which others have too. */
void lent_holders_note(struct listener *listener);

/* The service is stopped: who still has a socket that was noted is killed when its last program has
 * ended, or its kill_after is over. Who has one even then is logged. */
void lent_holders_end(struct service_state *state);

#endif

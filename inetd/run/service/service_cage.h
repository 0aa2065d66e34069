/* service_cage: the cage of a service while it is served: prepared when its definition comes or
 * changes, and anew when what programs left in their /tmp is to go. While there is none the service
 * is held (HOLD_CAGE): no program runs outside of it. */
#ifndef RUN_SERVICE_CAGE_H
#define RUN_SERVICE_CAGE_H

#include "run/cage/prepared_cage.h"
#include "run/service/service_state.h"

/* After the state got a definition: prepares what it asks for, unless that is prepared already. */
void service_cage_follow(struct service_state *state);

/* Nothing of the service runs any more. */
void service_cage_idle(struct service_state *state);

/* Ends all that is in the control group of a cage that a program of the service has entered, if it
 * has one; programs that come are held until there is another one. */
void service_cage_kill(struct service_state *state, const struct prepared_cage *entered);

/* The state is about to be freed. */
void service_cage_drop(struct service_state *state);

/* The prepared cage, borrowed; NULL where the service asks for none. */
struct prepared_cage *service_cage_prepared(const struct service_state *state);

#endif

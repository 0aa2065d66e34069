/* crowd: the clients of the control socket: who has a place, who makes room for others and whose
 * turn it is. Who may not change anything is a guest, with places apart and after the others in the
 * line, so that guests keep neither root from asking nor, by user, each other. Private to
 * control.c. */
#ifndef CONTROL_CROWD_H
#define CONTROL_CROWD_H

#include "control/client.h"

#define ROOM_NEVER UINT64_MAX

struct crowd {
	struct client_list silent;  /* have not asked yet, oldest first */
	struct client_list waiting; /* have asked, and wait for their turn: guests last */
	struct client_list hearing; /* take their answers */
	struct client_list later;   /* wait for an answer that takes its time */
	unsigned count;             /* but for guests */
	struct share guests, answers;
	uid_t last_guest; /* that had a turn */
};

void crowd_open(struct crowd *crowd);

/* Milliseconds until there is room for another client; ROOM_NEVER: until one leaves. */
uint64_t crowd_room_in_ms(const struct crowd *crowd);

/* Gives a place to one that is in no list, with place.give_way set. A guest may take it from
 * another one, by that. False: there is none. */
bool crowd_enter(struct crowd *crowd, struct client *client);

/* The one that is to go where there are more than there are places; NULL: there is room, or nobody
 * who is silent. */
struct client *crowd_find_excess(const struct crowd *crowd);

void crowd_move(struct crowd *crowd, struct client *client, struct client_list *to);

/* It is in no list any more, and has no place. */
void crowd_leave(struct crowd *crowd, struct client *client);

/* The next one to be answered, one user of guests after the other; NULL: nobody waits, or but for
 * guests that have to wait until one of their user has taken its answer. With turn.give_way set one
 * of another user, who has more of them, may have to give up. */
struct client *crowd_take_turn(struct crowd *crowd);

#endif

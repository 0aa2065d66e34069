/* spare_process: one program that was executed before its connection came: from its start until it
 * has a connection, is told to end or ends by itself. Its pool (run/program/spare.h) decides. */
#ifndef RUN_SPARE_PROCESS_H
#define RUN_SPARE_PROCESS_H

#include "run/cage/prepared_cage.h"
#include "run/process/child.h"
#include "run/program/child_stderr.h"
#include "run/program/plan.h"
#include "run/program/spare_start.h"

struct spare_pool;

struct spare {
	struct child child;
	struct spare_pool *pool; /* NULL: it was told to end */
	struct service_state *state;
	TAILQ_ENTRY(spare) in_pool;
	struct watch link;  /* our end of its socket; owned */
	struct timer limit; /* until it needs no turn any more, then until it is ready */
	struct spawn_error error;
	struct prepared_cage *cage; /* that it entered; counted; NULL: none */
	uint64_t slice_ns; /* of processor time, when it is ready; 0: it has that already */
	bool on_way;       /* it has not got to its exec */
	bool has_turn;     /* run/program/spare_turn.h */
	bool ready;        /* it says that it waits for its connection */
};

/* What happens to one that was not told to end; set before the first is started. With why it is
 * gone (SPARE_GONE), after which it is freed: the pool forgets it. One that is SPARE_UNFIT is not
 * what a program should be, and to be ended; the next one will be. */
enum spare_event { SPARE_LEFT, SPARE_READY, SPARE_UNFIT, SPARE_GONE };
extern void (*spare_process_event)(struct spare *spare, enum spare_event event, const char *why);

/* Starts one, whose turn it is (run/program/spare_turn.h). NULL after SPARE_GONE for a spare that
 * is in no pool's list, or without memory. */
struct spare *spare_process_start(struct spare_pool *pool, struct service_state *state);

/* Ends it; freed when it is reaped. */
void spare_process_end(struct spare *spare);

/* Hands it a connection (conn->fd stays the caller's): it is freed, and the process the caller's.
 * Returns 0; -1 if it does not take it. */
int spare_process_give(struct spare *spare, const struct conn *conn, const struct errors *errors);

#endif

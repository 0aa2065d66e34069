/* reconcile: makes the sockets what a configuration asks for: plan, then apply. Equal endpoints
 * keep their socket with its backlog, their counters and their running programs. */
#ifndef RUN_RECONCILE_H
#define RUN_RECONCILE_H

#include "config/conf.h"

struct reconcile_result {
	unsigned services, opened, closed,
		failed; /* endpoints but for services; failed: no socket yet */
	unsigned kept;  /* services that only an error in their file has kept */
};

/* Applies a generation (the reference is taken; the one before is let go). Planning takes all the
 * memory that is needed: without it nothing has changed and -1 with errno ENOMEM is returned, the
 * configuration then stays the caller's. Returns 0 otherwise: sockets that cannot be opened are
 * retried. */
int reconcile_apply(struct config *config, struct reconcile_result *result);

/* In a slice: the same configuration again, after a name of it has changed its addresses. */
void reconcile_again(void);

/* What is applied, borrowed; NULL before the first time. */
struct config *reconcile_config(void);

/* Closes every socket and forgets the configuration (the end of the daemon). */
void reconcile_close(void);

#endif

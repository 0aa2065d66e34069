/* saved_worker: the workers, and the sessions that they have, from one daemon to the next: there
 * they are retired (run/worker/worker_retired.h). */
#ifndef RUN_SAVED_WORKER_H
#define RUN_SAVED_WORKER_H

#include <stdio.h>

/* Records `worker`, and `session` for what each holds. */
void saved_worker_put_all(FILE *out);

/* Before another worker is started: the places of the sessions are taken. And when the states of
 * services are there (saved_service.h). */
void saved_worker_begin(void);
void saved_worker_get_all(void);

#endif

/* worker_note: what the worker has to tell: worded for the log, and counted. */
#ifndef RUN_WORKER_NOTE_H
#define RUN_WORKER_NOTE_H

#include "run/worker/worker_slots.h"
#include "worker/message.h"

/* Takes a WORKER_NOTE of the worker whose slots are the owner's; its text is terminated. Refusals
 * for access count among the service's. */
void worker_note(const struct worker_up *up, const struct slot_owner *owner);

#endif

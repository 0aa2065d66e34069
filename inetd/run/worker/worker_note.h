/* worker_note: what the worker has to tell: worded for the log, and counted. */
#ifndef RUN_WORKER_NOTE_H
#define RUN_WORKER_NOTE_H

#include "worker/message.h"

/* Takes a WORKER_NOTE; its text is terminated. Refusals for access count among the service's. */
void worker_note(const struct worker_up *up);

#endif

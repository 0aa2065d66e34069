/* predecessor: the daemon before us, if it has not stopped in order (kill -9, a crash, a machine
 * that was turned off): what it has left is stale and is taken, by whoever opens it. */
#ifndef CONTROL_PREDECESSOR_H
#define CONTROL_PREDECESSOR_H

/* Logs what was found of it, if anything was; once everything is open. */
void predecessor_note(void);

#endif

/* saved_waiting: accepted connections that nobody serves yet, from one daemon to the next: those
 * that wait for their service, and those that tcp wrappers, or a name server, are asked about,
 * which they are again. */
#ifndef RUN_SAVED_WAITING_H
#define RUN_SAVED_WAITING_H

#include <stdio.h>

/* Records `waiting`. */
void saved_waiting_put_all(FILE *out);

/* After the states of services (saved_service.h). */
void saved_waiting_get_all(void);

#endif

/* events: the newest lines of the log, kept for those who ask over the control socket. */
#ifndef CONTROL_EVENTS_H
#define CONTROL_EVENTS_H

#include <stdio.h>

#define EVENTS_MOST 200

/* Listens to the log, from the one on to the other. */
void events_open(void);
void events_close(void);

/* An `event` record for each, oldest first. */
void events_report(FILE *out);

/* From one program to the next (base/handover.h): each as a record `logged`, and back. */
void events_put_all(FILE *out);
void events_get_all(void);

#endif

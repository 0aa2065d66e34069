/* log_queue: lines of the log that are to be sent together. A log daemon that is woken for each
 * line costs more than the lines do. Private to the log. */
#ifndef BASE_LOG_QUEUE_H
#define BASE_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_QUEUE_LINES 64

/* Adds a datagram, copied. False if it has no room: send first. */
bool log_queue_add(const char *text, size_t len);

/* Sends what is there over a non-blocking datagram socket, in order. Returns 0 when nothing is
 * left, or -1 with errno of sendmmsg(2): EAGAIN or ENOBUFS when the rest has to wait. */
int log_queue_send(int fd);

/* How many wait; forgets them and returns how many there were. */
unsigned log_queue_count(void);
unsigned log_queue_drop(void);

#endif

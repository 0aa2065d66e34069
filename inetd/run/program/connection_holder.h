/* connection_holder: whether a process that a program has left behind still has its connection. The
 * kernel tells nobody how many hold a socket; but whoever got this one from the program descends
 * from it, so that its process number is younger. Those are looked at: in the usual case there are
 * a few, and none is left. A process that was handed the connection over a unix socket is not
 * found.
 */
#ifndef RUN_CONNECTION_HOLDER_H
#define RUN_CONNECTION_HOLDER_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens what tells the newest process number (proc(5), loadavg); without it everything is in doubt.
 * Again: nothing. */
void connection_holder_open(void);

/* The process number that was given out last, or -1 where that cannot be told. */
pid_t connection_holder_newest(void);

/* True if a descendant of the program with that process number, which has ended, has the socket
 * `fd` (borrowed) open, or might have: it may not be looked at, or too many processes have been
 * started since it got the connection. `since` is the newest process number of then: its own, or
 * that of connection_holder_newest(). Never waits, and looks at a bounded number of processes and
 * descriptors. */
bool connection_is_held(int fd, pid_t program, pid_t since);

#endif

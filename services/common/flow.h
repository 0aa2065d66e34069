/* flow: everything that two connections have to say to each other, passed on by splice(2): through
 * a pipe for each way, never copied to the program. Each way has its own end of file, which is
 * passed on as a half-close. */
#ifndef SERVICES_COMMON_FLOW_H
#define SERVICES_COMMON_FLOW_H

/* Passes on between two connected stream sockets, which stay the caller's and are made
 * non-blocking, until both ways have ended. Have SIGPIPE ignored. Returns 0; or -1 with errno:
 * ETIMEDOUT when nothing has moved in either way for `idle_ms` milliseconds, ECONNRESET or EPIPE
 * when a peer has gone, as pipe(2) and splice(2). What was under way may be lost then: a caller who
 * resets both sockets lets no peer take half of an answer for the whole. */
int flow_both_ways(int one, int other, int idle_ms);

#endif

/* transfer: moves the bytes of one session, and keeps those that its client does not take at once.
 * What it keeps is the session's `out`; how long a session lives is decided in session.c. */
#ifndef WORKER_TRANSFER_H
#define WORKER_TRANSFER_H

#include <sys/types.h>
#include <sys/uio.h>

#include "worker/session.h"

#define TRANSFER_READ 262144 /* bytes of one read */

/* recv(2) without waiting; what was read counts as progress. */
ssize_t transfer_recv(struct session *session, void *data, size_t size, int flags);

/* Bytes moved by other means count as progress too. */
void transfer_moved(struct session *session);

/* How much to read at most, so that what may have to be kept stays within bounds. Bytes, not more
 * than TRANSFER_READ. */
size_t transfer_room(void);

/* Sends, and keeps a copy of what the socket does not take now. Nothing may be waiting already.
 * Returns 0, or -1 if the connection broke or there is no memory: end it. */
int transfer_send(struct session *session, const void *data, size_t len);

/* Sends from several pieces (writev(2)) and keeps nothing. Returns how many bytes went out, 0 if
 * the socket is full, or -1 if the connection broke. */
ssize_t transfer_sendv(struct session *session, struct iovec *iov, size_t count);

/* Sends what was kept. Returns 0 also when some is left, or -1 if the connection broke. */
int transfer_flush(struct session *session);

/* Forgets what was kept. */
void transfer_drop(struct session *session);

#endif

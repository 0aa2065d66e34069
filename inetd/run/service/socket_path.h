/* socket_path: the path of a unix socket: made, given its owner and mode, removed. In directories
 * that only we can change that is done at once; elsewhere by a helper, which is waited for a tenth
 * of a second at most, as who owns a directory may mount something there that does not answer. No
 * link is followed that another could have put there (base/path.h), and what is done is done in the
 * directory that was found: so getsockname(2) tells the last component of such a path alone. */
#ifndef RUN_SOCKET_PATH_H
#define RUN_SOCKET_PATH_H

#include "run/service/socket.h"

/* The path of a unix endpoint that lives in the file system, else NULL. */
const char *socket_path_of(const struct endpoint *endpoint);

/* Binds fd to it, with the owner and mode of the service from the first moment on. What a dead
 * socket has left is replaced; EADDRINUSE where somebody answers, EEXIST for what is no socket.
 * Returns 0 with made->dev and made->ino, or -1 with errno and made->step. */
int socket_path_bind(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made);

/* How many were replaced since the start that a daemon which stops in order would have removed. */
unsigned socket_path_replaced(void);

/* Sets owner and mode again, if the path still leads to the socket dev, ino; else ESTALE. Returns
 * 0, or -1 with errno and *step. */
int socket_path_apply(const struct service *service, const struct endpoint *endpoint,
	const struct socket_made *made, const char **step);

/* Removes it if it still is the socket dev, ino. */
void socket_path_unlink(const struct endpoint *endpoint, dev_t dev, ino_t ino);

#endif

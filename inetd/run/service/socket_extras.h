/* socket_extras: puts the options of config/socket_extras.h on sockets. Accepted sockets inherit
 * those of the one that listens (tcp(7), socket(7)), so a connection costs nothing more. */
#ifndef RUN_SOCKET_EXTRAS_H
#define RUN_SOCKET_EXTRAS_H

#include "config/service.h"
#include "run/service/sockopt.h"

/* Sets what has to be there when the socket is bound; returns 0, or -1 with errno and the key in
 * *step. */
int socket_extras_before_bind(
	int fd, const struct service *service, const struct endpoint *endpoint, const char **step);

/* Sets the others, which may change by a reload; on a socket that is not `fresh` switches those off
 * that are not set any more, while numbers that are not set any more stay. All are tried; returns
 * 0, or -1 with errno and the key in *step, of the first that failed. */
int socket_extras_apply(struct sockopt *to, const struct service *service,
	const struct endpoint *endpoint, bool fresh, const char **step);

/* Sets what an accepted socket does not inherit: the priority. What cannot be set is as it was. */
void socket_extras_accepted(int fd, const struct service *service);

/* Makes the directory of a unix path with socket_dir_mode, where that is set and there is none.
 * Returns 0, or -1 with errno and *step. */
int socket_extras_directory(
	const struct service *service, const struct endpoint *endpoint, const char **step);

#endif

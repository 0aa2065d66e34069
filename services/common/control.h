/* control: asks the daemon, over its control socket, for what everybody in the socket's group may
 * know: `status`, `stats`, `events`, `metrics`... One request is one connection; nothing the daemon
 * does or fails to do holds the caller for longer than a limit, or makes it larger than one.
 * inetctl(8), PROTOCOL. */
#ifndef SERVICES_COMMON_CONTROL_H
#define SERVICES_COMMON_CONTROL_H

#include <stddef.h>

/* Whom to ask, and how patiently. */
struct control {
	const char *path; /* of the socket */
	int limit_ms;     /* for one request and the whole of its answer */
	size_t most;      /* bytes of an answer */
};

/* Where the socket is: $INETD_CONTROL, else /run/inetd.sock. */
const char *control_path(void);

/* Asks one request, a verb and its argument. Returns what was answered behind the status line, with
 * a NUL, for the caller to free(3), its length in *len; or NULL with errno: as connect(2),
 * ETIMEDOUT, EMSGSIZE when it was longer than `most` or the request is too long, EPROTO for what is
 * no answer, is not all of one, or says that the request was refused. unix(7). */
char *control_ask(const struct control *daemon, const char *request, size_t *len);

#endif

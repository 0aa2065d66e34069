/* ask: asks the daemon over its control socket: for inetctl, and for service programs that show
 * what everybody in the socket's group may know. One request is one connection; nothing the daemon
 * does or fails to do holds the caller for longer than a limit, or makes it larger than one. */
#ifndef PROTOCOL_ASK_H
#define PROTOCOL_ASK_H

#include <stdbool.h>
#include <stddef.h>

#define ASK_SOCKET "/run/inetd.sock" /* of the daemon that runs as root */

/* Whom to ask, and how patiently. */
struct ask {
	const char *path; /* of the socket; NULL: $INETD_CONTROL, else that of the user's own daemon
			     in $XDG_RUNTIME_DIR, else ASK_SOCKET */
	int limit_ms;     /* for one request and the whole of its answer */
	size_t most;      /* bytes of an answer */
};

struct ask_answer {
	int status;       /* 0 done, 1 not done, 2 done or asked with mistakes: inetctl(8) */
	char *text;       /* owned, with a NUL; NULL on failure, but for EBADMSG */
	size_t len;       /* of the text; of a part, how much there was */
	size_t promised;  /* how long the text should be */
	bool connected;   /* a daemon was there */
	const char *path; /* of the socket that was tried last; in ask or kept for ever */
};

/* Asks for a verb, with its argument (NULL: none). Returns 0, for whatever status; or -1 with
 * errno: as connect(2); EINVAL for an argument that no request can have; ETIMEDOUT; EMSGSIZE when
 * the answer is longer than `most`; EPROTO for what is not an answer; EBADMSG when its end is
 * missing. */
int ask_daemon(const struct ask *ask, const char *verb, const char *arg, struct ask_answer *answer);

#endif

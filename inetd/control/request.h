/* request: the one line that a client of the control socket sends. Pure. */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_BYTES    1024 /* of a request, its newline included */
#define REQUEST_PROTOCOL "inetd/1 "
#define REQUEST_COUNTED  "inetd/2 " /* the same, answered with a length; as long as the other */

enum request_state {
	REQUEST_PART,    /* the newline has not come yet */
	REQUEST_WHOLE,   /* there is one, taken apart */
	REQUEST_FOREIGN, /* a line of another protocol */
	REQUEST_WRONG,   /* too long, or with bytes that no request has */
};

struct request {
	bool counted;     /* the length of the answer is wanted; known of what is wrong, too */
	const char *verb; /* not empty */
	const char *arg;  /* the rest of the line, blanks and all; NULL: none */
};

/* Looks at `len` bytes that have come so far, in `buf` of REQUEST_BYTES. A whole request is ended
 * by a NUL in place and *out points into it; what follows the newline is not looked at. Control
 * bytes are wrong, other bytes may stand in arg. */
enum request_state request_parse(char *buf, size_t len, struct request *out);

#endif

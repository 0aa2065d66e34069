/* request: the control protocol on the wire, for both of its ends: the one line that a client
 * sends, and the first line of the answer. Pure. inetctl(8), PROTOCOL. */
#ifndef PROTOCOL_REQUEST_H
#define PROTOCOL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_PROTOCOL "inetd/2 " /* begins a request and an answer */
#define REQUEST_BYTES    1024       /* of a request, its newline included */
#define REQUEST_HEAD     40         /* of an answer's first line, and a NUL */

enum request_state {
	REQUEST_PART,    /* the newline has not come yet */
	REQUEST_WHOLE,   /* there is one, taken apart */
	REQUEST_FOREIGN, /* a line of another protocol */
	REQUEST_WRONG,   /* too long, or with bytes that no request has */
};

struct request {
	const char *verb; /* not empty */
	const char *arg;  /* the rest of the line, blanks and all; NULL: none */
};

/* Looks at `len` bytes that have come so far, in `buf` of REQUEST_BYTES. A whole request is ended
 * by a NUL in place and *out points into it; what follows the newline is not looked at. Control
 * bytes are wrong, other bytes may stand in arg. */
enum request_state request_parse(char *buf, size_t len, struct request *out);

/* Writes the line for a verb and its argument (NULL: none) into buf. Returns its length; 0 when it
 * is too long, or the argument is empty or has control bytes. */
size_t request_line(char buf[static REQUEST_BYTES], const char *verb, const char *arg);

/* "inetd/2 STATUS LENGTH\n" into buf; the text of the answer, `len` bytes, follows it. Returns how
 * long it is. */
size_t request_head(char buf[static REQUEST_HEAD], int status, size_t len);

/* Reads that line, ended by a NUL in place of its newline. False if it is no such line. */
bool request_head_parse(const char *line, int *status, size_t *len);

#endif

/* http: as much of HTTP/1.1 as a small server on standard input and output needs: requests are read
 * within limits of size and time and checked strictly, answers get their head. For programs that
 * only show something: GET and HEAD, no request with a body. io_limit_ms holds for what is written;
 * when a connection is over, end it by io_hang_up(). RFC 9110, RFC 9112. */
#ifndef SERVICES_COMMON_HTTP_H
#define SERVICES_COMMON_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define HTTP_LINE_MAX   4096  /* bytes of a request line; longer: 414 */
#define HTTP_HEAD_MAX   16384 /* bytes of a request line and header fields; longer: 431 */
#define HTTP_FIELDS_MAX 100   /* header fields; more: 431 */
#define HTTP_DATE_SIZE  30    /* bytes of a date, with its NUL */

struct http_field {
	const char *name;
	const char *value; /* without blanks around it, may be empty */
};

/* One request. All text is within the head it was parsed from and lives as long as that. */
struct http_request {
	bool head_only;    /* HEAD: an answer has no body */
	bool keep_alive;   /* the peer would like to ask again; a server may clear it */
	const char *host;  /* whom it is for, checked by http_host_valid(); NULL: not said (1.0) */
	const char *path;  /* decoded, begins with '/' */
	const char *query; /* as it was sent, what follows '?'; NULL without one */
	size_t field_count;
	struct http_field fields[HTTP_FIELDS_MAX];
};

/* A connection. To begin with: the first two, and zeros. */
struct http_conn {
	int fd;
	int limit_ms;    /* for the first byte of a request, and from there on for its head */
	size_t held;     /* bytes in `head` */
	size_t consumed; /* of them, those of the request last read */
	char head[HTTP_HEAD_MAX];
};

/* Reads the next request, which is good until the next call. Returns 200; or 0 if there is none
 * (the peer has closed or was silent too long: just close); or the status to refuse with before
 * closing: 400, 405, 408, 414, 431, 501, 505. */
int http_read(struct http_conn *conn, struct http_request *request);

/* Where a head ends: the length up to and including its empty line, 0 if that is not there yet. */
size_t http_head_end(const char *text, size_t len);

/* Parses a head of `len` bytes (as http_head_end found it), which is taken to pieces. Returns as
 * http_read, but never 0 or 408. Pure. */
int http_parse(char *head, size_t len, struct http_request *request);

/* The value of the first field of that name (case does not matter), NULL without one. */
const char *http_field(const struct http_request *request, const char *name);

/* The head of an answer, in the making. */
struct http_answer {
	size_t len;
	char text[6144]; /* a redirect may have a long query */
};

/* Status line and Date. */
void http_answer_begin(struct http_answer *answer, int status);

/* A header field, by printf(3), without its line end. Nothing from the network may go in that could
 * hold a line end. */
__attribute__((format(printf, 2, 3))) void http_answer_field(
	struct http_answer *answer, const char *format, ...);

/* Says whether the connection stays, and ends the head. */
void http_answer_end(struct http_answer *answer, bool keep_alive);

/* Answers with a short text only, the status and its name: an error. `request` is NULL where there
 * was none to be understood; else its keep_alive holds. Returns as io_write_all(). */
int http_answer_status(
	const struct http_conn *conn, const struct http_request *request, int status);

/* Answers 301: the same path with a slash at its end, on this host, with its query. Returns as
 * io_write_all(). */
int http_answer_slash(const struct http_conn *conn, const struct http_request *request);

/* A date as HTTP writes it (RFC 9110, 5.6.7); and back, from any of its three forms: -1 if it is
 * none. */
void http_date(char text[HTTP_DATE_SIZE], time_t date);
time_t http_date_parse(const char *text);

#endif

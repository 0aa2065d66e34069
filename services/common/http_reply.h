/* http_reply: what servers of one page need besides http.h: an answer that is in memory already,
 * and the choice of a format by what the caller would like to have. */
#ifndef SERVICES_COMMON_HTTP_REPLY_H
#define SERVICES_COMMON_HTTP_REPLY_H

#include "common/http.h"

/* How much a caller wants a type: 0 (not at all) to 1000, by an Accept field that names it; -1
 * where the field does not, or is NULL. Wildcards say nothing about a type of its own. RFC
 * 9110, 12.5.1. Pure. */
int http_accepts(const char *accept, const char *type);

/* Ends the head that was begun, its length added, and sends it with the body (HEAD: without); gives
 * up on a peer that takes nothing for io_limit_ms (which must be set), and on one for which it all
 * takes more than four times that. The connection is to be closed after it. Returns 0 or -1. */
int http_reply(const struct http_conn *conn, const struct http_request *request,
	struct http_answer *answer, const char *body, size_t len);

#endif

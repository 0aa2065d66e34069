/* ident: the words of the Identification Protocol, RFC 1413. Pure. */
#ifndef SERVICES_COMMON_IDENT_H
#define SERVICES_COMMON_IDENT_H

#include <stdbool.h>
#include <stddef.h>

/* A request: "6191, 23". A port that is none is 0, or its number where that has 5 digits. */
struct ident_query {
	unsigned here;  /* on the machine that is asked: the RFC's server-port */
	unsigned there; /* on the machine that asks: the RFC's client-port */
};

/* Reads a request of `len` bytes, without its end of line. False if it is not two ports from 1 to
 * 65535 with a comma between them and blanks around: the answer is INVALID-PORT then, and *out has
 * what was understood. */
bool ident_parse(const char *line, size_t len, struct ident_query *out);

/* True if the text may stand in an answer as a user: at most 512 bytes, no NUL, CR, LF (RFC 1413,
 * 6), and not empty. */
bool ident_is_user(const char *text);

#endif

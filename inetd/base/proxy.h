/* proxy: the header that a proxy puts in front of a connection to say whose it is: the PROXY
 * protocol, versions 1 (a line of text) and 2 (binary), as HAProxy's proxy-protocol.txt has them.
 * Pure: looks at bytes, reads nothing. */
#ifndef BASE_PROXY_H
#define BASE_PROXY_H

#include <stddef.h>
#include <stdint.h>

/* The longest header taken, in bytes. The text form has a limit of its own, 107. */
#define PROXY_MOST 4096

/* Room for an address as text; a unix path has up to 108 bytes. */
#define PROXY_HOST 110

enum proxy_result {
	PROXY_PART,  /* a header's beginning and nothing else, shorter than PROXY_MOST */
	PROXY_WHOLE, /* a header, perhaps with more after it */
	/* No header: */
	PROXY_NONE,    /* it does not even begin as one */
	PROXY_LONG,    /* it would be too long */
	PROXY_LINE,    /* not one line of ASCII that ends with CR LF (version 1) */
	PROXY_WORDS,   /* not the words that there must be, one blank between two (version 1) */
	PROXY_ADDRESS, /* one that is none of its family (version 1) */
	PROXY_PORT,    /* one that is none (version 1) */
	PROXY_COMMAND, /* an unknown version or command (version 2) */
	PROXY_FAMILY,  /* an unknown family or protocol */
	PROXY_SHORT,   /* no room for the addresses of the family (version 2) */
	PROXY_VALUES,  /* those after the addresses do not fill the rest (version 2) */
	/* Never of proxy_scan(), for those who read: */
	PROXY_ENDED, /* the connection ended before the header did */
	PROXY_LATE,  /* there was no whole one in time */
	PROXY_RESULTS
};

enum proxy_kind {
	PROXY_OWN, /* of the proxy's own (LOCAL), or of a kind that it does not know (UNKNOWN, */
		   /* UNSPEC): the connection's real addresses count */
	PROXY_TCP,
	PROXY_UDP,
	PROXY_UNIX, /* hosts are paths, "@name" for abstract ones, "" for none; no ports */
};

/* One end of the connection that the proxy took. A v4-mapped IPv6 address (RFC 4291, 2.5.5.2) is
 * the IPv4 one; control characters of a path are question marks. */
struct proxy_end {
	char host[PROXY_HOST];
	uint16_t port; /* host order */
};

struct proxy {
	enum proxy_kind kind;
	struct proxy_end source, target; /* who called whom; empty for PROXY_OWN */
};

/* Looks at the first `len` bytes of a connection. For PROXY_WHOLE, *out is filled in and *size is
 * the header's length; else both are untouched. All of the bytes of a PROXY_PART belong to the
 * header, so that they may be consumed. */
enum proxy_result proxy_scan(const void *data, size_t len, struct proxy *out, size_t *size);

/* What is wrong, for a message; NULL for results that do not mean that there is no header. */
const char *proxy_wrong(enum proxy_result result);

#endif

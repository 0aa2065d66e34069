/* proxy: the header that a proxy puts in front of a connection to say whose it is: the PROXY
 * protocol, versions 1 (a line of text) and 2 (binary), as HAProxy's proxy-protocol.txt has them.
 * Pure: looks at bytes, reads nothing. */
#ifndef SERVICES_COMMON_PROXY_H
#define SERVICES_COMMON_PROXY_H

#include <stddef.h>
#include <stdint.h>

/* The longest header taken, in bytes. The text form has a limit of its own, 107. */
#define PROXY_MOST 4096

/* Room for an address as text; a unix path has up to 108 bytes. */
#define PROXY_HOST 110

enum proxy_result {
	PROXY_PART,  /* a header's beginning and nothing else, shorter than PROXY_MOST */
	PROXY_WHOLE, /* a header, perhaps with something behind it */
	PROXY_BAD,   /* no header */
	PROXY_LONG,  /* a header that would be too long */
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

#endif

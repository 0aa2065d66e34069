/* sockaddr: addresses as values and as text. No look-ups: numbers only. */
#ifndef BASE_SOCKADDR_H
#define BASE_SOCKADDR_H

#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_vm vm;
	struct { /* of a unix peer without a name: sockaddr_note_caller() */
		sa_family_t family;
		bool noted;
		uid_t uid;
		pid_t pid;
	} caller;
};

/* An address with its length; len 0 = unknown, as an unnamed unix peer has it. */
struct sockaddr_len {
	union sockaddr_any addr;
	socklen_t len;
};

/* An address that is kept, of as few bytes as most need: that of a unix socket is elsewhere. */
struct sockaddr_kept {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_vm vm;
	} addr;                           /* of a unix socket the family alone */
	const struct sockaddr_len *local; /* borrowed; NULL unless it is of a unix socket */
};

/* Keeps an address; one of a unix socket must stay as long as that. */
struct sockaddr_kept sockaddr_keep(const struct sockaddr_len *addr);

/* The whole of it: in `room`, or where the unix one is. */
const struct sockaddr_len *sockaddr_whole(
	const struct sockaddr_kept *kept, struct sockaddr_len *room);

/* The same as a value. */
struct sockaddr_len sockaddr_copy(const struct sockaddr_kept *kept);

/* sockaddr_compare(), sockaddr_port() and sockaddr_is_wildcard() of it; sun_path of a unix one,
 * NULL of others. */
int sockaddr_kept_compare(const struct sockaddr_kept *a, const struct sockaddr_kept *b);
uint16_t sockaddr_kept_port(const struct sockaddr_kept *kept);
bool sockaddr_kept_is_wildcard(const struct sockaddr_kept *kept);
const char *sockaddr_kept_path(const struct sockaddr_kept *kept);

/* Room for any address as text: a unix path, or [v6%scope]:port. */
#define SOCKADDR_TEXT 160

/* True for an address of the internet. */
static inline bool sockaddr_is_inet(const struct sockaddr *sa)
{
	return sa->sa_family == AF_INET || sa->sa_family == AF_INET6;
}

/* The port in host order; 0 where the family has none (those of vsock have 32 bits). */
uint16_t sockaddr_port(const union sockaddr_any *addr);

/* Sets the port (host order) of an inet address; nothing for others. */
void sockaddr_set_port(union sockaddr_any *addr, uint16_t port);

/* Turns a v4-mapped IPv6 address (RFC 4291, 2.5.5.2) into the IPv4 one, in place. */
void sockaddr_unmap(struct sockaddr_len *addr);

/* The wildcard address of a family (AF_INET, AF_INET6) with a port in host order. */
void sockaddr_any_of(int family, uint16_t port, struct sockaddr_len *out);

/* "vsock:CID:PORT", without CID or with "*" for any (vsock(7)): with a port of 0 for any. False for
 * anything else. */
bool sockaddr_parse_vsock(const char *text, struct sockaddr_len *out);

/* A numeric address: dotted quad, IPv6 with or without brackets and %scope. Returns true and
 * fills out (port 0); false for anything else, a host name among them. */
bool sockaddr_parse(const char *text, struct sockaddr_len *out);

/* True for 0.0.0.0 and ::. */
bool sockaddr_is_wildcard(const union sockaddr_any *addr);

/* Order of two addresses for maps: family, length, bytes that matter. 0 = equal. */
int sockaddr_compare(const struct sockaddr_len *a, const struct sockaddr_len *b);

/* Text without port ("192.0.2.1", "2001:db8::1", "vsock:3", "/path", "@name"; "-" for an unnamed
 * one), masked for logs. Returns buf. */
char *sockaddr_host(const struct sockaddr_len *addr, char *buf, size_t size);

/* Notes in the address of a unix peer without a name which process it is (pid 0: not known); where
 * a name would be, so the address must be one that was zeroed before the kernel wrote it. Nothing
 * for other addresses. SO_PEERCRED, unix(7) */
void sockaddr_note_caller(struct sockaddr_len *peer, uid_t uid, pid_t pid);

/* Text with port: "192.0.2.1:80", "[::1]:80", "vsock:3:80", "/path"; "uid:1000,pid:4711" for a unix
 * peer without a name. Returns buf. */
char *sockaddr_text(const struct sockaddr_len *addr, char *buf, size_t size);

#endif

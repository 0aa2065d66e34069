/* rpcbind: the questions of inetd-rpc to rpcbind, over one connection (RFC 1833). Each waits for
 * its answer, a few seconds at most; after RPCBIND_LOST the connection is of no use any more. */
#ifndef RPC_RPCBIND_H
#define RPC_RPCBIND_H

#include <stdint.h>

/* What rpcbind has an address for. */
struct rpcbind_key {
	uint32_t program, version;
	const char *netid;
};

enum rpcbind_result {
	RPCBIND_DONE,
	RPCBIND_REFUSED, /* it says no */
	RPCBIND_LOST,    /* no answer that makes sense */
};

/* What is registered for one. */
struct rpcbind_entry {
	uint32_t program, version;
	const char *netid, *address; /* universal address */
	const char *owner;           /* "superuser", or a uid */
};

/* Takes a connected socket, which is consumed. Returns 0, or -1 without memory. */
int rpcbind_use(int fd);

/* The socket; -1: none. */
int rpcbind_fd(void);

/* Closes it. */
void rpcbind_close(void);

/* Asks for everything that is registered, which rpcbind_find() looks through until the next time.
 */
enum rpcbind_result rpcbind_read(void);

/* The entry, borrowed; false where there is none. */
int rpcbind_find(const struct rpcbind_key *key, struct rpcbind_entry *out);

/* Registers an address; RPCBIND_REFUSED: another one is registered. */
enum rpcbind_result rpcbind_set(const struct rpcbind_key *key, const char *address);

/* Takes away what is registered; RPCBIND_REFUSED: somebody else has registered it. */
enum rpcbind_result rpcbind_unset(const struct rpcbind_key *key);

#endif

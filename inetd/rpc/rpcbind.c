/* rpcbind: see rpcbind.h. The library is given a connection, so that it looks up no name and opens
 * no socket, and each call has its own time limit. */
#include "rpc/rpcbind.h"

#include <rpc/rpc.h>
#include <rpc/rpcb_prot.h>
#include <string.h>
#include <sys/un.h>

#include "base/fdutil.h"

#define CALL_S 5

static struct {
	CLIENT *client; /* owned; NULL: no connection */
	int fd;         /* of the client, which does not close it */
	rpcblist_ptr list;
} bound = {.fd = -1};

int rpcbind_use(int fd)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct netbuf address = {.maxlen = sizeof(un), .len = sizeof(un), .buf = &un};

	rpcbind_close();
	/* Where the socket is connected already, the address is not looked at. */
	bound.client = clnt_vc_create(fd, &address, RPCBPROG, RPCBVERS, 0, 0);
	if (!bound.client) {
		fd_close(&fd);
		return -1;
	}
	bound.fd = fd;
	return 0;
}

int rpcbind_fd(void)
{
	return bound.fd;
}

static void forget_list(void)
{
	if (bound.list)
		xdr_free((xdrproc_t)xdr_rpcblist_ptr, (char *)&bound.list);
	bound.list = NULL;
}

void rpcbind_close(void)
{
	forget_list();
	if (bound.client)
		clnt_destroy(bound.client);
	bound.client = NULL;
	fd_close(&bound.fd);
}

/* One call; false: no answer that makes sense. */
static bool call(rpcproc_t procedure, RPCB *argument, xdrproc_t read, void *answer)
{
	const struct timeval limit = {.tv_sec = CALL_S};
	xdrproc_t write = argument ? (xdrproc_t)xdr_rpcb : (xdrproc_t)(void (*)(void))xdr_void;

	return bound.client && clnt_call(bound.client, procedure, write, (caddr_t)argument, read,
				       (caddr_t)answer, limit) == RPC_SUCCESS;
}

enum rpcbind_result rpcbind_read(void)
{
	forget_list();
	return call(RPCBPROC_DUMP, NULL, (xdrproc_t)xdr_rpcblist_ptr, &bound.list) ? RPCBIND_DONE
										   : RPCBIND_LOST;
}

int rpcbind_find(const struct rpcbind_key *key, struct rpcbind_entry *out)
{
	for (const rpcblist *one = bound.list; one; one = one->rpcb_next) {
		const RPCB *map = &one->rpcb_map;

		if (map->r_prog != key->program || map->r_vers != key->version ||
			strcmp(map->r_netid, key->netid) != 0)
			continue;
		*out = (struct rpcbind_entry){
			key->program, key->version, map->r_netid, map->r_addr, map->r_owner};
		return 1;
	}
	return 0;
}

static enum rpcbind_result change(
	rpcproc_t procedure, const struct rpcbind_key *key, const char *address)
{
	static char empty[] = "";
	RPCB map = {.r_prog = key->program,
		.r_vers = key->version,
		.r_netid = (char *)(uintptr_t)key->netid,
		.r_addr = (char *)(uintptr_t)address,
		.r_owner = empty}; /* rpcbind sees by itself who asks */
	bool_t done = FALSE;

	if (!call(procedure, &map, (xdrproc_t)xdr_bool, &done))
		return RPCBIND_LOST;
	return done ? RPCBIND_DONE : RPCBIND_REFUSED;
}

enum rpcbind_result rpcbind_set(const struct rpcbind_key *key, const char *address)
{
	return change(RPCBPROC_SET, key, address);
}

enum rpcbind_result rpcbind_unset(const struct rpcbind_key *key)
{
	return change(RPCBPROC_UNSET, key, "");
}

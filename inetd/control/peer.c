/* peer: see peer.h. */
#include "control/peer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

#define FEW 32

static bool among(const gid_t *groups, socklen_t bytes, gid_t group)
{
	for (size_t i = 0; i < bytes / sizeof(*groups); i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* When there is too little room the kernel returns how much the supplementary groups need. */
static bool is_member(int fd, gid_t group)
{
	gid_t few[FEW], *many;
	socklen_t bytes = sizeof(few);
	bool found;

	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, few, &bytes))
		return among(few, bytes, group);
	if (errno != ERANGE)
		return false;
	many = malloc(bytes);
	found = many && !getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, many, &bytes) &&
		among(many, bytes, group);
	free(many);
	return found;
}

enum peer_right peer_right(int fd, gid_t group, uid_t *uid)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t len = sizeof(peer);

	int result = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);

	if (uid)
		*uid = peer.uid;
	if (result < 0)
		return PEER_NONE;
	if (peer.uid == 0 || peer.uid == geteuid())
		return PEER_CHANGE;
	if (group != (gid_t)-1 && (peer.gid == group || is_member(fd, group)))
		return PEER_READ;
	return PEER_NONE;
}

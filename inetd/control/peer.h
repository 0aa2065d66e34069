/* peer: what the process at the other end of a unix socket may do, by its credentials. */
#ifndef CONTROL_PEER_H
#define CONTROL_PEER_H

#include <sys/types.h>

enum peer_right {
	PEER_NONE,
	PEER_READ,   /* ask: members of a group */
	PEER_CHANGE, /* everything: root, and the user of this process */
};

/* As whom the peer connected (SO_PEERCRED, SO_PEERGROUPS: unix(7), socket(7)). Its groups are asked
 * for `group`; (gid_t)-1: no group may ask. What cannot be found out gives no right, and -1 as
 * *uid, which is set unless it is NULL. */
enum peer_right peer_right(int fd, gid_t group, uid_t *uid);

#endif

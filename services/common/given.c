/* given: see given.h. */
#include "common/given.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/un.h>

enum given given_kind(int fd)
{
	int listening = 0, type = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		return GIVEN_NOTHING;
	if (type == SOCK_DGRAM)
		return GIVEN_DATAGRAMS;
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size);
	return listening ? GIVEN_LISTENER : GIVEN_CONNECTION;
}

struct given_address given_local(int fd)
{
	struct given_address local = {.len = sizeof(local.at)};

	if (getsockname(fd, (struct sockaddr *)&local.at, &local.len) < 0)
		local.len = 0;
	return local;
}

struct given_address given_peer(int fd)
{
	struct given_address peer = {.len = sizeof(peer.at)};

	if (getpeername(fd, (struct sockaddr *)&peer.at, &peer.len) < 0)
		peer.len = 0;
	return peer;
}

const char *given_text(const struct given_address *address, char text[GIVEN_TEXT])
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address->at;
	int path_len = (int)address->len - (int)offsetof(struct sockaddr_un, sun_path);
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1], port[8];

	if (address->len > 0 && address->at.ss_family == AF_UNIX)
		snprintf(text, GIVEN_TEXT, "unix:%.*s", path_len > 0 ? path_len : 0, un->sun_path);
	else if (address->len > 0 &&
		 getnameinfo((const struct sockaddr *)&address->at, address->len, host,
			 sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(text, GIVEN_TEXT, "[%s]:%s", host, port);
	else
		snprintf(text, GIVEN_TEXT, "none");
	return text;
}

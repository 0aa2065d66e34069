/* given_env: see given_env.h. The variables are those that a PROXY header sets, from another
 * source. */
#include "common/given_env.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/un.h>

#include "common/given.h"
#include "common/proxy_env.h"

static void tell_unix(const struct given_address *address, struct proxy_end *end)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address->at;
	int len = (int)address->len - (int)offsetof(struct sockaddr_un, sun_path);

	if (len > 0 && un->sun_path[0] == '\0')
		snprintf(end->host, sizeof(end->host), "@%.*s", len - 1, un->sun_path + 1);
	else if (len > 0)
		snprintf(end->host, sizeof(end->host), "%.*s", len, un->sun_path);
}

static void tell_inet(const struct given_address *address, struct proxy_end *end)
{
	static const char mapped[] = "::ffff:"; /* an IPv4 address on an IPv6 socket */
	char port[8] = "0", host[PROXY_HOST] = "";
	size_t skip;

	getnameinfo((const struct sockaddr *)&address->at, address->len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	skip = strncmp(host, mapped, strlen(mapped)) == 0 && strchr(host, '.') ? strlen(mapped) : 0;
	strlcpy(end->host, host + skip, sizeof(end->host));
	end->port = (uint16_t)strtoul(port, NULL, 10);
}

void given_set_environment(int connection)
{
	struct given_address peer = given_peer(connection), local = given_local(connection);
	struct proxy proxy = {.kind = PROXY_TCP};

	if (peer.len == 0 || local.len == 0)
		return;
	if (local.at.ss_family == AF_UNIX) {
		proxy.kind = PROXY_UNIX;
		tell_unix(&peer, &proxy.source);
		tell_unix(&local, &proxy.target);
	} else {
		tell_inet(&peer, &proxy.source);
		tell_inet(&local, &proxy.target);
	}
	proxy_set_environment(&proxy);
}

/* listener_map: the listeners by their endpoints (listener.h), and those of one port among them. */
#include <sys/socket.h>

#include "run/service/listener.h"

struct listener_tree listeners = RB_INITIALIZER(&listeners);

static int listener_compare(struct listener *a, struct listener *b)
{
	return endpoint_compare(&a->endpoint, &b->endpoint);
}

RB_GENERATE(listener_tree, listener, by_endpoint, listener_compare)

void listener_insert(struct listener *listener)
{
	RB_INSERT(listener_tree, &listeners, listener);
}

struct listener *listener_find(const struct endpoint *endpoint)
{
	struct listener key = {.endpoint = *endpoint};

	return RB_FIND(listener_tree, &listeners, &key);
}

/* The first listener at or after a port of a family, in the order of the map. */
static struct listener *first_on_port(int family, uint16_t port)
{
	struct listener key = {0};

	sockaddr_any_of(family, port, &key.endpoint.addr);
	return RB_NFIND(listener_tree, &listeners, &key);
}

static bool is_on_port(const struct listener *listener, int family, uint16_t port)
{
	return listener && listener->endpoint.addr.addr.sa.sa_family == family &&
	       sockaddr_port(&listener->endpoint.addr.addr) == port;
}

unsigned listener_share_port(const struct listener *with, int on)
{
	static const int families[] = {AF_INET, AF_INET6};
	uint16_t port = sockaddr_port(&with->endpoint.addr.addr);
	unsigned count = 0;

	for (size_t i = 0; port && i < 2; i++)
		for (struct listener *l = first_on_port(families[i], port);
			is_on_port(l, families[i], port); l = RB_NEXT(listener_tree, &listeners, l))
			if (l != with && l->watch.fd >= 0 &&
				l->endpoint.socktype == with->endpoint.socktype &&
				!setsockopt(l->watch.fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)))
				count++;
	return count;
}

/* True if what is sent to that address (of the same port) can reach the endpoint. */
static bool takes(const struct endpoint *endpoint, const struct sockaddr_len *local)
{
	if (!sockaddr_is_wildcard(&endpoint->addr.addr))
		return !sockaddr_compare(&endpoint->addr, local);
	return endpoint->dual || endpoint->addr.addr.sa.sa_family == local->addr.sa.sa_family;
}

static bool may_inherit(
	const struct listener *heir, const struct listener *from, const struct sockaddr_len *local)
{
	if (heir == from || heir->retired || heir->watch.fd < 0 ||
		heir->endpoint.socktype != from->endpoint.socktype)
		return false;
	if (local)
		return takes(&heir->endpoint, local);
	return takes(&heir->endpoint, &from->endpoint.addr) ||
	       takes(&from->endpoint, &heir->endpoint.addr);
}

struct listener *listener_heir(const struct listener *listener, const struct sockaddr_len *local)
{
	static const int families[] = {AF_INET, AF_INET6};
	uint16_t port = sockaddr_port(&listener->endpoint.addr.addr);
	struct listener *heir = NULL;

	for (size_t i = 0; port && i < 2; i++)
		for (struct listener *l = first_on_port(families[i], port);
			is_on_port(l, families[i], port); l = RB_NEXT(listener_tree, &listeners, l))
			if (may_inherit(l, listener, local) &&
				(!heir || !sockaddr_is_wildcard(&l->endpoint.addr.addr)))
				heir = l;
	return heir;
}

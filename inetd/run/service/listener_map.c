/* listener_map: the listeners by their endpoints (listener.h), and those of one port among them. */
#include <sys/socket.h>

#include "run/service/listener.h"
#include "run/service/suspect_socket.h"

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

struct listener *listener_find_in(struct listener_tree *tree, const struct endpoint *endpoint)
{
	struct listener key = {.endpoint = *endpoint};

	return RB_FIND(listener_tree, tree, &key);
}

struct listener *listener_find(const struct endpoint *endpoint)
{
	return listener_find_in(&listeners, endpoint);
}

struct sockaddr_len listener_bound(const struct listener *listener)
{
	return listener->bound ? *listener->bound : sockaddr_copy(&listener->endpoint.addr);
}

/* A walk over those whose address overlaps with an endpoint's, of the internet: of that port, the
 * same address, and all if one of the two is for any address. Of n addresses of a port none looks
 * at all others. */
struct overlap {
	const struct endpoint *with; /* set before the first; the rest is 0 */
	struct listener *at;
	int step;
};

enum overlap_step { ANY_INET, ANY_INET6, SAME_ADDRESS, OVERLAP_STEPS };

static bool is_any(const struct endpoint *endpoint)
{
	return sockaddr_kept_is_wildcard(&endpoint->addr);
}

static bool is_on_port(const struct listener *listener, int family, uint16_t port)
{
	return listener && listener->endpoint.addr.addr.sa.sa_family == family &&
	       sockaddr_kept_port(&listener->endpoint.addr) == port;
}

/* The first one of a step. Those for any address stand first in the map. */
static struct listener *overlap_first(const struct endpoint *with, int step)
{
	struct listener key = {.endpoint.addr = with->addr};
	struct sockaddr_len any;

	if (step == SAME_ADDRESS && is_any(with))
		return NULL;
	if (step != SAME_ADDRESS) {
		sockaddr_any_of(step == ANY_INET ? AF_INET : AF_INET6,
			sockaddr_kept_port(&with->addr), &any);
		key.endpoint.addr = sockaddr_keep(&any);
	}
	return RB_NFIND(listener_tree, &listeners, &key);
}

static bool overlap_belongs(const struct overlap *walk)
{
	const struct endpoint *with = walk->with;
	uint16_t port = sockaddr_kept_port(&with->addr);

	if (walk->step == SAME_ADDRESS)
		return walk->at && !sockaddr_kept_compare(&walk->at->endpoint.addr, &with->addr);
	return is_on_port(walk->at, walk->step == ANY_INET ? AF_INET : AF_INET6, port) &&
	       (is_any(with) || is_any(&walk->at->endpoint));
}

static struct listener *overlap_next(struct overlap *walk)
{
	if (walk->at)
		walk->at = RB_NEXT(listener_tree, &listeners, walk->at);
	else
		walk->at = overlap_first(walk->with, walk->step);
	while (!overlap_belongs(walk)) {
		walk->at = NULL;
		if (++walk->step >= OVERLAP_STEPS)
			return NULL;
		walk->at = overlap_first(walk->with, walk->step);
	}
	return walk->at;
}

static void share(const void *arg, int fd, void *result)
{
	*(bool *)result = !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, arg, sizeof(int));
}

unsigned listener_share_port(const struct listener *with, int on)
{
	struct overlap walk = {.with = &with->endpoint};
	struct listener *l;
	unsigned count = 0;
	const struct suspect_work work = {share, &on, sizeof(on), sizeof(bool)};
	bool done = false;

	if (!sockaddr_kept_port(&with->endpoint.addr))
		return 0;
	while ((l = overlap_next(&walk)))
		if (l != with && l->watch.fd >= 0 &&
			endpoint_ports(&l->endpoint) == endpoint_ports(&with->endpoint) &&
			suspect_call(l, &work, &done) == 0 && done)
			count++;
	return count;
}

/* True if what is sent to that address (of the same port) can reach the endpoint. */
static bool takes(const struct endpoint *endpoint, const struct sockaddr_kept *local)
{
	if (!is_any(endpoint))
		return !sockaddr_kept_compare(&endpoint->addr, local);
	return endpoint->dual || endpoint->addr.addr.sa.sa_family == local->addr.sa.sa_family;
}

static bool may_inherit(
	const struct listener *heir, const struct listener *from, const struct sockaddr_kept *local)
{
	if (heir == from || heir->retired || heir->watch.fd < 0 ||
		heir->endpoint.socktype != from->endpoint.socktype ||
		endpoint_ports(&heir->endpoint) != endpoint_ports(&from->endpoint))
		return false;
	if (local)
		return takes(&heir->endpoint, local);
	return takes(&heir->endpoint, &from->endpoint.addr) ||
	       takes(&from->endpoint, &heir->endpoint.addr);
}

struct listener *listener_heir(const struct listener *listener, const struct sockaddr_len *local)
{
	struct endpoint at = listener->endpoint;
	struct sockaddr_kept kept = {0};
	struct overlap walk = {.with = &at};
	struct listener *heir = NULL, *l;

	if (!sockaddr_kept_port(&at.addr))
		return NULL;
	if (local)
		at.addr = kept = sockaddr_keep(local);
	while ((l = overlap_next(&walk)))
		if (may_inherit(l, listener, local ? &kept : NULL) &&
			(!heir || !is_any(&l->endpoint)))
			heir = l;
	return heir;
}

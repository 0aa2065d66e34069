/* rpc_service: see rpc_service.h. */
#include "run/service/rpc_service.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "rpc/message.h"
#include "run/service/listener.h"

struct rpc_service {
	struct service_state *state; /* borrowed: it owns this */
	char *problem;               /* owned; NULL: none */
	TAILQ_ENTRY(rpc_service) in_all;
};

static TAILQ_HEAD(rpc_services, rpc_service) all = TAILQ_HEAD_INITIALIZER(all);
void (*rpc_service_changed)(void);

static void changed(void)
{
	if (rpc_service_changed)
		rpc_service_changed();
}

static void add(struct service_state *state)
{
	struct rpc_service *one = calloc(1, sizeof(*one));

	if (!one) {
		log_errx("%s: no memory to tell rpcbind of it", state->service->name);
		return;
	}
	one->state = state;
	state->rpc = one;
	TAILQ_INSERT_TAIL(&all, one, in_all);
}

static void drop(struct service_state *state)
{
	TAILQ_REMOVE(&all, state->rpc, in_all);
	free(state->rpc->problem);
	free(state->rpc);
	state->rpc = NULL;
}

void rpc_service_follow(struct service_state *state, enum service_change change)
{
	bool wanted = state->service->program && change != SERVICE_GONE;

	if (!state->rpc && !wanted)
		return;
	if (!state->rpc)
		add(state);
	else if (!wanted)
		drop(state);
	if (change != SERVICE_SLOT_FREE && change != SERVICE_HOLDS)
		changed();
}

void rpc_service_socket(const struct listener *listener)
{
	if (listener->state && listener->state->rpc)
		changed();
}

bool rpc_service_any(void)
{
	return !TAILQ_EMPTY(&all);
}

/* A socket as a universal address (RFC 5665): host, then the two bytes of the port. */
static void put_line(FILE *out, const struct service_state *state, const struct sockaddr_len *addr)
{
	const struct rpc_program *program = state->service->program;
	bool six = addr->addr.sa.sa_family == AF_INET6;
	unsigned port = sockaddr_port(&addr->addr);
	char host[INET6_ADDRSTRLEN], netid[RPC_NETID], address[RPC_UADDR];

	if (six)
		inet_ntop(AF_INET6, &addr->addr.in6.sin6_addr, host, sizeof(host));
	else
		inet_ntop(AF_INET, &addr->addr.in.sin_addr, host, sizeof(host));
	snprintf(netid, sizeof(netid), "%s%s",
		state->service->socktype == SOCK_DGRAM ? "udp" : "tcp", six ? "6" : "");
	snprintf(address, sizeof(address), "%s.%u.%u", host, port >> 8, port & 255);
	fprintf(out, RPC_LINE, state->number, program->number, program->low, program->high, netid,
		address);
}

static void put_socket(FILE *out, const struct listener *listener)
{
	struct sockaddr_len addr = listener_bound(listener), four;

	put_line(out, listener->state, &addr);
	if (!listener->endpoint.dual || addr.addr.sa.sa_family != AF_INET6)
		return;
	sockaddr_any_of(AF_INET, sockaddr_port(&addr.addr), &four);
	put_line(out, listener->state, &four);
}

void rpc_service_write(FILE *out)
{
	const struct rpc_service *one;
	const struct listener *listener;

	TAILQ_FOREACH (one, &all, in_all)
		TAILQ_FOREACH (listener, &one->state->listeners, in_state)
			if (listener->watch.fd >= 0 && !listener->retired)
				put_socket(out, listener);
}

static void set_problem(struct rpc_service *one, const char *text)
{
	const char *name = one->state->service->name, *before = one->problem ? one->problem : "";
	char problem[RPC_TEXT];

	strlcpy(problem, text, sizeof(problem));
	log_mask(problem);
	if (!strcmp(before, problem))
		return;
	if (*problem)
		log_event(LOG_WARNING, LOG_FIELDS({"service", name, false}),
			"%s: not registered with rpcbind (will retry): %s", name, problem);
	else
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: registered with rpcbind now", name);
	free(one->problem);
	one->problem = *problem ? strdup(problem) : NULL;
}

void rpc_service_result(uint32_t number, const char *problem)
{
	struct rpc_service *one;

	TAILQ_FOREACH (one, &all, in_all)
		if (one->state->number == number)
			set_problem(one, problem);
}

void rpc_service_result_all(const char *problem)
{
	struct rpc_service *one;

	TAILQ_FOREACH (one, &all, in_all)
		set_problem(one, problem);
}

const char *rpc_service_problem(const struct service_state *state)
{
	return state->rpc ? state->rpc->problem : NULL;
}

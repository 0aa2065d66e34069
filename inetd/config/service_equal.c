/* service_equal: when two services, or two endpoints, are the same (see conf.h). */
#include <string.h>

#include "config/conf.h"

#define ORDER(a, b)                                                                                \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	int order = sockaddr_compare(&a->addr, &b->addr);

	if (order)
		return order;
	ORDER(a->socktype, b->socktype);
	ORDER(a->protocol, b->protocol);
	ORDER(a->dual, b->dual);
	ORDER(a->ordinal, b->ordinal);
	return 0;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool words_equal(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

static bool identity_equal(const struct identity *a, const struct identity *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->as_caller == b->as_caller &&
	       a->ngroups == b->ngroups && text_equal(a->user, b->user) &&
	       text_equal(a->home, b->home) && text_equal(a->shell, b->shell) &&
	       (!a->ngroups || !memcmp(a->groups, b->groups, a->ngroups * sizeof(*a->groups)));
}

static bool rate_equal(const struct rate *a, const struct rate *b)
{
	return a->count == b->count && a->period_ms == b->period_ms && a->burst == b->burst;
}

static bool limits_equal(const struct limits *a, const struct limits *b)
{
	return a->instances == b->instances && a->per_source == b->per_source &&
	       rate_equal(&a->rate, &b->rate) &&
	       rate_equal(&a->per_source_rate, &b->per_source_rate) && a->prefix4 == b->prefix4 &&
	       a->prefix6 == b->prefix6 && a->instances_default == b->instances_default &&
	       a->per_source_default == b->per_source_default;
}

static bool networks_equal(const struct networks *a, const struct networks *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (network_compare(&a->list[i], &b->list[i]) != 0)
			return false;
	return true;
}

static bool times_equal(const struct week_spans *a, const struct week_spans *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i].from != b->list[i].from || a->list[i].minutes != b->list[i].minutes)
			return false;
	return true;
}

bool access_equal(const struct access *a, const struct access *b)
{
	return networks_equal(&a->only_from, &b->only_from) &&
	       networks_equal(&a->no_access, &b->no_access) &&
	       networks_equal(&a->exempt, &b->exempt) && times_equal(&a->times, &b->times) &&
	       a->deny_ms == b->deny_ms && a->deny_after == b->deny_after;
}

static bool exec_context_equal(const struct exec_context *a, const struct exec_context *b)
{
	return words_equal(a->env, b->env) && words_equal(a->passenv, b->passenv) &&
	       a->keep_env == b->keep_env && a->stderr_to == b->stderr_to &&
	       text_equal(a->stderr_path, b->stderr_path) && a->activation == b->activation;
}

static bool messages_equal(const struct messages *a, const struct messages *b)
{
	return text_equal(a->banner, b->banner) && text_equal(a->banner_fail, b->banner_fail) &&
	       text_equal(a->busy, b->busy);
}

static bool socket_equal(const struct socket_options *a, const struct socket_options *b)
{
	return a->sndbuf_bytes == b->sndbuf_bytes && a->rcvbuf_bytes == b->rcvbuf_bytes &&
	       a->backlog == b->backlog && a->defer_accept == b->defer_accept &&
	       a->mode == b->mode && a->owner == b->owner && a->group == b->group;
}

static bool endpoints_equal(const struct service *a, const struct service *b)
{
	if (a->endpoint_count != b->endpoint_count || a->name_count != b->name_count)
		return false;
	for (size_t i = 0; i < a->endpoint_count; i++)
		if (endpoint_compare(&a->endpoints[i], &b->endpoints[i]) != 0)
			return false;
	for (size_t i = 0; i < a->name_count; i++)
		if (!text_equal(a->names[i].host, b->names[i].host) ||
			a->names[i].families != b->names[i].families ||
			a->names[i].port != b->names[i].port)
			return false;
	return true;
}

bool service_equal(const struct service *a, const struct service *b)
{
	return text_equal(a->name, b->name) && text_equal(a->label, b->label) &&
	       text_equal(a->bind, b->bind) && text_equal(a->protocol, b->protocol) &&
	       a->builtin == b->builtin && a->socktype == b->socktype && a->wait == b->wait &&
	       a->mux == b->mux && a->mux_go == b->mux_go && text_equal(a->mux_name, b->mux_name) &&
	       a->families == b->families && endpoints_equal(a, b) &&
	       text_equal(a->server, b->server) && words_equal(a->argv, b->argv) &&
	       identity_equal(&a->identity, &b->identity) && limits_equal(&a->limits, &b->limits) &&
	       socket_equal(&a->socket, &b->socket) && a->idle_ms == b->idle_ms &&
	       a->reply_rate == b->reply_rate && a->reply_burst == b->reply_burst &&
	       words_equal(a->wrapper, b->wrapper) && access_equal(&a->access, &b->access) &&
	       a->overload == b->overload && a->max_load == b->max_load &&
	       a->max_time_ms == b->max_time_ms && a->kill_after_ms == b->kill_after_ms &&
	       exec_context_equal(&a->context, &b->context) &&
	       messages_equal(&a->messages, &b->messages) && a->events == b->events &&
	       a->log_level == b->log_level;
}

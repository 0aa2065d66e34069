/* config_describe: a service as one line of text, so that a case of a test is a row. */
#ifndef UNIT_CONFIG_DESCRIBE_H
#define UNIT_CONFIG_DESCRIBE_H

#include "config_unit.h"

#include <inttypes.h>

static inline void describe_add(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static inline void describe_add(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

static inline void describe_count(char *buf, size_t size, const char *name, uint32_t count)
{
	if (count == LIMIT_NONE)
		describe_add(buf, size, " %s=unlimited", name);
	else
		describe_add(buf, size, " %s=%" PRIu32, name, count);
}

/* What differs from what nobody asked for. */
static inline void describe_limits(char *buf, size_t size, const struct limits *limits)
{
	if (!limits->instances_default)
		describe_count(buf, size, "instances", limits->instances);
	if (!limits->per_source_default)
		describe_count(buf, size, "per_source", limits->per_source);
	if (limits->rate.count != LIMIT_NONE)
		describe_add(buf, size, " rate=%" PRIu32 "/%" PRIu32 "ms", limits->rate.count,
			limits->rate.period_ms);
	if (limits->per_source_rate.count != LIMIT_NONE)
		describe_add(buf, size, " source_rate=%" PRIu32 "/%" PRIu32 "ms",
			limits->per_source_rate.count, limits->per_source_rate.period_ms);
}

static inline void describe_socket(char *buf, size_t size, const struct service *service)
{
	const struct socket_options *socket = &service->policy->socket;

	if (socket->sndbuf_bytes)
		describe_add(buf, size, " sndbuf=%" PRIu32, socket->sndbuf_bytes);
	if (socket->rcvbuf_bytes)
		describe_add(buf, size, " rcvbuf=%" PRIu32, socket->rcvbuf_bytes);
	if (socket->defer_accept)
		describe_add(buf, size, " defer");
	if (service->program)
		describe_add(buf, size, " rpc=%u/%u-%u", service->program->number,
			service->program->low, service->program->high);
	if (service->families & FAMILY_UNIX)
		describe_add(buf, size, " %o:%d:%d", (unsigned)socket->mode, (int)socket->owner,
			(int)socket->group);
}

static inline void describe_endpoints(char *buf, size_t size, const struct service *service)
{
	char text[SOCKADDR_TEXT];
	struct sockaddr_len room;

	for (size_t i = 0; i < service->endpoint_count; i++)
		describe_add(buf, size, " %s%s",
			sockaddr_text(sockaddr_whole(&service->endpoints[i].addr, &room), text,
				sizeof(text)),
			service->endpoints[i].dual ? "+4" : "");
	for (size_t i = 0; i < service->name_count; i++)
		describe_add(
			buf, size, " name:%s:%u", service->names[i].host, service->names[i].port);
	if (service->mux)
		describe_add(buf, size, " mux:%s%s", service->mux_go ? "+" : "", service->mux_name);
}

/* "label stream tcp nowait 0.0.0.0:7 [::]:7 root 0:0 /bin/x <x>", then limits and options. */
static inline const char *describe(const struct service *service)
{
	static const char *const types[] = {
		[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram", [SOCK_SEQPACKET] = "seqpacket"};
	static char buf[1000];

	buf[0] = 0;
	describe_add(buf, sizeof(buf), "%s %s %s %s", service->label, types[service->socktype],
		service->protocol, service->wait ? "wait" : "nowait");
	describe_endpoints(buf, sizeof(buf), service);
	describe_add(buf, sizeof(buf), " %d:%d", (int)service->policy->identity.uid,
		(int)service->policy->identity.gid);
	describe_add(buf, sizeof(buf), " %s",
		service->server ? service->server : builtin_name(service->builtin));
	for (char **arg = service->argv; arg && *arg; arg++)
		describe_add(buf, sizeof(buf), " <%s>", *arg);
	describe_limits(buf, sizeof(buf), &service->policy->limits);
	describe_socket(buf, sizeof(buf), service);
	return buf;
}

#endif

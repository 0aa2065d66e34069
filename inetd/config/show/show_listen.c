/* show_listen: the sockets of a service as the items of a list (see show_value.h): an address with
 * a port or a range of ports, a path or @name of a unix socket. */
#include "config/show/show_value.h"
#include "config/text/list.h"

#define RANGE_MOST 1000 /* ports in one item; the reader takes some more */

/* Endpoints that differ in their ports only, which follow one another. */
struct run {
	size_t count;
	unsigned first, last;
};

static bool is_inet(const struct endpoint *endpoint)
{
	return sockaddr_is_inet(&endpoint->addr.addr.sa);
}

static struct run find_run(const struct service *service, size_t at)
{
	const struct endpoint *start = &service->endpoints[at];
	unsigned port = sockaddr_kept_port(&start->addr);
	struct run run = {1, port, port};
	struct sockaddr_len next = sockaddr_copy(&start->addr);
	struct sockaddr_kept kept;

	while (is_inet(start) && port && at + run.count < service->endpoint_count &&
		run.count < RANGE_MOST && run.last < UINT16_MAX) {
		sockaddr_set_port(&next.addr, (uint16_t)(run.last + 1));
		kept = sockaddr_keep(&next);
		if (sockaddr_kept_compare(&kept, &service->endpoints[at + run.count].addr) != 0)
			break;
		run.count++;
		run.last++;
	}
	return run;
}

/* True if both runs together are what plain tcp or udp makes of "*". */
static bool is_any(const struct service *service, size_t four, const struct run *run)
{
	const struct endpoint *endpoint = &service->endpoints[four], *other = endpoint + run->count;
	struct run six;

	if (service->families != (FAMILY_INET | FAMILY_INET6) ||
		four + run->count == service->endpoint_count ||
		endpoint->addr.addr.sa.sa_family != AF_INET ||
		other->addr.addr.sa.sa_family != AF_INET6 ||
		!sockaddr_kept_is_wildcard(&endpoint->addr) ||
		!sockaddr_kept_is_wildcard(&other->addr))
		return false;
	six = find_run(service, four + run->count);
	return six.first == run->first && six.last == run->last;
}

static void add_ports(struct ini_list *list, const char *host, unsigned first, unsigned last)
{
	char item[SOCKADDR_TEXT + 300];

	if (first == last)
		snprintf(item, sizeof(item), "%s:%u", host, first);
	else
		snprintf(item, sizeof(item), "%s:%u-%u", host, first, last);
	ini_list_add(list, "", item);
}

/* The path or @name, whole and unmasked; or vsock:cid:port. */
static const char *unix_text(const struct endpoint *endpoint, char *buf, size_t size)
{
	const char *path = sockaddr_kept_path(&endpoint->addr);
	struct sockaddr_len room;
	size_t len;

	if (!path)
		return sockaddr_text(sockaddr_whole(&endpoint->addr, &room), buf, size);
	len = endpoint->addr.local->len - offsetof(struct sockaddr_un, sun_path);
	if (*path)
		snprintf(buf, size, "%.*s", (int)len, path);
	else
		snprintf(buf, size, "@%.*s", (int)len - 1, path + 1);
	return buf;
}

/* A path that needs quotes, or holds what separates items, was set by port, alone. */
static bool is_item(const struct service *service, const char *path)
{
	bool alone = service->endpoint_count == 1 && !service->name_count;

	return !alone || (!strpbrk(path, LIST_BOTH) && ini_is_plain(path));
}

static void add_inet(struct ini_list *list, const struct service *service, size_t *at)
{
	const struct endpoint *endpoint = &service->endpoints[*at];
	struct run run = find_run(service, *at);
	char text[SOCKADDR_TEXT], host[SOCKADDR_TEXT + 2];
	struct sockaddr_len room;

	sockaddr_host(sockaddr_whole(&endpoint->addr, &room), text, sizeof(text));
	if (is_any(service, *at, &run)) {
		strlcpy(host, "*", sizeof(host));
		*at += run.count;
	} else if (endpoint->addr.addr.sa.sa_family == AF_INET6) {
		snprintf(host, sizeof(host), "[%s]", text);
	} else {
		strlcpy(host, text, sizeof(host));
	}
	add_ports(list, host, run.first, run.last);
	*at += run.count;
}

bool show_listen(const struct key *key, const struct service *service, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	char path[SOCKADDR_TEXT];

	for (size_t i = 0; i < service->endpoint_count;) {
		const struct endpoint *endpoint = &service->endpoints[i];

		if (is_inet(endpoint)) {
			add_inet(&list, service, &i);
			continue;
		}
		if (is_item(service, unix_text(endpoint, path, sizeof(path))))
			ini_list_add(&list, "", path);
		i++;
	}
	for (size_t i = 0; i < service->name_count; i++) {
		const struct bind_name *name = &service->names[i];
		size_t last = i;

		while (last + 1 < service->name_count &&
			service->names[last + 1].host == name->host &&
			service->names[last + 1].port == service->names[last].port + 1)
			last++;
		add_ports(&list, name->host, name->port, service->names[last].port);
		i = last;
	}
	ini_list_end(&list);
	return true; /* or port has it */
}

bool show_port(const struct key *key, const struct service *service, FILE *out)
{
	char path[SOCKADDR_TEXT];

	if (service->endpoint_count != 1 || is_inet(&service->endpoints[0]) ||
		is_item(service, unix_text(&service->endpoints[0], path, sizeof(path))))
		return true; /* listen has it */
	fprintf(out, "%s = ", key->name);
	ini_write_text(out, path);
	fprintf(out, "\n");
	return true;
}

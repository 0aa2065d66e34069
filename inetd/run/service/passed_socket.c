/* passed_socket: see passed_socket.h. One descriptor of each is kept here as long as a service asks
 * for it, so that it is there again after that was disabled. */
#include "run/service/passed_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/service/given_socket.h"
#include "run/service/listener.h"

#define FIRST_FD   3 /* SD_LISTEN_FDS_START */
#define NAME_BYTES 256

struct passed {
	int fd;                    /* owned; -1: closed */
	int socktype, protocol;    /* SOCK_..., IPPROTO_...; 0: not a socket */
	struct sockaddr_len bound; /* len 0: not known */
	bool dual;                 /* of IPv6, takes IPv4 too */
	bool taken;
	struct endpoint by;             /* who took it first */
	struct sockaddr_len by_address; /* its address, which it may point to */
	char name[NAME_BYTES];
};

static struct {
	struct passed *list; /* owned */
	size_t count;
} passed;

static int int_of(int fd, int level, int option)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) < 0 ? 0 : value;
}

static void describe(struct passed *one)
{
	one->bound.len = sizeof(one->bound.addr);
	while (getsockname(one->fd, &one->bound.addr.sa, &one->bound.len) < 0)
		if (errno != ENOBUFS || !patience_lasts()) {
			one->bound.len = 0;
			return;
		}
	one->socktype = int_of(one->fd, SOL_SOCKET, SO_TYPE);
	one->protocol = int_of(one->fd, SOL_SOCKET, SO_PROTOCOL);
	one->dual = one->bound.addr.sa.sa_family == AF_INET6 &&
		    !int_of(one->fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

/* How many are for this process. */
static size_t count_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *error;
	long long count;

	if (!pid || !fds || strtonum(pid, 1, INT32_MAX, &error) != getpid())
		return 0;
	count = strtonum(fds, 1, INT16_MAX, &error);
	return error ? 0 : (size_t)count;
}

void passed_socket_begin(void)
{
	const char *names = getenv("LISTEN_FDNAMES");
	size_t count = count_passed();

	/* They are told once: a program that takes our place has the same process number. */
	unsetenv("LISTEN_PID");
	fd_close_range(FIRST_FD + (unsigned)count, ~0U);
	passed.list = count ? calloc(count, sizeof(*passed.list)) : NULL;
	if (!passed.list)
		count = 0;
	passed.count = count;
	for (size_t i = 0; i < count; i++) {
		struct passed *one = &passed.list[i];
		size_t len = names ? strcspn(names, ":") : 0;

		snprintf(one->name, sizeof(one->name), "%.*s", (int)len, names ? names : "");
		log_mask(one->name);
		names = names && names[len] ? names + len + 1 : NULL;
		one->fd = FIRST_FD + (int)i;
		fcntl(one->fd, F_SETFD, FD_CLOEXEC);
		describe(one);
	}
	for (size_t i = 0; i < count; i++)
		passed.list[i].fd = fd_raise(passed.list[i].fd);
}

/* --- which is whose --- */

static bool is_any(const struct sockaddr_len *addr, int family)
{
	return addr->addr.sa.sa_family == family && sockaddr_is_wildcard(&addr->addr);
}

/* A unix address may be counted with or without the zero at its end. */
static bool is_same_address(const struct sockaddr_len *a, const struct sockaddr_len *b)
{
	char one[SOCKADDR_TEXT], other[SOCKADDR_TEXT];

	if (a->addr.sa.sa_family != AF_UNIX || b->addr.sa.sa_family != AF_UNIX)
		return !sockaddr_compare(a, b);
	return a->len > sizeof(sa_family_t) &&
	       !strcmp(sockaddr_host(a, one, sizeof(one)), sockaddr_host(b, other, sizeof(other)));
}

static bool is_of_kind(const struct passed *one, const struct endpoint *endpoint)
{
	int family = endpoint->addr.addr.sa.sa_family, own = one->bound.addr.sa.sa_family;

	if (one->fd < 0 || !one->bound.len || one->socktype != endpoint->socktype ||
		(endpoint->protocol && one->protocol != endpoint->protocol) ||
		(endpoint->dual && !one->dual))
		return false;
	return family == own || (family == AF_INET && one->dual && one->socktype == SOCK_STREAM);
}

static bool has_address(const struct passed *one, const struct endpoint *endpoint)
{
	const struct sockaddr_len addr = sockaddr_copy(&endpoint->addr);
	uint16_t port = sockaddr_port(&addr.addr);

	if (!is_of_kind(one, endpoint))
		return false;
	if (is_same_address(&one->bound, &addr))
		return true;
	return port && one->dual && port == sockaddr_port(&one->bound.addr) &&
	       is_any(&one->bound, AF_INET6) && is_any(&addr, AF_INET);
}

static bool has_name(const struct passed *one, const struct service *service)
{
	return !strcmp(one->name, service->label) || !strcmp(one->name, service->name);
}

/* By its name alone: it must be meant for no other endpoint. */
static bool is_free(const struct passed *one, const struct service *service)
{
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (has_address(one, &service->endpoints[i]))
			return false;
	return !one->taken;
}

static struct passed *find(const struct service *service, const struct endpoint *endpoint)
{
	struct passed *end = passed.list + passed.count;

	for (struct passed *one = passed.list; one < end; one++)
		if (one->taken && !endpoint_compare(&one->by, endpoint) && one->fd >= 0)
			return one;
	for (struct passed *one = passed.list; one < end; one++)
		if (has_address(one, endpoint))
			return one;
	for (struct passed *one = passed.list; one < end; one++)
		if (has_name(one, service) && is_of_kind(one, endpoint) && is_free(one, service))
			return one;
	return NULL;
}

int passed_socket_take(const struct service *service, const struct endpoint *endpoint)
{
	struct passed *one = passed.count ? find(service, endpoint) : NULL;

	if (!one) {
		errno = ENOENT;
		return -1;
	}
	if (!one->taken) {
		one->by = *endpoint;
		one->by_address = sockaddr_copy(&endpoint->addr);
		one->by.addr = sockaddr_keep(&one->by_address);
	}
	one->taken = true;
	return fcntl(one->fd, F_DUPFD_CLOEXEC, FD_LOW);
}

static bool is_by(const struct passed *one, const struct endpoint *endpoint)
{
	return one->fd >= 0 && one->taken && !endpoint_compare(&one->by, endpoint);
}

bool passed_socket_has(const struct endpoint *endpoint)
{
	for (size_t i = 0; i < passed.count; i++)
		if (is_by(&passed.list[i], endpoint))
			return true;
	return false;
}

void passed_socket_forget(const struct endpoint *endpoint)
{
	for (size_t i = 0; i < passed.count; i++)
		if (is_by(&passed.list[i], endpoint))
			closer_close_lent(&passed.list[i].fd);
}

void passed_socket_put_all(FILE *out)
{
	for (size_t i = 0; i < passed.count; i++) {
		const struct passed *one = &passed.list[i];

		if (one->fd < 0)
			continue;
		record_begin(out, "passed");
		record_text(out, "name", one->name);
		handover_put_fd(out, "fd", one->fd);
		if (one->taken)
			given_socket_put_endpoint(out, &one->by);
		record_end(out);
	}
}

static size_t room; /* in the list that is being read */

static void count_one(const struct record *record)
{
	(void)record;
	room++;
}

static void get_one(const struct record *record)
{
	struct passed *one = &passed.list[passed.count++];
	const char *name = record_get(record, "name");

	one->fd = handover_take_fd(record, "fd");
	one->taken = given_socket_get_endpoint(record, &one->by, &one->by_address);
	strlcpy(one->name, name ? name : "", sizeof(one->name));
	describe(one);
}

void passed_socket_get_all(void)
{
	room = 0;
	handover_each("passed", count_one);
	passed.list = patience_calloc(room, sizeof(*passed.list));
	if (passed.list)
		handover_each("passed", get_one);
}

static void close_one(struct passed *one)
{
	char where[SOCKADDR_TEXT] = "";

	if (one->socktype)
		sockaddr_text(&one->bound, where, sizeof(where));
	log_warnx("the %s that was passed on as '%s'%s%s is of no service: closed",
		one->socktype ? "socket" : "descriptor", one->name, *where ? ", " : "", where);
	closer_close_lent(&one->fd);
}

void passed_socket_close_rest(void)
{
	for (size_t i = 0; i < passed.count; i++) {
		struct passed *one = &passed.list[i];

		if (one->fd >= 0 && !(one->taken && listener_find(&one->by)))
			close_one(one);
	}
}

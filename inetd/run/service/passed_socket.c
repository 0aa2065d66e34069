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
#include "base/handover_field.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/service/given_socket.h"
#include "run/service/listener.h"
#include "run/service/suspect_socket.h"

#define FIRST_FD   3 /* SD_LISTEN_FDS_START */
#define NAME_BYTES 256

/* What it is. */
struct passed_kind {
	int socktype, protocol;    /* SOCK_..., IPPROTO_...; 0: not a socket */
	struct sockaddr_len bound; /* len 0: not known */
	bool dual;                 /* of IPv6, takes IPv4 too */
};

struct passed {
	int fd; /* owned; -1: closed */
	struct passed_kind kind;
	bool known;  /* `kind` is */
	bool locked; /* by a program of a daemon before (suspect_socket.h) */
	bool told;   /* that it is not known */
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

static void look(const void *arg, int fd, void *result)
{
	struct passed_kind *kind = result;

	(void)arg;
	kind->bound.len = sizeof(kind->bound.addr);
	if (getsockname(fd, &kind->bound.addr.sa, &kind->bound.len) < 0) {
		kind->bound.len = 0;
		return;
	}
	kind->socktype = int_of(fd, SOL_SOCKET, SO_TYPE);
	kind->protocol = int_of(fd, SOL_SOCKET, SO_PROTOCOL);
	kind->dual =
		kind->bound.addr.sa.sa_family == AF_INET6 && !int_of(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

/* A program of a daemon before may have it still. */
static void describe(struct passed *one)
{
	const char none = 0;
	const struct suspect_work work = {look, &none, sizeof(none), sizeof(one->kind)};
	const struct suspect suspect = {one->fd, &one->locked, NULL};

	one->known = suspect_ask(&suspect, &work, &one->kind) == 0;
	if (!one->known && !one->told)
		log_warn("cannot look at the socket that was passed on as '%s' (will retry)",
			one->name);
	one->told = !one->known;
}

static void describe_all(void)
{
	for (size_t i = 0; i < passed.count; i++)
		if (passed.list[i].fd >= 0 && !passed.list[i].known)
			describe(&passed.list[i]);
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
	const struct passed_kind *kind = &one->kind;
	int family = endpoint->addr.addr.sa.sa_family, own = kind->bound.addr.sa.sa_family;

	if (one->fd < 0 || !kind->bound.len || kind->socktype != endpoint->socktype ||
		(endpoint->protocol && kind->protocol != endpoint->protocol) ||
		(endpoint->dual && !kind->dual))
		return false;
	return family == own || (family == AF_INET && kind->dual && kind->socktype == SOCK_STREAM);
}

static bool has_address(const struct passed *one, const struct endpoint *endpoint)
{
	const struct sockaddr_len addr = sockaddr_copy(&endpoint->addr);
	const struct sockaddr_len *bound = &one->kind.bound;
	uint16_t port = sockaddr_port(&addr.addr);

	if (!is_of_kind(one, endpoint))
		return false;
	if (is_same_address(bound, &addr))
		return true;
	return port && one->kind.dual && port == sockaddr_port(&bound->addr) &&
	       is_any(bound, AF_INET6) && is_any(&addr, AF_INET);
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

	describe_all();
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

int passed_socket_take(
	const struct service *service, const struct endpoint *endpoint, struct sockaddr_len *bound)
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
	*bound = one->kind.bound;
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

/* It is not asked again: a program may keep it locked. */
static const struct handover_field rows[] = {
	HANDOVER_ROW(FLAG, passed, known, "known"),
	HANDOVER_ROW(NUMBER, passed, kind.socktype, "own_type"),
	HANDOVER_ROW(NUMBER, passed, kind.protocol, "own_protocol"),
	HANDOVER_ROW(ADDRESS, passed, kind.bound, "bound"),
	HANDOVER_ROW(FLAG, passed, kind.dual, "own_dual"),
};

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
		if (one->known)
			handover_put_rows(out, HANDOVER_ROWS(rows), one);
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
	handover_get_rows(record, HANDOVER_ROWS(rows), one);
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

	if (one->kind.socktype)
		sockaddr_text(&one->kind.bound, where, sizeof(where));
	log_warnx("the %s that was passed on as '%s'%s%s is of no service: closed",
		one->kind.socktype ? "socket" : "descriptor", one->name, *where ? ", " : "", where);
	closer_close_lent(&one->fd);
}

void passed_socket_close_rest(void)
{
	describe_all();
	for (size_t i = 0; i < passed.count; i++) {
		struct passed *one = &passed.list[i];

		if (one->fd >= 0 && one->known && !(one->taken && listener_find(&one->by)))
			close_one(one);
	}
}

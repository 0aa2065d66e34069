/* client_name: see client_name.h. */
#include "run/accept/client_name.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/host_name.h"
#include "base/loop.h"
#include "run/process/helper.h"

#define KNOWN_MOST   1024
#define ASKED_MOST   256
#define SOURCE_MOST  16
#define HELPERS_MOST 32
#define LIMIT_S      10
#define NAMED_MS     (5 * 60 * 1000)
#define NAMELESS_MS  (30 * 1000)
#define UNASKED_MS   1000
#define BUCKETS      256

struct entry {
	struct sockaddr_len addr; /* without a port; never a v4-mapped one */
	uint64_t until_ms;        /* when it is too old; of what is known */
	LIST_ENTRY(entry) in_bucket;
	TAILQ_ENTRY(entry) in_order; /* in `asked` or `known` */
	bool is_known;
	struct watch answer; /* .fd -1: no helper; owned */
	size_t len;          /* bytes of name that have come */
	char name[HOST_NAME_TEXT];
};

TAILQ_HEAD(entry_list, entry);

static struct {
	LIST_HEAD(, entry) buckets[BUCKETS];
	struct entry_list asked, known; /* the oldest first */
	unsigned asked_count, known_count, helpers;
} names = {
	.asked = TAILQ_HEAD_INITIALIZER(names.asked), .known = TAILQ_HEAD_INITIALIZER(names.known)};

void (*client_name_found)(const struct sockaddr_len *addr);

static void start_some(void);

/* --- in the helper process --- */

static bool leads_back(const char *name, const struct sockaddr_len *addr)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	bool found = false;

	if (getaddrinfo(name, NULL, &hints, &list))
		return false;
	for (struct addrinfo *ai = list; ai && !found; ai = ai->ai_next) {
		struct sockaddr_len other = {.len = ai->ai_addrlen};

		memcpy(&other.addr, ai->ai_addr, ai->ai_addrlen);
		found = !sockaddr_compare(&other, addr);
	}
	freeaddrinfo(list);
	return found;
}

static void look_up(const void *arg, int out)
{
	const struct sockaddr_len *addr = arg;
	char name[NI_MAXHOST];
	size_t len;

	if (getnameinfo(&addr->addr.sa, addr->len, name, sizeof(name), NULL, 0, NI_NAMEREQD))
		return;
	len = strlen(name);
	if (len && name[len - 1] == '.')
		name[--len] = 0;
	if (host_name_valid(name) && *name != '.' && leads_back(name, addr) &&
		write(out, name, len) < 0)
		_exit(1);
}

/* --- in the daemon --- */

/* The address as it is kept. False for one that is none of inet. */
static bool bare(const struct sockaddr_len *addr, struct sockaddr_len *out)
{
	*out = *addr;
	if (!addr->len || !sockaddr_is_inet(&addr->addr.sa))
		return false;
	sockaddr_unmap(out);
	sockaddr_set_port(&out->addr, 0);
	return true;
}

static unsigned bucket_of(const struct sockaddr_len *addr)
{
	const uint8_t *bytes = (const uint8_t *)&addr->addr.in.sin_addr;
	size_t count = sizeof(addr->addr.in.sin_addr);
	uint32_t hash = 2166136261u;

	if (addr->addr.sa.sa_family == AF_INET6) {
		bytes = addr->addr.in6.sin6_addr.s6_addr;
		count = sizeof(addr->addr.in6.sin6_addr);
	}
	for (size_t i = 0; i < count; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash % BUCKETS;
}

static struct entry *find(const struct sockaddr_len *addr)
{
	struct entry *entry;

	LIST_FOREACH (entry, &names.buckets[bucket_of(addr)], in_bucket)
		if (!sockaddr_compare(&entry->addr, addr))
			return entry;
	return NULL;
}

static void entry_free(struct entry *entry)
{
	if (entry->is_known)
		names.known_count--;
	else
		names.asked_count--;
	TAILQ_REMOVE(entry->is_known ? &names.known : &names.asked, entry, in_order);
	LIST_REMOVE(entry, in_bucket);
	loop_unwatch(&entry->answer);
	fd_close(&entry->answer.fd);
	free(entry);
}

const char *client_name_known(const struct sockaddr_len *addr)
{
	struct sockaddr_len at;
	struct entry *entry = bare(addr, &at) ? find(&at) : NULL;

	if (!entry || !entry->is_known)
		return NULL;
	if (loop_now_ms() < entry->until_ms)
		return entry->name;
	entry_free(entry);
	return NULL;
}

void client_name_forget(void)
{
	while (!TAILQ_EMPTY(&names.known))
		entry_free(TAILQ_FIRST(&names.known));
}

/* What has come is the name; without one there is none, for so long. */
static void answered(struct entry *entry, uint64_t nameless_ms)
{
	const struct sockaddr_len addr = entry->addr;

	entry->name[entry->len] = 0;
	loop_unwatch(&entry->answer);
	fd_close(&entry->answer.fd);
	TAILQ_REMOVE(&names.asked, entry, in_order);
	names.asked_count--;
	if (names.known_count == KNOWN_MOST)
		entry_free(TAILQ_FIRST(&names.known));
	TAILQ_INSERT_TAIL(&names.known, entry, in_order);
	names.known_count++;
	entry->is_known = true;
	entry->until_ms = loop_now_ms() + (*entry->name ? NAMED_MS : nameless_ms);
	client_name_found(&addr);
}

static void answer_ready(struct watch *watch, uint32_t events)
{
	struct entry *entry = container_of(watch, struct entry, answer);
	size_t room = sizeof(entry->name) - 1 - entry->len;
	ssize_t len = room ? read(watch->fd, entry->name + entry->len, room) : 0;

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0) {
		entry->len += (size_t)len;
		return;
	}
	if (len < 0) /* a part of it may be another host's */
		entry->len = 0;
	answered(entry, len < 0 ? UNASKED_MS : NAMELESS_MS);
}

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	(void)status;
	(void)usage;
	free(child);
	names.helpers--;
	start_some();
}

/* Without a helper there is no name, for a moment: nobody was asked. */
static void start(struct entry *entry)
{
	struct child *child = calloc(1, sizeof(*child));

	if (child) {
		child->ended = helper_ended;
		entry->answer.fd = helper_start(child, look_up, &entry->addr, true, LIMIT_S);
	}
	if (entry->answer.fd < 0)
		free(child);
	else
		names.helpers++;
	if (entry->answer.fd < 0 || loop_watch(&entry->answer, EPOLLIN) < 0)
		answered(entry, UNASKED_MS);
}

static struct entry *next_to_start(void)
{
	struct entry *entry;

	TAILQ_FOREACH (entry, &names.asked, in_order)
		if (entry->answer.fd < 0)
			return entry;
	return NULL;
}

/* From the first one each time: who is answered at once, without a helper, may ask again. */
static void start_some(void)
{
	struct entry *entry;

	while (names.helpers < HELPERS_MOST && (entry = next_to_start()))
		start(entry);
}

/* True if both are in one IPv6 network of 64 bits, or are one IPv4 address. */
static bool same_source(const struct sockaddr_len *a, const struct sockaddr_len *b)
{
	if (a->addr.sa.sa_family != AF_INET6 || b->addr.sa.sa_family != AF_INET6)
		return !sockaddr_compare(a, b);
	return !memcmp(&a->addr.in6.sin6_addr, &b->addr.in6.sin6_addr, 8);
}

static bool asks_too_much(const struct sockaddr_len *addr)
{
	const struct entry *entry;
	unsigned count = 0;

	TAILQ_FOREACH (entry, &names.asked, in_order)
		count += same_source(&entry->addr, addr);
	return names.asked_count >= ASKED_MOST || count >= SOURCE_MOST;
}

int client_name_ask(const struct sockaddr_len *addr)
{
	struct sockaddr_len at;
	struct entry *entry;

	if (!bare(addr, &at))
		return -1;
	if (find(&at)) /* it is on its way */
		return 0;
	entry = asks_too_much(&at) ? NULL : calloc(1, sizeof(*entry));
	if (!entry)
		return -1;
	entry->addr = at;
	entry->answer = (struct watch){.fd = -1, .ready = answer_ready};
	LIST_INSERT_HEAD(&names.buckets[bucket_of(&at)], entry, in_bucket);
	TAILQ_INSERT_TAIL(&names.asked, entry, in_order);
	names.asked_count++;
	start_some();
	return 0;
}

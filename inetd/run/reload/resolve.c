/* resolve: see resolve.h. */
#include "run/reload/resolve.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/tree.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "base/patience.h"
#include "run/process/helper.h"

#define ADDRS_MOST     32
#define LIMIT_S        60
#define HELPERS_MOST   8
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000

struct name {
	RB_ENTRY(name) by_host;
	char *host;                            /* owned */
	struct sockaddr_len addrs[ADDRS_MOST]; /* sorted */
	size_t count;
	bool wanted, asked; /* asked: waits for a helper, or has one */
	bool again;         /* asked while it had a helper, which may have been too early */
	struct backoff retry;
	struct watch answer; /* .fd -1: no look-up under way; owned */
	char buffer[ADDRS_MOST * sizeof(struct sockaddr_len) + sizeof(int)];
	size_t received; /* bytes in buffer */
};

static int by_host(struct name *a, struct name *b)
{
	if (*a->host == '%' && *b->host == '%') /* interfaces */
		return strcmp(a->host, b->host);
	return strcasecmp(a->host, b->host);
}

static RB_HEAD(name_tree, name) names = RB_INITIALIZER(&names);
RB_PROTOTYPE(name_tree, name, by_host, by_host)
RB_GENERATE(name_tree, name, by_host, by_host)
static void (*on_change)(void);
static unsigned helpers;

static void start_some(void);

void resolve_init(void (*changed)(void))
{
	on_change = changed;
}

/* --- in the helper process --- */

static int compare(const void *a, const void *b)
{
	return sockaddr_compare(a, b);
}

static void add(struct sockaddr_len addrs[ADDRS_MOST], size_t *count, const struct sockaddr *addr,
	socklen_t len)
{
	if (*count == ADDRS_MOST)
		return;
	addrs[*count] = (struct sockaddr_len){.len = len};
	memcpy(&addrs[(*count)++].addr, addr, MIN(len, sizeof(addrs[0].addr)));
}

static int look_up_host(const char *host, struct sockaddr_len addrs[ADDRS_MOST], size_t *count)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int err = getaddrinfo(host, NULL, &hints, &list);

	for (struct addrinfo *ai = list; ai; ai = ai->ai_next)
		add(addrs, count, ai->ai_addr, ai->ai_addrlen);
	return err;
}

/* "eth0:1", the label of a further address, is of eth0 too. */
static bool is_of(const char *label, const char *interface)
{
	size_t len = strlen(interface);

	return !strncmp(label, interface, len) && (!label[len] || label[len] == ':');
}

static int look_up_interface(
	const char *interface, struct sockaddr_len addrs[ADDRS_MOST], size_t *count)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) < 0)
		return EAI_SYSTEM;
	for (struct ifaddrs *one = list; one; one = one->ifa_next) {
		const struct sockaddr *addr = one->ifa_addr;

		if (!addr || !is_of(one->ifa_name, interface))
			continue;
		if (addr->sa_family == AF_INET)
			add(addrs, count, addr, sizeof(struct sockaddr_in));
		else if (addr->sa_family == AF_INET6)
			add(addrs, count, addr, sizeof(struct sockaddr_in6));
	}
	return 0;
}

static void look_up(const void *arg, int out)
{
	struct sockaddr_len addrs[ADDRS_MOST];
	const char *host = arg;
	size_t count = 0;
	int err = *host == '%' ? look_up_interface(host + 1, addrs, &count)
			       : look_up_host(host, addrs, &count);

	qsort(addrs, count, sizeof(addrs[0]), compare);
	if (write(out, &err, sizeof(err)) < 0 || write(out, addrs, count * sizeof(addrs[0])) < 0)
		_exit(1);
}

/* --- in the daemon --- */

static bool is_interface(const struct name *name)
{
	return *name->host == '%';
}

static void helper_ended(void)
{
	helpers--;
	start_some();
}

static void retry_later(struct name *name, int err)
{
	if (backoff_start(&name->retry, RETRY_FIRST_MS, RETRY_MOST_MS))
		log_errx("cannot look up '%s' (will retry): %s", name->host, gai_strerror(err));
}

static void take_answer(struct name *name)
{
	size_t count = 0;
	int err = EAI_AGAIN;

	if (name->received >= sizeof(err)) {
		memcpy(&err, name->buffer, sizeof(err));
		count = (name->received - sizeof(err)) / sizeof(name->addrs[0]);
	}
	if (!err && !count && !is_interface(name)) /* the helper was ended half-way */
		err = EAI_AGAIN;
	if (err) {
		retry_later(name, err);
		return;
	}
	if (count)
		backoff_reset(&name->retry);
	else if (backoff_start(&name->retry, RETRY_FIRST_MS, RETRY_MOST_MS))
		log_warn("interface %s has no address (will retry)", name->host + 1);
	if (count == name->count &&
		!memcmp(name->addrs, name->buffer + sizeof(err), count * sizeof(name->addrs[0])))
		return;
	memcpy(name->addrs, name->buffer + sizeof(err), count * sizeof(name->addrs[0]));
	name->count = count;
	on_change();
}

static void answer_ready(struct watch *watch, uint32_t events)
{
	struct name *name = container_of(watch, struct name, answer);
	ssize_t len = read(
		watch->fd, name->buffer + name->received, sizeof(name->buffer) - name->received);

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len > 0) {
		name->received += (size_t)len;
		return;
	}
	loop_unwatch(watch);
	fd_close(&watch->fd);
	name->asked = name->again;
	name->again = false;
	take_answer(name);
	start_some();
}

static void start(struct name *name)
{
	name->received = 0;
	name->answer.fd = helper_run(&(struct helper_job){.work = look_up,
		.arg = name->host,
		.ended = helper_ended,
		.limit_s = LIMIT_S,
		.want_pipe = true});
	if (name->answer.fd < 0) {
		name->asked = false;
		retry_later(name, EAI_MEMORY);
		return;
	}
	helpers++;
	if (loop_watch(&name->answer, EPOLLIN) < 0) {
		fd_close(&name->answer.fd);
		name->asked = false;
		retry_later(name, EAI_SYSTEM);
	}
}

static void start_some(void)
{
	struct name *name;

	RB_FOREACH (name, name_tree, &names)
		if (helpers < HELPERS_MOST && name->asked && name->answer.fd < 0)
			start(name);
}

static void ask(struct name *name)
{
	loop_untimer(&name->retry.timer);
	name->again = name->answer.fd >= 0 && is_interface(name);
	name->asked = true;
	start_some();
}

static void retry_now(struct timer *timer)
{
	ask(container_of(timer, struct name, retry.timer));
}

static struct name *find(const char *host)
{
	struct name key = {.host = (char *)(uintptr_t)host};

	return RB_FIND(name_tree, &names, &key);
}

size_t resolve_known(const char *host, const struct sockaddr_len **addrs)
{
	struct name *name = find(host);

	*addrs = name ? name->addrs : NULL;
	return name ? name->count : 0;
}

const char *resolve_missing(const struct service *service)
{
	const struct sockaddr_len *addrs;

	for (size_t i = 0; i < service->name_count; i++)
		if (!resolve_known(service->names[i].host, &addrs))
			return service->names[i].host;
	return NULL;
}

static void name_free(struct name *name)
{
	RB_REMOVE(name_tree, &names, name);
	loop_untimer(&name->retry.timer);
	loop_unwatch(&name->answer);
	fd_close(&name->answer.fd);
	free(name->host);
	free(name);
}

void resolve_begin(void)
{
	struct name *name;

	RB_FOREACH (name, name_tree, &names)
		name->wanted = false;
}

static struct name *name_new(const char *host)
{
	struct name *name = patience_calloc(1, sizeof(*name));

	if (!name)
		return NULL;
	name->answer = (struct watch){.fd = -1, .ready = answer_ready};
	name->retry.timer.fired = retry_now;
	do
		name->host = strdup(host);
	while (!name->host && patience_lasts());
	if (name->host) {
		RB_INSERT(name_tree, &names, name);
		return name;
	}
	free(name);
	return NULL;
}

void resolve_want(const char *host)
{
	struct name *name = find(host);

	if (!name)
		name = name_new(host);
	if (name)
		name->wanted = true;
	else
		log_err("%s: its addresses are not looked up before the next reload", host);
}

void resolve_end(void)
{
	struct name *name, *next;

	RB_FOREACH_SAFE (name, name_tree, &names, next)
		if (!name->wanted)
			name_free(name);
	RB_FOREACH (name, name_tree, &names)
		ask(name);
}

void resolve_put_all(FILE *out)
{
	struct name *name;

	RB_FOREACH (name, name_tree, &names)
		for (size_t i = 0; i < name->count; i++) {
			record_begin(out, "name");
			record_text(out, "host", name->host);
			handover_put_address(out, "address", &name->addrs[i]);
			record_end(out);
		}
}

static void get_address(const struct record *record)
{
	const char *host = record_get(record, "host");
	struct name *name = host ? find(host) : NULL;

	if (host && !name)
		name = name_new(host);
	if (name && name->count < ADDRS_MOST &&
		handover_get_address(record, "address", &name->addrs[name->count]))
		name->count++;
}

void resolve_get_all(void)
{
	handover_each("name", get_address);
}

void resolve_retry(void)
{
	struct name *name;

	RB_FOREACH (name, name_tree, &names)
		if (is_interface(name) || loop_timer_running(&name->retry.timer))
			ask(name);
}

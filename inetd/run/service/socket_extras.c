/* socket_extras: see socket_extras.h. One row for each option. */
#include "run/service/socket_extras.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fdutil.h"
#include "base/path.h"

/* Linux, <linux/in6.h>, which does not go with <netinet/in.h>. */
#define OPTION_IPV6_TRANSPARENT 75
#define OPTION_IPV6_FREEBIND    78

enum kind { FLAG, NUMBER, OR_NONE, SECONDS, MILLISECONDS, LINGER, TEXT };

struct option {
	const char *key;
	size_t at; /* in struct socket_extras */
	enum kind kind;
	bool before_bind;
	bool tcp;   /* of tcp alone */
	int family; /* AF_INET, AF_INET6, AF_UNIX; 0: any */
	int level, name;
};

#define AT(field) offsetof(struct socket_extras, field)

static const struct option options[] = {
	{"bind_device", AT(bind_device), TEXT, true, false, 0, SOL_SOCKET, SO_BINDTODEVICE},
	{"reuse_port", AT(reuse_port), FLAG, true, false, AF_INET, SOL_SOCKET, SO_REUSEPORT},
	{"reuse_port", AT(reuse_port), FLAG, true, false, AF_INET6, SOL_SOCKET, SO_REUSEPORT},
	{"freebind", AT(freebind), FLAG, true, false, AF_INET, IPPROTO_IP, IP_FREEBIND},
	{"freebind", AT(freebind), FLAG, true, false, AF_INET6, IPPROTO_IPV6, OPTION_IPV6_FREEBIND},
	{"transparent", AT(transparent), FLAG, true, false, AF_INET, IPPROTO_IP, IP_TRANSPARENT},
	{"transparent", AT(transparent), FLAG, true, false, AF_INET6, IPPROTO_IPV6,
		OPTION_IPV6_TRANSPARENT},
	{"mark", AT(mark), OR_NONE, true, false, 0, SOL_SOCKET, SO_MARK},
	{"keepalive", AT(keepalive), FLAG, false, true, 0, SOL_SOCKET, SO_KEEPALIVE},
	{"keepalive_time", AT(keepalive_time_ms), SECONDS, false, true, 0, IPPROTO_TCP,
		TCP_KEEPIDLE},
	{"keepalive_interval", AT(keepalive_interval_ms), SECONDS, false, true, 0, IPPROTO_TCP,
		TCP_KEEPINTVL},
	{"keepalive_probes", AT(keepalive_probes), NUMBER, false, true, 0, IPPROTO_TCP,
		TCP_KEEPCNT},
	{"nodelay", AT(nodelay), FLAG, false, true, 0, IPPROTO_TCP, TCP_NODELAY},
	{"linger", AT(linger_ms), LINGER, false, true, 0, SOL_SOCKET, SO_LINGER},
	{"user_timeout", AT(user_timeout_ms), MILLISECONDS, false, true, 0, IPPROTO_TCP,
		TCP_USER_TIMEOUT},
	{"max_seg", AT(max_seg), NUMBER, false, true, 0, IPPROTO_TCP, TCP_MAXSEG},
	{"congestion", AT(congestion), TEXT, false, true, 0, IPPROTO_TCP, TCP_CONGESTION},
	{"fastopen", AT(fastopen), NUMBER, false, true, 0, IPPROTO_TCP, TCP_FASTOPEN},
	{"tos", AT(tos), OR_NONE, false, false, AF_INET, IPPROTO_IP, IP_TOS},
	{"tos", AT(tos), OR_NONE, false, false, AF_INET6, IPPROTO_IPV6, IPV6_TCLASS},
	{"ttl", AT(ttl), NUMBER, false, false, AF_INET, IPPROTO_IP, IP_TTL},
	{"ttl", AT(ttl), NUMBER, false, false, AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS},
	{"priority", AT(priority), OR_NONE, false, false, 0, SOL_SOCKET, SO_PRIORITY},
	{"pass_credentials", AT(pass_credentials), FLAG, false, false, AF_UNIX, SOL_SOCKET,
		SO_PASSCRED},
	{"timestamps", AT(timestamps), FLAG, false, false, 0, SOL_SOCKET, SO_TIMESTAMPNS},
};

static bool is_for(const struct option *option, const struct endpoint *endpoint)
{
	int family = endpoint->addr.addr.sa.sa_family;

	return (!option->family || option->family == family) &&
	       (!option->tcp || endpoint->protocol == IPPROTO_TCP);
}

static int set_number(struct sockopt *to, const struct option *option, int value)
{
	return sockopt_set_int(to, option->level, option->name, value);
}

/* Of a socket that programs have. The daemon closes connections too, and must not wait for a client
 * then, so those that it accepts have no time to linger before their program has them (plan.c). */
static int set_linger(struct sockopt *to, const struct service *service, uint32_t ms, bool fresh)
{
	const struct linger linger = {.l_onoff = service->wait && ms, .l_linger = (int)(ms / 1000)};

	return linger.l_onoff || !fresh
		       ? sockopt_set(to, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger))
		       : 0;
}

static int set_one(struct sockopt *to, const struct option *option, const struct service *service,
	const struct socket_extras *extras, bool fresh)
{
	const char *value = (const char *)extras + option->at;
	uint32_t number = option->kind == FLAG || option->kind == TEXT
				  ? 0
				  : *(const uint32_t *)(const void *)value;
	const char *text = option->kind == TEXT ? *(const char *const *)(const void *)value : NULL;

	switch (option->kind) {
	case FLAG:
		return *(const bool *)value || !fresh ? set_number(to, option, *(const bool *)value)
						      : 0;
	case NUMBER:
	case MILLISECONDS:
		return number ? set_number(to, option, (int)number) : 0;
	case OR_NONE:
		return number != SOCKET_NO_NUMBER ? set_number(to, option, (int)number) : 0;
	case SECONDS:
		return number ? set_number(to, option, (int)howmany(number, 1000)) : 0;
	case LINGER:
		return set_linger(to, service, number, fresh);
	default:
		return text ? sockopt_set(to, option->level, option->name, text,
				      (socklen_t)strlen(text) + 1)
			    : 0;
	}
}

/* Of one of the two times. */
static int set_all(struct sockopt *to, const struct service *service,
	const struct endpoint *endpoint, bool before_bind, bool fresh, const char **step)
{
	const struct socket_extras *extras =
		service->policy->extras ? service->policy->extras : &socket_extras_none;
	int err = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (option->before_bind != before_bind || !is_for(option, endpoint) ||
			set_one(to, option, service, extras, fresh) == 0 || err)
			continue;
		err = errno;
		*step = option->key;
	}
	errno = err;
	return err ? -1 : 0;
}

int socket_extras_before_bind(
	int fd, const struct service *service, const struct endpoint *endpoint, const char **step)
{
	struct sockopt to = sockopt_on(fd);

	return service->policy->extras ? set_all(&to, service, endpoint, true, true, step) : 0;
}

int socket_extras_apply(struct sockopt *to, const struct service *service,
	const struct endpoint *endpoint, bool fresh, const char **step)
{
	return service->policy->extras || !fresh
		       ? set_all(to, service, endpoint, false, fresh, step)
		       : 0;
}

void socket_extras_accepted(int fd, const struct service *service)
{
	int priority;

	if (!service->policy->extras || service->policy->extras->priority == SOCKET_NO_NUMBER)
		return;
	priority = (int)service->policy->extras->priority;
	(void)setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
}

int socket_extras_directory(
	const struct service *service, const struct endpoint *endpoint, const char **step)
{
	const char *path = sockaddr_kept_path(&endpoint->addr), *slash = strrchr(path, '/');
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct path_place place = {.dir_fd = -1};
	int err;

	if (!service->policy->extras || !service->policy->extras->dir_mode || !slash ||
		slash == path)
		return 0;
	*step = "socket_dir_mode";
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
	err = -path_find(directory, &place);
	if (!err && mkdirat(place.dir_fd, place.name, service->policy->extras->dir_mode) < 0)
		err = errno == EEXIST ? 0 : errno;
	if (err != 0)
		errno = err;
	fd_close(&place.dir_fd);
	return err ? -1 : 0;
}

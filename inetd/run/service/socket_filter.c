/* socket_filter: see socket_filter.h. */
#include "run/service/socket_filter.h"

#include <errno.h>
#include <linux/bpf_common.h>
#include <sys/socket.h>

#include "admit/access_filter.h"
#include "base/large.h"

/* Not 0 (FNV-1a). */
static uint32_t hash_of(const struct sock_filter *code, size_t count)
{
	const unsigned char *bytes = (const unsigned char *)code;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < count * sizeof(*code); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash ? hash : 1;
}

/* Whose packets the kernel has to look at: of a socket of inet that programs read themselves. */
static const struct access *access_of(
	const struct service *service, const struct endpoint *endpoint)
{
	static const struct access everybody;
	bool is_stream = endpoint->socktype == SOCK_STREAM;

	return sockaddr_is_inet(&endpoint->addr.addr.sa) && service->builtin == BUILTIN_NONE &&
			       (service->wait || !is_stream)
		       ? &service->policy->access
		       : &everybody;
}

int socket_filter_apply(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_filter *filter)
{
	static struct sock_filter code[BPF_MAXINSNS] LARGE;
	int count = access_filter(access_of(service, endpoint), code, BPF_MAXINSNS);
	int zero = 0, result;
	struct sock_fprog program = {.len = (unsigned short)count, .filter = code};
	uint32_t hash = count > 0 ? hash_of(code, (size_t)count) : 0;
	bool too_many = count < 0;

	if (hash == filter->hash && !too_many)
		return 0;
	if (filter->locked) {
		errno = EBUSY;
		return -1;
	}
	if (hash)
		result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	else
		result = setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero));
	if (!hash && result < 0 && errno == ENOENT)
		result = 0;
	if (result == 0)
		filter->hash = hash;
	filter->failed = too_many;
	if (!too_many)
		return result;
	errno = E2BIG;
	return -1;
}

void socket_filter_lock(int fd, struct socket_filter *filter)
{
	int on = 1;

	if (filter->hash && !filter->locked)
		filter->locked = !setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on));
}

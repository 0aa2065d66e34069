/* rights: see rights.h. */
#include "run/process/rights.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* What the daemon does for any configuration: ports below 1024, users of programs, the owner of
 * sockets' paths, ends of programs, who has a port, the root directory of the worker, filters of
 * listening sockets. */
static const uint64_t always = BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETUID) | BIT(CAP_SETGID) |
			       BIT(CAP_CHOWN) | BIT(CAP_FOWNER) | BIT(CAP_DAC_OVERRIDE) |
			       BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_KILL) | BIT(CAP_SYS_PTRACE) |
			       BIT(CAP_SYS_CHROOT) | BIT(CAP_SYS_RESOURCE) | BIT(CAP_NET_ADMIN);

static uint64_t of_cage(const struct cage *cage)
{
	uint64_t rights = 0;

	if (cage->network != CAGE_NETWORK_YES || cage->private_tmp || cage->read_only ||
		cage->hide_run)
		rights |= BIT(CAP_SYS_ADMIN);
	if (cage->capabilities.set)
		rights |= BIT(CAP_SETPCAP) | cage->capabilities.kept;
	if (cage->ioprio)
		rights |= BIT(CAP_SYS_NICE);
	return rights;
}

uint64_t rights_of(const struct service *service)
{
	uint64_t rights = service->policy->cage ? of_cage(service->policy->cage) : 0;

	if (service->policy->extras || service->policy->socket.sndbuf_bytes ||
		service->policy->socket.rcvbuf_bytes)
		rights |= BIT(CAP_NET_RAW);
	if (service->policy->context.nice < 0 || service->policy->spares.count)
		rights |= BIT(CAP_SYS_NICE);
	return rights;
}

int rights_set(uint64_t more)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		data[i].inheritable = 0;
		data[i].effective = data[i].permitted & (uint32_t)((always | more) >> (32 * i));
	}
	return (int)syscall(SYS_capset, &header, data);
}

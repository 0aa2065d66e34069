/* tcp_unread: see tcp_unread.h. */
#include "run/worker/tcp_unread.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool tcp_is_unread(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	int waiting = -1;

	return fd >= 0 && ioctl(fd, SIOCINQ, &waiting) == 0 &&
	       getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       len >= offsetof(struct tcp_info, tcpi_bytes_received) +
			       sizeof(info.tcpi_bytes_received) &&
	       (__u64)waiting == info.tcpi_bytes_received;
}

/* messages: see messages.h. */
#include "base/messages.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Until one fails. */
static int send_each(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	unsigned done = 0;
	ssize_t len;

	for (; done < count; done++) {
		len = sendmsg(fd, &messages[done].msg_hdr, flags);
		if (len < 0)
			return done ? (int)done : -1;
		messages[done].msg_len = (unsigned)len;
	}
	return (int)done;
}

static int receive_each(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	unsigned done = 0;
	ssize_t len;

	for (; done < count; done++) {
		len = recvmsg(fd, &messages[done].msg_hdr, flags);
		if (len < 0)
			return done ? (int)done : -1;
		messages[done].msg_len = (unsigned)len;
	}
	return (int)done;
}

/* It may be the call that is refused; or, when sending, the packet, by a filter of the network. */
static bool may_be_refused(int result)
{
	return result < 0 && (errno == ENOSYS || errno == EPERM);
}

int messages_send(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	static bool refused;
	int result;

	if (!refused) {
		result = sendmmsg(fd, messages, count, flags);
		if (!may_be_refused(result))
			return result;
	}
	result = send_each(fd, messages, count, flags);
	refused |= result > 0;
	return result;
}

int messages_receive(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	static bool refused;
	int result;

	if (!refused) {
		result = recvmmsg(fd, messages, count, flags, NULL);
		if (!may_be_refused(result))
			return result;
		refused = true;
	}
	return receive_each(fd, messages, count, flags);
}

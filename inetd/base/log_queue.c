/* log_queue: see log_queue.h. */
#include "base/log_queue.h"
#include "base/messages.h"

#include <string.h>
#include <sys/socket.h>

#include "base/large.h"

#define BYTES 32768

static struct {
	size_t used;
	unsigned count;
	struct iovec lines[LOG_QUEUE_LINES];
	char bytes[BYTES];
} queue LARGE;

bool log_queue_add(const char *text, size_t len)
{
	if (queue.count == LOG_QUEUE_LINES || len > BYTES - queue.used)
		return false;
	memcpy(queue.bytes + queue.used, text, len);
	queue.lines[queue.count++] = (struct iovec){queue.bytes + queue.used, len};
	queue.used += len;
	return true;
}

/* Takes the first ones out and moves the rest to the front. */
static void take_out(unsigned sent)
{
	queue.count -= sent;
	memmove(queue.lines, queue.lines + sent, queue.count * sizeof(*queue.lines));
	if (!queue.count) {
		queue.used = 0;
	} else {
		char *first = queue.lines[0].iov_base;
		size_t hole = (size_t)(first - queue.bytes);

		memmove(queue.bytes, first, queue.used - hole);
		queue.used -= hole;
		for (unsigned i = 0; i < queue.count; i++)
			queue.lines[i].iov_base = (char *)queue.lines[i].iov_base - hole;
	}
}

int log_queue_send(int fd)
{
	struct mmsghdr messages[LOG_QUEUE_LINES] = {0};
	int sent;

	while (queue.count) {
		for (unsigned i = 0; i < queue.count; i++) {
			messages[i].msg_hdr.msg_iov = &queue.lines[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		sent = messages_send(fd, messages, queue.count, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0)
			return -1;
		take_out((unsigned)sent);
	}
	return 0;
}

unsigned log_queue_count(void)
{
	return queue.count;
}

unsigned log_queue_drop(void)
{
	unsigned count = queue.count;

	queue.count = 0;
	queue.used = 0;
	return count;
}

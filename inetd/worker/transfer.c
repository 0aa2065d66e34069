/* transfer: see transfer.h. */
#include "worker/transfer.h"

#include <errno.h>
#include <sys/param.h>
#include <sys/socket.h>

#define OUT_TOTAL (8U << 20) /* bytes kept for all clients; reads get smaller as it fills */
#define OUT_SHARE 16         /* of what is left, the part that one read may fill: a 16th... */
#define OUT_LEAST 2048U      /* ...but so many bytes in any case */

static size_t kept_bytes; /* in all `out` */

static void transfer_keep(struct session *s, char *out, uint32_t len)
{
	kept_bytes = kept_bytes - s->out_len + len;
	s->out = out;
	s->out_at = 0;
	s->out_len = len;
}

void transfer_drop(struct session *s)
{
	free(s->out);
	transfer_keep(s, NULL, 0);
}

void transfer_moved(struct session *s)
{
	s->progress_ms = loop_now_ms();
}

ssize_t transfer_recv(struct session *s, void *data, size_t size, int flags)
{
	ssize_t n = recv(s->watch.fd, data, size, flags | MSG_DONTWAIT);

	if (n > 0)
		transfer_moved(s);
	return n;
}

size_t transfer_room(void)
{
	size_t left = OUT_TOTAL - MIN(kept_bytes, OUT_TOTAL);

	return MAX(OUT_LEAST, MIN(left / OUT_SHARE, TRANSFER_READ));
}

ssize_t transfer_sendv(struct session *s, struct iovec *iov, size_t pieces)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = pieces};
	ssize_t n = sendmsg(s->watch.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		transfer_moved(s);
	return n < 0 && (errno == EAGAIN || errno == ENOBUFS) ? 0 : n;
}

/* The same for one piece. */
static ssize_t transfer_write(struct session *s, const void *data, size_t len)
{
	ssize_t n = send(s->watch.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		transfer_moved(s);
	return n < 0 && (errno == EAGAIN || errno == ENOBUFS) ? 0 : n;
}

int transfer_send(struct session *s, const void *data, size_t len)
{
	ssize_t n = transfer_write(s, data, len);
	char *rest;

	if (n < 0)
		return -1;
	len -= (size_t)n;
	if (!len)
		return 0;
	rest = malloc(len);
	if (!rest)
		return -1;
	memcpy(rest, (const char *)data + n, len);
	transfer_keep(s, rest, (uint32_t)len);
	return 0;
}

int transfer_flush(struct session *s)
{
	ssize_t n = transfer_write(s, s->out + s->out_at, s->out_len - s->out_at);

	if (n < 0)
		return -1;
	s->out_at += (uint32_t)n;
	if (s->out_at == s->out_len) {
		transfer_drop(s);
	}
	return 0;
}

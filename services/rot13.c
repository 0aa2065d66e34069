/* rot13: a filter as a service. Every line comes back with its letters turned by 13; two turns give
 * the line again. Serves one stream connection (`nowait`) and needs nothing of the network: the
 * connection is standard input and output, so it runs in a shell pipeline as well.
 *
 * Shown here: read what is there, write all of it (a write may take less than it was given), end
 * when the peer has said everything, and take a peer that has gone for an end, not for a fault. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static char turn(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)('a' + (c - 'a' + 13) % 26);
	if (c >= 'A' && c <= 'Z')
		return (char)('A' + (c - 'A' + 13) % 26);
	return c;
}

/* The number of bytes read, 0 at the end of input or when the peer has reset the connection. */
static size_t read_some(char *buf, size_t size)
{
	for (;;) {
		ssize_t got = read(STDIN_FILENO, buf, size);
		if (got >= 0)
			return (size_t)got;
		if (errno == ECONNRESET)
			return 0;
		if (errno != EINTR)
			exit(1);
	}
}

static void write_all(const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t put = write(STDOUT_FILENO, buf, len);
		if (put < 0) {
			if (errno == EINTR)
				continue;
			exit(errno == EPIPE || errno == ECONNRESET ? 0 : 1);
		}
		buf += put;
		len -= (size_t)put;
	}
}

int main(void)
{
	char buf[4096];
	size_t len;

	/* inetd hands over default signals: without this a peer that has gone would kill us. */
	signal(SIGPIPE, SIG_IGN);
	while ((len = read_some(buf, sizeof(buf))) > 0) {
		for (size_t i = 0; i < len; i++)
			buf[i] = turn(buf[i]);
		write_all(buf, len);
	}
	return 0;
}

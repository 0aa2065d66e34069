/* rot13: a filter as a service. Every line comes back with its letters turned by 13; two turns give
 * the line again. Serves one stream connection (`nowait`) and needs nothing of the network: the
 * connection is standard input and output, so it runs in a shell pipeline as well.
 *
 * Shown here: answer what is there at once, end when the peer has said everything, and take a peer
 * that has gone for an end, not for a fault. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/io.h"

static char turn(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)('a' + (c - 'a' + 13) % 26);
	if (c >= 'A' && c <= 'Z')
		return (char)('A' + (c - 'A' + 13) % 26);
	return c;
}

int main(void)
{
	char buf[4096];
	ssize_t len;

	/* inetd hands over default signals: without this a peer that has gone would kill us. */
	signal(SIGPIPE, SIG_IGN);
	while ((len = io_read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < len; i++)
			buf[i] = turn(buf[i]);
		if (io_write_all(STDOUT_FILENO, buf, (size_t)len) < 0)
			return errno == EPIPE || errno == ECONNRESET ? 0 : 1;
	}
	return len < 0;
}

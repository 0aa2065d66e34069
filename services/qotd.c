/* qotd: the quote of the day, RFC 865: every caller gets a quote, whatever it sends. Serves stream
 * connections (`nowait`) and a datagram socket (`dgram wait`): then it answers every datagram that
 * is queued, stays for a little while, and exits. The quotes come from a file, in the manner of
 * fortune(6): a line with nothing but "%" between two.
 *
 * Shown here: one program for both kinds of socket; a file of any content used within bounds; hang
 * up in such a way that the answer arrives although the caller's words were not read. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/datagram.h"
#include "common/given.h"
#include "common/io.h"
#include "common/options.h"
#include "common/quotes.h"

static const struct options_known known = {
	.usage = "qotd [-f file] [-t seconds]", .letters = "f:t:"};

static const char built_in[] =
	"Well begun is half done.\n%\n"
	"All that is gold does not glitter.\n%\n"
	"Brevity is the soul of wit.\n%\n"
	"Be liberal in what you accept, and\nconservative in what you send.\n";

static int serve_connection(int limit_ms)
{
	const struct quote *quote = quotes_choose();

	if (io_write_all(STDOUT_FILENO, quote->text, quote->len) < 0)
		return !io_peer_gone(errno);
	io_hang_up(STDOUT_FILENO, limit_ms);
	return 0;
}

static int serve_datagrams(int idle_ms)
{
	struct datagram_socket socket = datagram_open(STDIN_FILENO);
	struct datagram question;
	int found;

	do {
		while (datagram_receive(&socket, &question) == 0) {
			const struct quote *quote = quotes_choose();

			if (datagram_from_client(&socket, &question))
				datagram_answer(&socket, &question, quote->text, quote->len);
		}
		if (errno != EAGAIN && errno != EINTR)
			return 1;
	} while ((found = io_wait(STDIN_FILENO, POLLIN, idle_ms)) > 0);
	return found < 0;
}

int main(int argc, char *argv[])
{
	const char *file = NULL;
	int option, limit_ms = 2000;

	while ((option = options_next(&known, argc, argv)) != -1) {
		if (option == 'f')
			file = optarg;
		else
			limit_ms = 1000 * options_number(&known, 1, 3600);
	}
	if (file && quotes_read(file) < 0) {
		fprintf(stderr, "qotd: %s: %s\n", file, strerror(errno));
		return 1;
	}
	if (!quotes_choose())
		quotes_add(built_in, strlen(built_in));
	if (!quotes_choose())
		return 1; /* no memory */
	io_limit_ms = limit_ms;
	if (given_kind(STDIN_FILENO) == GIVEN_DATAGRAMS)
		return serve_datagrams(limit_ms);
	return serve_connection(limit_ms);
}

/* qotd: the quote of the day, RFC 865: whoever calls gets a quote, whatever he says. Serves stream
 * connections (`nowait`) and a datagram socket (`dgram wait`): then it answers every datagram that
 * is queued, stays for a little while, and exits. The quotes come from a file, in the manner of
 * fortune(6): a line with nothing but "%" between two.
 *
 * Shown here: one program for both kinds of socket; a file of any content used within bounds; hang
 * up in such a way that the answer arrives although the caller's words were not read. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/datagram.h"
#include "common/given.h"
#include "common/io.h"
#include "common/options.h"

#define USAGE       "qotd [-f file] [-t seconds]"
#define QUOTE_MOST  511 /* bytes, with CR LF at the end of each line: RFC 865 */
#define QUOTES_MOST 4096
#define FILE_MOST   (1024 * 1024)

/* What may be told: each as it is sent. */
static struct quotes {
	size_t count;
	struct quote {
		char *text;
		size_t len;
	} quote[QUOTES_MOST];
} quotes;

static const char built_in[] =
	"Well begun is half done.\n%\n"
	"All that is gold does not glitter.\n%\n"
	"Brevity is the soul of wit.\n%\n"
	"Be liberal in what you accept, and\nconservative in what you send.\n";

/* A quote as it is sent: lines end with CR LF, and control characters are left out. Where it would
 * be too long, or is empty, it is none. */
static void add_quote(const char *text, size_t len)
{
	struct quote *quote = &quotes.quote[quotes.count];
	char sent[QUOTE_MOST + 2];
	size_t used = 0;
	bool blank = true;

	for (size_t i = 0; i < len && used <= QUOTE_MOST; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			sent[used++] = '\r';
		if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
			sent[used++] = (char)c;
		blank = blank && c <= ' ';
	}
	if (!blank && used <= QUOTE_MOST && sent[used - 1] != '\n') {
		sent[used++] = '\r';
		sent[used++] = '\n';
	}
	if (blank || used > QUOTE_MOST || quotes.count == QUOTES_MOST)
		return;
	quote->text = malloc(used);
	if (!quote->text)
		return;
	memcpy(quote->text, sent, used);
	quote->len = used;
	quotes.count++;
}

/* Splits a text at its lines of "%". */
static void add_quotes(const char *text, size_t len)
{
	const char *end = text + len, *start = text;

	for (const char *line = text, *next; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		next = newline ? newline + 1 : end;
		if (line[0] != '%' || (newline ? newline : end) != line + 1)
			continue;
		add_quote(start, (size_t)(line - start));
		start = next;
	}
	add_quote(start, (size_t)(end - start));
}

/* Returns 0, or -1 with errno: EFBIG for a file of more than FILE_MOST bytes. */
static int read_quotes(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char text[FILE_MOST + 1];
	ssize_t got = 0;
	size_t len = 0;

	if (fd < 0)
		return -1;
	while (len <= FILE_MOST && (got = io_read(fd, text + len, sizeof(text) - len)) > 0)
		len += (size_t)got;
	if (len > FILE_MOST)
		errno = EFBIG;
	if (got < 0 || len > FILE_MOST)
		return -1;
	add_quotes(text, len);
	return close(fd);
}

static const struct quote *choose(void)
{
	return &quotes.quote[arc4random_uniform((uint32_t)quotes.count)];
}

static int serve_connection(int limit_ms)
{
	const struct quote *quote = choose();

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
			const struct quote *quote = choose();

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

	while ((option = getopt(argc, argv, "f:t:")) != -1) {
		if (option == 'f')
			file = optarg;
		else if (option == 't')
			limit_ms = 1000 * options_number(optarg, 1, 3600, USAGE);
		else
			options_usage(USAGE);
	}
	if (optind < argc)
		options_usage(USAGE);
	if (file && read_quotes(file) < 0) {
		fprintf(stderr, "qotd: %s: %s\n", file, strerror(errno));
		return 1;
	}
	if (quotes.count == 0)
		add_quotes(built_in, strlen(built_in));
	io_limit_ms = limit_ms;
	if (given_kind(STDIN_FILENO) == GIVEN_DATAGRAMS)
		return serve_datagrams(limit_ms);
	return serve_connection(limit_ms);
}

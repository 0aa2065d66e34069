/* count: counts what a client sends. Reads until the client shuts down its writing side, then
 * answers with the lines, words and bytes that came, as wc(1) counts them. Serves one stream
 * connection
 * (`nowait`).
 *
 * Shown here: a connection has two directions, and the end of one is not the end of the other. The
 * client ends its input by shutdown(2) (`nc -N`) and still reads; an answer that depends on the
 * whole of the input is given then. Nothing of the input is kept, so its size does not matter. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "common/io.h"
#include "common/options.h"

#define USAGE "count [-t seconds]"

struct counts {
	unsigned long long lines, words, bytes;
	bool in_word; /* the last byte was of a word */
};

static void count(struct counts *counts, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool of_word = !isspace((unsigned char)text[i]);

		counts->lines += text[i] == '\n';
		counts->words += of_word && !counts->in_word;
		counts->in_word = of_word;
	}
	counts->bytes += len;
}

int main(int argc, char *argv[])
{
	struct counts counts = {0};
	char buf[16384], answer[128];
	int answer_len;
	ssize_t len;

	io_limit_ms = options_limit_ms(argc, argv, 60, USAGE);
	while ((len = io_read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		count(&counts, buf, (size_t)len);
	if (len < 0) /* it has not said that this was all: no answer */
		return !io_peer_gone(errno);
	answer_len = snprintf(answer, sizeof(answer), "lines=%llu words=%llu bytes=%llu\n",
		counts.lines, counts.words, counts.bytes);
	if (io_write_all(STDOUT_FILENO, answer, (size_t)answer_len) < 0)
		return !io_peer_gone(errno);
	return 0;
}

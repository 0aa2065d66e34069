/* quotes: see quotes.h. */
#include "common/quotes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/io.h"

#define QUOTES_MOST 4096
#define FILE_MOST   (1024 * 1024)

static struct quote quotes[QUOTES_MOST];
static size_t count;

/* A quote as it is sent: lines end with CR LF, and control characters are left out. Where it would
 * be too long, or is empty, it is none. */
static void add_quote(const char *text, size_t len)
{
	struct quote *quote = &quotes[count];
	char sent[QUOTE_MOST + 2];
	size_t used = 0;
	bool blank = true;

	for (size_t i = 0; i < len && used <= QUOTE_MOST; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			sent[used++] = '\r';
		if (c == 0x7f || (c < ' ' && c != '\n' && c != '\t'))
			continue;
		sent[used++] = (char)c;
		blank = blank && c <= ' ';
	}
	if (!blank && used <= QUOTE_MOST && sent[used - 1] != '\n') {
		sent[used++] = '\r';
		sent[used++] = '\n';
	}
	if (blank || used > QUOTE_MOST || count == QUOTES_MOST)
		return;
	quote->text = malloc(used);
	if (!quote->text)
		return;
	memcpy(quote->text, sent, used);
	quote->len = used;
	count++;
}

void quotes_add(const char *text, size_t len)
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

int quotes_read(const char *path)
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
	quotes_add(text, len);
	return close(fd);
}

const struct quote *quotes_choose(void)
{
	return count ? &quotes[arc4random_uniform((uint32_t)count)] : NULL;
}

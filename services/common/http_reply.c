/* http_reply: see http_reply.h. */
#include "common/http_reply.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/monotonic.h"
#include "common/io.h"

#define PIECE ((size_t)16 << 10)

/* "0.75" as 750; what is no number is 1000, as nothing is. */
static int quality(const char *text)
{
	int value = *text == '1' ? 1000 : 0, unit = 100;

	if (*text != '0' && *text != '1')
		return 1000;
	if (text[1] == '.')
		for (text += 2; isdigit((unsigned char)*text) && unit > 0; text++, unit /= 10)
			value += (*text - '0') * unit;
	return value > 1000 ? 1000 : value;
}

/* True if the media range, up to its first ';' or ',', is this type. */
static bool is_type(const char *range, const char *type)
{
	size_t len = strcspn(range, ";, \t");

	return len == strlen(type) && strncasecmp(range, type, len) == 0;
}

int http_accepts(const char *accept, const char *type)
{
	int best = -1;

	if (!accept)
		return best;
	while (*accept) {
		const char *range = accept + strspn(accept, ", \t"), *at = range;
		int value = 1000;

		accept = range + strcspn(range, ",");
		if (!is_type(range, type))
			continue;
		while ((at = memchr(at, ';', (size_t)(accept - at)))) {
			at += 1 + strspn(at + 1, " \t");
			if ((*at == 'q' || *at == 'Q') && at[1] == '=')
				value = quality(at + 2);
		}
		best = value > best ? value : best;
	}
	return best;
}

/* In pieces, each with what is left of the time. */
static int send_within(const struct http_conn *conn, const char *text, size_t len, uint64_t end)
{
	int limit_ms = io_limit_ms, result = 0;

	while (result == 0 && len > 0) {
		size_t piece = len < PIECE ? len : PIECE;
		uint64_t now = monotonic_ms();

		if (now >= end)
			result = -1;
		else if (end - now < (uint64_t)io_limit_ms)
			io_limit_ms = (int)(end - now);
		if (result == 0)
			result = io_write_all(conn->fd, text, piece);
		text += piece;
		len -= piece;
	}
	io_limit_ms = limit_ms;
	return result;
}

int http_reply(const struct http_conn *conn, const struct http_request *request,
	struct http_answer *answer, const char *body, size_t len)
{
	uint64_t end = monotonic_ms() + (uint64_t)io_limit_ms * 4;

	http_answer_field(answer, "Content-Length: %zu", len);
	http_answer_end(answer, false);
	if (send_within(conn, answer->text, answer->len, end) < 0)
		return -1;
	return request->head_only ? 0 : send_within(conn, body, len, end);
}

/* writer: see writer.h. */
#include "base/writer.h"

#include <stdarg.h>
#include <string.h>

#include "base/decimal.h"

#define MASKED_BYTES    256
#define CONTINUES(byte) (((byte)&0xc0) == 0x80) /* a character of UTF-8 */

void writer_end(struct writer *writer)
{
	if (writer->len)
		fwrite(writer->piece, 1, writer->len, writer->out);
	writer->len = 0;
}

void writer_bytes(struct writer *writer, const char *bytes, size_t len)
{
	if (len > sizeof(writer->piece) - writer->len)
		writer_end(writer);
	if (len > sizeof(writer->piece)) {
		fwrite(bytes, 1, len, writer->out);
		return;
	}
	memcpy(writer->piece + writer->len, bytes, len);
	writer->len += len;
}

void writer_char(struct writer *writer, char c)
{
	if (writer->len == sizeof(writer->piece))
		writer_end(writer);
	writer->piece[writer->len++] = c;
}

void writer_text(struct writer *writer, const char *text)
{
	writer_bytes(writer, text, strlen(text));
}

void writer_number(struct writer *writer, uint64_t number)
{
	char digits[DECIMAL_BYTES];

	writer_text(writer, decimal_text(number, digits));
}

void writer_format(struct writer *writer, const char *format, ...)
{
	size_t room = sizeof(writer->piece) - writer->len;
	va_list list;
	int len;

	va_start(list, format);
	len = vsnprintf(writer->piece + writer->len, room, format, list);
	va_end(list);
	if (len >= 0 && (size_t)len < room) {
		writer->len += (size_t)len;
		return;
	}
	writer_end(writer);
	va_start(list, format);
	vfprintf(writer->out, format, list);
	va_end(list);
}

/* How much of the text to look at in one go: no character of UTF-8 is divided. */
static size_t part_of(const char *text)
{
	size_t len = strnlen(text, MASKED_BYTES), whole = len;

	if (len < MASKED_BYTES)
		return len;
	while (whole > len - 3 && CONTINUES(text[whole]))
		whole--;
	return CONTINUES(text[whole]) ? len : whole; /* too many in a row are of no character */
}

static void put_special(struct writer *writer, char c)
{
	writer_char(writer, '\\');
	writer_char(writer, c == '\t' ? 't' : c == '\n' ? 'n' : c);
}

void writer_masked(
	struct writer *writer, const char *text, char *(*mask)(char *text), const char *special)
{
	char part[MASKED_BYTES + 1];

	while (*text) {
		size_t len = part_of(text);

		memcpy(part, text, len);
		part[len] = 0;
		mask(part);
		for (const char *at = part; *at;) {
			size_t plain = strcspn(at, special);

			writer_bytes(writer, at, plain);
			at += plain;
			if (*at)
				put_special(writer, *at++);
		}
		text += len;
	}
}

/* writer: text for a stream, put together and written in whole pieces: a stream that grows in
 * memory asks for it now and then, and each call takes time and may fail. Nothing is allocated.
 * Whether all was written, the stream tells at its end (ferror(3), fclose(3)). */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct writer {
	FILE *out; /* borrowed */
	size_t len;
	char piece[512]; /* what has not been written yet: its first len bytes */
};

/* Begins with nothing. */
static inline void writer_begin(struct writer *writer, FILE *out)
{
	writer->out = out;
	writer->len = 0;
}

/* Writes what is left; always the last. */
void writer_end(struct writer *writer);

void writer_bytes(struct writer *writer, const char *bytes, size_t len);
void writer_char(struct writer *writer, char c);
void writer_text(struct writer *writer, const char *text);
void writer_number(struct writer *writer, uint64_t number);
void writer_format(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A text of any length as `mask` lets it be shown: log_mask() or log_mask_lines() of base/log.h. A
 * byte of `special` gets a backslash before it, and is t or n if it was a tab or a newline. */
void writer_masked(
	struct writer *writer, const char *text, char *(*mask)(char *text), const char *special);

#endif

/* text: what people read: widths on a terminal, spans of time, dates. Output is taken to be UTF-8.
 */
#ifndef INETCTL_TEXT_H
#define INETCTL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_BYTES 64 /* enough for each of the short texts below, with its NUL */

/* Once, before the first text is measured. */
void text_init(void);

/* How many columns of a terminal a text takes; what is no character takes one. */
int text_width(const char *text);

/* Ends a text, in place, before the character that would reach beyond so many columns. */
void text_cut(char *text, int columns);

/* Writes a text from elsewhere as one line without controls: log_mask(). NULL writes nothing. */
void text_put(FILE *out, const char *text);

/* "7s", "12m05s", "3h12m", "9d04h"; the two largest units. Returns buf, of TEXT_BYTES. */
char *text_span(uint64_t seconds, char *buf);

/* "2026-11-21 14:00:03", of this time zone; unix seconds. Returns buf, of TEXT_BYTES. */
char *text_date(uint64_t seconds, char *buf);

/* "12.3" of 123 tenths; "12.34" seconds of 12345 ms. Returns buf, of TEXT_BYTES. */
char *text_tenths(uint64_t tenths, char *buf);
char *text_seconds(uint64_t ms, char *buf);

#endif

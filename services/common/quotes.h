/* quotes: a collection of short texts to tell strangers, one at a time, as RFC 865 has them. There
 * is one collection in a program. */
#ifndef SERVICES_COMMON_QUOTES_H
#define SERVICES_COMMON_QUOTES_H

#include <stddef.h>

/* The longest quote that is sent, in bytes, with CR LF at the end of each line: RFC 865. */
#define QUOTE_MOST 511

/* As it is sent. */
struct quote {
	char *text; /* the collection's */
	size_t len;
};

/* Adds the quotes of a text: between two stands a line with nothing but "%", as in fortune(6). They
 * get CR LF for ends of lines and lose their control characters; blank ones, too long ones and all
 * after the 4096th are left out. */
void quotes_add(const char *text, size_t len);

/* Adds those of a file. Returns 0, or -1 with errno: EFBIG if it has more than 1 MiB, else of
 * open(2) or read(2). */
int quotes_read(const char *path);

/* One of them, by chance; NULL if there is none. */
const struct quote *quotes_choose(void);

#endif

/* decimal: numbers as text for what is done for every connection, where printf(3) would be a good
 * part of the work. Pure. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdint.h>

#define DECIMAL_BYTES         21 /* the longest number, and a NUL */
#define DECIMAL_SECONDS_BYTES 22

/* "0", "123" into buf, ended by a NUL. Returns buf. */
char *decimal_text(uint64_t value, char buf[static DECIMAL_BYTES]);

/* Milliseconds as seconds: "0.007", "12.345" into buf. Returns buf. */
char *decimal_seconds(uint64_t ms, char buf[static DECIMAL_SECONDS_BYTES]);

/* The end of a noun that is counted: "" for one, else "s". */
static inline const char *decimal_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif

/* number: unsigned numbers as text, strictly: digits only, no sign, no blanks. */
#ifndef CONFIG_NUMBER_H
#define CONFIG_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum number { NUMBER_OK, NUMBER_NOT, NUMBER_LOW, NUMBER_HIGH };

/* The number that `text` begins with, in base 8 or 10, and in *rest what follows it; for
 * NUMBER_NOT (no digit there) both are untouched. NUMBER_HIGH where it does not fit. */
enum number number_scan(const char *text, int base, int64_t *value, const char **rest);

/* The same for the whole text, which must lie in min..max. "-5" is NUMBER_LOW. */
enum number number_parse(const char *text, int64_t min, int64_t max, int64_t *value);

#endif

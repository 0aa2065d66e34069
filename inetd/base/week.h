/* week: spans of time that come back every week, as access_times has them. Pure: local time is the
 * caller's, as a minute of the week. */
#ifndef BASE_WEEK_H
#define BASE_WEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define WEEK_MINUTES (7 * 24 * 60)

/* `minutes` from the minute `from` on; may go on into the next week. */
struct week_span {
	uint16_t from;    /* minutes since Monday 0:00 */
	uint16_t minutes; /* 1 to WEEK_MINUTES */
};

struct week_spans {
	const struct week_span *list; /* borrowed */
	size_t count;
};

/* The most spans that one piece makes: for each day so many. */
#define WEEK_HOURS 8
#define WEEK_PIECE (7 * WEEK_HOURS)
#define WEEK_TEXT  32

/* One piece of a list: "[DAY[-DAY]] [HH:MM-HH:MM]...", at least one of the two, as in "Mon-Fri
 * 08:00-18:00", "Sat", "22:00-06:00" (over midnight; its day is the one it begins on),
 * "00:00-24:00", "8:00-12:00 13:00-17:00" (at most WEEK_HOURS of them). Days are Mon Tue Wed Thu
 * Fri Sat Sun, any case; a range may go over Sunday. Writes at most WEEK_PIECE spans; returns how
 * many, 0 if it is no such piece. */
size_t week_parse(const char *text, struct week_span spans[WEEK_PIECE]);

/* True if the minute lies in one of the spans. */
bool week_contains(const struct week_spans *spans, unsigned minute);

/* The minute of the week of a local time. */
unsigned week_minute(const struct tm *local);

/* One span as week_parse() takes it: "Mon 08:00-18:00". One longer than a day cannot be written so;
 * parsed ones never are. Returns buf. */
char *week_text(const struct week_span *span, char *buf, size_t size);

#endif

/* week: see week.h. */
#include "base/week.h"

#include <stdio.h>
#include <string.h>

#define DAY_MINUTES (24 * 60)

static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* A day that *at begins with, moving past it; -1 if there is none. */
static int scan_day(const char **at)
{
	for (int i = 0; i < 7; i++)
		if (!strncasecmp(*at, days[i], 3)) {
			*at += 3;
			return i;
		}
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* H:MM or HH:MM, to 24:00; -1 if it is none. */
static int scan_minute(const char **at)
{
	const char *p = *at;
	int hour = 0, minute;

	if (!is_digit(*p))
		return -1;
	for (int i = 0; i < 2 && is_digit(*p); i++)
		hour = hour * 10 + (*p++ - '0');
	if (p[0] != ':' || !is_digit(p[1]) || !is_digit(p[2]) || is_digit(p[3]))
		return -1;
	minute = (p[1] - '0') * 10 + (p[2] - '0');
	if (minute > 59 || hour > 24 || (hour == 24 && minute))
		return -1;
	*at = p + 3;
	return hour * 60 + minute;
}

/* "HH:MM-HH:MM" into from and minutes. */
static bool scan_hours(const char **at, int *from, int *minutes)
{
	int to;

	*from = scan_minute(at);
	if (*from < 0 || *from == DAY_MINUTES)
		return false;
	*at = skip_blanks(*at);
	if (**at != '-')
		return false;
	*at = skip_blanks(*at + 1);
	to = scan_minute(at);
	if (to < 0 || to == *from)
		return false;
	*minutes = to > *from ? to - *from : to + DAY_MINUTES - *from;
	return true;
}

size_t week_parse(const char *text, struct week_span spans[WEEK_PIECE])
{
	const char *at = skip_blanks(text);
	int first = scan_day(&at), last = first, from[WEEK_HOURS] = {0}, minutes[WEEK_HOURS];
	size_t hours = 0, count = 0;

	if (first >= 0) {
		const char *dash = skip_blanks(at);

		if (*dash == '-') {
			at = skip_blanks(dash + 1);
			last = scan_day(&at);
			if (last < 0)
				return 0;
		}
		if (*at && *at != ' ' && *at != '\t')
			return 0;
		at = skip_blanks(at);
	} else {
		first = 0;
		last = 6;
		if (!*at)
			return 0;
	}
	for (; *at; at = skip_blanks(at), hours++)
		if (hours == WEEK_HOURS || !scan_hours(&at, &from[hours], &minutes[hours]) ||
			!strchr(" \t", *at))
			return 0;
	if (!hours)
		minutes[hours++] = DAY_MINUTES;
	for (int day = first;; day = (day + 1) % 7) {
		for (size_t i = 0; i < hours; i++)
			spans[count++] = (struct week_span){
				(uint16_t)(day * DAY_MINUTES + from[i]), (uint16_t)minutes[i]};
		if (day == last)
			return count;
	}
}

bool week_contains(const struct week_spans *spans, unsigned minute)
{
	for (size_t i = 0; i < spans->count; i++)
		if ((minute + WEEK_MINUTES - spans->list[i].from) % WEEK_MINUTES <
			spans->list[i].minutes)
			return true;
	return false;
}

unsigned week_minute(const struct tm *local)
{
	unsigned day = (unsigned)(local->tm_wday + 6) % 7;

	return day * DAY_MINUTES + (unsigned)local->tm_hour * 60 + (unsigned)local->tm_min;
}

char *week_text(const struct week_span *span, char *buf, size_t size)
{
	unsigned from = span->from % DAY_MINUTES, to = (from + span->minutes) % DAY_MINUTES;

	if (!to)
		to = DAY_MINUTES;
	snprintf(buf, size, "%s %02u:%02u-%02u:%02u", days[span->from / DAY_MINUTES % 7], from / 60,
		from % 60, to / 60, to % 60);
	return buf;
}

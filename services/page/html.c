/* html: see html.h. */
#include "page/html.h"

#include <inttypes.h>
#include <stddef.h>
#include <time.h>

void html_text(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			putc(*text, out);
		}
}

void html_name(FILE *out, const char *text)
{
	fputs("<bdi>", out);
	html_text(out, text);
	fputs("</bdi>", out);
}

void html_number(FILE *out, uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			fputs("\u202f", out);
		putc(digits[i], out);
	}
}

void html_duration(FILE *out, uint64_t seconds)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
	size_t i = 0;
	uint64_t rest;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	rest = seconds % units[i].seconds;
	fprintf(out, "%" PRIu64 "\u00a0%s", seconds / units[i].seconds, units[i].name);
	if (i < 3 && rest >= units[i + 1].seconds)
		fprintf(out, " %" PRIu64 "\u00a0%s", rest / units[i + 1].seconds,
			units[i + 1].name);
}

void html_memory(FILE *out, uint64_t kib)
{
	if (kib < 1024)
		fprintf(out, "%" PRIu64 "\u00a0KiB", kib);
	else
		fprintf(out, "%.1f\u00a0MiB", (double)kib / 1024);
}

void html_time(FILE *out, int64_t at, int64_t now)
{
	time_t times[] = {(time_t)at, (time_t)now};
	struct tm then = {0}, today = {0};
	char zoned[40], date[16], text[16];

	localtime_r(&times[0], &then);
	localtime_r(&times[1], &today);
	strftime(zoned, sizeof(zoned), "%Y-%m-%dT%H:%M:%S%z", &then);
	strftime(date, sizeof(date), "%Y-%m-%d", &then);
	strftime(text, sizeof(text), "%H:%M:%S", &then);
	fprintf(out, "<time datetime=\"%s\">", zoned);
	if (then.tm_yday != today.tm_yday || then.tm_year != today.tm_year)
		fprintf(out, "%s ", date);
	fprintf(out, "%s</time>", text);
}

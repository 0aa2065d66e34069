/* events: the latest lines of the daemon's log on the page (page.h), the newest first. */
#include <string.h>

#include "page/html.h"
#include "page/page.h"

#define EVENTS_SHOWN 30

static const char *level_css(const char *level)
{
	static const char *const bad[] = {"emerg", "alert", "crit", "err"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!strcmp(level, bad[i]))
			return "bad";
	return strcmp(level, "warning") ? "quiet" : "wait";
}

/* Texts mostly begin with the name of their service: it need not be repeated. */
static bool is_in_text(const struct status_event *event, const char *name, const char *value)
{
	size_t len = strlen(value);

	return !strcmp(name, "service") && !strncmp(event->text, value, len) &&
	       event->text[len] == ':';
}

static void put_event(FILE *out, const struct status_event *event, int64_t now)
{
	const char *css = level_css(event->level);

	fprintf(out, "<li class=\"%s\">", css);
	html_time(out, event->time, now);
	fprintf(out, " <span class=\"level %s\">", css);
	html_text(out, event->level);
	fputs("</span> <span class=\"text\">", out);
	html_name(out, event->text);
	for (size_t i = 0; i < event->field_count; i++) {
		const char *name = event->fields[i].name, *value = event->fields[i].value;

		if (is_in_text(event, name, value))
			continue;
		fputs(" <span class=\"field\">", out);
		html_text(out, name);
		fputs("=", out);
		html_name(out, value);
		fputs("</span>", out);
	}
	fputs("</span></li>\n", out);
}

void page_write_events(FILE *out, const struct page *page)
{
	const struct status *status = page->status;
	size_t last = status->event_count > EVENTS_SHOWN ? status->event_count - EVENTS_SHOWN : 0;

	fputs("<ol id=\"log\">\n", out);
	for (size_t i = status->event_count; i > last; i--)
		put_event(out, &status->events[i - 1], page->now);
	fputs("</ol>\n", out);
	if (!status->event_count)
		fputs("<p class=\"sub\">Nothing yet.</p>\n", out);
}

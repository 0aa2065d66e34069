/* page: see page.h. */
#include "page/page.h"

#include <string.h>
#include <time.h>

#include "page/chart.h"
#include "page/html.h"

/* The colour of the icon in a tab. */
static const char *icon_colour(enum concern concern)
{
	return concern == CONCERN_BROKEN    ? "c62f2f"
	       : concern == CONCERN_WAITING ? "b97700"
					    : "2c8a55";
}

/* Of all services: the most any of them deserves. */
static enum concern overall(const struct status *status)
{
	if (status->concerns[CONCERN_BROKEN] || status->daemon.config_errors)
		return CONCERN_BROKEN;
	if (status->concerns[CONCERN_WAITING] || status->advice)
		return CONCERN_WAITING;
	return CONCERN_NONE;
}

/* The state of everything in one line. */
static void put_headline(FILE *out, const struct status *status)
{
	static const struct {
		enum concern concern;
		const char *word;
	} parts[] = {
		{CONCERN_BROKEN, "down"}, {CONCERN_WAITING, "held back"}, {CONCERN_OFF, "off"}};
	const char *before = ": ";

	html_number(out, status->service_count);
	fputs(status->service_count == 1 ? " service" : " services", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t count = status->concerns[parts[i].concern];

		if (!count)
			continue;
		fputs(before, out);
		html_number(out, count);
		fprintf(out, " %s", parts[i].word);
		before = ", ";
	}
	if (status->daemon.config_errors) {
		fputs(before, out);
		html_number(out, status->daemon.config_errors);
		fprintf(out, " configuration error%s",
			status->daemon.config_errors == 1 ? "" : "s");
	}
	if (overall(status) == CONCERN_NONE)
		fputs(status->concerns[CONCERN_OFF] ? ", the others well" : ", all well", out);
}

static void put_head(FILE *out, const struct page *page, enum concern concern)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
		out);
	if (!page->status)
		fputs("no answer", out);
	else
		put_headline(out, page->status);
	fputs(" · inetd on ", out);
	html_text(out, page->host);
	fprintf(out,
		"</title>\n<link rel=\"icon\" id=\"icon\" href=\"data:image/svg+xml,"
		"%%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%%3E"
		"%%3Ccircle cx='8' cy='8' r='7' fill='%%23%s'/%%3E%%3C/svg%%3E\">\n"
		"<noscript><meta http-equiv=\"refresh\" content=\"%d\"></noscript>\n",
		icon_colour(concern), page->refresh);
	if (page->nonce)
		fprintf(out, "<style nonce=\"%s\">\n%s</style>\n", page->nonce, page_css);
	fputs("</head>\n", out);
}

static void put_top(FILE *out, const struct page *page, const char *css)
{
	fprintf(out, "<body data-refresh=\"%d\">\n<header>\n<h1>inetd <span>on ", page->refresh);
	html_name(out, page->host);
	fprintf(out, "</span></h1>\n<p id=\"headline\" class=\"pill %s\" role=\"status\">", css);
	if (page->status)
		put_headline(out, page->status);
	else
		fputs("no answer", out);
	fputs("</p>\n<p class=\"live\"><span id=\"at\">as of ", out);
	html_time(out, page->now, page->now);
	fputs("</span> <button type=\"button\" id=\"pause\" aria-pressed=\"false\" hidden>Pause"
	      "</button></p>\n</header>\n<main>\n<div id=\"notices\">\n",
		out);
}

static void put_bottom(FILE *out, const struct page *page)
{
	time_t now = (time_t)page->now;
	struct tm local = {0};
	char zone[32];

	localtime_r(&now, &local);
	strftime(zone, sizeof(zone), "%Z", &local);
	fputs("</main>\n<footer><p>Times are ", out);
	html_text(out, zone);
	fprintf(out,
		". The page is updated every %d seconds. The same as data: "
		"<a href=\"/status.json\">status.json</a>.</p></footer>\n",
		page->refresh);
	if (page->nonce)
		fprintf(out, "<script nonce=\"%s\">\n%s</script>\n", page->nonce, page_js);
	fputs("</body>\n</html>\n", out);
}

/* Problems that are not of one service. */
static void put_notices(FILE *out, const struct status *status)
{
	if (status->daemon.config_errors) {
		fputs("<p class=\"notice bad\"><b>Configuration:</b> ", out);
		html_name(out, status->first_error ? status->first_error : "it has errors");
		fputs("</p>\n", out);
	}
	if (status->advice) {
		fputs("<p class=\"notice\"><b>This machine</b> has lost ", out);
		html_number(out, status->listen_drops);
		fputs(" connections: ", out);
		html_text(out, status->advice);
		fputs(".</p>\n", out);
	}
	if (status->daemon.log_lost) {
		fputs("<p class=\"notice\"><b>Log</b> lines that could not be delivered: ", out);
		html_number(out, status->daemon.log_lost);
		fputs(".</p>\n", out);
	}
}

static void open_fact(FILE *out, const char *name)
{
	fprintf(out, "<div><dt>%s</dt><dd>", name);
}

static void close_fact(FILE *out, const char *more, uint64_t number)
{
	if (more && number) {
		fputs(" <small>", out);
		html_number(out, number);
		fprintf(out, " %s</small>", more);
	}
	fputs("</dd></div>\n", out);
}

static void put_count(
	FILE *out, const char *name, uint64_t number, const char *more, uint64_t more_number)
{
	open_fact(out, name);
	html_number(out, number);
	close_fact(out, more, more_number);
}

static void put_facts(FILE *out, const struct status *status)
{
	const struct status_daemon *daemon = &status->daemon;
	uint32_t counts[STATUS_SECONDS] = {0}, peak = 0;

	for (size_t second = 0; second < STATUS_SECONDS; second++) {
		for (size_t i = 0; i < status->service_count; i++)
			counts[second] += status->services[i].history[second];
		peak = counts[second] > peak ? counts[second] : peak;
	}
	fputs("<section id=\"facts\" aria-label=\"The daemon\">\n<figure>", out);
	chart_seconds(out, counts, STATUS_SECONDS, "wide");
	fputs("<figcaption>Connections a second, last minute: at most ", out);
	html_number(out, peak);
	fputs("</figcaption></figure>\n<dl>\n", out);
	put_count(
		out, "Running", daemon->programs + daemon->sessions, "built-in", daemon->sessions);
	put_count(out, "Started", daemon->started, "not started", daemon->failed);
	put_count(out, "Refused", daemon->refused, NULL, 0);
	open_fact(out, "Up for");
	html_duration(out, daemon->uptime);
	close_fact(out, NULL, 0);
	put_count(out, "Reloads", daemon->reloads, "with errors", daemon->reload_errors);
	put_count(out, "Descriptors", daemon->descriptors, NULL, 0);
	open_fact(out, "Memory");
	html_memory(out, daemon->memory_kib);
	close_fact(out, NULL, 0);
	open_fact(out, "Version");
	html_text(out, daemon->version);
	close_fact(out, NULL, 0);
	fputs("</dl>\n</section>\n", out);
}

/* For the script to show. */
static void put_tools(FILE *out)
{
	fputs("<div id=\"tools\" hidden><input type=\"search\" id=\"filter\" "
	      "placeholder=\"Filter\" aria-label=\"Show only services with this text\" "
	      "autocomplete=\"off\" spellcheck=\"false\"><label><input type=\"checkbox\" "
	      "id=\"problems\"> problems only</label><output id=\"shown\"></output></div>\n",
		out);
}

void page_write(FILE *out, const struct page *page)
{
	static const char *const css[CONCERNS] = {"ok", "ok", "wait", "bad"};
	enum concern concern = overall(page->status);

	put_head(out, page, concern);
	put_top(out, page, css[concern]);
	put_notices(out, page->status);
	fputs("</div>\n", out);
	put_facts(out, page->status);
	fputs("<section>\n<div class=\"bar\"><h2 id=\"services\">Services</h2>\n", out);
	put_tools(out);
	fputs("</div>\n", out);
	page_write_services(out, page);
	fputs("</section>\n<section>\n<h2 id=\"events\">Latest events</h2>\n", out);
	page_write_events(out, page);
	fputs("</section>\n", out);
	put_bottom(out, page);
}

void page_write_failure(FILE *out, const struct page *page, const char *why)
{
	put_head(out, page, CONCERN_BROKEN);
	put_top(out, page, "bad");
	fputs("<p class=\"notice bad\"><b>The daemon cannot be asked:</b> ", out);
	html_text(out, why);
	fputs("</p>\n</div>\n", out);
	put_bottom(out, page);
}

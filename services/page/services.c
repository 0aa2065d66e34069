/* services: the table of services of the page (page.h). On a narrow screen the style sheet makes a
 * card of each row; the roles keep it a table for who listens to it. */
#include <inttypes.h>
#include <string.h>

#include "page/chart.h"
#include "page/html.h"
#include "page/page.h"

#define ENDPOINTS 4 /* shown of a service; of the others only their number */

static const char *const concern_css[CONCERNS] = {
	[CONCERN_NONE] = "ok",
	[CONCERN_OFF] = "off",
	[CONCERN_WAITING] = "wait",
	[CONCERN_BROKEN] = "bad",
};

/* The beginning of a cell; its name is shown on a narrow screen only, where there is no header. */
static void open_cell(FILE *out, const char *name, const char *css)
{
	fprintf(out,
		"<td role=\"cell\" class=\"%s\"><span class=\"label\" "
		"aria-hidden=\"true\">%s</span><div>",
		css, name);
}

static void close_cell(FILE *out)
{
	fputs("</div></td>", out);
}

static void put_name(FILE *out, const struct status_service *service)
{
	fputs("<th role=\"rowheader\" scope=\"row\"><span class=\"name\">", out);
	html_name(out, service->label);
	fputs("</span><span class=\"sub\" title=\"defined in ", out);
	html_text(out, service->where);
	fputs("\">", out);
	html_name(out, service->program);
	if (*service->user) {
		fputs(" as ", out);
		html_name(out, service->user);
	}
	fputs("</span></th>", out);
}

static void put_on_demand(FILE *out, const struct status_service *service)
{
	if (!service->on_demand)
		return;
	fputs("<span class=\"why\">daemon ", out);
	html_text(out, service->on_demand);
	if (service->restarts)
		fprintf(out, ", started again %" PRIu64 " time%s", service->restarts,
			service->restarts == 1 ? "" : "s");
	fputs("</span>", out);
}

static void put_state(FILE *out, const struct status_service *service)
{
	open_cell(out, "State", "state");
	fprintf(out, "<span class=\"pill %s\">", concern_css[service->concern]);
	html_text(out, service->state);
	fputs("</span> <span class=\"sub\">for ", out);
	html_duration(out, service->since);
	fputs("</span>", out);
	if (service->reason) {
		fputs("<span class=\"why\">", out);
		html_text(out, service->reason);
		fputs("</span>", out);
	}
	put_on_demand(out, service);
	if (service->kept)
		fputs("<span class=\"why\">its entry has an error now: it goes on as it was "
		      "before</span>",
			out);
	close_cell(out);
}

static void put_connections(FILE *out, const struct status_service *service)
{
	uint32_t counts[STATUS_SECONDS];
	uint64_t sum = 0;

	for (size_t i = 0; i < STATUS_SECONDS; i++) {
		counts[i] = service->history[i];
		sum += counts[i];
	}
	open_cell(out, "Connections", "connections");
	chart_seconds(out, counts, STATUS_SECONDS, "spark");
	fputs("<span class=\"sub\"><span title=\"in the last minute\">", out);
	html_number(out, sum);
	fputs("/min</span> · ", out);
	html_number(out, service->started);
	fputs(" in all</span>", out);
	close_cell(out);
}

static void put_running(FILE *out, const struct status_service *service)
{
	open_cell(out, "Running", "running");
	fputs("<span class=\"number\">", out);
	html_number(out, service->running);
	fputs("</span><span class=\"sub\">", out);
	if (service->limit) {
		fputs(" of ", out);
		html_number(out, service->limit);
	}
	if (service->peak > service->running) {
		fputs(service->limit ? ", peak " : " peak ", out);
		html_number(out, service->peak);
	}
	fputs("</span>", out);
	if (service->limit)
		chart_meter(out, service->running, service->peak, service->limit);
	close_cell(out);
}

static void put_reason(FILE *out, const char *name, uint64_t count)
{
	if (!count)
		return;
	fputs("<li>", out);
	html_text(out, name);
	fputs(" <b>", out);
	html_number(out, count);
	fputs("</b></li>", out);
}

static void put_refused(FILE *out, const struct status_service *service)
{
	bool some = service->refused || service->failed || service->lost;

	open_cell(out, "Refused", some ? "refused" : "refused none");
	fputs("<span class=\"number\">", out);
	html_number(out, service->refused);
	fputs("</span>", out);
	if (some) {
		fputs("<ul class=\"reasons\">", out);
		for (size_t i = 0; i < service->reason_count; i++)
			put_reason(out, service->reasons[i].name, service->reasons[i].count);
		put_reason(out, "not started", service->failed);
		put_reason(out, "lost", service->lost);
		fputs("</ul>", out);
	}
	close_cell(out);
}

static void put_endpoint(
	FILE *out, const struct status_service *service, const struct status_endpoint *endpoint)
{
	fputs("<li><span class=\"address\">", out);
	html_name(out, endpoint->address);
	fputs("</span>", out);
	if (strcmp(endpoint->state, service->state) != 0) {
		fputs(" <span class=\"queue\">", out);
		html_text(out, endpoint->state);
		fputs("</span>", out);
	}
	if (endpoint->has_queue) {
		bool full = endpoint->queue_limit && endpoint->queue >= endpoint->queue_limit;

		fprintf(out, " <span class=\"queue%s\">queue ",
			full              ? " full"
			: endpoint->queue ? " some"
					  : "");
		fprintf(out, "%" PRIu64 "/%" PRIu64 "</span>", endpoint->queue,
			endpoint->queue_limit);
	}
	fputs("</li>", out);
}

static void put_endpoints(
	FILE *out, const struct status *status, const struct status_service *service)
{
	size_t shown = service->endpoint_count < ENDPOINTS ? service->endpoint_count : ENDPOINTS;

	open_cell(out, "Listens on", "endpoints");
	fputs("<ul>", out);
	for (size_t i = 0; i < shown; i++)
		put_endpoint(out, service, &status->endpoints[service->first_endpoint + i]);
	if (shown < service->endpoint_count)
		fprintf(out, "<li class=\"sub\">and %zu more</li>",
			service->endpoint_count - shown);
	fputs("</ul>", out);
	close_cell(out);
}

static void put_service(
	FILE *out, const struct status *status, const struct status_service *service)
{
	fprintf(out, "<tr role=\"row\" class=\"%s\">", concern_css[service->concern]);
	put_name(out, service);
	put_state(out, service);
	put_connections(out, service);
	put_running(out, service);
	put_refused(out, service);
	put_endpoints(out, status, service);
	fputs("</tr>\n", out);
}

void page_write_services(FILE *out, const struct page *page)
{
	static const char *const headers[] = {
		"Service", "State", "Connections", "Running", "Refused", "Listens on"};
	const struct status *status = page->status;
	size_t shown = status->service_count < page->most ? status->service_count : page->most;

	fputs("<table role=\"table\" aria-labelledby=\"services\">\n<thead role=\"rowgroup\"><tr "
	      "role=\"row\">",
		out);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		fprintf(out, "<th role=\"columnheader\" scope=\"col\">%s</th>", headers[i]);
	fputs("</tr></thead>\n<tbody role=\"rowgroup\" id=\"rows\">\n", out);
	for (size_t i = 0; i < shown; i++)
		put_service(out, status, &status->services[i]);
	fputs("</tbody>\n</table>\n<p id=\"more\">", out);
	if (shown < status->service_count) {
		fputs("And ", out);
		html_number(out, status->service_count - shown);
		fputs(" more, which <a href=\"/status.json\">status.json</a> has too.", out);
	}
	fputs("</p>\n", out);
}

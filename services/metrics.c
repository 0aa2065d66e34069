/* metrics: what inetd counts, for Prometheus: /metrics over HTTP/1.1 for one connection of
 * `nowait`, in text format 0.0.4, or in OpenMetrics for a scraper that asks for it. It asks the
 * daemon over its control socket and passes on the answer: all it needs is to be in that socket's
 * group, so let it run as a user of its own who has nothing.
 *
 * Shown here: how a service asks the daemon that started it (protocol/ask.h), how an answer
 * depends on an Accept field, and that whatever fails inside a service is a clean answer to its
 * caller. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/http_reply.h"
#include "common/io.h"
#include "common/options.h"
#include "protocol/ask.h"

#define TEXT        "text/plain; version=0.0.4; charset=utf-8"
#define OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define HANG_UP_MS  2000

static const struct options_known known = {
	.usage = "metrics [-s socket] [-t seconds]", .letters = "s:t:"};

static struct http_conn conn = {.fd = STDIN_FILENO};

/* OpenMetrics is for who names it, unless who does likes the other better. */
static bool wants_openmetrics(const struct http_request *request)
{
	const char *accept = http_field(request, "Accept");
	int wanted = http_accepts(accept, "application/openmetrics-text");

	return wanted > 0 && wanted >= http_accepts(accept, "text/plain");
}

static void answer_request(const struct http_request *request, const struct ask *daemon)
{
	bool openmetrics = wants_openmetrics(request);
	struct http_answer answer;
	struct ask_answer metrics;

	if (strcmp(request->path, "/metrics") != 0) {
		http_answer_status(&conn, request, 404);
		return;
	}
	if (ask_daemon(daemon, "metrics", openmetrics ? "openmetrics" : NULL, &metrics) < 0 ||
		metrics.status) {
		http_answer_status(&conn, request, 503);
		free(metrics.text);
		return;
	}
	http_answer_begin(&answer, 200);
	http_answer_field(&answer, "Content-Type: %s", openmetrics ? OPENMETRICS : TEXT);
	http_answer_field(&answer, "Vary: Accept");
	http_answer_field(&answer, "Cache-Control: no-store");
	http_answer_field(&answer, "X-Content-Type-Options: nosniff");
	http_reply(&conn, request, &answer, metrics.text, metrics.len);
	free(metrics.text);
}

int main(int argc, char *argv[])
{
	struct ask daemon = {NULL, 0, 64 << 20};
	static struct http_request request;
	int opt, status, limit = 10;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 's')
			daemon.path = optarg;
		else
			limit = options_number(&known, 1, 86400);
	}
	daemon.limit_ms = conn.limit_ms = io_limit_ms = limit * 1000;
	status = http_read(&conn, &request);
	request.keep_alive = false;
	if (status == 200)
		answer_request(&request, &daemon);
	else if (status != 0)
		http_answer_status(&conn, NULL, status);
	io_hang_up(conn.fd, HANG_UP_MS);
	return 0;
}

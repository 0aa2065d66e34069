/* statuspage: what inetd is doing, as a page for people: `/` is one HTML document with everything
 * in it, `/status.json` the same for programs; over HTTP/1.1, for one connection of `nowait`. It
 * only reads: it asks the daemon over its control socket, so let it run as a user of its own who
 * has nothing but the group of that socket.
 *
 * Shown here: a page made on the server that needs no script, and is safe though others choose the
 * texts on it: each is escaped where it is written (page/html.h), and a Content-Security-Policy
 * with a nonce of this answer lets nothing else run, be loaded, or frame it (page/policy.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/http_host.h"
#include "common/http_reply.h"
#include "common/io.h"
#include "common/options.h"
#include "page/json.h"
#include "page/page.h"
#include "page/policy.h"
#include "protocol/ask.h"

#define HANG_UP_MS 2000

enum { STATS, STATUS, EVENTS, ANSWERS };

static const struct options_known known = {
	.usage = "statuspage [-H name] [-n services] [-r seconds] [-s socket] [-t seconds]",
	.letters = "H:n:r:s:t:"};

static struct http_conn conn = {.fd = STDIN_FILENO};
static const char *other_name; /* by which it may be called too; NULL */

/* True if the request is for us. A page under another name that its owner lets lead to this address
 * (DNS rebinding) could otherwise have a browser read the answer for it. */
static bool is_for_us(const struct http_request *request, const char *own_name)
{
	const char *host = request->host;

	return !host || !*host || http_host_is_address(host) || http_host_is(host, own_name) ||
	       http_host_is(host, "localhost") || (other_name && http_host_is(host, other_name));
}

/* What was asked for, all or nothing. -1 with errno. */
static int ask_all(const struct ask *daemon, char *answers[ANSWERS])
{
	static const char *const verbs[ANSWERS] = {"stats", "status", "events"};
	struct ask_answer answer;

	for (int i = 0; i < ANSWERS; i++) {
		int result = ask_daemon(daemon, verbs[i], NULL, &answer);

		answers[i] = answer.text;
		if (result < 0)
			return -1;
		if (answer.status) {
			errno = EPROTO;
			return -1;
		}
	}
	return 0;
}

/* The page; without answers (`error` is not 0) the one with the reason. Returns the status. */
static int write_page(FILE *out, struct page *page, char *answers[ANSWERS], int error)
{
	struct status status = {0};

	for (int i = 0; !error && i < ANSWERS; i++)
		if (status_add(&status, answers[i]) < 0)
			error = errno;
	page->status = error ? NULL : &status;
	if (error) {
		page_write_failure(out, page, strerror(error));
	} else {
		status_sort(&status);
		page_write(out, page);
	}
	page->status = NULL;
	status_free(&status);
	return error ? 503 : 200;
}

static void reply(
	const struct http_request *request, struct page *page, char *answers[ANSWERS], int error)
{
	bool json = strcmp(request->path, "/status.json") == 0;
	struct http_answer answer;
	char *body = NULL;
	int status = 200;
	size_t len = 0;
	FILE *out = open_memstream(&body, &len);

	if (out && json)
		status = !error && json_write(out, answers, ANSWERS, page->now) == 0 ? 200 : 503;
	else if (out)
		status = write_page(out, page, answers, error);
	if (!out || fclose(out) != 0 || (json && status != 200)) {
		http_answer_status(&conn, request, 503);
	} else {
		http_answer_begin(&answer, status);
		http_answer_field(&answer, "Content-Type: %s",
			json ? "application/json" : "text/html; charset=utf-8");
		policy_fields(&answer, json ? NULL : page->nonce);
		http_reply(&conn, request, &answer, body, len);
	}
	free(body);
}

/* The page without style and script is for the script, which has both. */
static void answer_request(
	const struct http_request *request, const struct page *options, const struct ask *daemon)
{
	bool parts = request->query && strcmp(request->query, "parts") == 0;
	char *answers[ANSWERS] = {NULL}, host[256] = "", nonce[PAGE_NONCE];
	struct page page = *options;

	gethostname(host, sizeof(host) - 1);
	if (!is_for_us(request, host)) {
		http_answer_status(&conn, request, 421);
		return;
	}
	if (strcmp(request->path, "/") != 0 && strcmp(request->path, "/status.json") != 0) {
		http_answer_status(&conn, request, 404);
		return;
	}
	policy_nonce(nonce);
	page.host = host;
	page.nonce = parts ? NULL : nonce;
	page.now = time(NULL);
	reply(request, &page, answers, ask_all(daemon, answers) < 0 ? errno : 0);
	for (int i = 0; i < ANSWERS; i++)
		free(answers[i]);
}

int main(int argc, char *argv[])
{
	struct ask daemon = {NULL, 0, 64 << 20};
	struct page page = {.refresh = 5, .most = 1000};
	static struct http_request request;
	int opt, status, limit = 15;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 'n')
			page.most = (size_t)options_number(&known, 1, 1000000);
		else if (opt == 'r')
			page.refresh = options_number(&known, 1, 3600);
		else if (opt == 'H')
			other_name = optarg;
		else if (opt == 's')
			daemon.path = optarg;
		else
			limit = options_number(&known, 1, 86400);
	}
	daemon.limit_ms = conn.limit_ms = io_limit_ms = limit * 1000;
	status = http_read(&conn, &request);
	request.keep_alive = false;
	if (status == 200)
		answer_request(&request, &page, &daemon);
	else if (status != 0)
		http_answer_status(&conn, NULL, status);
	io_hang_up(conn.fd, HANG_UP_MS);
	return 0;
}

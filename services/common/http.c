/* http: see http.h. Reading and parsing of requests; answers are made in http_answer.c. */
#include "common/http.h"

#include <ctype.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#include "base/monotonic.h"
#include "common/http_host.h"
#include "common/io.h"

size_t http_head_end(const char *text, size_t len)
{
	size_t start = len >= 2 && text[0] == '\r' && text[1] == '\n' ? 2 : 0;
	const char *at = text + start, *end = text + len;

	/* Lines that end with LF alone are refused later, but must not keep the request waiting. */
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		if (at < end && *at == '\n')
			return (size_t)(at + 1 - text);
		if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
			return (size_t)(at + 2 - text);
	}
	return 0;
}

/* True for what a method or the name of a field is made of. RFC 9110, 5.6.2. */
static bool is_token(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
			return false;
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, tolower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Decodes %XX in place. False for what is none, and for the two that no part of a path can hold. */
static bool decode(char *path)
{
	char *to = path;

	for (const char *from = path; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || high * 16 + low == '\0' || high * 16 + low == '/')
			return false;
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
	return true;
}

/* "/path?query", or the same after "http://host". RFC 9112, 3.2. */
static int parse_target(char *target, struct http_request *request)
{
	char *query;

	if (strncasecmp(target, "http://", strlen("http://")) == 0) {
		char *host = target;
		size_t len = strcspn(target + strlen("http://"), "/?");

		/* To the left, so that there is room for its NUL and for a slash: "http://host" and
		 * "http://host?query" mean its root. */
		memmove(host, target + strlen("http://"), len);
		target += strlen("http://") + len;
		host[len] = '\0';
		if (*target != '/')
			*--target = '/';
		if (!len || !http_host_valid(host))
			return 400;
		request->host = host;
	}
	for (const char *at = target; *at; at++)
		if (*at <= ' ' || *at >= 0x7f || *at == '#')
			return 400;
	query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	request->path = target;
	request->query = query;
	return *target == '/' && decode(target) ? 200 : 400;
}

static int parse_method(const char *method, struct http_request *request)
{
	static const char *const others[] = {
		"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"};

	request->head_only = strcmp(method, "HEAD") == 0;
	if (request->head_only || strcmp(method, "GET") == 0)
		return 200;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(method, others[i]) == 0)
			return 405;
	return is_token(method) ? 501 : 400;
}

/* "METHOD TARGET HTTP/1.1". What is not understood at all comes before what is only unwanted. */
static int parse_request_line(char *line, struct http_request *request)
{
	char *method = strsep(&line, " "), *target = strsep(&line, " ");
	int status = parse_method(method, request);

	if (!target || !line || strncmp(line, "HTTP/", 5) != 0 ||
		!isdigit((unsigned char)line[5]) || line[6] != '.' ||
		!isdigit((unsigned char)line[7]) || line[8] || status == 400)
		return 400;
	if (line[5] != '1')
		return 505;
	request->keep_alive = line[7] != '0';
	return status == 200 ? parse_target(target, request) : status;
}

static int parse_field(char *line, struct http_request *request)
{
	char *value = strchr(line, ':'), *end;

	if (!value)
		return 400;
	*value++ = '\0';
	if (!is_token(line)) /* also a line that continues the one before, or has a blank at ':' */
		return 400;
	value += strspn(value, " \t");
	for (end = value + strlen(value); end > value && (end[-1] == ' ' || end[-1] == '\t'); end--)
		;
	*end = '\0';
	for (const char *at = value; *at; at++)
		if (iscntrl((unsigned char)*at) && *at != '\t')
			return 400;
	if (request->field_count == HTTP_FIELDS_MAX)
		return 431;
	request->fields[request->field_count++] = (struct http_field){line, value};
	return 200;
}

/* True if a comma-separated list of words has this one. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		list += strspn(list, ", \t");
		if (strncasecmp(list, word, len) == 0 && strchr(", \t", list[len]))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

/* What the fields say about the connection. A body is not read: what follows it is not found, so
 * the connection ends after the answer. RFC 9112, 3.2, 6.3, 9.3. */
static int check_fields(struct http_request *request)
{
	bool one = request->keep_alive, close = false; /* 1.1: a Host is a must */
	unsigned hosts = 0, lengths = 0, codings = 0;

	for (size_t i = 0; i < request->field_count; i++) {
		const struct http_field *field = &request->fields[i];

		if (strcasecmp(field->name, "Host") == 0) {
			hosts++;
			if (!http_host_valid(field->value))
				return 400;
			if (!request->host) /* else the target has said it */
				request->host = field->value;
		} else if (strcasecmp(field->name, "Content-Length") == 0) {
			if (!*field->value || field->value[strspn(field->value, "0123456789")])
				return 400;
			lengths++;
			close |= field->value[strspn(field->value, "0")] != '\0';
		} else if (strcasecmp(field->name, "Transfer-Encoding") == 0) {
			codings++;
		} else if (strcasecmp(field->name, "Connection") == 0) {
			close |= has_word(field->value, "close");
			request->keep_alive |= has_word(field->value, "keep-alive");
		}
	}
	if (hosts > 1 || (one && hosts == 0) || lengths > 1 || (lengths && codings))
		return 400;
	request->keep_alive &= !close && !codings;
	return 200;
}

int http_parse(char *head, size_t len, struct http_request *request)
{
	bool first = true;
	int status = 200;

	memset(request, 0, offsetof(struct http_request, fields));
	if (memchr(head, '\0', len) || len < 4)
		return 400;
	if (head[0] == '\r' && head[1] == '\n') {
		head += 2;
		len -= 2;
	}
	for (char *end = head + len; status == 200 && head < end;) {
		char *line = head, *stop = memchr(head, '\n', (size_t)(end - head));

		if (!stop || stop == line || stop[-1] != '\r')
			return 400;
		stop[-1] = '\0';
		head = stop + 1;
		if (head == end && !first) /* the empty line */
			return *line ? 400 : check_fields(request);
		status = first ? parse_request_line(line, request) : parse_field(line, request);
		first = false;
	}
	return status == 200 ? 400 : status;
}

const char *http_field(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->field_count; i++)
		if (strcasecmp(request->fields[i].name, name) == 0)
			return request->fields[i].value;
	return NULL;
}

/* What is too long already; 0 if nothing is. */
static int too_long(const struct http_conn *conn)
{
	const char *end = memchr(conn->head + 2, '\n', conn->held > 2 ? conn->held - 2 : 0);
	size_t line = end ? (size_t)(end - conn->head) : conn->held;

	if (line > HTTP_LINE_MAX)
		return 414;
	return conn->held == HTTP_HEAD_MAX ? 431 : 0;
}

int http_read(struct http_conn *conn, struct http_request *request)
{
	uint64_t end = 0;
	int status;

	conn->held -= conn->consumed;
	memmove(conn->head, conn->head + conn->consumed, conn->held);
	while (!(conn->consumed = http_head_end(conn->head, conn->held))) {
		uint64_t now = monotonic_ms();
		ssize_t got;

		if ((status = too_long(conn)) != 0)
			return status;
		if (end == 0 || conn->held == 0)
			end = now + (uint64_t)conn->limit_ms;
		if (now >= end || io_wait(conn->fd, POLLIN, (int)(end - now)) <= 0)
			return conn->held > 0 ? 408 : 0;
		got = io_read(conn->fd, conn->head + conn->held, HTTP_HEAD_MAX - conn->held);
		if (got <= 0)
			return 0;
		if (conn->held == 0)
			end = monotonic_ms() + (uint64_t)conn->limit_ms;
		conn->held += (size_t)got;
	}
	status = too_long(conn);
	return status == 414 ? 414 : http_parse(conn->head, conn->consumed, request);
}

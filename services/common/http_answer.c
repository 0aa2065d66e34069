/* http_answer: see http.h. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/http.h"
#include "common/io.h"

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {{200, "OK"}, {206, "Partial Content"}, {301, "Moved Permanently"},
		{304, "Not Modified"}, {400, "Bad Request"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {408, "Request Timeout"}, {412, "Precondition Failed"},
		{414, "URI Too Long"}, {416, "Range Not Satisfiable"}, {421, "Misdirected Request"},
		{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
		{501, "Not Implemented"}, {503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "";
}

__attribute__((format(printf, 2, 0))) static void append(
	struct http_answer *answer, const char *format, va_list args)
{
	size_t room = sizeof(answer->text) - answer->len;
	int len = vsnprintf(answer->text + answer->len, room, format, args);

	/* A field that has no room is left out, whole. */
	if (len >= 0 && (size_t)len + 2 < room) {
		answer->len += (size_t)len;
		memcpy(answer->text + answer->len, "\r\n", 2);
		answer->len += 2;
	}
}

void http_answer_field(struct http_answer *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(answer, format, args);
	va_end(args);
}

void http_answer_begin(struct http_answer *answer, int status)
{
	char date[HTTP_DATE_SIZE];

	answer->len = 0;
	http_date(date, time(NULL));
	http_answer_field(answer, "HTTP/1.1 %d %s", status, reason(status));
	http_answer_field(answer, "Date: %s", date);
}

void http_answer_end(struct http_answer *answer, bool keep_alive)
{
	http_answer_field(answer, "Connection: %s\r\n", keep_alive ? "keep-alive" : "close");
}

int http_answer_status(const struct http_conn *conn, const struct http_request *request, int status)
{
	struct http_answer answer;
	char body[64];
	int len = snprintf(body, sizeof(body), "%d %s\n", status, reason(status));

	http_answer_begin(&answer, status);
	http_answer_field(&answer, "Content-Type: text/plain; charset=utf-8");
	http_answer_field(&answer, "Content-Length: %d", len);
	if (status == 405)
		http_answer_field(&answer, "Allow: GET, HEAD");
	http_answer_end(&answer, request && request->keep_alive);
	if (!request || !request->head_only) {
		memcpy(answer.text + answer.len, body, (size_t)len);
		answer.len += (size_t)len;
	}
	return io_write_all(conn->fd, answer.text, answer.len);
}

int http_answer_slash(const struct http_conn *conn, const struct http_request *request)
{
	static const char plain[] = "-._~/!$&'()*+,;=:@";
	struct http_answer answer;
	char location[1024], *to = location;

	/* One slash to begin with: "//name" would be the name of a host. */
	for (const char *at = request->path + strspn(request->path, "/") - 1; *at; at++) {
		if (to + 4 > location + sizeof(location))
			return http_answer_status(conn, request, 404);
		if (isalnum((unsigned char)*at) || strchr(plain, *at))
			*to++ = *at;
		else
			to += snprintf(to, 4, "%%%02X", (unsigned char)*at);
	}
	http_answer_begin(&answer, 301);
	http_answer_field(&answer, "Location: %.*s/%s%s", (int)(to - location), location,
		request->query ? "?" : "", request->query ? request->query : "");
	http_answer_field(&answer, "Content-Length: 0");
	http_answer_end(&answer, request->keep_alive);
	return io_write_all(conn->fd, answer.text, answer.len);
}

void http_date(char text[HTTP_DATE_SIZE], time_t date)
{
	struct tm tm;

	if (!gmtime_r(&date, &tm) ||
		strftime(text, HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		text[0] = '\0';
}

time_t http_date_parse(const char *text)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);

		if (end && !*end)
			return timegm(&tm);
	}
	return -1;
}

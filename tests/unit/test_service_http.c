/* Requests of HTTP/1.1 as services read them, and how a request for a file is answered. */
#include "unit.h"

#include <string.h>

#include "common/file_request.h"
#include "common/http.h"

#define H " HTTP/1.1\r\nHost: h\r\n"
#define E "\r\n"

/* Requests without NUL, and what they come to. */
static const struct {
	const char *head;
	int status;
	const char *path, *query;
	bool keep_alive, head_only;
} requests[] = {
	{"GET /" H E, 200, "/", NULL, true, false},
	{"HEAD /a HTTP/1.1\r\nhOsT: h\r\n\r\n", 200, "/a", NULL, true, true},
	{"GET / HTTP/1.0\r\n\r\n", 200, "/", NULL, false, false},
	{"GET / HTTP/1.9\r\nHost: h\r\n\r\n", 200, "/", NULL, true, false},
	{"\r\nGET /" H E, 200, "/", NULL, true, false},
	{"GET /" H "Connection: Close\r\n" E, 200, "/", NULL, false, false},
	{"GET /" H "Connection: x,\tclose , y\r\n" E, 200, "/", NULL, false, false},
	{"GET /" H "Connection: closed\r\n" E, 200, "/", NULL, true, false},
	{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "/", NULL, true, false},
	{"GET /" H "Connection: keep-alive\r\nConnection: close\r\n" E, 200, "/", NULL, false,
		false},
	{"GET /a%20b%7e%C3%a4?x=%41" H E, 200, "/a b~\xc3\xa4", "x=%41", true, false},
	{"GET /?" H E, 200, "/", "", true, false},
	{"GET /?a?b" H E, 200, "/", "a?b", true, false},
	{"GET http://h:1/x?y" H E, 200, "/x", "y", true, false},
	{"GET HTTP://h" H E, 200, "/", NULL, true, false},
	{"GET http://h?q" H E, 200, "/", "q", true, false},
	{"GET //h/x" H E, 200, "//h/x", NULL, true, false},
	{"GET /" H "X:\r\nY: \t v \t \r\n" E, 200, "/", NULL, true, false},
	{"GET /" H "Content-Length: 0\r\n" E, 200, "/", NULL, true, false},
	{"GET /" H "Content-Length: 5\r\n" E, 200, "/", NULL, false, false},
	{"GET /" H "Transfer-Encoding: chunked\r\n" E, 200, "/", NULL, false, false},

	{"GET / HTTP/1.1\r\n\r\n", 400, .path = NULL},
	{"GET /" H "Host: h\r\n" E, 400, .path = NULL},
	{"GET / HTTP/1.1\r\nHost: a b\r\n" E, 400, .path = NULL},
	{"GET / HTTP/1.1\r\nHost: [::1\r\n" E, 400, .path = NULL},
	{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n" E, 200, "/", NULL, true, false},
	{"GET / HTTP/1.1\r\nHost:\r\n" E, 200, "/", NULL, true, false},
	{"GET http:///x" H E, 400, .path = NULL},
	{"GET http://?x" H E, 400, .path = NULL},
	{"GET http://u@h/" H E, 400, .path = NULL},
	{"GET http://[::1]:80?q" H E, 200, "/", "q", true, false},
	{"GET /" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" E, 400, .path = NULL},
	{"GET /" H "Content-Length: 5\r\nContent-Length: 5\r\n" E, 400, .path = NULL},
	{"GET /" H "Content-Length: -5\r\n" E, 400, .path = NULL},
	{"GET /" H "Content-Length:\r\n" E, 400, .path = NULL},
	{"GET /" H "X : y\r\n" E, 400, .path = NULL},
	{"GET /" H " folded\r\n" E, 400, .path = NULL},
	{"GET /" H "\tfolded: x\r\n" E, 400, .path = NULL},
	{"GET /" H "nothing\r\n" E, 400, .path = NULL},
	{"GET /" H ": y\r\n" E, 400, .path = NULL},
	{"GET /" H "X: a\rb\r\n" E, 400, .path = NULL},
	{"GET /" H "X: a\033b\r\n" E, 400, .path = NULL},
	{"GET /" H "X: y\n" E, 400, .path = NULL},
	{"GET / HTTP/1.1\nHost: h\n\n", 400, .path = NULL},
	{"GET /\r\n\r\n", 400, .path = NULL},
	{"GET  /" H E, 400, .path = NULL},
	{"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"GET\t/" H E, 400, .path = NULL},
	{" GET /" H E, 400, .path = NULL},
	{"GET /a b" H E, 400, .path = NULL},
	{"GET /a\tb" H E, 400, .path = NULL},
	{"GET /\xc3\xa4" H E, 400, .path = NULL},
	{"GET /#x" H E, 400, .path = NULL},
	{"GET x" H E, 400, .path = NULL},
	{"GET *" H E, 400, .path = NULL},
	{"GET ?" H E, 400, .path = NULL},
	{"GET ftp://h/" H E, 400, .path = NULL},
	{"GET /%" H E, 400, .path = NULL},
	{"GET /%4" H E, 400, .path = NULL},
	{"GET /%4g" H E, 400, .path = NULL},
	{"GET /%g4" H E, 400, .path = NULL},
	{"GET /a%00b" H E, 400, .path = NULL},
	{"GET /a%2fb" H E, 400, .path = NULL},
	{"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"GET / HTTP/1.\r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"GET / HTTP/11.1\r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"GET / http/1.1\r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400, .path = NULL},
	{"(GET) /" H E, 400, .path = NULL},
	{"\r\n\r\nGET /" H E, 400, .path = NULL},
	{"\r\n\r\n", 400, .path = NULL},
	{"POST /" H E, 405, .path = NULL},
	{"OPTIONS *" H E, 405, .path = NULL},
	{"CONNECT h:1" H E, 405, .path = NULL},
	{"get /" H E, 501, .path = NULL},
	{"BREW /" H E, 501, .path = NULL},
	{"GET / HTTP/2.0\r\n\r\n", 505, .path = NULL},
	{"GET / HTTP/0.9\r\n\r\n", 505, .path = NULL},
};

static struct http_request request;

/* The head in a block of its own, so that reading past it is seen by a sanitizer. */
static int parse(const char *text, size_t len)
{
	static char *head;

	free(head);
	head = malloc(len);
	assert_non_null(head);
	memcpy(head, text, len);
	return http_parse(head, len, &request);
}

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		int status = parse(requests[i].head, strlen(requests[i].head));

		if (status != requests[i].status)
			fail_msg("%d, not %d: %s", status, requests[i].status, requests[i].head);
		if (status != 200)
			continue;
		assert_string_equal(request.path, requests[i].path);
		assert_int_equal(!request.query, !requests[i].query);
		if (request.query)
			assert_string_equal(request.query, requests[i].query);
		if (request.keep_alive != requests[i].keep_alive)
			fail_msg("keep-alive %d: %s", request.keep_alive, requests[i].head);
		assert_int_equal(request.head_only, requests[i].head_only);
	}
}

static void test_nul(void **state)
{
	const char one[] = "GET /a\0b" H E, two[] = "GET /" H "X: \0\r\n" E;

	(void)state;
	assert_int_equal(parse(one, sizeof(one) - 1), 400);
	assert_int_equal(parse(two, sizeof(two) - 1), 400);
}

static void test_fields(void **state)
{
	const char *text = "GET /" H "X:\r\ny: \t v w\t \r\nY: second\r\n" E;

	(void)state;
	assert_int_equal(parse(text, strlen(text)), 200);
	assert_string_equal(http_field(&request, "host"), "h");
	assert_string_equal(http_field(&request, "x"), "");
	assert_string_equal(http_field(&request, "Y"), "v w");
	assert_null(http_field(&request, "Z"));
}

static void test_many_fields(void **state)
{
	char text[HTTP_HEAD_MAX];
	size_t len = strlcpy(text, "GET /" H, sizeof(text));

	(void)state;
	for (int i = 1; i < HTTP_FIELDS_MAX; i++) /* Host is one */
		len = strlcat(text, "a: b\r\n", sizeof(text));
	strlcat(text, E, sizeof(text));
	assert_int_equal(parse(text, strlen(text)), 200);
	assert_int_equal(request.field_count, HTTP_FIELDS_MAX);
	strlcpy(text + len, "a: b\r\n" E, sizeof(text) - len);
	assert_int_equal(parse(text, strlen(text)), 431);
}

static void test_head_end(void **state)
{
	static const struct {
		const char *text;
		size_t end;
	} rows[] = {{"", 0}, {"\r\n", 0}, {"GET / HTTP/1.1\r\n", 0}, {"GET / HTTP/1.1\r\n\r", 0},
		{"GET / HTTP/1.1\r\n\r\n", 18}, {"a\r\n\r\nmore\r\n\r\n", 5}, {"a\n\nb", 3},
		{"a\n\r\nb", 4}, {"a\r\nb: c\r\n", 0}, {"\r\na\r\n\r\n", 7}, {"\r\n\r\n", 0},
		{"\r\n\na", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (http_head_end(rows[i].text, strlen(rows[i].text)) != rows[i].end)
			fail_msg("row %zu: %zu, not %zu", i,
				http_head_end(rows[i].text, strlen(rows[i].text)), rows[i].end);
}

static void test_dates(void **state)
{
	char text[HTTP_DATE_SIZE];

	(void)state;
	http_date(text, 784111777);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_int_equal(http_date_parse(text), 784111777);
	assert_int_equal(http_date_parse("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
	assert_int_equal(http_date_parse("Sun Nov  6 08:49:37 1994"), 784111777);
	assert_int_equal(http_date_parse("Sun, 06 Nov 1994 08:49:37 GMT+1"), -1);
	assert_int_equal(http_date_parse("yesterday"), -1);
	assert_int_equal(http_date_parse(""), -1);
}

/* A file of 1000 bytes, of that date. */
static const struct stat file = {
	.st_mode = S_IFREG, .st_size = 1000, .st_ino = 0x10, .st_mtim = {784111777, 0x20}};
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define TAG  "\"10-2ebc98a1-20\""

static const struct {
	const char *fields;
	int status;
	off_t first, len;
} asked[] = {
	{"", 200, 0, 1000},
	{"Range: bytes=0-0\r\n", 206, 0, 1},
	{"Range: Bytes=10-19\r\n", 206, 10, 10},
	{"Range: bytes=10-\r\n", 206, 10, 990},
	{"Range: bytes=999-2000\r\n", 206, 999, 1},
	{"Range: bytes=0-99999999999999999999999999\r\n", 206, 0, 1000},
	{"Range: bytes=-1\r\n", 206, 999, 1},
	{"Range: bytes=-1000\r\n", 206, 0, 1000},
	{"Range: bytes=-99999999999999999999999999\r\n", 206, 0, 1000},
	{"Range: bytes=1000-\r\n", 416, 0, 0},
	{"Range: bytes=99999999999999999999999999-\r\n", 416, 0, 0},
	{"Range: bytes=-0\r\n", 416, 0, 0},
	{"Range: bytes=2-1\r\n", 200, 0, 1000},
	{"Range: bytes=\r\n", 200, 0, 1000},
	{"Range: bytes=-\r\n", 200, 0, 1000},
	{"Range: bytes=--1\r\n", 200, 0, 1000},
	{"Range: bytes=1\r\n", 200, 0, 1000},
	{"Range: bytes= 1-2\r\n", 200, 0, 1000},
	{"Range: bytes=1-2x\r\n", 200, 0, 1000},
	{"Range: bytes=0-1,1000-\r\n", 206, 0, 2},
	{"Range: bytes=1000-,2000-\r\n", 416, 0, 0},
	{"Range: bytes=0-1,5-6x\r\n", 200, 0, 1000},
	{"Range: bytes=0-1,,5-6\r\n", 200, 0, 1000},
	{"Range: bytes=0-1,\r\n", 200, 0, 1000},
	{"Range: bytes=0-600,0-600\r\n", 200, 0, 1000},
	{"Range: bytes=1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8\r\n",
		200, 0, 1000},
	{"Range: lines=0-1\r\n", 200, 0, 1000},
	{"Range: bytes=0-0\r\nIf-Range: " TAG "\r\n", 206, 0, 1},
	{"Range: bytes=0-0\r\nIf-Range: " DATE "\r\n", 206, 0, 1},
	{"Range: bytes=0-0\r\nIf-Range: \"other\"\r\n", 200, 0, 1000},
	{"If-Modified-Since: " DATE "\r\n", 304, 0, 0},
	{"If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT\r\n", 304, 0, 0},
	{"If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200, 0, 1000},
	{"If-Modified-Since: never\r\n", 200, 0, 1000},
	{"If-None-Match: " TAG "\r\n", 304, 0, 0},
	{"If-None-Match: \"a\", W/" TAG "\r\n", 304, 0, 0},
	{"If-None-Match: *\r\n", 304, 0, 0},
	{"If-None-Match: \"a\"\r\nIf-Modified-Since: " DATE "\r\n", 200, 0, 1000},
	{"If-Match: " TAG "\r\n", 200, 0, 1000},
	{"If-Match: *\r\n", 200, 0, 1000},
	{"If-Match: W/" TAG ", " TAG "\r\n", 200, 0, 1000},
	{"If-Match: \"a\"\r\n", 412, 0, 0},
	{"If-Match: W/" TAG "\r\n", 412, 0, 0},
	{"If-Match: \"a\"\r\nIf-None-Match: " TAG "\r\n", 412, 0, 0},
	{"Range: bytes=0-0\r\nIf-Match: " TAG "\r\n", 206, 0, 1},
	{"Range: bytes=0-0\r\nIf-Match: \"a\"\r\n", 412, 0, 0},
	{"If-Unmodified-Since: " DATE "\r\n", 200, 0, 1000},
	{"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412, 0, 0},
	{"If-Unmodified-Since: never\r\n", 200, 0, 1000},
	{"If-Match: " TAG "\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200, 0,
		1000},
};

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char text[512];
		int len = snprintf(text, sizeof(text), "GET /" H "%s" E, asked[i].fields);
		struct file_parts parts;
		const struct file_part *part = &parts.list[0];
		int status;

		assert_int_equal(parse(text, (size_t)len), 200);
		status = file_request(&request, &file, &parts);
		assert_true(parts.count <= 1);
		if (status != asked[i].status || (parts.count ? part->len : 0) != asked[i].len ||
			(asked[i].len && part->first != asked[i].first))
			fail_msg("%d, %lld from %lld: %s", status, (long long)part->len,
				(long long)part->first, asked[i].fields);
	}
}

static void test_several_parts(void **state)
{
	static const struct file_part want[] = {{0, 2}, {5, 2}, {990, 10}};
	char text[] = "GET /" H "Range: bytes=0-1, 5-6 ,2000-,-10\r\n" E, head[FILE_PART_HEAD];
	struct http_answer answer;
	struct file_parts parts;
	size_t all = 14; /* bytes of the parts */
	long long said;

	(void)state;
	assert_int_equal(parse(text, strlen(text)), 200);
	file_answer(&answer, &request, "/a.txt", &file, &parts);
	answer.text[answer.len] = 0;
	assert_int_equal(parts.count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_int_equal(parts.list[i].first, want[i].first);
		assert_int_equal(parts.list[i].len, want[i].len);
	}
	for (size_t i = 0; i <= parts.count; i++)
		all += file_part_head(&parts, i, head);
	assert_non_null(strstr(answer.text, "Content-Type: multipart/byteranges; boundary="));
	assert_non_null(strstr(answer.text, parts.boundary));
	assert_null(strstr(answer.text, "Content-Range"));
	said = strtoll(strstr(answer.text, "Content-Length: ") + 16, NULL, 10);
	assert_int_equal(said, all);
	file_part_head(&parts, 1, head);
	assert_non_null(strstr(head, "Content-Type: text/plain; charset=utf-8\r\n"
				     "Content-Range: bytes 5-6/1000\r\n\r\n"));
}

/* RFC 9110, 15.4.5: nothing but what a cache needs. */
static void test_not_modified(void **state)
{
	char text[] = "GET /" H "If-None-Match: " TAG "\r\n" E;
	struct http_answer answer;
	struct file_parts parts;

	(void)state;
	assert_int_equal(parse(text, strlen(text)), 200);
	file_answer(&answer, &request, "/a.txt", &file, &parts);
	answer.text[answer.len] = 0;
	assert_non_null(strstr(answer.text, "HTTP/1.1 304 "));
	assert_non_null(strstr(answer.text, "ETag: "));
	assert_null(strstr(answer.text, "Content-"));
	assert_null(strstr(answer.text, "Last-Modified"));
	assert_null(strstr(answer.text, "Accept-Ranges"));
}

static void test_empty_file(void **state)
{
	const struct stat empty = {.st_mode = S_IFREG};
	const char *ranges[] = {"bytes=0-", "bytes=-5", "bytes=0-0"};
	struct file_parts parts;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char text[128];
		int len = snprintf(text, sizeof(text), "GET /" H "Range: %s\r\n" E, ranges[i]);

		assert_int_equal(parse(text, (size_t)len), 200);
		assert_int_equal(file_request(&request, &empty, &parts), 416);
	}
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(file_type("/a/b.HTML"), "text/html; charset=utf-8");
	assert_string_equal(file_type("/a.png"), "image/png");
	assert_string_equal(file_type("/a.html/b"), "application/octet-stream");
	assert_string_equal(file_type("/a."), "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_many_fields),
		cmocka_unit_test(test_head_end),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_several_parts),
		cmocka_unit_test(test_not_modified),
		cmocka_unit_test(test_empty_file),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

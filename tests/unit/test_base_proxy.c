/* The PROXY protocol's header: what is one, where it ends, whom it names, and which of the bytes
 * that were seen surely belong to it. */
#include "unit.h"

#include <string.h>

#include "base/proxy.h"

#define LINE4 "PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n"
#define SIG   "\r\n\r\n\0\r\nQUIT\n"
#define PATH4 "/aaaaaaaaaaaaaaaaaaaaaaaaaa" /* 27 bytes: a fourth of a path */
#define PATH  PATH4 PATH4 PATH4 PATH4
#define V4    "\xc0\0\x02\x01\xc6\x33\x64\x02\x9c\x40\x01\xbb"
#define V6                                                                                         \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                                               \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x33\x64\x02\x9c\x40\x01\xbb"
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *data;
	size_t len;
	enum proxy_result want;
	size_t size;
	struct proxy proxy;
} headers[] = {
	{BYTES(LINE4), PROXY_WHOLE, 45, {PROXY_TCP, {"192.0.2.1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(LINE4 "GET /"), PROXY_WHOLE, 45,
		{PROXY_TCP, {"192.0.2.1", 40000}, {"198.51.100.2", 443}}},
	{BYTES("PROXY TCP6 2001:db8::1 ::ffff:198.51.100.2 0 65535\r\n\n"), PROXY_WHOLE, 52,
		{PROXY_TCP, {"2001:db8::1", 0}, {"198.51.100.2", 65535}}},
	{BYTES("PROXY UNKNOWN\r\n"), PROXY_WHOLE, 15, {.kind = PROXY_OWN}},
	{BYTES("PROXY UNKNOWN ff:ff ~ x  y\r\n"), PROXY_WHOLE, 28, {.kind = PROXY_OWN}},
	/* as long as can be: 107 bytes */
	{BYTES("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535"
	       "................................................\r\n"),
		PROXY_WHOLE, 107, {.kind = PROXY_OWN}},
	{BYTES("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535"
	       ".................................................\r\n"),
		PROXY_LONG, 0, {0}},
	{BYTES("PROXY TCP4"), PROXY_PART, 0, {0}},
	{BYTES("PROXY UNKNOWN\r"), PROXY_PART, 0, {0}},
	{BYTES(""), PROXY_PART, 0, {0}},
	{BYTES("P"), PROXY_PART, 0, {0}},
	{BYTES("proxy UNKNOWN\r\n"), PROXY_NONE, 0, {0}},
	{BYTES("PRIXY"), PROXY_NONE, 0, {0}},
	{BYTES("PROXY\r\n"), PROXY_NONE, 0, {0}},
	{BYTES("PROXY \r\n"), PROXY_FAMILY, 0, {0}},
	{BYTES("PROXY UNKNOWN\n"), PROXY_LINE, 0, {0}},
	{BYTES("PROXY UNKNOWN\r\r\n"), PROXY_LINE, 0, {0}},
	{BYTES("PROXY UNKNOWN \x80\r\n"), PROXY_LINE, 0, {0}},
	{BYTES("PROXY UNKNOWN \0\r\n"), PROXY_LINE, 0, {0}},
	{BYTES("PROXY UNKNOWNS\r\n"), PROXY_FAMILY, 0, {0}},
	{BYTES("PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), PROXY_FAMILY, 0, {0}},
	{BYTES("PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n"), PROXY_FAMILY, 0, {0}},
	{BYTES("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"), PROXY_FAMILY, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"), PROXY_WORDS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"), PROXY_WORDS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"), PROXY_WORDS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n"), PROXY_WORDS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"), PROXY_ADDRESS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n"), PROXY_ADDRESS, 0, {0}},
	{BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), PROXY_ADDRESS, 0, {0}},
	{BYTES("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"), PROXY_ADDRESS, 0, {0}},
	{BYTES("PROXY TCP6 ::1%lo ::1 1 2\r\n"), PROXY_ADDRESS, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 100000\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2x\r\n"), PROXY_PORT, 0, {0}},
	{BYTES("GET / HTTP/1.0\r\n"), PROXY_NONE, 0, {0}},
	{BYTES("\r\n"), PROXY_PART, 0, {0}},
	{BYTES("\r\n\r\nQUIT"), PROXY_NONE, 0, {0}},

	{BYTES(SIG "\x21\x11\0\x0c" V4), PROXY_WHOLE, 28,
		{PROXY_TCP, {"192.0.2.1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(SIG "\x21\x12\0\x0c" V4 "more"), PROXY_WHOLE, 28,
		{PROXY_UDP, {"192.0.2.1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(SIG "\x21\x21\0\x24" V6), PROXY_WHOLE, 52,
		{PROXY_TCP, {"2001:db8::1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(SIG "\x21\x22\0\x24" V6), PROXY_WHOLE, 52,
		{PROXY_UDP, {"2001:db8::1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(SIG "\x21\x31\0\xd8" PATH PATH), PROXY_WHOLE, 232,
		{PROXY_UNIX, {PATH, 0}, {PATH, 0}}},
	/* values behind the addresses: two, of 1 and 0 bytes */
	{BYTES(SIG "\x21\x11\0\x13" V4 "\x04\0\x01x\x03\0\0"), PROXY_WHOLE, 35,
		{PROXY_TCP, {"192.0.2.1", 40000}, {"198.51.100.2", 443}}},
	{BYTES(SIG "\x21\x11\0\x10" V4 "\x04\0\x02x"), PROXY_VALUES, 0, {0}},
	{BYTES(SIG "\x21\x11\0\x0e" V4 "\x04\0"), PROXY_VALUES, 0, {0}},
	/* of the proxy's own, whatever else is said; or of a kind it does not know */
	{BYTES(SIG "\x20\0\0\0"), PROXY_WHOLE, 16, {.kind = PROXY_OWN}},
	{BYTES(SIG "\x20\x11\0\x0c" V4), PROXY_WHOLE, 28, {.kind = PROXY_OWN}},
	{BYTES(SIG "\x20\xff\0\x01?"), PROXY_WHOLE, 17, {.kind = PROXY_OWN}},
	{BYTES(SIG "\x21\0\0\x03\xff\xff\xff"), PROXY_WHOLE, 19, {.kind = PROXY_OWN}},
	{BYTES(SIG "\x21\x11\0\x0b" V4), PROXY_SHORT, 0, {0}},
	{BYTES(SIG "\x21\x10\0\x0c" V4), PROXY_FAMILY, 0, {0}},
	{BYTES(SIG "\x21\x13\0\x0c" V4), PROXY_FAMILY, 0, {0}},
	{BYTES(SIG "\x21\x41\0\x0c" V4), PROXY_FAMILY, 0, {0}},
	{BYTES(SIG "\x22\x11\0\x0c" V4), PROXY_COMMAND, 0, {0}},
	{BYTES(SIG "\x11\x11\0\x0c" V4), PROXY_COMMAND, 0, {0}},
	{BYTES(SIG "\x21\x11\0\x0d" V4), PROXY_PART, 0, {0}},
	{BYTES(SIG "\x21\x11\0"), PROXY_PART, 0, {0}},
	{BYTES(SIG), PROXY_PART, 0, {0}},
	{BYTES(SIG "\x21\x11\x0f\xf0"), PROXY_PART, 0, {0}},
	{BYTES(SIG "\x21\x11\x0f\xf1"), PROXY_LONG, 0, {0}},
};

static void assert_end(const struct proxy_end *got, const struct proxy_end *want)
{
	assert_string_equal(got->host, want->host);
	assert_int_equal(got->port, want->port);
}

static void scan(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct proxy got = {.kind = PROXY_OWN};
		size_t size = 0;
		enum proxy_result result = proxy_scan(headers[i].data, headers[i].len, &got, &size);

		if (result != headers[i].want)
			fail_msg("row %zu: %d, not %d", i, result, headers[i].want);
		if (size != headers[i].size)
			fail_msg("row %zu: %zu bytes, not %zu", i, size, headers[i].size);
		if (result != PROXY_WHOLE)
			continue;
		assert_int_equal(got.kind, headers[i].proxy.kind);
		assert_end(&got.source, &headers[i].proxy.source);
		assert_end(&got.target, &headers[i].proxy.target);
	}
}

/* A header that comes in pieces is read piece by piece: no beginning of it is anything but a part,
 * and the whole never ends sooner. */
static void pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct proxy got;
		size_t size;

		if (headers[i].want != PROXY_WHOLE)
			continue;
		for (size_t len = 0; len < headers[i].size; len++)
			if (proxy_scan(headers[i].data, len, &got, &size) != PROXY_PART)
				fail_msg("row %zu: %zu bytes of %zu", i, len, headers[i].size);
	}
}

/* The caller's buffer of PROXY_MOST bytes can never be full of a part. */
static void most(void **state)
{
	static char data[PROXY_MOST + 1] = SIG "\x20\0\x0f\xf0";
	struct proxy got;
	size_t size = 0;

	(void)state;
	assert_int_equal(proxy_scan(data, PROXY_MOST - 1, &got, &size), PROXY_PART);
	assert_int_equal(proxy_scan(data, PROXY_MOST, &got, &size), PROXY_WHOLE);
	assert_int_equal(size, PROXY_MOST);
	memset(data, 'x', sizeof(data));
	memcpy(data, "PROXY UNKNOWN ", 14);
	assert_int_equal(proxy_scan(data, 105, &got, &size), PROXY_PART);
	assert_int_equal(proxy_scan(data, 106, &got, &size), PROXY_LONG);
}

/* Paths: up to 108 bytes, ended by the first NUL, abstract, unnamed, and harmless to print. */
static void paths(void **state)
{
	static const struct {
		const char *path;
		size_t len;
		const char *want;
	} rows[] = {
		{BYTES(""), ""},
		{BYTES("/a/b"), "/a/b"},
		{BYTES("/a\0b"), "/a"},
		{BYTES("\0name"), "@name"},
		{BYTES("\0n\0x"), "@n"},
		{BYTES("/a\x1b[2J\n\xff"), "/a?[2J??"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char data[232] = SIG "\x21\x31\0\xd8";
		struct proxy got;
		size_t size;

		memcpy(data + 16, rows[i].path, rows[i].len);
		assert_int_equal(proxy_scan(data, sizeof(data), &got, &size), PROXY_WHOLE);
		assert_string_equal(got.source.host, rows[i].want);
		assert_string_equal(got.target.host, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scan),
		cmocka_unit_test(pieces),
		cmocka_unit_test(most),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests_name("base_proxy", tests, NULL, NULL);
}

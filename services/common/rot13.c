/* rot13: see rot13.h. */
#include "common/rot13.h"

#include <errno.h>

#include "common/io.h"

static char rotate(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)('a' + (c - 'a' + 13) % 26);
	if (c >= 'A' && c <= 'Z')
		return (char)('A' + (c - 'A' + 13) % 26);
	return c;
}

int rot13_serve(int in, int out)
{
	char buf[4096];
	ssize_t len;

	while ((len = io_read(in, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < len; i++)
			buf[i] = rotate(buf[i]);
		if (io_write_all(out, buf, (size_t)len) < 0)
			return io_peer_gone(errno) ? 0 : -1;
	}
	return len == 0 || io_peer_gone(errno) ? 0 : -1;
}

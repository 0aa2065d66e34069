/* rpc_null [-l]: a program of RPC over TCP that answers whatever it is asked with success and
 * nothing else (RFC 5531, 9 and 11): on the connection that descriptor 0 is; with -l descriptor 0
 * is a socket that it accepts one from. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int read_all(int fd, char *to, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t len = read(fd, to + at, size - at);

		if (len <= 0)
			return -1;
		at += (size_t)len;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 && argv[1][1] == 'l' ? accept(STDIN_FILENO, NULL, NULL) : STDIN_FILENO;
	uint32_t mark, call[256];

	while (!read_all(fd, (char *)&mark, sizeof(mark))) {
		uint32_t size = ntohl(mark) & 0x7fffffff;
		uint32_t reply[7] = {htonl(0x80000000 | 24)};

		if (size < 4 || size > sizeof(call) || read_all(fd, (char *)call, size))
			return EXIT_FAILURE;
		reply[1] = call[0];
		reply[2] = htonl(1);
		if (write(fd, reply, sizeof(reply)) != sizeof(reply))
			return EXIT_FAILURE;
	}
	return 0;
}

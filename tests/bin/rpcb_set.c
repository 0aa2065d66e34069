/* rpcb_set UID PROGRAM VERSION NETID ADDRESS: registers an address with rpcbind as that user, as
 * any program may (RFC 1833, 2.2.1). The status tells whether rpcbind has agreed. */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static uint32_t call[256];
static size_t words = 1; /* after the record mark */

static void put(uint32_t value)
{
	call[words++] = htonl(value);
}

static void put_text(const char *text)
{
	put((uint32_t)strlen(text));
	memcpy(&call[words], text, strlen(text));
	words += (strlen(text) + 3) / 4;
}

int main(int argc, char **argv)
{
	const struct sockaddr_un rpcbind = {AF_UNIX, "/run/rpcbind.sock"};
	const uint32_t head[] = {1, 0, 2, 100000, 4, 1, 0, 0, 0, 0};
	uint32_t reply[8] = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc != 6 || setuid((uid_t)strtoul(argv[1], NULL, 10)) < 0 ||
		connect(fd, (const struct sockaddr *)&rpcbind, sizeof(rpcbind)) < 0)
		return 2;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		put(head[i]);
	put((uint32_t)strtoul(argv[2], NULL, 10));
	put((uint32_t)strtoul(argv[3], NULL, 10));
	put_text(argv[4]);
	put_text(argv[5]);
	put_text("");
	call[0] = htonl(0x80000000 | (uint32_t)(words - 1) * 4);
	if (write(fd, call, words * 4) != (ssize_t)words * 4 ||
		recv(fd, reply, sizeof(reply), MSG_WAITALL) != sizeof(reply))
		return 2;
	return reply[7] == htonl(1) ? EXIT_SUCCESS : EXIT_FAILURE;
}

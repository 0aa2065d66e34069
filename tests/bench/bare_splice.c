/* bare_splice: a connection passed on in a loop of splice(2): the first that comes goes there, and
 * all that is there comes back; no limits, no second thought: what no proxy on standard input and
 * output can beat.
 *
 *   bare_splice ADDRESS PORT */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES (1 << 20)

/* Once from one to the other. Returns how many bytes, 0 at the end, -1. */
static ssize_t pass(int from, int to, const int through[2])
{
	ssize_t got = splice(from, NULL, through[1], NULL, BYTES, SPLICE_F_MOVE);

	for (ssize_t left = got; left > 0;) {
		ssize_t put = splice(through[0], NULL, to, NULL, (size_t)left, SPLICE_F_MOVE);

		if (put <= 0)
			return -1;
		left -= put;
	}
	return got;
}

int main(int argc, char *argv[])
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int through[2], fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || fd < 0 || pipe2(through, O_CLOEXEC) < 0 ||
		inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1)
		return 1;
	addr.sin_port = htons((in_port_t)strtonum(argv[2], 1, 65535, NULL));
	fcntl(through[1], F_SETPIPE_SZ, BYTES);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		pass(STDIN_FILENO, fd, through) <= 0)
		return 1;
	while (pass(fd, STDOUT_FILENO, through) > 0)
		;
	return 0;
}

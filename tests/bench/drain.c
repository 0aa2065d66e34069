/* drain: a log daemon that only counts. Binds the datagram socket PATH, says so with an empty line,
 * takes what comes and writes how much that was to COUNT whenever nothing has come for a second.
 * Usage: drain PATH COUNT */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define BATCH 64
#define BYTES 4096

static void write_count(const char *path, unsigned long count)
{
	FILE *out = fopen(path, "w");

	if (out) {
		fprintf(out, "%lu", count);
		fclose(out);
	}
}

int main(int argc, char **argv)
{
	static char bytes[BATCH][BYTES];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const struct timeval second = {.tv_sec = 1};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	unsigned long count = 0;

	if (argc != 3 || fd < 0)
		return 2;
	strlcpy(addr.sun_path, argv[1], sizeof(addr.sun_path));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) < 0) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){bytes[i], BYTES};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	puts("");
	fflush(stdout);
	for (;;) {
		int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		if (got > 0)
			count += (unsigned long)got;
		else
			write_count(argv[2], count);
	}
}

/* take_one: a wait server that serves one connection and ends, as soon as it can.
 *
 *	take_one	accepts from standard input, says "ok" and closes */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	int fd = accept(STDIN_FILENO, NULL, NULL);

	if (fd < 0 || write(fd, "ok", 2) != 2)
		return 1;
	shutdown(fd, SHUT_WR);
	return 0;
}

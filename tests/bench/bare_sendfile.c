/* bare_sendfile: reads once, whatever comes, and sends a head and a file: what no server of files
 * on standard input and output can beat.
 *
 *   bare_sendfile FILE */
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";
	char request[4096];
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || read(STDIN_FILENO, request, sizeof(request)) <= 0 ||
		write(STDOUT_FILENO, head, strlen(head)) < 0)
		return 1;
	while (sendfile(STDOUT_FILENO, fd, NULL, 1 << 30) > 0)
		;
	return 0;
}

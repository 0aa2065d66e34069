/* splice: for LD_PRELOAD: of a program that passes on between standard input and another socket,
 * the way to standard input is as busy as can be. Whatever it asks splice(2) to move has been
 * moved, all of it, until the other way has moved something; from then on everything is as always.
 * Makes the file FAULT_NOTE when it begins. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_socket(int fd)
{
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode);
}

ssize_t splice(
	int in, off64_t *in_offset, int out, off64_t *out_offset, size_t len, unsigned int flags)
{
	static ssize_t (*real)(int, off64_t *, int, off64_t *, size_t, unsigned int);
	static bool noted, over;
	const char *note = getenv("FAULT_NOTE");
	ssize_t moved;

	if (!over && (out == STDIN_FILENO || (in != STDIN_FILENO && is_socket(in)))) {
		if (!noted && note)
			close(open(note, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		noted = true;
		return (ssize_t)len;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "splice");
	moved = real(in, in_offset, out, out_offset, len, flags);
	over |= in == STDIN_FILENO && moved > 0;
	return moved;
}

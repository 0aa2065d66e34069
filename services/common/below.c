/* below: see below.h. */
#include "common/below.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int below_open(int root, const char *path, struct stat *file)
{
	struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	int fd;

	path += strspn(path, "/");
	fd = (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
	if (fd >= 0)
		fstat(fd, file); /* as it fails for no open file, and leaves no type if it does */
	return fd;
}

/* no_fork: for LD_PRELOAD. While there is a file $FAULT_FILE fork(2) fails, as where there may be
 * no more processes. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

pid_t fork(void)
{
	const char *path = getenv("FAULT_FILE");

	if (!path || access(path, F_OK) < 0)
		return _Fork();
	errno = EAGAIN;
	return -1;
}

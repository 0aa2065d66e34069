/* below: files of a directory for strangers who name them, and none elsewhere. */
#ifndef SERVICES_COMMON_BELOW_H
#define SERVICES_COMMON_BELOW_H

#include <sys/stat.h>

/* Opens what is at `path` below the directory `root`, to be read, and says what it is. The kernel
 * itself keeps the path, with its `..` and symbolic links, below that directory; where it cannot,
 * the path is walked name by name. Slashes at the beginning and an empty path mean the directory.
 * Waits for nothing, not even for the other side of a fifo. Returns a descriptor, close-on-exec and
 * the caller's, or -1 with errno: as openat2(2), EXDEV for a path that would lead out. */
int below_open(int root, const char *path, struct stat *file);

#endif

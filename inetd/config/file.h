/* file: one file of the configuration, opened, judged and read. Never waits for a file that has
 * nothing to give. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <sys/stat.h>

#include "config/load.h"

/* A path taken from the directory inetd was started in, until the load is over. NULL without
 * memory. */
const char *file_path(struct load *load, const char *path);

/* True if nobody but root, the caller and members of groups that may write to a directory can put
 * something else in the place of a file, or of what matches a pattern, and have whoever opens it
 * wait. Else a diagnostic tells who can. */
bool file_is_settled(struct load *load, struct where where, const char *path);

/* Opens a path for reading, close-on-exec, and looks at what it is. Returns the descriptor, or -1
 * with errno. */
int file_open(struct load *load, const char *path, struct stat *st);

/* True if only root and the caller can have written it. Else a diagnostic tells why not; a file
 * that its group may write to gets a warning. */
bool file_trusted(struct load *load, const struct source_file *source, const struct stat *st);

/* Reads up to the end; `expected` bytes are a guess. Returns a malloc'ed text that the caller
 * frees, its length in *len; or NULL with errno, EFBIG beyond FILE_BYTES. */
char *file_read(int fd, size_t expected, size_t *len);

#endif

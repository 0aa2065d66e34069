/* program_file: what kind of file a program is, and whether a library of ours can be loaded with it
 * before its own code runs (ld.so(8), LD_PRELOAD). Reads the beginning of files, so that it may
 * have to wait for a file system: the daemon has its own looked at only, or a helper does it. */
#ifndef BASE_PROGRAM_FILE_H
#define BASE_PROGRAM_FILE_H

#include <limits.h>
#include <stdbool.h>

#define PROGRAM_FILES 4 /* the program, its interpreter, and what these two are links to */

/* The files that a program is made of, by their paths. */
struct program_files {
	char paths[PROGRAM_FILES][PATH_MAX];
	unsigned count;
	bool left; /* one of them was not looked at, as it is not our own */
};

/* Looks at the program `path` below the root directory `root` ("" for ours), and at its
 * interpreter; with `own_only` at those that path_is_own(). Fills *files with the paths as we see
 * them. Returns NULL where a library can be preloaded, else why not: a text that
 * follows "the program ", static. Nothing is said of a file that cannot be read. */
const char *program_file_look(
	const char *root, const char *path, bool own_only, struct program_files *files);

#endif

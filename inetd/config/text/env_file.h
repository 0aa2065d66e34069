/* env_file: files of variables, as EnvironmentFile of systemd.exec(5) and /etc/default have them.
 * Pure. */
#ifndef CONFIG_ENV_FILE_H
#define CONFIG_ENV_FILE_H

#include "base/arena.h"

/* What a file holds, or its first mistake. */
struct env_file {
	char **list;       /* NAME=VALUE, ended by NULL; in the arena */
	unsigned line;     /* of the mistake; 0: there is none */
	const char *wrong; /* what is wrong with that line */
};

/* Reads the text of a file: a NAME=VALUE on each line, blanks around them taken away, the value as
 * a whole in quotes or not, empty lines and those that begin with # or ; passed over. "export " in
 * front is passed over too. Nothing is substituted. Returns 0, or -1 with errno ENOMEM. */
int env_file_read(const char *text, struct arena *arena, struct env_file *out);

#endif

/* rpcname: see rpcname.h. */
#include "base/rpcname.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* True if the line is about that name: name, number, aliases. */
static bool line_has(char *line, const char *name, uint32_t *number)
{
	char *save = NULL, *word, *digits, *end;
	bool found;
	unsigned long long value;

	line[strcspn(line, "#")] = 0;
	word = strtok_r(line, BLANKS, &save);
	digits = strtok_r(NULL, BLANKS, &save);
	if (!word || !digits)
		return false;
	errno = 0;
	value = strtoull(digits, &end, 10);
	if (*end || *digits == '-' || errno || value > UINT32_MAX)
		return false;
	for (found = false; word && !found; word = strtok_r(NULL, BLANKS, &save))
		found = !strcmp(word, name);
	*number = found ? (uint32_t)value : 0;
	return found;
}

bool rpcname_in_file(const char *path, const char *name, uint32_t *number)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	*number = 0;
	while (file && !found && getline(&line, &size, file) >= 0)
		found = line_has(line, name, number);
	free(line);
	if (file)
		fclose(file);
	return found;
}

bool rpcname_number(const char *name, uint32_t *number)
{
#ifdef __GLIBC__
	const struct rpcent *program = getrpcbyname(name);

	*number = program ? (uint32_t)program->r_number : 0;
	return program;
#else
	return rpcname_in_file("/etc/rpc", name, number);
#endif
}

/* source: see source.h. */
#include "inetctl/import/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"

#define MOST   (1 << 20) /* bytes of a file */
#define BLANKS " \t\r\v\f"

static bool refuse(const char *path, const char *why)
{
	fprintf(stderr, "inetctl: %s: %s\n", path, why);
	return false;
}

/* The whole text with a NUL after it, or NULL with errno. */
static char *slurp(struct arena *arena, int fd, size_t size)
{
	char *text = arena_alloc(arena, size + 1);
	size_t len = 0;
	ssize_t got = 1;

	while (text && len < size && (got = read(fd, text + len, size - len)) > 0)
		len += (size_t)got;
	return got < 0 ? NULL : text;
}

bool source_open(struct source *source, struct conversion *conversion, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat file;
	bool good = false;

	*source = (struct source){.path = conversion_text(conversion, "%s", path)};
	if (fd < 0 || fstat(fd, &file) < 0)
		refuse(path, strerror(errno));
	else if (!S_ISREG(file.st_mode))
		refuse(path, "is not a regular file");
	else if (file.st_size > MOST)
		refuse(path, "is longer than a configuration can be");
	else if (!(source->rest = slurp(&conversion->arena, fd, (size_t)file.st_size)))
		refuse(path, strerror(errno));
	else if (strlen(source->rest) < (size_t)file.st_size)
		refuse(path, "has NUL bytes: it is no text");
	else
		good = true;
	fd_close(&fd);
	return good;
}

char *source_line(struct source *source)
{
	char *line = source->rest;

	if (!line || !*line)
		return NULL;
	source->rest = strchrnul(line, '\n');
	if (*source->rest)
		*source->rest++ = 0;
	source->line++;
	return line;
}

char *source_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);

	if (!*word)
		return NULL;
	*rest = word + strcspn(word, BLANKS);
	if (**rest)
		*(*rest)++ = 0;
	return word;
}

char *source_trim(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len && strchr(BLANKS, text[len - 1]))
		len--;
	text[len] = 0;
	return text;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

char **source_names(struct conversion *conversion, const char *directory)
{
	struct dirent **found = NULL;
	int count = scandir(directory, &found, is_shown, by_name);
	char **names = NULL;

	if (count < 0) {
		refuse(directory, strerror(errno));
		return NULL;
	}
	names = arena_calloc(&conversion->arena, (size_t)count + 1, sizeof(*names));
	for (int i = 0; i < count; i++) {
		if (names)
			names[i] = conversion_text(conversion, "%s", found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return names;
}

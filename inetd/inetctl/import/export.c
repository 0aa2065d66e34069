/* export: asks the daemon for services and writes units of systemd for them. */
#include "inetctl/import/export.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inetctl/answer.h"
#include "inetctl/ctl.h"

#define CTL_LOST 3

static const char usage[] = "usage: inetctl export [-d directory] NAME...\n"
			    "  -d directory  where to make the files; else they are printed\n";

struct export
{
	struct arena arena;
	const char *directory; /* NULL: standard output */
	int lost;
};

/* Lines up to the next head as a section. Returns what follows, NULL at the end. */
static char *read_section(char *text, struct export_section *section)
{
	char *line;

	*section = (struct export_section){.head = ""};
	while (text && (*text != '[' || !*section->head)) {
		char *equals;

		line = strsep(&text, "\n");
		equals = strstr(line, " =");
		if (*line == '[') {
			line[strcspn(line, "]")] = 0;
			section->head = line + 1;
		} else if (*line != '#' && equals && section->count < EXPORT_KEYS) {
			*equals = 0;
			equals += strlen(" =");
			section->names[section->count] = line;
			section->values[section->count++] = equals + strspn(equals, " ");
		}
	}
	return text && *text ? text : NULL;
}

/* A new file, or standard output. */
static FILE *open_unit(const struct export *export, const char *name)
{
	char *path = NULL;
	FILE *out = NULL;
	int fd;

	if (!export->directory) {
		printf("# %s\n", name);
		return stdout;
	}
	if (asprintf(&path, "%s/%s", export->directory, name) < 0)
		return NULL;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (!out)
		fprintf(stderr, "inetctl: %s: %s\n", path, strerror(errno));
	free(path);
	return out;
}

static int write_unit(const struct export *export, const char *name, const char *text)
{
	FILE *out = open_unit(export, name);

	if (!out)
		return CTL_FAILED;
	fputs(text, out);
	if (out == stdout)
		return putc('\n', out) == EOF ? CTL_FAILED : 0;
	return fclose(out) == 0 ? 0 : CTL_FAILED;
}

/* The name of both units: that of the section, without its protocol where it has one service. */
static char *unit_name(struct arena *arena, const char *head, bool alone)
{
	char *name = arena_strdup(arena, head), *slash = strrchr(head, '/');

	if (name && alone && slash && slash != head)
		name[slash - head] = 0;
	for (char *at = name; at && *at; at++)
		if (strchr("/:[]*@ ", *at))
			*at = '-';
	return name;
}

static int export_one(struct export *export, const struct export_section *section, bool alone)
{
	char *texts[2] = {NULL, NULL}, *name = unit_name(&export->arena, section->head, alone);
	size_t lens[2];
	FILE *socket = open_memstream(&texts[0], &lens[0]);
	FILE *service = open_memstream(&texts[1], &lens[1]);
	int lost = -1, status = CTL_FAILED;

	if (name && socket && service)
		lost = export_units(&export->arena, section, socket, service);
	if (socket)
		fclose(socket);
	if (service)
		fclose(service);
	if (lost >= 0) {
		export->lost += lost;
		status = write_unit(
			export, arena_printf(&export->arena, "%s.socket", name), texts[0]);
		if (!status)
			status = write_unit(export,
				arena_printf(&export->arena, "%s%s.service", name,
					export_accepts(section) ? "@" : ""),
				texts[1]);
	}
	free(texts[0]);
	free(texts[1]);
	return status;
}

static int export_name(struct export *export, const struct ctl *ctl, const char *name)
{
	struct ctl show = *ctl;
	struct export_section section;
	char *text = NULL, *rest;
	bool alone;
	size_t len;
	int status;

	show.verb = "show";
	show.arg = name;
	status = answer_text(&show, &text, &len);
	rest = text ? arena_strdup(&export->arena, text) : NULL;
	free(text);
	if (status || !rest)
		return status ? status : CTL_FAILED;
	alone = !strstr(rest, "\n[");
	while (!status && rest) {
		rest = read_section(rest, &section);
		status = export_one(export, &section, alone);
	}
	return status;
}

int ctl_export(const struct ctl *ctl)
{
	struct export export = {.directory = NULL};
	int count = 0, opt, status = 0;

	while (ctl->argv[count])
		count++;
	optind = 0;
	while ((opt = getopt(count + 1, ctl->argv - 1, "+d:")) != -1) {
		if (opt != 'd') {
			fputs(usage, stderr);
			return CTL_USAGE;
		}
		export.directory = optarg;
	}
	if (optind > count) {
		fputs(usage, stderr);
		return CTL_USAGE;
	}
	arena_init(&export.arena);
	for (int i = optind; !status && i <= count; i++)
		status = export_name(&export, ctl, ctl->argv[i - 1]);
	if (export.lost)
		fprintf(stderr, "inetctl: %d keys are lost: look for LOST in the units\n",
			export.lost);
	arena_free(&export.arena);
	return status ? status : export.lost ? CTL_LOST : 0;
}

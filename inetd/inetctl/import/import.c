/* import: finds out whose files they are and has them converted. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inetctl/ctl.h"
#include "inetctl/import/rlinetd.h"
#include "inetctl/import/ucspi.h"
#include "inetctl/import/unit.h"
#include "inetctl/import/xinetd.h"

#define CTL_LOST 3 /* exit: all is read, something is lost */

static const char usage[] = "usage: inetctl import [--check] FILE|DIRECTORY...\n"
			    "  the files of xinetd, rlinetd, socket units of systemd (with their\n"
			    "  services beside them), scripts that run tcpserver or its relatives\n"
			    "  --check  only tells what becomes of each attribute\n";

enum dialect { UNKNOWN, XINETD, RLINETD, UNIT, UCSPI };

struct import {
	struct conversion conversion;
	struct entries xinetd; /* of all files together: defaults hold for all */
	bool failed;
};

static bool ends_in(const char *path, const char *end)
{
	size_t len = strlen(path), tail = strlen(end);

	return len > tail && !strcmp(path + len - tail, end);
}

/* By the first lines that are no comments: braces are xinetd's and rlinetd's, which has quotes and
 * semicolons. */
static enum dialect dialect_of(struct conversion *conversion, const char *path)
{
	struct source source;
	char *line;

	if (ends_in(path, ".socket"))
		return UNIT;
	if (!source_open(&source, conversion, path))
		return UNKNOWN;
	while ((line = source_line(&source))) {
		char *rest = source_trim(line), *word, *name;

		if (ucspi_is_command(rest))
			return UCSPI;
		if (!(word = source_word(&rest)) || *word == '#')
			continue;
		name = source_word(&rest);
		if (!strcmp(word, "directory") || (name && *name == '"'))
			return RLINETD;
		if (!strcmp(word, "defaults")) {
			while ((line = source_line(&source)))
				if (ends_in(source_trim(line), ";"))
					return RLINETD;
			return XINETD;
		}
		if (!strcmp(word, "service") || !strncmp(word, "include", strlen("include")))
			return XINETD;
	}
	return UNKNOWN;
}

static bool complain(const char *path, const char *why)
{
	fprintf(stderr, "inetctl: %s: %s\n", path, why);
	return false;
}

static bool take_file(struct import *import, const char *path)
{
	if (ends_in(path, ".service"))
		return complain(path, "is read with its socket unit: name that");
	switch (dialect_of(&import->conversion, path)) {
	case XINETD:
		return xinetd_file_read(&import->conversion, path, &import->xinetd);
	case RLINETD:
		return rlinetd_convert(&import->conversion, path);
	case UNIT:
		return unit_convert(&import->conversion, path);
	case UCSPI:
		return ucspi_convert(&import->conversion, path);
	default:
		return complain(path,
			"is nothing that can be imported: it has no entries of xinetd or rlinetd, "
			"is no socket unit and runs no tcpserver; inetd reads lines of inetd.conf "
			"as they are");
	}
}

/* xinetd.conf stands for all of its directory, where it is. */
static bool take_directory(struct import *import, const char *path)
{
	const char *main = conversion_text(&import->conversion, "%s/xinetd.conf", path);
	char **names;
	bool good = true, found = false;
	struct stat file;

	if (!access(main, F_OK))
		return xinetd_file_read(&import->conversion, main, &import->xinetd);
	names = source_names(&import->conversion, path);
	if (!names)
		return false;
	for (; *names; names++) {
		const char *one = conversion_text(&import->conversion, "%s/%s", path, *names);
		bool socket = ends_in(one, ".socket");

		if (stat(one, &file) || !S_ISREG(file.st_mode) ||
			(!socket && (strchr(*names, '.') || ends_in(one, "~"))))
			continue;
		found = true;
		good &= take_file(import, one);
	}
	return found ? good : complain(path, "holds nothing that can be imported");
}

static void take(struct import *import, const char *path)
{
	struct stat file;
	bool directory = !stat(path, &file) && S_ISDIR(file.st_mode);

	if (!(directory ? take_directory(import, path) : take_file(import, path)))
		import->failed = true;
}

static int finish(struct import *import, bool check)
{
	const unsigned *counts = import->conversion.counts;

	if (import->failed)
		return CTL_FAILED;
	if (check)
		conversion_report(&import->conversion, stdout);
	else
		conversion_print(&import->conversion, stdout);
	fprintf(stderr, "inetctl: %u attributes are converted, %u implied, %u lost%s\n",
		counts[FATE_CONVERTED], counts[FATE_IMPLIED], counts[FATE_LOST],
		!counts[FATE_LOST] ? ""
		: check            ? ""
				   : ": look for LOST in what is written");
	return counts[FATE_LOST] ? CTL_LOST : 0;
}

int ctl_import(const struct ctl *ctl)
{
	static const struct option options[] = {{"check", no_argument, NULL, 'c'}, {0}};
	struct import import = {.failed = false};
	bool check = false;
	int count = 0, opt, status;

	while (ctl->argv[count])
		count++;
	optind = 0;
	while ((opt = getopt_long(count + 1, ctl->argv - 1, "", options, NULL)) != -1) {
		if (opt != 'c') {
			fputs(usage, stderr);
			return CTL_USAGE;
		}
		check = true;
	}
	if (optind > count) {
		fputs(usage, stderr);
		return CTL_USAGE;
	}
	conversion_init(&import.conversion);
	STAILQ_INIT(&import.xinetd);
	for (int i = optind; i <= count; i++)
		take(&import, ctl->argv[i - 1]);
	xinetd_convert(&import.conversion, &import.xinetd);
	status = finish(&import, check);
	conversion_free(&import.conversion);
	return status;
}

/* options: see options.h. */
#include "common/options.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The option at hand, as messages have it: "-t", "--time". */
static char current[64];

void options_wrong(const struct options_known *known, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%.*s: ", (int)strcspn(known->usage, " "), known->usage);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nusage: %s\n", known->usage);
	exit(2);
}

void options_wrong_value(const struct options_known *known, const char *is)
{
	options_wrong(known, "option %s: \"%s\" %s", current, optarg, is);
}

/* The long option that `text` means and getopt_long(3) has complained of; NULL if it was a short
 * one. The beginning of a name is enough. */
static const struct option *wrong_long(const struct options_known *known, const char *text)
{
	for (const struct option *at = known->longs; at && at->name; at++)
		if (at->val == optopt && strncmp(text, "--", 2) == 0 &&
			strncmp(text + 2, at->name, strcspn(text + 2, "=")) == 0)
			return at;
	return NULL;
}

/* Complains of what getopt_long(3) did not like; `argument` is the one it has come to. */
static _Noreturn void wrong_option(
	const struct options_known *known, bool lacks_value, const char *argument)
{
	const struct option *found = wrong_long(known, argument);

	if (found)
		options_wrong(known, "option --%s %s", found->name,
			lacks_value ? "needs a value" : "takes no value");
	if (optopt == 0)
		options_wrong(known, "unknown option %s", argument);
	options_wrong(
		known, lacks_value ? "option -%c needs a value" : "unknown option -%c", optopt);
}

static void check_operands(const struct options_known *known, int argc, char *argv[])
{
	if (argc - optind < known->least)
		options_wrong(known, "an operand is missing");
	if (argc - optind > known->most)
		options_wrong(known, "one operand too many: \"%s\"", argv[optind + known->most]);
}

int options_next(const struct options_known *known, int argc, char *argv[])
{
	static const struct option none[] = {{0}};
	const struct option *longs = known->longs ? known->longs : none;
	char letters[64];
	int index = -1, option;

	/* ":" keeps getopt from complaining itself, "+" from taking options after operands. */
	snprintf(letters, sizeof(letters), "%s:%s", known->most == OPTIONS_PROGRAM ? "+" : "",
		known->letters);
	option = getopt_long(argc, argv, letters, longs, &index);
	if (option == '?' || option == ':')
		wrong_option(known, option == ':', argv[optind - 1]);
	if (option == -1)
		check_operands(known, argc, argv);
	else if (index >= 0)
		snprintf(current, sizeof(current), "--%s", longs[index].name);
	else
		snprintf(current, sizeof(current), "-%c", option);
	return option;
}

int options_number(const struct options_known *known, int min, int max)
{
	const char *wrong;
	long long number = strtonum(optarg, min, max, &wrong);

	if (wrong)
		options_wrong(known, "option %s: \"%s\" is %s (%d to %d)", current, optarg, wrong,
			min, max);
	return (int)number;
}

int options_limit_ms(int argc, char *argv[], int seconds, const char *usage)
{
	const struct options_known known = {.usage = usage, .letters = "t:"};

	while (options_next(&known, argc, argv) != -1)
		seconds = options_number(&known, 1, 86400);
	return seconds * 1000;
}

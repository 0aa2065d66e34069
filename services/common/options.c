/* options: see options.h. */
#include "common/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void options_usage(const char *usage)
{
	fprintf(stderr, "usage: %s\n", usage);
	exit(2);
}

int options_number(const char *text, int min, int max, const char *usage)
{
	const char *wrong;
	long long number = strtonum(text, min, max, &wrong);

	if (wrong) {
		fprintf(stderr, "\"%s\" is %s (%d to %d)\n", text, wrong, min, max);
		options_usage(usage);
	}
	return (int)number;
}

int options_limit_ms(int argc, char *argv[], int seconds, const char *usage)
{
	int opt;

	while ((opt = getopt(argc, argv, "t:")) != -1) {
		if (opt != 't')
			options_usage(usage);
		seconds = options_number(optarg, 1, 86400, usage);
	}
	if (optind < argc)
		options_usage(usage);
	return seconds * 1000;
}

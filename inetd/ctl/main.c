/* inetctl: asks a running inetd over its control socket and prints the answer; a few verbs need no
 * daemon. The table of verbs is the one place that knows them all. */
#include <getopt.h>
#include <stdio.h>

#include "ctl/ctl.h"

enum { AS_ANYBODY, AS_ROOT };

static int version(const struct ctl *ctl)
{
	printf("inetctl %s\n", INETD_VERSION);
	fflush(stdout);
	return ctl_ask(ctl);
}

static const struct verb {
	const char *name;
	const char *args; /* for people; "[X]" may be left out, "" takes none, "X..." any number */
	const char *help;
	ctl_fn *run;
	int privilege; /* AS_ROOT: the daemon does it for root and its own user only */
} verbs[] = {
	{"list", "", "the services: endpoints, state, running programs, counts", ctl_list,
		AS_ANYBODY},
	{"show", "NAME", "the services of that name, as sections of an INI file", ctl_ask,
		AS_ANYBODY},
	{"keys", "[KEY]", "what can be said of a service; one key at length", ctl_keys, AS_ANYBODY},
	{"check", "", "read the configuration and say what is wrong, apply nothing", ctl_ask,
		AS_ANYBODY},
	{"reload", "", "read the configuration again and apply it", ctl_ask, AS_ROOT},
	{"try", "[-p port] [-u] [-w] program...",
		"serve a program at once, here, as you; no configuration, no daemon needed",
		ctl_try, AS_ANYBODY},
	{"line", "[-p port] [-u] [-w] program...",
		"the configuration that makes a service of a program", ctl_line, AS_ANYBODY},
	{"version", "", "the versions of inetctl and of the daemon", version, AS_ANYBODY},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void usage(FILE *out)
{
	char words[40];

	fputs("usage: inetctl [-s socket] verb [argument]\n\n", out);
	for (size_t i = 0; i < VERBS; i++) {
		snprintf(words, sizeof(words), "%s %s", verbs[i].name, verbs[i].args);
		fprintf(out, "  %-14s  %s%s\n", words, verbs[i].help,
			verbs[i].privilege == AS_ROOT ? " (for root)" : "");
	}
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

/* True if that many arguments are what the verb takes. */
static bool takes(const struct verb *verb, int count)
{
	size_t len = strlen(verb->args);

	if (len >= 3 && !strcmp(verb->args + len - 3, "..."))
		return count > 0 || *verb->args == '[';
	if (!len)
		return count == 0;
	return count == 1 || (!count && *verb->args == '[');
}

static int run(struct ctl *ctl, int count, char **words)
{
	const struct verb *verb;

	if (!count) {
		usage(stderr);
		return CTL_USAGE;
	}
	verb = find_verb(words[0]);
	if (!verb) {
		fprintf(stderr, "inetctl: unknown verb '%s'\n", words[0]);
		usage(stderr);
		return CTL_USAGE;
	}
	if (!takes(verb, count - 1)) {
		fprintf(stderr, "usage: inetctl %s %s\n", verb->name, verb->args);
		return CTL_USAGE;
	}
	ctl->verb = verb->name;
	ctl->argv = words + 1;
	ctl->arg = words[1];
	return verb->run(ctl);
}

int main(int argc, char **argv)
{
	struct ctl ctl = {.socket = ctl_default_socket()};
	int opt;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		usage(stdout);
		return 0;
	}
	while ((opt = getopt(argc, argv, "+s:")) != -1) {
		if (opt != 's') {
			usage(stderr);
			return CTL_USAGE;
		}
		ctl.socket = optarg;
	}
	return run(&ctl, argc - optind, argv + optind);
}

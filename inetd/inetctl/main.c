/* main: asks a running inetd over its control socket and prints the answer; a few verbs need no
 * daemon. The table of verbs is the one place that knows them all. */
#include <getopt.h>
#include <stdio.h>

#include "inetctl/ctl.h"
#include "inetctl/text.h"

enum {
	AS_ROOT = 1, /* the daemon does it for root and its own user only */
	JSON = 2,    /* --json is taken */
	OWN = 4,     /* looks at the words behind it itself */
};

/* Completion reads the arguments from --help: NAME is a service, KEY one of keys, LEVEL one of
 * syslog's, PID a program; of words in small letters those are meant. */
static const struct verb {
	const char *name;
	const char *args; /* for people; "[X]" may be left out, "" takes none */
	const char *help;
	ctl_fn *run;
	unsigned flags;
} verbs[] = {
	{"list", "", "the services: endpoints, state, running programs, counts", ctl_list, JSON},
	{"status", "[NAME]", "how the services are, or one of them in full", ctl_status, JSON},
	{"top", "[-d seconds] [-n rounds] [-o c|r|f|n]",
		"the services that are used most, again and again", ctl_top, OWN | JSON},
	{"stats", "", "the daemon itself in figures", ctl_stats, JSON},
	{"connections", "[NAME]", "the programs that run: for whom, since when, with how much cpu",
		ctl_connections, JSON},
	{"events", "", "the newest lines of the log", ctl_events, JSON},
	{"metrics", "[openmetrics]", "figures for Prometheus", ctl_metrics, JSON},
	{"show", "NAME", "the services of that name, as sections of an INI file", ctl_text, JSON},
	{"keys", "[KEY]", "what can be said of a service; one key at length", ctl_keys, JSON},
	{"check", "", "read the configuration and say what is wrong, apply nothing", ctl_text,
		JSON},
	{"diff", "", "what a reload would change", ctl_text, JSON},
	{"reload", "", "read the configuration again and apply it", ctl_ask, AS_ROOT},
	{"enable", "NAME", "open a service again that was disabled or stopped", ctl_ask, AS_ROOT},
	{"disable", "NAME", "close a service until the next reload; what runs goes on", ctl_ask,
		AS_ROOT},
	{"stop", "NAME", "disable a service and end its programs", ctl_ask, AS_ROOT},
	{"kill", "PID|NAME", "end a program, or all of a service", ctl_ask, AS_ROOT},
	{"unblock", "SOURCE", "forget what an address or network was refused for", ctl_ask,
		AS_ROOT},
	{"log-level", "LEVEL", "what is logged from now on", ctl_ask, AS_ROOT},
	{"drain", "", "accept nothing more, and exit when no program runs", ctl_ask, AS_ROOT},
	{"try", "[-p port] [-u] [-w] program...",
		"serve a program at once, here, as you; no configuration, no daemon needed",
		ctl_try, OWN},
	{"line", "[-p port] [-u] [-w] program...",
		"the configuration that makes a service of a program", ctl_line, OWN},
	{"version", "", "the versions of inetctl and of the daemon", ctl_version, JSON},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void usage(FILE *out)
{
	char words[64];

	fputs("usage: inetctl [-s socket] verb [--json] [argument]\n\n", out);
	for (size_t i = 0; i < VERBS; i++) {
		snprintf(words, sizeof(words), "%s %s", verbs[i].name, verbs[i].args);
		fprintf(out, "  %-18s  %s%s\n", words, verbs[i].help,
			verbs[i].flags & AS_ROOT ? " (for root)" : "");
	}
	fputs("\n--json, an array of objects:", out);
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].flags & JSON)
			fprintf(out, " %s", verbs[i].name);
	putc('\n', out);
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
	if (!*verb->args)
		return count == 0;
	return count == 1 || (!count && *verb->args == '[');
}

static int usage_of(const struct verb *verb)
{
	fprintf(stderr, "usage: inetctl %s%s%s%s\n", verb->name,
		verb->flags & JSON ? " [--json]" : "", *verb->args ? " " : "", verb->args);
	return CTL_USAGE;
}

/* The words behind a verb that leaves them to us: --json, and an argument. */
static int read_words(struct ctl *ctl, const struct verb *verb, int count, char **words)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'}, {0}};
	int opt;

	optind = 0;
	while ((opt = getopt_long(count, words, "", options, NULL)) != -1) {
		if (opt != 'j')
			return usage_of(verb);
		ctl->json = true;
	}
	if (!takes(verb, count - optind))
		return usage_of(verb);
	ctl->argv = words + optind;
	ctl->arg = words[optind];
	return 0;
}

static int run(struct ctl *ctl, int count, char **words)
{
	const struct verb *verb;
	int status = 0;

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
	ctl->verb = verb->name;
	ctl->argv = words + 1;
	if (!(verb->flags & OWN))
		status = read_words(ctl, verb, count, words);
	if (!status && ctl->json && !(verb->flags & JSON)) {
		fprintf(stderr, "inetctl: %s has no --json\n", verb->name);
		status = CTL_USAGE;
	}
	return status ? status : verb->run(ctl);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {0}};
	struct ctl ctl = {.socket = ctl_default_socket(), .err = stderr};
	int opt, status;

	text_init();
	while ((opt = getopt_long(argc, argv, "+s:", options, NULL)) != -1)
		switch (opt) {
		case 's':
			ctl.socket = optarg;
			break;
		case 'j':
			ctl.json = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return CTL_USAGE;
		}
	status = run(&ctl, argc - optind, argv + optind);
	/* What could not be written was not done. */
	if ((fflush(stdout) == EOF || ferror(stdout)) && !status) {
		perror("inetctl: standard output");
		status = CTL_FAILED;
	}
	return status;
}

/* main: asks a running inetd over its control socket and prints the answer; a few verbs need no
 * daemon. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config/keys/key.h"
#include "inetctl/ctl.h"
#include "inetctl/text.h"
#include "protocol/verb.h"

#define HELP_COLUMN 22 /* where the text of a verb begins */

/* For each row of verb_table. */
static ctl_fn *const functions[VERBS] = {
	[VERB_LIST] = ctl_list,
	[VERB_STATUS] = ctl_status,
	[VERB_TOP] = ctl_top,
	[VERB_STATS] = ctl_stats,
	[VERB_CONNECTIONS] = ctl_connections,
	[VERB_EVENTS] = ctl_events,
	[VERB_METRICS] = ctl_metrics,
	[VERB_SHOW] = ctl_text,
	[VERB_KEYS] = ctl_keys,
	[VERB_CHECK] = ctl_text,
	[VERB_DIFF] = ctl_text,
	[VERB_RELOAD] = ctl_ask,
	[VERB_UPGRADE] = ctl_ask,
	[VERB_ENABLE] = ctl_ask,
	[VERB_DISABLE] = ctl_ask,
	[VERB_STOP] = ctl_ask,
	[VERB_KILL] = ctl_ask,
	[VERB_UNBLOCK] = ctl_ask,
	[VERB_LOG_LEVEL] = ctl_ask,
	[VERB_DRAIN] = ctl_ask,
	[VERB_TRY] = ctl_try,
	[VERB_LINE] = ctl_line,
	[VERB_IMPORT] = ctl_import,
	[VERB_EXPORT] = ctl_export,
	[VERB_VERSION] = ctl_version,
};

/* A verb and its arguments; the text beside them, or below where there is no room. */
static void put_verb(FILE *out, const struct verb *verb)
{
	int used = fprintf(out, "  %s%s%s", verb->name, *verb->args ? " " : "", verb->args);

	if (used > HELP_COLUMN - 2)
		used = fprintf(out, "\n") - 1;
	fprintf(out, "%*s%s%s\n", HELP_COLUMN - used, "", verb->help,
		verb->flags & VERB_ROOT ? " (for root)" : "");
}

static const char usage_text[] = "usage: inetctl [-s socket] verb [--json] [argument]\n";

static void usage(FILE *out)
{
	int used = 0;

	fprintf(out, "%s\n", usage_text);
	for (int i = 0; i < VERBS; i++)
		put_verb(out, &verb_table[i]);
	fputs("\n--json prints an array of objects; it is taken by:", out);
	for (int i = 0; i < VERBS; i++) {
		if (!(verb_table[i].flags & VERB_JSON))
			continue;
		if (!used || used > 60)
			used = fprintf(out, "\n   ") - 1;
		used += fprintf(out, " %s", verb_table[i].name);
	}
	putc('\n', out);
}

static int usage_of(const struct verb *verb)
{
	fprintf(stderr, "usage: inetctl %s%s%s%s\n", verb->name,
		verb->flags & VERB_JSON ? " [--json]" : "", *verb->args ? " " : "", verb->args);
	return CTL_USAGE;
}

/* The words after a verb that leaves them to us: --json, and an argument. */
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
	if (!verb_takes(verb, count - optind))
		return usage_of(verb);
	ctl->argv = words + optind;
	ctl->arg = words[optind];
	return 0;
}

/* The error comes last, where it is seen. */
static int unknown_verb(const char *name)
{
	const char *names[VERBS + 1] = {NULL}, *near;

	for (int i = 0; i < VERBS; i++)
		names[i] = verb_table[i].name;
	near = key_near(name, 0, names);
	usage(stderr);
	fprintf(stderr, "\ninetctl: unknown verb '");
	text_put(stderr, name);
	fprintf(stderr, near ? "': did you mean %s?\n" : "'\n", near);
	return CTL_USAGE;
}

static int run_verb(struct ctl *ctl, int count, char **words)
{
	const struct verb *verb;
	int status = 0;

	if (!count) {
		usage(stderr);
		return CTL_USAGE;
	}
	verb = verb_find(words[0]);
	if (!verb)
		return unknown_verb(words[0]);
	ctl->verb = verb->name;
	ctl->argv = words + 1;
	if (!(verb->flags & VERB_OWN))
		status = read_words(ctl, verb, count, words);
	if (!status && ctl->json && !(verb->flags & VERB_JSON)) {
		fprintf(stderr, "inetctl: %s has no --json\n", verb->name);
		status = CTL_USAGE;
	}
	return status ? status : functions[verb - verb_table](ctl);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {"json", no_argument, NULL, 'j'}, {0}};
	struct ctl ctl = {.err = stderr};
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
		default: /* getopt(3) has told the error */
			fprintf(stderr, "%s'inetctl --help' lists the verbs\n", usage_text);
			return CTL_USAGE;
		}
	status = run_verb(&ctl, argc - optind, argv + optind);
	/* What could not be written was not done. */
	if ((fflush(stdout) == EOF || ferror(stdout)) && !status) {
		perror("inetctl: standard output");
		status = CTL_FAILED;
	}
	return status;
}

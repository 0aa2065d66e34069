/* options: see options.h. One table row per long option; the short ones are getopt's. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <unistd.h>

#include "base/patience.h"
#include "config/keys/key.h"

#define SHORT     "46a:c:C:dEefilp:q:R:s:twW"
#define SHORT_GNU "46a:c:C:dEefilp::q:R:s:twW"
#define MINUTE_MS 60000
#define BACKLOG   4096 /* SOMAXCONN of Linux; libc may have an older number */

static const char usage_text[] =
	"usage: inetd [-46deEfiltwW] [-a addr] [-c max] [-C cpm] [-s perip] [-R rate]\n"
	"             [-q backlog] [-p pidfile] [--control path] [--dialect name]\n"
	"             [file|dir ...]\n";

static const char help_text[] =
	"\n"
	"  -4                 plain tcp and udp mean IPv4 only\n"
	"  -6                 plain tcp and udp mean IPv6 and IPv4 (the default)\n"
	"  -a addr            bind address of entries that name none\n"
	"  -c max             default of instances: so many at once, 0 = no limit\n"
	"  -C cpm             default of per_source_rate: a minute, 0 = no limit\n"
	"  -d, --debug        stay in the foreground and here, log everything to stderr\n"
	"  -E                 programs get the environment of the daemon\n"
	"  -e                 log to stderr\n"
	"  -f, --foreground   stay in the foreground\n"
	"  -i                 the same as -f\n"
	"  -l                 log starts and ends of programs; -w where it is built in\n"
	"  -p, --pidfile path pid file (/run/inetd.pid; in the foreground none)\n"
	"  -q backlog         length of listen queues\n"
	"  -R, --rate n       default of rate: starts of a service a minute, 0 = no limit\n"
	"  -s perip           default of per_source: so many at once, 0 = no limit\n"
	"  -t, --check        check the configuration, print what is wrong, exit 0 or 2\n"
	"  -w, -W             ask hosts.allow and hosts.deny: for programs, for built-ins\n"
	"      --control path control socket (/run/inetd.sock)\n"
	"      --dialect name in whose words inetd.conf is written: auto, debian,\n"
	"                     freebsd, netbsd, openbsd, gnu, busybox\n"
	"      --environment  accepted; the variables of a connection are always set\n"
	"      --resolve      also look up the names of the peer and of this host\n"
	"      --help, --version\n";

enum { OPT_CONTROL = 256, OPT_DIALECT, OPT_ENVIRONMENT, OPT_RESOLVE, OPT_HELP, OPT_VERSION };

/* The first has its value as the dialect wants it (next_option). */
static struct option long_options[] = {
	{"pidfile", required_argument, NULL, 'p'},
	{"foreground", no_argument, NULL, 'f'},
	{"debug", no_argument, NULL, 'd'},
	{"check", no_argument, NULL, 't'},
	{"rate", required_argument, NULL, 'R'},
	{"control", required_argument, NULL, OPT_CONTROL},
	{"dialect", required_argument, NULL, OPT_DIALECT},
	{"environment", no_argument, NULL, OPT_ENVIRONMENT},
	{"resolve", no_argument, NULL, OPT_RESOLVE},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static const char *const default_paths[] = {"/etc/inetd.conf", "/etc/inetd.d"};

/* A whole number from least to as many as a key takes; where 0 stands for no limit it becomes
 * LIMIT_NONE. */
static int number(int opt, const char *text, uint32_t least, uint32_t *out)
{
	const struct key *key = &key_table[opt == 'q' ? KEY_BACKLOG : KEY_INSTANCES];
	const char *err = NULL;
	long long value = strtonum(text, least, key->max, &err);

	if (err) {
		fprintf(stderr, "inetd: -%c %s: %s; it takes a whole number from %u to %jd\n", opt,
			text, err, least, (intmax_t)key->max);
		return 2;
	}
	*out = (uint32_t)value;
	return -1;
}

static int limit(int opt, const char *text, uint32_t *out)
{
	int result = number(opt, text, 0, out);

	if (result < 0 && *out == 0)
		*out = LIMIT_NONE;
	return result;
}

static int rate(int opt, const char *text, struct rate *out)
{
	int result = limit(opt, text, &out->count);

	out->period_ms = MINUTE_MS;
	out->burst = out->count;
	return result;
}

static int apply_number(struct options *options, int opt, const char *text)
{
	struct limits *limits = &options->conf.defaults;
	uint32_t value = 0;
	int result;

	switch (opt) {
	case 'c':
		limits->instances_default = false;
		return limit(opt, text, &limits->instances);
	case 's':
		limits->per_source_default = false;
		return limit(opt, text, &limits->per_source);
	case 'C':
		return rate(opt, text, &limits->per_source_rate);
	case 'R':
		return rate(opt, text, &limits->rate);
	default:
		result = number(opt, text, 1, &value);
		options->conf.backlog = (int)value;
		return result;
	}
}

/* The options that have no letter. */
static int apply_long(struct options *options, int opt)
{
	switch (opt) {
	case OPT_CONTROL:
		options->control = optarg;
		break;
	case OPT_DIALECT:
		options->conf.dialect = dialect_find(optarg);
		if (options->conf.dialect)
			break;
		fprintf(stderr, "inetd: --dialect %s: one of " DIALECT_NAMES "\n", optarg);
		return 2;
	case OPT_RESOLVE:
		options->resolve = true;
		break;
	case OPT_HELP:
		printf("%s%s", usage_text, help_text);
		return 0;
	case OPT_VERSION:
		printf("inetd %s\n", INETD_VERSION);
		return 0;
	default: /* OPT_ENVIRONMENT is what always holds */
		break;
	}
	return -1;
}

/* Returns -1 to go on or the exit code. */
static int apply(struct options *options, int opt)
{
	switch (opt) {
	case '4':
		options->conf.plain_families = FAMILY_INET;
		break;
	case '6':
		options->conf.plain_families = FAMILY_INET | FAMILY_INET6;
		break;
	case 'a':
		options->conf.bind_default = optarg;
		break;
	case 'd':
		options->debug = options->foreground = options->log_stderr = true;
		options->conf.events = EVENT_START | EVENT_EXIT | EVENT_REFUSE;
		break;
	case 'E':
		options->conf.keep_env = true;
		break;
	case 'e':
		options->log_stderr = true;
		break;
	case 'f':
	case 'i':
		options->foreground = true;
		break;
	case 'l':
		options->log_all = true;
		options->conf.events = EVENT_START | EVENT_EXIT | EVENT_REFUSE;
		break;
	case 'p':
		options->pidfile = optarg;
		options->no_pidfile = !optarg;
		break;
	case 't':
		options->check = options->conf.advise = true;
		break;
	case 'w':
		options->wrap_programs = true;
		break;
	case 'W':
		options->wrap_builtins = true;
		break;
	case '?':
		fputs(usage_text, stderr);
		return 2;
	default:
		return opt >= OPT_CONTROL ? apply_long(options, opt)
					  : apply_number(options, opt, optarg);
	}
	return -1;
}

/* The daemon leaves the directory that the path was meant from. */
static const char *absolute(const struct options *options, const char *path)
{
	char *whole = NULL;

	if (!path || path[0] == '/')
		return path;
	while (asprintf(&whole, "%s/%s", options->conf.directory, path) < 0)
		if (!patience_lasts())
			return path;
	return whole;
}

static char *own_directory(void)
{
	char *directory;

	do
		directory = getcwd(NULL, 0);
	while (!directory && errno == ENOMEM && patience_lasts());
	return directory;
}

/* getopt(3), for the dialect as far as it is known: "-p" and "--pidfile" of GNU have their path in
 * the same word. */
static int next_option(const struct options *options, int argc, char **argv)
{
	const struct dialect *dialect = options->conf.dialect;
	const bool alone = dialect && dialect->pidfile_alone;

	long_options[0].has_arg = alone ? optional_argument : required_argument;
	return getopt_long(argc, argv, alone ? SHORT_GNU : SHORT, long_options, NULL);
}

int options_parse(struct options *options, int argc, char **argv)
{
	int opt, result;

	*options = (struct options){
		.conf = {.paths = default_paths,
			.path_count = sizeof(default_paths) / sizeof(default_paths[0]),
			.plain_families = FAMILY_INET | FAMILY_INET6,
			.defaults = conf_default_limits(),
			.backlog = BACKLOG,
			.events = EVENT_REFUSE,
			.directory = own_directory()}};
	if (!options->conf.directory)
		options->conf.directory = "/";
	while ((opt = next_option(options, argc, argv)) != -1) {
		result = apply(options, opt);
		if (result >= 0)
			return result;
	}
	options->pidfile = absolute(options, options->pidfile);
	options->control = absolute(options, options->control);
	if (optind < argc) {
		options->conf.paths = (const char *const *)argv + optind;
		options->conf.path_count = (size_t)(argc - optind);
		options->conf.missing_is_error = true;
	}
	return -1;
}

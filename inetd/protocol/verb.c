/* verb: see verb.h. */
#include "protocol/verb.h"

#include <string.h>

/* Completion reads the arguments from --help: NAME is a service, KEY one of keys, LEVEL one of
 * syslog's, PID a program; of words in small letters those are meant. */
const struct verb verb_table[VERBS] = {
	[VERB_LIST] = {"list", "", "the services: endpoints, state, running programs, counts",
		VERB_JSON},
	[VERB_STATUS] = {"status", "[NAME]", "how the services are, or one of them in full",
		VERB_JSON},
	[VERB_TOP] = {"top", "[-d seconds] [-n rounds] [-o c|r|f|n]",
		"the services that are used most, updated regularly", VERB_OWN | VERB_JSON},
	[VERB_STATS] = {"stats", "", "the daemon itself in figures", VERB_JSON},
	[VERB_CONNECTIONS] = {"connections", "[NAME]",
		"the running programs: for whom, since when, cpu time", VERB_JSON},
	[VERB_EVENTS] = {"events", "", "the newest lines of the log", VERB_JSON},
	[VERB_METRICS] = {"metrics", "[openmetrics]", "figures for Prometheus", VERB_JSON},
	[VERB_SHOW] = {"show", "NAME", "the services of that name, as sections of an INI file",
		VERB_JSON},
	[VERB_KEYS] = {"keys", "[KEY]", "the keys of a service; one key at length", VERB_JSON},
	[VERB_CHECK] = {"check", "", "read the configuration and report errors, apply nothing",
		VERB_JSON},
	[VERB_DIFF] = {"diff", "", "what a reload would change", VERB_JSON},
	[VERB_RELOAD] = {"reload", "", "read the configuration again and apply it", VERB_ROOT},
	[VERB_UPGRADE] = {"upgrade", "", "run the daemon's new program, losing nothing", VERB_ROOT},
	[VERB_ENABLE] = {"enable", "NAME", "open a disabled or stopped service again", VERB_ROOT},
	[VERB_DISABLE] = {"disable", "NAME", "close a service until the next reload", VERB_ROOT},
	[VERB_STOP] = {"stop", "NAME", "disable a service and end its programs", VERB_ROOT},
	[VERB_KILL] = {"kill", "PID|NAME", "end a program, or all of a service", VERB_ROOT},
	[VERB_UNBLOCK] = {"unblock", "SOURCE", "let an address or network in again", VERB_ROOT},
	[VERB_LOG_LEVEL] = {"log-level", "LEVEL", "set what is logged until a reload", VERB_ROOT},
	[VERB_DRAIN] = {"drain", "[TIME]", "accept nothing more; exit when no program runs",
		VERB_ROOT},
	[VERB_TRY] = {"try", "[-p port] [-u] [-w] program...",
		"serve a program now, here, as you; needs no daemon", VERB_OWN},
	[VERB_LINE] = {"line", "[-p port] [-u] [-w] program...",
		"the configuration that makes a program a service", VERB_OWN},
	[VERB_IMPORT] = {"import", "[--check] FILE|DIR...",
		"sections from files of xinetd, systemd, rlinetd, tcpserver", VERB_OWN},
	[VERB_EXPORT] = {"export", "[-d DIR] NAME...",
		"socket units of systemd from services, to move out", VERB_OWN},
	[VERB_VERSION] = {"version", "", "the versions of inetctl and of the daemon", VERB_JSON},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verb_table; verb < verb_table + VERBS; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}

bool verb_takes(const struct verb *verb, int count)
{
	if (!*verb->args)
		return count == 0;
	return count == 1 || (!count && *verb->args == '[');
}

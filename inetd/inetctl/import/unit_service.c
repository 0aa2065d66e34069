/* unit_service: see unit.h. */
#include <ctype.h>
#include <string.h>

#include "inetctl/import/unit.h"
#include "inetctl/import/unit_value.h"
#include "inetctl/quoting.h"

#define ITS_TIME "a program is started when a client calls, and runs until it ends"

static const struct unit_row rows[] = {
	{"User", UNIT_KEY, "user", NULL},
	{"Group", UNIT_KEY, "group", NULL},
	{"SupplementaryGroups", UNIT_KEY, "groups", NULL},
	{"DynamicUser", UNIT_LOST, NULL, "a user made for the service: name one that is there"},
	{"PassEnvironment", UNIT_LIST, "passenv", NULL},
	{"UnsetEnvironment", UNIT_LOST, NULL, "variables that are taken away"},
	{"WorkingDirectory", UNIT_KEY, "directory", NULL},
	{"RootDirectory", UNIT_KEY, "chroot", NULL},
	{"RootImage", UNIT_LOST, NULL, "a file system of its own"},
	{"UMask", UNIT_KEY, "umask", NULL},
	{"Nice", UNIT_KEY, "nice", NULL},
	{"OOMScoreAdjust", UNIT_KEY, "oom_score_adj", NULL},
	{"CPUAffinity", UNIT_KEY, "cpu_affinity", NULL},
	{"IOSchedulingClass", UNIT_LOST, NULL, "the class of its input and output (ioprio)"},
	{"IOSchedulingPriority", UNIT_LOST, NULL, "the priority of its input and output (ioprio)"},
	{"LimitCPU", UNIT_KEY, "rlimit_cpu", NULL},
	{"LimitFSIZE", UNIT_KEY, "rlimit_fsize", NULL},
	{"LimitDATA", UNIT_KEY, "rlimit_data", NULL},
	{"LimitSTACK", UNIT_KEY, "rlimit_stack", NULL},
	{"LimitCORE", UNIT_KEY, "rlimit_core", NULL},
	{"LimitRSS", UNIT_KEY, "rlimit_rss", NULL},
	{"LimitNOFILE", UNIT_KEY, "rlimit_nofile", NULL},
	{"LimitAS", UNIT_KEY, "rlimit_as", NULL},
	{"LimitNPROC", UNIT_KEY, "rlimit_nproc", NULL},
	{"LimitMEMLOCK", UNIT_KEY, "rlimit_memlock", NULL},
	{"LimitLOCKS", UNIT_KEY, "rlimit_locks", NULL},
	{"LimitSIGPENDING", UNIT_KEY, "rlimit_sigpending", NULL},
	{"LimitMSGQUEUE", UNIT_KEY, "rlimit_msgqueue", NULL},
	{"LimitNICE", UNIT_KEY, "rlimit_nice", NULL},
	{"LimitRTPRIO", UNIT_KEY, "rlimit_rtprio", NULL},
	{"LimitRTTIME", UNIT_KEY, "rlimit_rttime", NULL},
	{"NoNewPrivileges", UNIT_YES, "no_new_privs", "it is the default"},
	{"PrivateTmp", UNIT_YES, "private_tmp", "it is the default"},
	{"PrivateDevices", UNIT_LOST, NULL, "the devices of all are there (isolation = strict)"},
	{"PrivateUsers", UNIT_LOST, NULL, "the users of all are there"},
	{"ProtectSystem", UNIT_LOST, NULL, "it may write where its user may (read_only)"},
	{"ProtectHome", UNIT_LOST, NULL, "it sees what its user may see (read_paths)"},
	{"ReadWritePaths", UNIT_LOST, NULL, "it may write where its user may (write_paths)"},
	{"ReadOnlyPaths", UNIT_LOST, NULL, "it may write where its user may (write_paths)"},
	{"InaccessiblePaths", UNIT_LOST, NULL, "it sees what its user may see (read_paths)"},
	{"SystemCallFilter", UNIT_LOST, NULL, "it may make every system call (syscall_filter)"},
	{"RestrictAddressFamilies", UNIT_LOST, NULL, "it may open sockets of every kind (network)"},
	{"IPAddressAllow", UNIT_LOST, NULL, "for callers write only_from; what it calls is free"},
	{"IPAddressDeny", UNIT_LOST, NULL, "for callers write no_access; what it calls is free"},
	{"AmbientCapabilities", UNIT_IMPLIED, NULL,
		"what CapabilityBoundingSet keeps survives exec"},
	{"MemoryMax", UNIT_BYTES, "memory_max", NULL},
	{"TasksMax", UNIT_KEY, "pids_max", NULL},
	{"CPUWeight", UNIT_KEY, "cpu_weight", NULL},
	{"IOWeight", UNIT_KEY, "io_weight", NULL},
	{"CPUQuota", UNIT_LOST, NULL, "a share of the processors (cpu_weight)"},
	{"RuntimeMaxSec", UNIT_TIME, "max_time", NULL},
	{"TimeoutStopSec", UNIT_TIME, "kill_after", NULL},
	{"TimeoutStartSec", UNIT_IMPLIED, NULL, ITS_TIME},
	{"TimeoutSec", UNIT_IMPLIED, NULL, ITS_TIME},
	{"Type", UNIT_IMPLIED, NULL, ITS_TIME},
	{"Restart", UNIT_IMPLIED, NULL, "the next connection starts it again"},
	{"RestartSec", UNIT_IMPLIED, NULL, "the next connection starts it again"},
	{"StartLimitBurst", UNIT_IMPLIED, NULL, "the next connection starts it again"},
	{"StartLimitIntervalSec", UNIT_IMPLIED, NULL, "the next connection starts it again"},
	{"RemainAfterExit", UNIT_IMPLIED, NULL, ITS_TIME},
	{"KillMode", UNIT_LOST, NULL,
		"the process group of the program is ended, with max_time or stop"},
	{"KillSignal", UNIT_LOST, NULL, "it is TERM"},
	{"SendSIGHUP", UNIT_LOST, NULL, "HUP after TERM"},
	{"SuccessExitStatus", UNIT_IMPLIED, NULL, "an exit status is only logged"},
	{"IgnoreSIGPIPE", UNIT_LOST, NULL, "programs have SIGPIPE as by default"},
	{"SyslogIdentifier", UNIT_IMPLIED, NULL, "lines in the log have the name of the section"},
	{"SyslogFacility", UNIT_LOST, NULL, "a facility of its own: the log is the daemon's"},
	{"SyslogLevel", UNIT_LOST, NULL, "lines of standard error have the level notice"},
	{"Slice", UNIT_LOST, NULL, "a place of its own in the tree of control groups"},
	{"RuntimeDirectory", UNIT_LOST, NULL, "a directory in /run, made and removed with it"},
	{"StateDirectory", UNIT_LOST, NULL, "a directory in /var/lib: make it once"},
	{"CacheDirectory", UNIT_LOST, NULL, "a directory in /var/cache: make it once"},
	{"LogsDirectory", UNIT_LOST, NULL, "a directory in /var/log: make it once"},
	{"ExecStartPre", UNIT_LOST, NULL, "a command before the program: call both from a script"},
	{"ExecStartPost", UNIT_LOST, NULL, "a command after the start: call both from a script"},
	{"ExecStop", UNIT_LOST, NULL, "a command that ends it: it gets TERM"},
	{"ExecStopPost", UNIT_LOST, NULL, "a command after its end: call both from a script"},
	{"ExecReload", UNIT_LOST, NULL, "a command by which it reads its files again"},
	{NULL, 0, NULL, NULL},
};

/* -, @, :, + and ! in front of the path (systemd.service(5)). */
static const char *prefixes(struct unit_pair *pair, const struct setting *setting, bool *names)
{
	const char *value = setting->value;

	for (; strchr("-@:+!", *value); value++) {
		*names |= *value == '@';
		if (*value == '+' || *value == '!')
			conversion_lost(pair->section, setting->origin,
				"'%c': it keeps the rights of root for the start: here it runs as "
				"its user from the beginning",
				*value);
	}
	return value;
}

/* "$$" is a dollar; any other one is a variable, which a daemon of systemd would have put in. */
static bool take_dollars(char **words)
{
	bool variables = false;

	for (; *words; words++) {
		char *to = *words;

		for (const char *from = *words; *from; from++) {
			variables |= *from == '$' && from[1] != '$';
			from += *from == '$' && from[1] == '$';
			*to++ = *from;
		}
		*to = 0;
	}
	return variables;
}

static void exec_start(struct unit_pair *pair, const struct setting *setting)
{
	bool names = false, variables;
	char **words = unit_value_words(pair->conversion, prefixes(pair, setting, &names));

	if (setting != unit_file_find(&pair->service, "Service", "ExecStart")) {
		conversion_lost(pair->section, setting->origin,
			"one of several commands: call them from a script");
		return;
	}
	if (!words || !words[0] || (names && !words[1])) {
		conversion_shut(pair->section, setting->origin, "there is no command in it");
		return;
	}
	if (words[0][0] != '/')
		conversion_lost(pair->section, setting->origin,
			"programs have absolute paths: write where %s is", words[0]);
	conversion_key(pair->section, setting->origin, "server", words[0]);
	conversion_key(pair->section, setting->origin, "argv0", words[names]);
	words += names ? 2 : 1;
	variables = take_dollars(words);
	if (*words)
		conversion_key(pair->section, setting->origin, "server_args",
			quoting_words(&pair->conversion->arena, words));
	if (variables || setting->is_open)
		conversion_lost(pair->section, setting->origin,
			"nothing is put in the place of $ and %% in arguments");
}

static void environment(struct unit_pair *pair, const struct setting *setting)
{
	char **words = unit_value_words(pair->conversion, setting->value);

	if (words && *words)
		unit_list(pair, setting, "env", quoting_words(&pair->conversion->arena, words));
	else
		conversion_lost(pair->section, setting->origin, "the value is not understood");
}

static void environment_file(struct unit_pair *pair, const struct setting *setting)
{
	unit_list(pair, setting, "environment_file", setting->value);
}

/* CAP_NET_RAW is net_raw; '~' turns the list around, which no key does. */
static void capabilities(struct unit_pair *pair, const struct setting *setting)
{
	char *rest = conversion_text(pair->conversion, "%s", setting->value), *word, *all = NULL;

	if (*rest == '~') {
		conversion_lost(pair->section, setting->origin,
			"all capabilities but these: name those that it keeps");
		return;
	}
	while ((word = source_word(&rest))) {
		for (char *at = word; *at; at++)
			*at = (char)tolower((unsigned char)*at);
		all = conversion_text(pair->conversion, "%s%s%s", all ? all : "", all ? " " : "",
			strncmp(word, "cap_", 4) ? word : word + 4);
	}
	conversion_key(pair->section, setting->origin, "capabilities", all ? all : "none");
}

static void private_network(struct unit_pair *pair, const struct setting *setting)
{
	if (unit_file_is_yes(setting->value))
		conversion_key(pair->section, setting->origin, "network", "connection");
	else
		conversion_implied(pair->section, setting->origin, "it is the default");
}

/* Descriptors 0 and 1 are the connection, or the socket that is handed over. */
static void standard_output(struct unit_pair *pair, const struct setting *setting)
{
	if (!strcmp(setting->value, "socket") || !strcmp(setting->value, "inherit"))
		conversion_implied(pair->section, setting->origin, "it is the connection");
	else
		conversion_lost(pair->section, setting->origin,
			"descriptors 0 and 1 are the socket; only standard error goes elsewhere");
}

static void standard_error(struct unit_pair *pair, const struct setting *setting)
{
	const char *value = setting->value, *path = strchr(value, ':');

	if (!strncmp(value, "null", 4))
		value = "null";
	else if (!strcmp(value, "socket") || (!strcmp(value, "inherit") && pair->accepts))
		value = "socket";
	else if (path && path[1] == '/')
		value = path + 1;
	else
		value = "log";
	conversion_key(pair->section, setting->origin, "stderr", value);
}

static void standard_input(struct unit_pair *pair, const struct setting *setting)
{
	if (!strcmp(setting->value, "socket"))
		conversion_implied(pair->section, setting->origin, "descriptor 0 is the socket");
	else
		conversion_lost(pair->section, setting->origin,
			"descriptor 0 is the socket, whatever the program expects there");
}

static const struct {
	const char *name;
	void (*convert)(struct unit_pair *pair, const struct setting *setting);
} functions[] = {
	{"ExecStart", exec_start},
	{"Environment", environment},
	{"EnvironmentFile", environment_file},
	{"CapabilityBoundingSet", capabilities},
	{"PrivateNetwork", private_network},
	{"StandardInput", standard_input},
	{"StandardOutput", standard_output},
	{"StandardError", standard_error},
};

void unit_service(struct unit_pair *pair, const struct setting *setting)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (!strcmp(functions[i].name, setting->name)) {
			functions[i].convert(pair, setting);
			return;
		}
	if (!unit_row(pair, setting, rows))
		conversion_lost(pair->section, setting->origin, "it has no counterpart");
}

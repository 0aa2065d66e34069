/* export_units: see export.h. What a unit says of a program that systemd starts: words are quoted
 * for it, and '%' and '$' doubled (systemd.service(5)). */
#include <string.h>

#include "config/text/list.h"
#include "inetctl/adhoc_service.h"
#include "inetctl/import/export.h"

static void put_word(FILE *out, const char *word)
{
	putc('"', out);
	for (; *word; word++) {
		if (*word == '\n')
			fputs("\\n", out);
		else if (strchr("\"\\", *word))
			fprintf(out, "\\%c", *word);
		else if (strchr("%$", *word))
			fprintf(out, "%c%c", *word, *word);
		else
			putc(*word, out);
	}
	putc('"', out);
}

static void put_words(struct arena *arena, FILE *out, const char *value)
{
	char **words = value ? list_words(value, arena, NULL) : NULL;

	for (; words && *words; words++) {
		putc(' ', out);
		put_word(out, *words);
	}
}

/* '@' takes the word after the path for argv[0]. */
static void put_command(struct arena *arena, const struct export_section *section, FILE *out)
{
	const char *server = export_value(section, "server"),
		   *argv0 = export_value(section, "argv0");
	char **wrapper = export_value(section, "wrapper")
				 ? list_words(export_value(section, "wrapper"), arena, NULL)
				 : NULL;

	fputs("ExecStart=", out);
	if (wrapper) {
		put_word(out, wrapper[0]);
		for (size_t i = 1; wrapper[i]; i++) {
			putc(' ', out);
			put_word(out, wrapper[i]);
		}
		putc(' ', out);
		put_word(out, server);
	} else {
		fprintf(out, "@%s ", server);
		put_word(out, argv0 ? argv0 : server);
	}
	put_words(arena, out, export_value(section, "server_args"));
	putc('\n', out);
}

static const struct {
	const char *key, *directive;
} rows[] = {
	{"user", "User"},
	{"group", "Group"},
	{"passenv", "PassEnvironment"},
	{"environment_file", "EnvironmentFile"},
	{"directory", "WorkingDirectory"},
	{"chroot", "RootDirectory"},
	{"nice", "Nice"},
	{"umask", "UMask"},
	{"oom_score_adj", "OOMScoreAdjust"},
	{"no_new_privs", "NoNewPrivileges"},
	{"private_tmp", "PrivateTmp"},
	{"memory_max", "MemoryMax"},
	{"pids_max", "TasksMax"},
	{"rlimit_as", "LimitAS"},
	{"rlimit_cpu", "LimitCPU"},
	{"rlimit_nofile", "LimitNOFILE"},
	{"rlimit_nproc", "LimitNPROC"},
	{"rlimit_core", "LimitCORE"},
	{"rlimit_fsize", "LimitFSIZE"},
	{"max_time", "RuntimeMaxSec"},
	{"kill_after", "TimeoutStopSec"},
};

/* Keys that are in the units already, or say what holds there anyway. */
static const char *const done[] = {"listen", "port", "bind", "socket_type", "protocol", "wait",
	"server", "server_args", "argv0", "wrapper", "activation", "instances", "per_source", "env",
	"stderr", "log", "log_level", "backlog", "rcvbuf", "sndbuf", "socket_mode", "socket_user",
	"socket_group", "socket_dir_mode", "keepalive", "nodelay", "pass_credentials",
	"bind_device", "defer_accept", "disable", "only_from", "no_access", "burst",
	"per_source_burst", "deny_after", "keepalive_time", "keepalive_interval",
	"keepalive_probes", "tos", "ttl", "mark", "priority", "congestion", "transparent",
	"reuse_port", "freebind"};

static bool is_done(const char *key)
{
	for (size_t i = 0; i < sizeof(done) / sizeof(done[0]); i++)
		if (!strcmp(done[i], key))
			return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].key, key))
			return true;
	return false;
}

static void put_stderr(const struct export_section *section, FILE *out)
{
	const char *value = export_value(section, "stderr");

	if (!value || !strcmp(value, "socket"))
		fputs("StandardError=socket\n", out);
	else if (!strcmp(value, "log"))
		fputs("StandardError=journal\n", out);
	else if (*value == '/')
		fprintf(out, "StandardError=append:%s\n", value);
	else
		fprintf(out, "StandardError=%s\n", value);
}

/* Of two lists that both hold an address the shorter prefix may be the one that decides here; there
 * what is allowed always is. */
static int put_access(const struct export_section *section, FILE *out)
{
	const char *only = export_value(section, "only_from");
	const char *no = export_value(section, "no_access");

	if ((only && strstr(only, "vsock:")) || (no && strstr(no, "vsock:"))) {
		fprintf(out, "# LOST: only_from, no_access: systemd lets in every CID\n");
		return 1;
	}
	if (only)
		fprintf(out, "IPAddressAllow=%s\nIPAddressDeny=any\n", only);
	if (no && !only)
		fprintf(out, "IPAddressDeny=%s\n", no);
	if (no && only)
		fprintf(out, "# LOST: no_access = %s: what IPAddressAllow has is always let in\n",
			no);
	return no && only;
}

/* A time as systemd writes it is one as we do. */
static void put_row(const struct export_section *section, FILE *out, size_t row)
{
	const char *value = export_value(section, rows[row].key);

	if (value && !export_is_default(rows[row].key, value))
		export_put(out, rows[row].directive, value);
}

static int export_service(struct arena *arena, const struct export_section *section, FILE *out)
{
	const char *activation = export_value(section, "activation");
	bool listens = activation && !strcmp(activation, "systemd");
	const char *env = export_value(section, "env");
	int lost;

	fprintf(out, "[Unit]\nDescription=%s, moved from inetd\n\n[Service]\n", section->head);
	put_command(arena, section, out);
	if (!listens)
		fputs("StandardInput=socket\nStandardOutput=socket\n", out);
	if (!listens || (export_value(section, "stderr") &&
				strcmp(export_value(section, "stderr"), "socket") != 0))
		put_stderr(section, out);
	if (env) {
		fputs("Environment=", out);
		put_words(arena, out, env);
		putc('\n', out);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_row(section, out, i);
	lost = put_access(section, out);
	for (size_t i = 0; i < section->count; i++)
		if (!is_done(section->names[i]) &&
			!export_is_default(section->names[i], section->values[i])) {
			fprintf(out, "# LOST: %s = %s: it has no counterpart\n", section->names[i],
				section->values[i]);
			lost++;
		}
	return lost;
}

int export_units(
	struct arena *arena, const struct export_section *section, FILE *socket, FILE *service)
{
	const char *server = export_value(section, "server");
	int lost;

	if (!server) {
		fprintf(stderr, "inetctl: %s: is built in: systemd has no such service\n",
			section->head);
		return -1;
	}
	if (export_value(section, "mux")) {
		fprintf(stderr,
			"inetctl: %s: is passed on by tcpmux: systemd has no such service\n",
			section->head);
		return -1;
	}
	fprintf(socket, "[Unit]\nDescription=Socket of %s, moved from inetd\n\n", section->head);
	lost = export_socket(section, socket);
	return lost + export_service(arena, section, service);
}

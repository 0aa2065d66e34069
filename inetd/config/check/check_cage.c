/* check_cage: what confines the programs of one service: what isolation = strict stands for, what
 * this machine can do of it, and what contradicts itself. */
#include "config/cage.h"
#include "config/check/check.h"
#include "config/keys/key.h"

#define STRICT_NPROC  256
#define STRICT_NOFILE 1024
#define STRICT_DATA   ((rlim_t)1 << 30)
#define STRICT_FSIZE  ((rlim_t)64 << 20)

/* What a program finds under isolation = strict: the system's programs and libraries, and of /etc
 * what they read everywhere. */
static const char *const strict_read[] = {"-/etc/ld.so.cache", "-/etc/ld.so.conf",
	"-/etc/ld.so.conf.d", "-/etc/ld-musl-x86_64.path", "-/etc/alternatives",
	"-/etc/locale.alias", "-/etc/locale.conf", "-/etc/default/locale", "-/etc/localtime",
	"-/etc/timezone", "-/etc/nsswitch.conf", "-/etc/passwd", "-/etc/group", "-/etc/hosts",
	"-/etc/host.conf", "-/etc/resolv.conf", "-/etc/gai.conf", "-/etc/services",
	"-/etc/protocols", "-/etc/mime.types", "-/etc/ssl/certs", "-/etc/ssl/openssl.cnf",
	"-/etc/python3", "-/etc/perl", "-/etc/terminfo", "-/etc/inputrc", "-/etc/os-release",
	"-/proc/uptime", "-/proc/meminfo", "-/proc/cpuinfo", "-/proc/loadavg",
	"-/sys/devices/system/cpu/online", "-/dev/zero", "-/dev/full", "-/dev/random",
	"-/dev/urandom", NULL};
static const char *const strict_exec[] = {
	"-/usr", "-/bin", "-/sbin", "-/lib", "-/lib32", "-/lib64", "-/libx32", "-/opt", NULL};
static const char *const strict_write[] = {"-/tmp", "-/var/tmp", "-/dev/null", NULL};

static bool is_strict(const struct check *check)
{
	return check->draft->cage.isolation != CAGE_ISOLATION_NONE;
}

/* True if nobody has set the key, so that strict does. */
static bool is_open(const struct check *check, enum key_id id)
{
	return !check->draft->set[id] && !check->draft->bad[id];
}

static char **copy_paths(struct check *check, const char *const *paths, const char *more)
{
	struct arena *arena = &check->load->config->arena;
	size_t count = 0;
	char **copy;

	while (paths[count])
		count++;
	copy = load_memory(check->load, arena_calloc(arena, count + 2, sizeof(*copy)));
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = load_memory(check->load, arena_strdup(arena, paths[i]));
	if (copy && more)
		copy[count] = load_memory(check->load, arena_strdup(arena, more));
	return copy;
}

static void set_limit(
	struct check *check, struct cage *cage, enum key_id id, int limit, rlim_t value)
{
	if (is_open(check, id))
		cage->limits[limit] = (struct cage_limit){true, value, value};
}

/* The program itself may be executed wherever it is. */
static void be_strict_with_paths(struct check *check, struct cage *cage)
{
	if (is_open(check, KEY_READ_PATHS))
		cage->read_paths = copy_paths(check, strict_read, NULL);
	if (is_open(check, KEY_EXEC_PATHS))
		cage->exec_paths = copy_paths(
			check, strict_exec, cage->chroot ? NULL : check->service->server);
	if (is_open(check, KEY_WRITE_PATHS))
		cage->write_paths = copy_paths(check, strict_write, NULL);
}

static void be_strict(struct check *check, struct cage *cage)
{
	static const struct {
		enum key_id id;
		size_t at;
	} flags[] = {{KEY_NO_NEW_PRIVS, offsetof(struct cage, no_new_privs)},
		{KEY_PRIVATE_TMP, offsetof(struct cage, private_tmp)},
		{KEY_READ_ONLY, offsetof(struct cage, read_only)},
		{KEY_HIDE_RUN, offsetof(struct cage, hide_run)},
		{KEY_SCOPED, offsetof(struct cage, scoped)},
		{KEY_SYSCALL_FILTER, offsetof(struct cage, calls.on)}};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (is_open(check, flags[i].id))
			*(bool *)((char *)cage + flags[i].at) = true;
	if (is_open(check, KEY_CAPABILITIES))
		cage->capabilities.set = true;
	if (is_open(check, KEY_NETWORK))
		cage->network = CAGE_NETWORK_CONNECTION;
	be_strict_with_paths(check, cage);
	set_limit(check, cage, KEY_RLIMIT_CORE, RLIMIT_CORE, 0);
	set_limit(check, cage, KEY_RLIMIT_NPROC, RLIMIT_NPROC, STRICT_NPROC);
	set_limit(check, cage, KEY_RLIMIT_NOFILE, RLIMIT_NOFILE, STRICT_NOFILE);
	set_limit(check, cage, KEY_RLIMIT_DATA, RLIMIT_DATA, STRICT_DATA);
	set_limit(check, cage, KEY_RLIMIT_FSIZE, RLIMIT_FSIZE, STRICT_FSIZE);
}

/* --- what this machine does not have --- */

/* One thing that is missing: an error for a key that was set, and under strict!; else a warning. */
static void lacks(struct check *check, enum key_id id, const char *what)
{
	const struct draft *draft = check->draft;
	bool by_name = draft->set[id] && id != KEY_ISOLATION;

	if (by_name || draft->cage.isolation == CAGE_ISOLATION_FULL)
		CHECK_ERROR(check, by_name ? id : KEY_ISOLATION, "%s: cannot be had here: %s",
			key_table[id].name, what);
	else
		CHECK_WARNING(check, KEY_ISOLATION,
			"isolation: without %s, which cannot be had here: %s", key_table[id].name,
			what);
}

static void need_landlock(struct check *check, struct cage *cage, int abi)
{
	static const struct {
		enum key_id id;
		size_t at;
		int abi;
	} needs[] = {{KEY_READ_PATHS, offsetof(struct cage, read_paths), 1},
		{KEY_WRITE_PATHS, offsetof(struct cage, write_paths), 1},
		{KEY_EXEC_PATHS, offsetof(struct cage, exec_paths), 1},
		{KEY_CONNECT_PORTS, offsetof(struct cage, connect_ports.ports), 4},
		{KEY_BIND_PORTS, offsetof(struct cage, bind_ports.ports), 4}};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		void **list = (void **)(void *)((char *)cage + needs[i].at);

		if (!*list || abi >= needs[i].abi)
			continue;
		lacks(check, needs[i].id,
			abi ? "landlock(7) of this kernel is too old (needs Linux 6.7)"
			    : "the kernel has no landlock(7)");
		*list = NULL;
	}
	if (cage->scoped && abi < 6) {
		lacks(check, KEY_SCOPED,
			abi ? "landlock(7) of this kernel is too old (needs Linux 6.12)"
			    : "the kernel has no landlock(7)");
		cage->scoped = false;
	}
}

static void need_namespaces(struct check *check, struct cage *cage, const char *why)
{
	static const struct {
		enum key_id id;
		size_t at;
	} mounts[] = {{KEY_PRIVATE_TMP, offsetof(struct cage, private_tmp)},
		{KEY_READ_ONLY, offsetof(struct cage, read_only)},
		{KEY_HIDE_RUN, offsetof(struct cage, hide_run)}};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		bool *flag = (bool *)((char *)cage + mounts[i].at);

		if (*flag)
			lacks(check, mounts[i].id, why);
		*flag = false;
	}
	if (cage->network != CAGE_NETWORK_YES)
		lacks(check, KEY_NETWORK, why);
	cage->network = CAGE_NETWORK_YES;
}

static void need_root(struct check *check, struct cage *cage)
{
	static const char why[] = "inetd does not run as root";

	if (cage->chroot)
		lacks(check, KEY_CHROOT, why);
	if (cage->capabilities.kept)
		lacks(check, KEY_CAPABILITIES, why);
	cage->capabilities.set = false; /* there are none that could be dropped */
	cage->chroot = NULL;
}

/* True if the words have that one among them. */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; at && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static void need_controllers(struct check *check, const char *controllers)
{
	const struct cage *cage = &check->draft->cage;
	const struct {
		enum key_id id;
		bool wanted;
		const char *controller;
	} needs[] = {{KEY_MEMORY_MAX, cage->memory_max > 0, "memory"},
		{KEY_PIDS_MAX, cage->pids_max > 0, "pids"},
		{KEY_CPU_WEIGHT, cage->cpu_weight > 0, "cpu"},
		{KEY_IO_WEIGHT, cage->io_weight > 0, "io"}};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].wanted && !has_word(controllers, needs[i].controller))
			lacks(check, needs[i].id,
				controllers
					? "our control group has not that controller"
					: "there is no control group (version 2) that inetd may "
					  "divide");
}

static void check_features(struct check *check, struct cage *cage)
{
	const struct cage_features *features;

	if (!check->load->options->features)
		return;
	features = check->load->options->features();
	need_landlock(check, cage, features->landlock_abi);
	if (!features->root)
		need_root(check, cage);
	if (!features->namespaces)
		need_namespaces(check, cage,
			features->root ? "namespaces cannot be made"
				       : "inetd does not run as root");
	need_controllers(check, features->controllers);
	if (cage->calls.on && !features->filters) {
		lacks(check, KEY_SYSCALL_FILTER, "the kernel has no seccomp(2) filters");
		cage->calls.on = false;
	}
	if (cage->network == CAGE_NETWORK_NONE && !features->filters)
		lacks(check, KEY_NETWORK, "the kernel has no seccomp(2) filters");
	for (char **name = cage->calls.names; name && *name; name++)
		if (!features->knows_call(*name))
			CHECK_ERROR(check, KEY_SYSCALL_FILTER,
				"syscall_filter: '%s' is no system call of this machine, nor "
				"@default",
				*name);
}

/* What a filter of system calls of its own does for other keys, unless there is to be none. Who
 * keeps to his connection calls nobody by another, nor by this one; a relay has to call its daemon
 * (activation = proxy), which gets no connection from elsewhere. Before its version 3, which came
 * with Linux 6.2, landlock(7) lets any file be cut. */
static void imply_filter(struct check *check, struct cage *cage)
{
	const struct conf_options *options = check->load->options;
	const struct cage_features *features = options->features ? options->features() : NULL;
	bool filters = (!features || features->filters) &&
		       (cage->calls.on || !check->draft->set[KEY_SYSCALL_FILTER]);
	bool calls_daemon = check->policy->context.activation == ACTIVATION_PROXY;
	bool cuts = (cage->read_paths || cage->write_paths || cage->exec_paths) && features &&
		    features->landlock_abi < 3;

	cage->calls.keeps_peer =
		cage->network == CAGE_NETWORK_NONE ||
		(cage->network == CAGE_NETWORK_CONNECTION && filters && !calls_daemon);
	cage->calls.keeps_length = cuts && filters;
	if (cuts && !filters)
		CHECK_WARNING(check, KEY_SYSCALL_FILTER,
			"syscall_filter: without one a program can cut any file that its user may "
			"write: landlock(7) of this kernel is too old (needs Linux 6.2)");
}

/* A daemon behind a relay is called on a port of the network that both are in. */
static void check_relay_port(struct check *check, const struct cage *cage)
{
	char *const *argv = check->service->argv;

	if (check->policy->context.activation != ACTIVATION_PROXY ||
		cage->network == CAGE_NETWORK_YES)
		return;
	while (argv && *argv && !strstr(*argv, "{port}"))
		argv++;
	if (argv && *argv)
		CHECK_ERROR(check, KEY_SERVER_ARGS,
			"server_args: {port} cannot be called without a network: give the program "
			"a {path}, or set 'network = yes'");
}

static void check_absolute(struct check *check, enum key_id id, const char *path)
{
	if (path && *path != '/')
		CHECK_ERROR(
			check, id, "%s: '%s' is not an absolute path", key_table[id].name, path);
}

/* What is entered without rights of root asks for this (landlock(7), seccomp(2)). */
static void imply_no_new_privs(struct check *check, struct cage *cage)
{
	bool asked = cage->read_paths || cage->write_paths || cage->exec_paths || cage->calls.on ||
		     cage->connect_ports.ports || cage->bind_ports.ports || cage->scoped ||
		     cage->network == CAGE_NETWORK_NONE;

	if (asked && check->draft->set[KEY_NO_NEW_PRIVS] && !cage->no_new_privs)
		CHECK_ERROR(check, KEY_NO_NEW_PRIVS,
			"no_new_privs: cannot be no beside keys that need it: paths, ports, "
			"scoped, "
			"syscall_filter, network = none");
	cage->no_new_privs |= asked;
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !strncmp(path, directory, len) && path[len] == '/';
}

/* A program that its own cage hides would never start. */
static void check_visible(struct check *check, const struct cage *cage)
{
	static const char *const tmp[] = {"/tmp", "/var/tmp"};
	const char *server = check->service->server;

	for (size_t i = 0; cage->private_tmp && i < sizeof(tmp) / sizeof(tmp[0]); i++)
		if (is_below(server, tmp[i]))
			CHECK_ERROR(check, KEY_SERVER,
				"server: '%s' is hidden by private_tmp: move it elsewhere", server);
	if (cage->hide_run && is_below(server, "/run"))
		CHECK_ERROR(check, KEY_SERVER,
			"server: '%s' is hidden by hide_run: move it elsewhere", server);
}

static void check_groups(struct check *check)
{
	char **groups = check->policy->context.groups;
	struct identity *identity = &check->policy->identity;
	size_t count = 0;
	gid_t *list;

	if (!groups || (!strcmp(groups[0], "yes") && !groups[1]))
		return;
	while (groups[count])
		count++;
	if (count == 1 && !strcmp(groups[0], "no"))
		count = 0;
	list = load_memory(
		check->load, arena_calloc(&check->load->config->arena, count + 1, sizeof(*list)));
	for (size_t i = 0; list && i < count; i++)
		if (!lookup_gid(&check->load->lookup, groups[i], &list[i]))
			CHECK_ERROR(check, KEY_GROUPS, "groups: unknown group '%s'", groups[i]);
	identity->groups = list;
	identity->ngroups = count;
}

void check_cage(struct check *check)
{
	const struct draft *draft = check->draft;
	struct cage *cage;

	if (draft->internal || !check->service->server)
		return;
	check_groups(check);
	/* The quick answer for most. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	if (!memcmp(&draft->cage, &cage_none, sizeof(draft->cage)) ||
		cage_equal(&draft->cage, NULL))
		return;
	cage = load_memory(check->load, arena_alloc(&check->load->config->arena, sizeof(*cage)));
	if (!cage)
		return;
	*cage = draft->cage;
	check_absolute(check, KEY_DIRECTORY, cage->directory);
	check_absolute(check, KEY_CHROOT, cage->chroot);
	if (is_strict(check))
		be_strict(check, cage);
	check_features(check, cage);
	if (!cage->chroot)
		check_visible(check, cage);
	imply_filter(check, cage);
	check_relay_port(check, cage);
	imply_no_new_privs(check, cage);
	check->policy->cage = cage;
}

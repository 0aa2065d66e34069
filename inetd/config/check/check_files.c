/* check_files: whether the files that an entry names can be used by its user: the interpreter of
 * its program, the file for its errors, the directory of its socket. And whether the kernel has its
 * protocol. For `inetd -t` alone: it reads the beginning of programs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "config/check/check.h"
#include "config/check/executable.h"
#include "config/keys/key.h"

/* What the daemon itself is asked about (inetctl check) it must not wait for. */
static bool may_see(const struct check *check, const char *path)
{
	return lookup_may_see(&check->load->lookup, path);
}

/* Where the program looks for others: PATH of env, else what every program gets. */
static const char *path_of(const struct policy *policy)
{
	for (char *const *env = policy->context.env; env && *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			return *env + 5;
	return SERVICE_PATH;
}

/* Perhaps, where it may not be looked for. */
static bool is_in_path(const struct check *check, const char *name)
{
	const struct policy *policy = check->policy;
	char path[PATH_MAX];
	const char *at = path_of(policy), *end;

	for (; *at; at = *end ? end + 1 : end) {
		end = strchrnul(at, ':');
		snprintf(path, sizeof(path), "%.*s/%s", (int)(end - at), at, name);
		if (!may_see(check, path) ||
			executable_user_may(&policy->identity, path, MAY_EXECUTE))
			return true;
	}
	return false;
}

/* A script, with its first line, which begins after #!. */
static void check_interpreter(struct check *check, enum key_id key, const char *path, char *line)
{
	const char *user = check->policy->identity.user, *slash;
	char *interpreter, *argument = NULL;

	if (strchr(line, '\r')) {
		CHECK_WARNING(check, key,
			"%s cannot be run: its lines end in CR LF, as on Windows: remove the "
			"carriage "
			"returns",
			path);
		return;
	}
	line += strspn(line, " \t");
	interpreter = strsep(&line, " \t");
	while (line && argument == NULL && *line)
		argument = strsep(&line, " \t");
	slash = strrchr(interpreter, '/');
	if (!may_see(check, interpreter))
		return;
	if (access(interpreter, F_OK) < 0)
		CHECK_WARNING(check, key,
			"%s cannot be run: its interpreter %s (#!) does not exist", path,
			interpreter);
	else if (!executable_user_may(&check->policy->identity, path, MAY_READ))
		CHECK_WARNING(check, key,
			"%s may execute %s but not read it, which its interpreter must: chmod a+r "
			"%s",
			user, path, path);
	else if (slash && !strcmp(slash, "/env") && argument && *argument != '-' &&
		 !strchr(argument, '=') && !strchr(argument, '/') && !is_in_path(check, argument))
		CHECK_WARNING(check, key,
			"%s cannot be run: %s finds no '%s' in the PATH of the program", path,
			interpreter, argument);
}

/* True if it could be a script: no control characters but those of text. */
static bool is_text(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < ' ' && !strchr("\t\n\r\f", bytes[i]))
			return false;
	return len && !memchr(bytes, 0, len);
}

static void check_beginning(struct check *check, enum key_id key, const char *path)
{
	char bytes[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

	fd_close(&fd);
	if (len < 0)
		return;
	if (!strncmp(bytes, "#!", 2)) {
		bytes[strcspn(bytes, "\n")] = 0;
		check_interpreter(check, key, path, bytes + 2);
	} else if (is_text(bytes, (size_t)len)) {
		CHECK_WARNING(check, key,
			"%s cannot be run: it is a script without '#!' in its first line: put "
			"'#!/bin/sh' "
			"there",
			path);
	}
}

/* True if `path`, without links, is one of those or below one. */
static bool is_listed(char *const *paths, const char *path)
{
	char real[PATH_MAX];

	for (; paths && *paths; paths++) {
		size_t len;

		if (!realpath(*paths + (**paths == '-'), real))
			continue;
		len = strlen(real);
		if (!strncmp(real, path, len) && (!path[len] || path[len] == '/' || len == 1))
			return true;
	}
	return false;
}

/* Where paths are listed nothing else can be executed. */
static void check_listed(struct check *check, enum key_id key, const char *path)
{
	const struct cage *cage = check->policy->cage;
	const bool *bad = check->draft->bad;
	char real[PATH_MAX];

	if (bad[KEY_READ_PATHS] || bad[KEY_WRITE_PATHS] || bad[KEY_EXEC_PATHS])
		return;
	if (cage && (cage->read_paths || cage->write_paths || cage->exec_paths) &&
		realpath(path, real) && !is_listed(cage->exec_paths, real))
		CHECK_WARNING(check, key,
			"%s cannot be run: as paths are listed for the service, it must be in "
			"exec_paths, too",
			path);
}

/* A program that the user can execute, as far as its mode tells. */
static void check_program_file(struct check *check, enum key_id key, const char *path)
{
	if (*path != '/' || !may_see(check, path))
		return;
	check_beginning(check, key, path);
	check_listed(check, key, path);
}

/* A file to append to. */
static void check_output(struct check *check, enum key_id key, const char *path)
{
	const char *name = key_table[key].name, *slash = path ? strrchr(path, '/') : NULL;
	char directory[PATH_MAX];
	struct stat st;

	if (!path || !may_see(check, path))
		return;
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		CHECK_WARNING(check, key,
			"%s: %s is a symbolic link, which is not followed: name the file itself",
			name, path);
	else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		CHECK_WARNING(check, key, "%s: %s is a directory: name a file in it", name, path);
	else if (key == KEY_LOG_TO && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		CHECK_WARNING(check, key, "%s: %s is no regular file", name, path);
	else if (*directory && access(directory, F_OK) < 0)
		CHECK_WARNING(check, key, "%s: the directory %s does not exist", name, directory);
}

/* The directory of a key, below `root` where that is not NULL. */
static void check_directory(
	struct check *check, enum key_id key, const char *root, const char *path)
{
	char whole[PATH_MAX];
	struct stat st;

	if (!path || *path != '/' ||
		snprintf(whole, sizeof(whole), "%s%s", root ? root : "", path) >= PATH_MAX ||
		!may_see(check, whole))
		return;
	/* A link may lead elsewhere from there. */
	if (root && lstat(whole, &st) == 0 && S_ISLNK(st.st_mode))
		return;
	if (stat(whole, &st) < 0)
		CHECK_WARNING(check, key, "%s: %s: %s: the program will not start",
			key_table[key].name, whole, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		CHECK_WARNING(check, key, "%s: %s is not a directory: the program will not start",
			key_table[key].name, whole);
}

static void check_socket_directory(struct check *check, const struct endpoint *endpoint)
{
	const char *path = sockaddr_kept_path(&endpoint->addr), *slash = strrchr(path, '/');
	enum key_id key = check->draft->set[KEY_LISTEN] ? KEY_LISTEN : KEY_PORT;
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (may_see(check, path) && *directory && access(directory, F_OK) < 0 && errno == ENOENT)
		CHECK_WARNING(check, key,
			"the directory %s of the socket does not exist: there is no socket before "
			"it does",
			directory);
}

/* True if root may become any user: not so in every container. */
static bool may_set_uid(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	return syscall(SYS_capget, &header, data) < 0 ||
	       (data[0].effective & 1U << CAP_SETUID && data[0].effective & 1U << CAP_SETGID);
}

static void check_rights(struct check *check)
{
	const struct identity *identity = &check->policy->identity;

	if (!getuid() && !geteuid() && identity->uid && !may_set_uid())
		CHECK_WARNING(check, KEY_USER,
			"inetd lacks the right to become %s (CAP_SETUID, CAP_SETGID): the program "
			"will not "
			"start",
			identity->user);
}

/* A protocol that few kernels have, or that is a module which is not there. */
static void check_kernel(struct check *check)
{
	const struct service *service = check->service;
	int fd, family = service->endpoint_count ? service->endpoints[0].addr.addr.sa.sa_family : 0;

	if (!family || family == AF_UNIX || service->ip_protocol == IPPROTO_TCP ||
		service->ip_protocol == IPPROTO_UDP)
		return;
	fd = socket(family, service->socktype | SOCK_CLOEXEC, service->endpoints[0].protocol);
	if (fd < 0 && (errno == EPROTONOSUPPORT || (errno == EAFNOSUPPORT && family == AF_VSOCK)))
		CHECK_WARNING(check, KEY_PROTOCOL, "this kernel has no %s, or may not load it",
			service->protocol);
	fd_close(&fd);
}

void check_files(struct check *check)
{
	const struct cage *cage = check->policy->cage ? check->policy->cage : &cage_none;
	struct service *service = check->service;

	check_kernel(check);
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].addr.addr.sa.sa_family == AF_UNIX)
			check_socket_directory(check, &service->endpoints[i]);
	check_output(check, KEY_LOG_TO, check->policy->log_to.path);
	if (!service->server || !check->policy->identity.user)
		return;
	check_rights(check);
	check_output(check, KEY_STDERR, check->policy->context.errors.path);
	check_directory(check, KEY_CHROOT, NULL, cage->chroot);
	check_directory(check, KEY_DIRECTORY, cage->chroot, cage->directory);
	if (cage->chroot)
		return; /* another tree, with users and links of its own */
	if (check->policy->wrapper && !check->wrapper_err)
		check_program_file(check, KEY_WRAPPER, check->policy->wrapper[0]);
	if (!check->server_err)
		check_program_file(check, KEY_SERVER, service->server);
}

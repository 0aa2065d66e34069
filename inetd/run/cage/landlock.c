/* landlock: see landlock.h. The constants are the kernel's own (landlock(7)); the headers of a
 * libc may be older than the kernel. */
#include "run/cage/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdutil.h"

#define CREATE_RULESET 444
#define ADD_RULE       445
#define ASK_VERSION    1U

enum { RULE_PATH = 1, RULE_PORT = 2 };

/* Rights to files, by the version that brought them. */
enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	READ_FILE = 1 << 2,
	READ_DIR = 1 << 3,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	MAKE_CHAR = 1 << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	MAKE_FIFO = 1 << 10,
	MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12,
	REFER = 1 << 13,     /* 2 */
	TRUNCATE = 1 << 14,  /* 3 */
	IOCTL_DEV = 1 << 15, /* 5 */

	RIGHTS_1 = (1 << 13) - 1,
	RIGHTS_TO_READ = READ_FILE | READ_DIR,
	RIGHTS_TO_EXECUTE = EXECUTE | RIGHTS_TO_READ,
	RIGHTS_TO_WRITE = RIGHTS_TO_READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR |
			  MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE,
	RIGHTS_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
};

enum { BIND_TCP = 1, CONNECT_TCP = 2 };        /* 4 */
enum { SCOPE_ABSTRACT = 1, SCOPE_SIGNAL = 2 }; /* 6 */

struct ruleset {
	uint64_t files, ports, scopes;
};

struct path_rule {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t rights, port;
};

int landlock_abi(void)
{
	long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);

	return version < 0 ? 0 : (int)version;
}

static bool has_paths(const struct cage *cage)
{
	return cage->read_paths || cage->write_paths || cage->exec_paths;
}

/* The connection of a program that keeps to it is a socket of the machine's network: by connect(2)
 * it could be led to anybody else. A filter of system calls refuses that too, where there is one.
 */
static bool is_closed(const struct cage *cage, int abi)
{
	return cage->network != CAGE_NETWORK_YES && abi >= 4;
}

bool landlock_is_wanted(const struct cage *cage)
{
	return has_paths(cage) || cage->connect_ports.ports || cage->bind_ports.ports ||
	       cage->scoped || is_closed(cage, landlock_abi());
}

/* What this kernel knows of what the cage asks for. */
static struct ruleset handled(const struct cage *cage, int abi)
{
	struct ruleset set = {0};

	if (has_paths(cage)) {
		set.files = RIGHTS_1;
		set.files |= abi >= 2 ? REFER : 0;
		set.files |= abi >= 3 ? TRUNCATE : 0;
		set.files |= abi >= 5 ? IOCTL_DEV : 0;
	}
	if (abi >= 4) {
		set.ports |= cage->bind_ports.ports || is_closed(cage, abi) ? BIND_TCP : 0;
		set.ports |= cage->connect_ports.ports || is_closed(cage, abi) ? CONNECT_TCP : 0;
	}
	if (abi >= 6 && cage->scoped)
		set.scopes = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return set;
}

/* Kernels refuse what is longer than they know unless the rest is 0. */
static int create(const struct ruleset *set)
{
	return (int)syscall(CREATE_RULESET, set, sizeof(*set), 0);
}

static int add_path(int ruleset, const char *path, uint64_t rights)
{
	bool may_be_missing = *path == '-';
	int fd = open(path + may_be_missing, O_PATH | O_CLOEXEC);
	struct path_rule rule = {.rights = rights, .fd = fd};
	struct stat st;
	int result;

	if (fd < 0)
		return may_be_missing && (errno == ENOENT || errno == ENOTDIR) ? 0 : -1;
	result = fstat(fd, &st);
	if (!result && !S_ISDIR(st.st_mode))
		rule.rights &= RIGHTS_OF_A_FILE;
	if (!result && rule.rights)
		result = (int)syscall(ADD_RULE, ruleset, RULE_PATH, &rule, 0);
	fd_close(&fd);
	return result;
}

static int add_paths(int ruleset, char *const *paths, uint64_t rights, const char **subject)
{
	for (; paths && *paths; paths++)
		if (add_path(ruleset, *paths, rights) < 0) {
			*subject = *paths + (**paths == '-');
			return -1;
		}
	return 0;
}

static int add_ports(int ruleset, const struct cage_ports *list, uint64_t right)
{
	for (uint32_t i = 0; i < list->count; i++) {
		struct port_rule rule = {.rights = right, .port = list->ports[i]};

		if (syscall(ADD_RULE, ruleset, RULE_PORT, &rule, 0) < 0)
			return -1;
	}
	return 0;
}

int landlock_make(const struct cage *cage, const char **subject)
{
	struct ruleset set = handled(cage, landlock_abi());
	int fd;

	*subject = "landlock_create_ruleset";
	fd = create(&set);
	if (fd < 0)
		return -1;
	if (add_paths(fd, cage->read_paths, RIGHTS_TO_READ & set.files, subject) < 0 ||
		add_paths(fd, cage->write_paths, RIGHTS_TO_WRITE & set.files, subject) < 0 ||
		add_paths(fd, cage->exec_paths, RIGHTS_TO_EXECUTE & set.files, subject) < 0)
		goto failed;
	*subject = "landlock_add_rule";
	if ((set.ports & BIND_TCP && add_ports(fd, &cage->bind_ports, BIND_TCP) < 0) ||
		(set.ports & CONNECT_TCP && add_ports(fd, &cage->connect_ports, CONNECT_TCP) < 0))
		goto failed;
	return fd;
failed:
	fd_close(&fd);
	return -1;
}

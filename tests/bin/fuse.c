/* fuse: a file system that does not answer, for programs and files on it; without any library.
 *
 *	fuse DIRECTORY COMMAND...	mounts it and runs the command, which it ends with
 *
 * What is in it, by the beginning of the name: run... is a script of /bin/cat; open... is never
 * opened, stat... not even looked up; dirty... takes writes into the cache, from where they never
 * get away, so that its last close waits. All of it says that it is of root. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROOT      FUSE_ROOT_ID
#define NAMES     64
#define NAME_SIZE 64

static const char script[] = "#!/bin/cat\n";
static char names[NAMES][NAME_SIZE]; /* node ROOT + 1 is the first */
static unsigned count;
static int device;

static const char *name_of(uint64_t node)
{
	return node > ROOT && node - ROOT <= count ? names[node - ROOT - 1] : "";
}

static int begins(uint64_t node, const char *with)
{
	return !strncmp(name_of(node), with, strlen(with));
}

static void answer(uint64_t unique, int error, const void *data, size_t len)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + len), .error = -error, .unique = unique};
	struct iovec parts[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)data, len}};

	if (writev(device, parts, 2) < 0 && errno != ENOENT)
		exit(1);
}

static struct fuse_attr attr_of(uint64_t node)
{
	return (struct fuse_attr){.ino = node,
		.size = begins(node, "run") ? sizeof(script) - 1 : 0,
		.mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0777,
		.nlink = 1,
		.blksize = 4096};
}

static void look_up(uint64_t unique, const char *name)
{
	struct fuse_entry_out out = {0};
	unsigned i;

	if (!strncmp(name, "stat", 4))
		return;
	for (i = 0; i < count && strcmp(names[i], name) != 0; i++)
		;
	if (i == NAMES) {
		answer(unique, ENOSPC, NULL, 0);
		return;
	}
	if (i == count)
		strlcpy(names[count++], name, NAME_SIZE);
	out.nodeid = ROOT + 1 + i;
	out.attr = attr_of(out.nodeid);
	answer(unique, 0, &out, sizeof(out));
}

static void attributes(uint64_t unique, uint64_t node)
{
	struct fuse_attr_out out = {.attr = attr_of(node)};

	answer(unique, 0, &out, sizeof(out));
}

static void open_node(uint64_t unique, uint64_t node)
{
	struct fuse_open_out out = {.fh = node};

	if (!begins(node, "open"))
		answer(unique, 0, &out, sizeof(out));
}

static void init(uint64_t unique, const struct fuse_init_in *in)
{
	struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = in->max_readahead,
		.flags = in->flags & FUSE_WRITEBACK_CACHE,
		.max_write = 65536,
		.max_background = 16,
		.congestion_threshold = 12};

	answer(unique, 0, &out, sizeof(out));
}

static void serve(const struct fuse_in_header *head, const void *data)
{
	switch (head->opcode) {
	case FUSE_INIT:
		init(head->unique, data);
		break;
	case FUSE_LOOKUP:
		look_up(head->unique, data);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		attributes(head->unique, head->nodeid);
		break;
	case FUSE_OPEN:
		open_node(head->unique, head->nodeid);
		break;
	case FUSE_READ:
		answer(head->unique, 0, script,
			begins(head->nodeid, "run") && !((const struct fuse_read_in *)data)->offset
				? sizeof(script) - 1
				: 0);
		break;
	case FUSE_RELEASE:
		answer(head->unique, 0, NULL, 0);
		break;
	case FUSE_WRITE: /* never */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(head->unique, ENOSYS, NULL, 0);
	}
}

/* Until `command` has ended, which may have done so before that could be asked for. */
static void serve_all(pid_t command)
{
	static char room[1 << 18] __attribute__((aligned(8)));
	ssize_t len;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != command)
		exit(0);
	while ((len = read(device, room, sizeof(room))) > 0 || errno == EINTR)
		if (len > 0)
			serve((const void *)room, room + sizeof(struct fuse_in_header));
	exit(0);
}

int main(int argc, char **argv)
{
	pid_t self = getpid();
	char options[128];

	if (argc < 3)
		errx(2, "usage: fuse DIRECTORY COMMAND...");
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		err(1, "/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other",
		device);
	if (mount("inetd-test", argv[1], "fuse", 0, options) < 0)
		err(1, "mount");
	if (fork() == 0)
		serve_all(self);
	close(device);
	execvp(argv[2], argv + 2);
	err(1, "%s", argv[2]);
}

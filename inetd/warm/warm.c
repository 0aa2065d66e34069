/* warm: a library that inetd(8) preloads into a program of a service with spares. Before main() it
 * waits until a connection comes, in the way that inetd-services(7) tells programs to; then
 * everything is as if the program had been started for that connection: descriptors, environment,
 * nothing of ours left in either. Needs libc alone. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ /* musl 1.2.3 */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define LINK_NAME     "INETD_READY="
#define OWN_VARIABLES 2 /* the last ones: LINK_NAME and LD_PRELOAD */
#define MESSAGE_BYTES 65536
#define STRINGS_MOST  1024
#define FDS           2
#define PREPARED_MOST (8 << 20) /* bytes of programs and libraries */

/* The new environment, as it came. Pages that are not written take no memory. */
static char message[MESSAGE_BYTES];
static char *strings[STRINGS_MOST + 1];

/* Returns the bytes of the message, or 0 at the end; its descriptors are in fds, -1 for none. */
static size_t receive(int link, int fds[FDS])
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(FDS * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = message, .iov_len = sizeof(message)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control};
	const struct cmsghdr *cmsg;
	ssize_t len;

	do {
		msg.msg_controllen = sizeof(control);
		len = recvmsg(link, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && (errno == EINTR || errno == ECONNRESET));
	cmsg = len > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS ||
		msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || message[len - 1])
		return 0;
	memcpy(fds, CMSG_DATA(cmsg), cmsg->cmsg_len - CMSG_LEN(0));
	return (size_t)len;
}

/* The first is to be 0 and 1, the second 2. */
static bool place(int fds[FDS])
{
	if (dup2(fds[0], STDIN_FILENO) < 0 || dup2(fds[0], STDOUT_FILENO) < 0 ||
		(fds[1] >= 0 && dup2(fds[1], STDERR_FILENO) < 0))
		return false;
	close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	return true;
}

/* The strings of the message, as pointers; how many there are. */
static size_t split(size_t len)
{
	size_t count = 0;

	for (char *at = message; at < message + len && count < STRINGS_MOST; at += strlen(at) + 1)
		strings[count++] = at;
	strings[count] = NULL;
	return count;
}

/* What is the same at the end of both lists stays where it is: libraries may have kept a pointer to
 * it. The rest goes to where the old strings were, as far as there is room, so that /proc shows the
 * environment as it is (proc(5), environ). */
static void move_strings(char **list, size_t count, char *const *old, size_t old_count)
{
	char *at = old[0], *end = old[old_count - 1];
	size_t all = old_count - OWN_VARIABLES, same = 0, len = 0;

	while (same < all && same < count && !strcmp(list[count - 1 - same], old[all - 1 - same]))
		same++;
	end += strlen(end) + 1;
	memset(old[all], 0, (size_t)(end - old[all]));
	end = old[all - same];
	for (size_t i = 0; i < count - same; i++)
		len += strlen(list[i]) + 1;
	if (len <= (size_t)(end - at))
		for (size_t i = 0; i < count - same; i++) {
			list[i] = memmove(at, list[i], strlen(list[i]) + 1);
			at += strlen(at) + 1;
		}
	memset(at, 0, (size_t)(end - at));
	for (size_t i = 0; i < same; i++)
		list[count - same + i] = old[all - same + i];
}

/* Puts the pointers where the kernel put the old ones, so that whoever looks there finds them; an
 * entry that says nothing fills the room to the auxiliary vector, which follows (getauxval(3)).
 * False if the numbers do not fit. */
static bool put_in_place(char **list, size_t count, char **envp, size_t old_count)
{
	ElfW(auxv_t) *filler = (void *)(envp + count + 1);

	if (old_count != count + OWN_VARIABLES)
		return false;
	memcpy(envp, list, count * sizeof(*list));
	envp[count] = NULL;
	filler->a_type = AT_IGNORE;
	filler->a_un.a_val = 0;
	return true;
}

static bool replace_environment(size_t len, char **envp)
{
	size_t count = split(len), old_count = 0;

	while (envp[old_count])
		old_count++;
	if (old_count < OWN_VARIABLES)
		return false;
	move_strings(strings, count, envp, old_count);
	if (!put_in_place(strings, count, envp, old_count))
		environ = strings;
	return true;
}

/* Has the pages of one program or library there, so that nobody waits for them later. What the
 * loader has made read-only again, at the beginning of what may be written, stays as it is. */
static int prepare_pages(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from, end, read_only = 0;
	size_t *left = arg;

	(void)size;
	for (const ElfW(Phdr) *part = info->dlpi_phdr; part < info->dlpi_phdr + info->dlpi_phnum;
		part++)
		if (part->p_type == PT_GNU_RELRO)
			read_only = info->dlpi_addr + part->p_vaddr + part->p_memsz;
	for (const ElfW(Phdr) *part = info->dlpi_phdr; part < info->dlpi_phdr + info->dlpi_phnum;
		part++) {
		bool writes = part->p_flags & PF_W;

		from = info->dlpi_addr + part->p_vaddr;
		end = from + part->p_filesz;
		from = (writes && from < read_only ? read_only : from) & ~(page - 1);
		if (part->p_type != PT_LOAD || end <= from || end - from > *left)
			continue;
		*left -= end - from;
		madvise((void *)from, end - from,
			writes ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
	}
	return 0;
}

/* What the first lines of main() would wait for. */
static void prepare(void)
{
	size_t left = PREPARED_MOST;

	dl_iterate_phdr(prepare_pages, &left);
	free(malloc(1)); /* the heap has begun */
}

/* Somebody can stop it at any moment, without a signal. Where there is no /proc nobody knows. */
static bool is_traced(void)
{
	char text[512];
	const char *tracer = NULL;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (len > 0) {
		text[len] = 0;
		tracer = strstr(text, "TracerPid:\t");
	}
	return tracer && strtol(tracer + strlen("TracerPid:\t"), NULL, 10) > 0;
}

/* The libc of the machine gives constructors the arguments of main(). */
__attribute__((constructor)) static void wait_for_connection(int argc, char **argv, char **envp)
{
	int fds[FDS] = {-1, -1}, link, dumpable = prctl(PR_GET_DUMPABLE);
	const char *text = NULL;
	size_t len;

	(void)argc;
	(void)argv;
	for (char **one = envp; *one; one++)
		if (!strncmp(*one, LINK_NAME, strlen(LINK_NAME)))
			text = *one + strlen(LINK_NAME);
	if (!text)
		return;
	link = (int)strtol(text, NULL, 10);
	prepare();
	/* While it waits, other programs of its user cannot take it in hand (ptrace(2)). */
	prctl(PR_SET_DUMPABLE, 0);
	if (is_traced())
		_exit(0);
	send(link, "", 1, MSG_NOSIGNAL);
	len = receive(link, fds);
	if (!len || !place(fds) || !replace_environment(len, envp))
		_exit(0);
	prctl(PR_SET_DUMPABLE, dumpable);
	close(link);
}

/* refuse: runs a program for which system calls fail, as they do where the kernel does not have
 *them (ENOSYS) and below a filter that does not know them (EPERM).
 *
 *	refuse EPERM|ENOSYS new|NUMBER... -- COMMAND [ARGUMENT...]
 *
 * "new" are all that came after Linux 4.19: from 424 on they have the same numbers on all machines.
 * Not even the program that is run can allow them again. */
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

#define FIRST_NEW 424        /* pidfd_send_signal(2) of Linux 5.1 */
#define X32_BIT   0x40000000 /* not numbers of this machine */
#define MOST      64

static struct sock_filter code[MOST];
static unsigned short count;

static void add(struct sock_filter op)
{
	if (count == MOST)
		errx(2, "too many system calls");
	code[count++] = op;
}

/* Numbers from `first` to `last` fail. */
static void refuse(unsigned first, unsigned last, int error)
{
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error));
}

int main(int argc, char *argv[])
{
	struct sock_fprog program = {.filter = code};
	int error = argc > 1 && !strcmp(argv[1], "EPERM") ? EPERM : ENOSYS;
	int i = 2;

	add((struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *wrong = NULL;
		unsigned number = FIRST_NEW;

		if (strcmp(argv[i], "new") != 0)
			number = (unsigned)strtonum(argv[i], 0, X32_BIT - 1, &wrong);
		if (wrong)
			errx(2, "%s is %s", argv[i], wrong);
		refuse(number, strcmp(argv[i], "new") ? number : X32_BIT - 1, error);
	}
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	if (i + 1 >= argc)
		errx(2, "usage: refuse EPERM|ENOSYS new|NUMBER... -- COMMAND [ARGUMENT...]");
	program.len = count;
	/* Whoever may, does without: programs are to become who they shall be. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 &&
		(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0))
		err(2, "seccomp");
	execvp(argv[i + 1], argv + i + 1);
	err(127, "%s", argv[i + 1]);
}

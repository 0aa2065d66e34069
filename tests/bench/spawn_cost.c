/* spawn_cost: where the time of one start goes, in microseconds: the ways to start a program, with
 * few and with many open sockets; each step that a child may take before it executes; and the
 * system calls of the parent. Everything runs on one processor, so that a time is what parent and
 * child use of it together; rounds are interleaved.
 *
 *   spawn_cost [-n ROUNDS] [-x SOCKETS] PROGRAM     (an absolute path)
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"
#include "spawn_steps.h"

#define VARIANTS_MAX 32
#define LOW          0.1 /* low enough to be without what else the processor did */

static int null_fd;

_Noreturn static void usage(void)
{
	fputs("usage: spawn_cost [-n rounds] [-x sockets] program\n", stderr);
	exit(2);
}

static uint64_t *make_table(unsigned rounds)
{
	uint64_t *table = calloc((size_t)rounds * VARIANTS_MAX, sizeof(*table));

	if (!table)
		err(1, "memory");
	return table;
}

/* The ways, from the call until it returns (the program executes) and until it is reaped. */
static void print_ways(unsigned rounds, char *const argv[], unsigned sockets)
{
	uint64_t *returned_ns = make_table(rounds), *reaped_ns = make_table(rounds);

	for (unsigned round = 0; round < rounds; round++) {
		for (enum spawn_way way = 0; way < SPAWN_WAYS; way++) {
			uint64_t began_ns = steps_now_ns();
			pid_t pid = spawn_program(way, null_fd, argv);

			returned_ns[way * rounds + round] = steps_now_ns() - began_ns;
			waitpid(pid, NULL, 0);
			reaped_ns[way * rounds + round] = steps_now_ns() - began_ns;
		}
	}
	for (enum spawn_way way = 0; way < SPAWN_WAYS; way++) {
		uint64_t *returned = returned_ns + way * rounds, *reaped = reaped_ns + way * rounds;

		printf("  %-8s %6u %8.1f %8.1f %8.1f %8.1f\n", spawn_way_name(way), sockets,
			(double)steps_percentile(returned, rounds, 0.1) / 1e3,
			(double)steps_percentile(returned, rounds, 0.5) / 1e3,
			(double)steps_percentile(reaped, rounds, 0.1) / 1e3,
			(double)steps_percentile(reaped, rounds, 0.5) / 1e3);
	}
	free(returned_ns);
	free(reaped_ns);
}

static uint32_t base_mask(void)
{
	uint32_t mask = 0;

	for (unsigned i = 0; i < steps_count(); i++)
		if (strncmp(steps_name(i), "close_range", 11) == 0 ||
			strncmp(steps_name(i), "dup2", 4) == 0)
			mask |= 1U << i;
	return mask;
}

/* One start with the base and one more step (`step` beyond the last: nothing more). */
static uint64_t time_one(char *const argv[], unsigned step, uint64_t *direct_ns)
{
	uint64_t took_ns[VARIANTS_MAX] = {0}, began_ns;
	uint32_t mask = base_mask() | (step < steps_count() ? 1U << step : 0);
	pid_t pid;

	began_ns = steps_now_ns();
	pid = steps_spawn(null_fd, argv, mask, took_ns);
	waitpid(pid, NULL, 0);
	*direct_ns = step < steps_count() ? took_ns[step] : 0;
	return steps_now_ns() - began_ns;
}

static void print_steps(unsigned rounds, char *const argv[])
{
	unsigned count = steps_count();
	uint64_t *whole_ns = make_table(rounds), *direct_ns = make_table(rounds), base_ns;

	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned i = 0; i <= count; i++) {
			unsigned step = (round + i) % (count + 1);

			whole_ns[step * rounds + round] =
				time_one(argv, step, &direct_ns[step * rounds + round]);
		}
	}
	base_ns = steps_percentile(whole_ns + count * rounds, rounds, LOW);
	printf("  %-32s %8s %8.1f\n", "(share and dup2 alone)", "", (double)base_ns / 1e3);
	for (unsigned step = 0; step < count; step++) {
		uint64_t whole = steps_percentile(whole_ns + step * rounds, rounds, LOW);

		printf("  %-32s %8.2f %+8.1f\n", steps_name(step),
			(double)steps_percentile(direct_ns + step * rounds, rounds, 0.5) / 1e3,
			((double)whole - (double)base_ns) / 1e3);
	}
	free(whole_ns);
	free(direct_ns);
}

/* The last one that this process may use. */
static void stay_on_one_processor(void)
{
	cpu_set_t all, one;
	int last = 0;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		err(1, "sched_getaffinity");
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all))
			last = i;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		err(1, "sched_setaffinity");
}

int main(int argc, char *argv[])
{
	unsigned rounds = 1000, sockets = 5000;
	const char *error = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "n:x:")) != -1) {
		if (opt == 'n')
			rounds = (unsigned)strtonum(optarg, 10, 1000000, &error);
		else if (opt == 'x')
			sockets = (unsigned)strtonum(optarg, 0, 1000000, &error);
		else
			usage();
		if (error)
			usage();
	}
	argv += optind;
	if (argc - optind != 1 || argv[0][0] != '/')
		usage();
	stay_on_one_processor();
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	puts("start of a program (us): way, open sockets, call returns p10 p50, reaped p10 p50");
	print_ways(rounds, argv, 0);
	puts("step of the child (us): by itself p50, whole start with it p10 minus without");
	print_steps(rounds, argv);
	puts("system call of the parent (us): p50");
	parent_calls_print(rounds, argv);
	if (spawn_open_sockets(sockets) < 0)
		err(1, "opening %u sockets", sockets);
	puts("start of a program (us), many sockets");
	print_ways(rounds, argv, sockets);
	return 0;
}

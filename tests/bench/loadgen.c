/* loadgen: one thread that is many clients, and one line of key=value about what it saw.
 *
 *   loadgen conn   [options] ADDRESS PORT   connect to end of file, over and over
 *   loadgen burst  [options] ADDRESS PORT   the same, -c connections once, all together
 *   loadgen echo   [options] ADDRESS PORT   bytes per second over -c streams
 *   loadgen fetch  [options] ADDRESS PORT   /data over HTTP, once
 *   loadgen udp    [options] ADDRESS PORT   datagrams per second over -c sockets
 *   loadgen idle   [options] ADDRESS PORT   -c sessions that do nothing; memory of -P and its
 * children loadgen memory -P PID                   memory of a process and its children
 */
#include <arpa/inet.h>
#include <err.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gen.h"

static const struct mode {
	const char *name;
	int (*run)(const struct gen_options *options);
	bool talks, burst;
} modes[] = {
	{"conn", gen_conn, true, false},
	{"burst", gen_conn, true, true},
	{"echo", gen_echo, true, false},
	{"fetch", gen_fetch, true, false},
	{"udp", gen_udp, true, false},
	{"idle", gen_idle, true, false},
	{"memory", gen_memory, false, false},
};

_Noreturn static void usage(void)
{
	fputs("usage: loadgen conn|burst|echo|fetch|udp|idle [options] address port\n"
	      "       loadgen memory -P pid\n"
	      "  -c N   at once (1)              -n N   conn: end after N connections\n"
	      "  -t MS  time that counts (1000)  -w MS  warm-up before it (0)\n"
	      "  -T MS  patience after it (5000) -S N   source addresses in turn (0: one)\n"
	      "  -b N   bytes of a request, of a datagram (0; udp 64)\n"
	      "  -a N   least bytes of an answer (1)\n"
	      "  -W N   udp: datagrams under way per socket (128)\n"
	      "  -P PID the server               -H     idle: hold until standard input ends\n",
		stderr);
	exit(2);
}

static uint64_t number(const char *text, long long max)
{
	const char *error;
	long long value = strtonum(text, 0, max, &error);

	if (error)
		errx(2, "\"%s\" is %s", text, error);
	return (uint64_t)value;
}

static void read_options(int argc, char *argv[], struct gen_options *options)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:n:t:w:T:S:b:a:W:P:H")) != -1) {
		if (opt == 'c')
			options->concurrency = (uint32_t)number(optarg, 1000000);
		else if (opt == 'n')
			options->total = number(optarg, INT64_MAX);
		else if (opt == 't')
			options->run_ms = number(optarg, 3600000);
		else if (opt == 'w')
			options->warm_ms = number(optarg, 3600000);
		else if (opt == 'T')
			options->timeout_ms = number(optarg, 3600000);
		else if (opt == 'S')
			options->sources = (uint32_t)number(optarg, 65000);
		else if (opt == 'b')
			options->request_bytes = number(optarg, 1 << 30);
		else if (opt == 'a')
			options->answer_bytes = number(optarg, 1 << 30);
		else if (opt == 'W')
			options->window = (uint32_t)number(optarg, 1000000);
		else if (opt == 'P')
			options->pid = (pid_t)number(optarg, INT32_MAX);
		else if (opt == 'H')
			options->hold = true;
		else
			usage();
	}
}

/* All descriptors there may be: thousands of clients live here. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char *argv[])
{
	struct gen_options options = {.concurrency = 1,
		.run_ms = 1000,
		.timeout_ms = 5000,
		.answer_bytes = 1,
		.window = 128};
	const struct mode *mode = NULL;

	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, argv[1]) == 0)
			mode = &modes[i];
	if (!mode)
		usage();
	if (mode->run == gen_udp)
		options.request_bytes = 64;
	read_options(argc - 1, argv + 1, &options);
	argc -= optind + 1;
	argv += optind + 1;
	if (argc != (mode->talks ? 2 : 0) || options.concurrency == 0 ||
		(!mode->talks && options.pid == 0))
		usage();
	if (mode->talks) {
		options.server.sin_family = AF_INET;
		options.server.sin_port = htons((in_port_t)number(argv[1], 65535));
		if (inet_pton(AF_INET, argv[0], &options.server.sin_addr) != 1)
			errx(2, "\"%s\" is not an IPv4 address", argv[0]);
	}
	if (mode->burst)
		options.total = options.concurrency;
	raise_descriptors();
	return mode->run(&options);
}

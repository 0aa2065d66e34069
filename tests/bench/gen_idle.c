/* gen_idle: echo sessions that are opened, proved alive by one byte there and back, and then left
 * alone while the server's memory is read. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen.h"

#define BATCH 256
#define AHEAD 256 /* sessions that are being opened at once */

static struct {
	const struct gen_options *options;
	int epoll_fd;
	int *fds; /* options->concurrency of them; -1: failed */
	uint32_t opened, opening, alive;
	struct failures failures;
} run;

static void session_fail(uint32_t place, int error)
{
	failures_add(&run.failures, error);
	run.opening--;
	close(run.fds[place]);
	run.fds[place] = -1;
}

static void session_open(uint32_t place)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.u32 = place};

	run.opened++;
	run.opening++;
	run.fds[place] = gen_connect(run.options, place);
	if (run.fds[place] < 0 ||
		epoll_ctl(run.epoll_fd, EPOLL_CTL_ADD, run.fds[place], &event) < 0)
		session_fail(place, errno);
}

/* Connected: send a byte; it came back: done. */
static void session_handle(uint32_t place, uint32_t events)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = place};
	int fd = run.fds[place];
	char byte = 'i';
	ssize_t n;

	if (fd < 0)
		return;
	if (events & EPOLLERR) {
		session_fail(place, gen_socket_error(fd));
		return;
	}
	if (events & EPOLLOUT) {
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
			session_fail(place, errno);
		else
			epoll_ctl(run.epoll_fd, EPOLL_CTL_MOD, fd, &event);
		return;
	}
	n = recv(fd, &byte, 1, 0);
	if (n != 1) {
		session_fail(place, n < 0 ? errno : FAILED_SHORT);
		return;
	}
	epoll_ctl(run.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	run.opening--;
	run.alive++;
}

static void open_all(uint64_t until_ns)
{
	while (gen_now_ns() < until_ns) {
		struct epoll_event events[BATCH];
		int n;

		while (run.opened < run.options->concurrency && run.opening < AHEAD)
			session_open(run.opened);
		if (run.opening == 0 && run.opened == run.options->concurrency)
			break;
		n = epoll_wait(run.epoll_fd, events, BATCH, gen_until_ms(until_ns));
		for (int i = 0; i < n; i++)
			session_handle(events[i].data.u32, events[i].events);
	}
	for (; run.opening > 0; run.opening--)
		failures_add(&run.failures, ETIMEDOUT);
}

static void print_result(double took_ms, const struct memory *before)
{
	struct memory after = {0};

	memory_sum(run.options->pid, &after);
	printf("mode=idle sessions=%u alive=%u took_ms=%.1f processes=%llu",
		run.options->concurrency, run.alive, took_ms, (unsigned long long)after.processes);
	printf(" rss_kib=%llu rss_before_kib=%llu anonymous_kib=%llu anonymous_before_kib=%llu",
		(unsigned long long)after.rss_kib, (unsigned long long)before->rss_kib,
		(unsigned long long)after.anonymous_kib, (unsigned long long)before->anonymous_kib);
	printf(" bytes_per_session=%.0f",
		run.alive && after.anonymous_kib > before->anonymous_kib
			? (double)(after.anonymous_kib - before->anonymous_kib) * 1024 / run.alive
			: 0);
	failures_print(&run.failures);
	putchar('\n');
	fflush(stdout);
}

int gen_idle(const struct gen_options *options)
{
	uint64_t began_ns = gen_now_ns();
	struct memory before = {0};
	char ignored[64];

	run.options = options;
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	run.fds = calloc(options->concurrency, sizeof(*run.fds));
	if (run.epoll_fd < 0 || !run.fds) {
		perror("loadgen");
		return 1;
	}
	memory_sum(options->pid, &before);
	open_all(began_ns + options->run_ms * 1000000 + options->timeout_ms * 1000000);
	print_result((double)(gen_now_ns() - began_ns) / 1e6, &before);
	while (options->hold && read(STDIN_FILENO, ignored, sizeof(ignored)) > 0)
		;
	return run.alive == 0;
}

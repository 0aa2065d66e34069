/* gen_echo: streams kept full in both directions; what comes back is counted, and at the end that
 * everything came back. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen.h"

#define BATCH 64

struct stream {
	int fd;             /* -1: over */
	uint64_t sent, got; /* bytes */
};

static struct {
	const struct gen_options *options;
	int epoll_fd;
	struct stream *streams;
	uint32_t open;
	bool ending;   /* send no more, wait for the rest */
	uint64_t got;  /* bytes of all streams */
	uint64_t lost; /* bytes that did not come back */
	struct failures failures;
} run;

static char out[65536], in[262144];

static void stream_end(struct stream *stream, int error)
{
	if (error)
		failures_add(&run.failures, error);
	else if (stream->got < stream->sent)
		failures_add(&run.failures, FAILED_SHORT);
	run.lost += stream->sent - stream->got;
	close(stream->fd);
	stream->fd = -1;
	run.open--;
}

static int stream_open(uint32_t place)
{
	struct stream *stream = &run.streams[place];
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = place};

	*stream = (struct stream){.fd = gen_connect(run.options, place)};
	if (stream->fd < 0 || epoll_ctl(run.epoll_fd, EPOLL_CTL_ADD, stream->fd, &event) < 0)
		return -1;
	run.open++;
	return 0;
}

/* Sends all there is room for, no further ahead than a socket's buffers hold. */
static int stream_send(struct stream *stream)
{
	ssize_t n = send(stream->fd, out, sizeof(out), MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	stream->sent += (size_t)n;
	return 0;
}

static void stream_receive(struct stream *stream)
{
	ssize_t n = recv(stream->fd, in, sizeof(in), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		stream_end(stream, n < 0 ? errno : 0);
		return;
	}
	stream->got += (size_t)n;
	run.got += (size_t)n;
	if (run.ending && stream->got == stream->sent)
		stream_end(stream, 0);
}

static void stream_handle(struct stream *stream, uint32_t events)
{
	if (stream->fd < 0)
		return;
	if (events & EPOLLERR) {
		stream_end(stream, gen_socket_error(stream->fd));
		return;
	}
	if (events & EPOLLOUT && !run.ending && stream_send(stream) < 0) {
		stream_end(stream, errno);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP))
		stream_receive(stream);
}

static void run_until(uint64_t until_ns)
{
	while (run.open > 0 && gen_now_ns() < until_ns) {
		struct epoll_event events[BATCH];
		int n = epoll_wait(run.epoll_fd, events, BATCH, gen_until_ms(until_ns));

		for (int i = 0; i < n; i++)
			stream_handle(&run.streams[events[i].data.u32], events[i].events);
	}
}

static void stop_sending(void)
{
	run.ending = true;
	for (uint32_t place = 0; place < run.options->concurrency; place++) {
		struct stream *stream = &run.streams[place];
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = place};

		if (stream->fd < 0)
			continue;
		epoll_ctl(run.epoll_fd, EPOLL_CTL_MOD, stream->fd, &event);
		if (stream->got == stream->sent)
			stream_end(stream, 0);
	}
}

int gen_echo(const struct gen_options *options)
{
	uint64_t began_ns, counted_from;
	double seconds, mib;

	memset(out, 'e', sizeof(out));
	run.options = options;
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	run.streams = calloc(options->concurrency, sizeof(*run.streams));
	if (run.epoll_fd < 0 || !run.streams) {
		perror("loadgen");
		return 1;
	}
	for (uint32_t place = 0; place < options->concurrency; place++)
		if (stream_open(place) < 0)
			failures_add(&run.failures, errno);
	run_until(gen_now_ns() + options->warm_ms * 1000000);
	counted_from = run.got;
	began_ns = gen_now_ns();
	run_until(began_ns + options->run_ms * 1000000);
	seconds = (double)(gen_now_ns() - began_ns) / 1e9;
	mib = (double)(run.got - counted_from) / 1048576.0;
	stop_sending();
	run_until(gen_now_ns() + options->timeout_ms * 1000000);
	for (uint32_t place = 0; place < options->concurrency; place++)
		if (run.streams[place].fd >= 0)
			stream_end(&run.streams[place], ETIMEDOUT);
	printf("mode=echo streams=%u mib_per_second=%.1f lost_bytes=%llu", options->concurrency,
		mib / seconds, (unsigned long long)run.lost);
	failures_print(&run.failures);
	putchar('\n');
	free(run.streams);
	close(run.epoll_fd);
	return run.got == 0;
}

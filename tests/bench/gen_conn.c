/* gen_conn: connections from connect to end of file, as many at once as asked for; each that ends
 * is replaced at once. A burst is the case where all of them are opened together. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gen.h"
#include "hist.h"

#define BATCH 256

struct connection {
	int fd; /* -1: this place is free */
	uint64_t began_ns;
	size_t sent, got; /* bytes */
};

static struct {
	const struct gen_options *options;
	int epoll_fd;
	struct connection *connections; /* options->concurrency of them */
	uint64_t opened, answered, under_way;
	uint64_t counted; /* answered between the next two */
	uint64_t count_from_ns, count_until_ns;
	uint64_t last_ns; /* when the latest answer was complete */
	struct hist latency;
	struct failures failures;
} run;

static char request[65536], answer[65536];

static bool opens_more(uint64_t now_ns)
{
	if (run.options->total)
		return run.opened < run.options->total;
	return now_ns < run.count_until_ns;
}

/* Returns false if the connection failed at once. */
static bool open_one(uint32_t place)
{
	struct connection *connection = &run.connections[place];
	struct epoll_event event = {.data.u32 = place};

	*connection = (struct connection){.fd = -1, .began_ns = gen_now_ns()};
	connection->fd = gen_connect(run.options, run.opened++);
	event.events = run.options->request_bytes ? EPOLLOUT : EPOLLIN;
	if (connection->fd < 0 ||
		epoll_ctl(run.epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0) {
		failures_add(&run.failures, errno);
		if (connection->fd >= 0)
			close(connection->fd);
		connection->fd = -1;
		return false;
	}
	run.under_way++;
	return true;
}

static void end_one(struct connection *connection, int error)
{
	uint64_t now_ns = gen_now_ns();

	close(connection->fd);
	connection->fd = -1;
	run.under_way--;
	if (error == 0 && connection->got < run.options->answer_bytes)
		failures_add(&run.failures, FAILED_SHORT);
	else if (error != 0)
		failures_add(&run.failures, error);
	else {
		run.answered++;
		run.last_ns = now_ns;
		if (now_ns >= run.count_from_ns && now_ns < run.count_until_ns) {
			run.counted++;
			hist_add(&run.latency, now_ns - connection->began_ns);
		}
	}
	/* where this fails at once the place stays empty: no busy loop over a lack of ports */
	if (opens_more(now_ns))
		open_one((uint32_t)(connection - run.connections));
}

/* Returns 0 when there is more to wait for, else 1 with *error set. */
static int send_request(struct connection *connection, uint32_t place, int *error)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = place};
	size_t left = run.options->request_bytes - connection->sent;
	ssize_t n;

	n = send(connection->fd, request, left < sizeof(request) ? left : sizeof(request),
		MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN) {
		*error = errno;
		return 1;
	}
	connection->sent += n > 0 ? (size_t)n : 0;
	if (connection->sent == run.options->request_bytes) {
		shutdown(connection->fd, SHUT_WR);
		epoll_ctl(run.epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
	}
	return 0;
}

static int read_answer(struct connection *connection, int *error)
{
	for (;;) {
		ssize_t n = recv(connection->fd, answer, sizeof(answer), 0);

		if (n > 0) {
			connection->got += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EAGAIN)
			return 0;
		*error = n < 0 ? errno : 0;
		return 1;
	}
}

static void handle_event(const struct epoll_event *event)
{
	uint32_t place = event->data.u32;
	struct connection *connection = &run.connections[place];
	int error = 0;

	if (connection->fd < 0)
		return;
	if (event->events & EPOLLERR) {
		error = gen_socket_error(connection->fd);
		end_one(connection, error ? error : EPIPE);
		return;
	}
	if (event->events & EPOLLOUT ? send_request(connection, place, &error)
				     : read_answer(connection, &error))
		end_one(connection, error);
}

static void handle_batch(int timeout_ms)
{
	struct epoll_event events[BATCH];
	int n = epoll_wait(run.epoll_fd, events, BATCH, timeout_ms);

	for (int i = 0; i < n; i++)
		handle_event(&events[i]);
}

static void give_up_on_rest(void)
{
	for (uint32_t place = 0; place < run.options->concurrency; place++) {
		if (run.connections[place].fd < 0)
			continue;
		close(run.connections[place].fd);
		failures_add(&run.failures, ETIMEDOUT);
	}
}

static void print_result(uint64_t began_ns)
{
	uint64_t counted_ns = run.count_until_ns - run.count_from_ns;
	uint64_t took_ns = run.last_ns > began_ns ? run.last_ns - began_ns : 0;

	if (run.options->total)
		counted_ns = took_ns ? took_ns : 1;
	printf("mode=conn concurrency=%u answered=%llu per_second=%.1f took_ms=%.2f",
		run.options->concurrency, (unsigned long long)run.answered,
		(double)run.counted * 1e9 / (double)counted_ns, (double)took_ns / 1e6);
	printf(" p50_us=%.1f p90_us=%.1f p99_us=%.1f p999_us=%.1f",
		(double)hist_percentile(&run.latency, 0.5) / 1e3,
		(double)hist_percentile(&run.latency, 0.9) / 1e3,
		(double)hist_percentile(&run.latency, 0.99) / 1e3,
		(double)hist_percentile(&run.latency, 0.999) / 1e3);
	failures_print(&run.failures);
	putchar('\n');
}

int gen_conn(const struct gen_options *options)
{
	uint64_t began_ns = gen_now_ns(), deadline_ns;
	uint32_t failed = 0;

	run.options = options;
	run.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	run.connections = calloc(options->concurrency, sizeof(*run.connections));
	if (run.epoll_fd < 0 || !run.connections) {
		perror("loadgen");
		return 1;
	}
	run.count_from_ns = began_ns + options->warm_ms * 1000000;
	run.count_until_ns = run.count_from_ns + options->run_ms * 1000000;
	deadline_ns = run.count_until_ns + options->timeout_ms * 1000000;
	if (options->total) {
		run.count_from_ns = began_ns;
		run.count_until_ns = UINT64_MAX;
	}
	for (uint32_t place = 0; place < options->concurrency; place++)
		failed += !open_one(place);
	while (run.under_way > 0 && gen_now_ns() < deadline_ns)
		handle_batch(gen_until_ms(deadline_ns));
	give_up_on_rest();
	print_result(began_ns);
	free(run.connections);
	close(run.epoll_fd);
	return failed == options->concurrency;
}

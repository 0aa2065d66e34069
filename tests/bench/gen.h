/* gen: what the modes of loadgen share: options, the clock, sockets from rotating sources,
 * counting of failures. One thread, epoll, everything non-blocking. */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct gen_options {
	struct sockaddr_in server;
	uint32_t concurrency; /* connections, streams, sessions or sockets at once */
	uint32_t window;      /* udp: datagrams under way per socket */
	uint64_t total;       /* conn: end after this many; 0 = when run_ms is over */
	uint64_t warm_ms;     /* not counted */
	uint64_t run_ms;      /* counted */
	uint64_t timeout_ms;  /* patience, after run_ms, with what has not been answered */
	uint32_t sources;     /* this many source addresses in turn; 0 = the kernel's choice */
	size_t request_bytes; /* conn: sent, then the sending side is shut; udp: size of a datagram
			       */
	size_t answer_bytes;  /* conn, fetch: an answer shorter than this is a failure */
	pid_t pid;            /* idle, memory: the server; 0 = nobody */
	bool hold;            /* idle: until end of file on standard input */
};

/* What went wrong, by errno; FAILED_SHORT is an end of file before the answer was complete,
 * ETIMEDOUT also what was still under way at the end. */
#define FAILED_SHORT 0
#define FAILED_ERRNO 160
struct failures {
	uint64_t total;
	uint64_t by_errno[FAILED_ERRNO];
};

/* The modes. Each prints one line of key=value pairs and returns the exit status: 0, or 1 when it
 * could not measure at all (message on standard error). */
int gen_conn(const struct gen_options *options);
int gen_echo(const struct gen_options *options);
int gen_fetch(const struct gen_options *options);
int gen_udp(const struct gen_options *options);
int gen_idle(const struct gen_options *options);
int gen_memory(const struct gen_options *options);

/* Nanoseconds of the monotonic clock. */
uint64_t gen_now_ns(void);

/* Milliseconds from now until a point in time, for epoll_wait(2): 0 when past, else 1 to 1000. */
int gen_until_ms(uint64_t until_ns);

/* An address for a client: `host` within the server's own /8, which is all the machine's own where
 * that is 127.0.0.0/8. */
struct in_addr gen_source(const struct gen_options *options, uint32_t host);

/* Starts to connect, from the source address whose turn it is (`serial` counts up). Closing the
 * socket sends a reset, so that nothing is left in TIME_WAIT. Returns a non-blocking descriptor,
 * or -1 with errno (socket(2), bind(2), connect(2)). */
int gen_connect(const struct gen_options *options, uint64_t serial);

/* The error that a socket has to report, 0 for none. */
int gen_socket_error(int fd);

void failures_add(struct failures *failures, int error);

/* " failed=N" and " ECONNRESET=N"... for each kind there is. */
void failures_print(const struct failures *failures);

/* Memory (proc(5), smaps_rollup). Private counts pages of files too that nobody else maps at the
 * moment; anonymous is what the process has written, shared evenly among those that still share
 * it after a fork, whoever else runs. */
struct memory {
	uint64_t rss_kib, private_clean_kib, private_dirty_kib, anonymous_kib, processes;
};

/* The sum over a process and all its descendants; zeros for a pid of 0. */
void memory_sum(pid_t root, struct memory *sum);

#endif

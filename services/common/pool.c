/* pool: see pool.h. The manager's side. */
#include "common/pool.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/fdpass.h"
#include "common/io.h"

#define AT_ONCE_MS 1000

static enum pool_state state_of(const struct pool *pool, unsigned i)
{
	return (enum pool_state)atomic_load(&pool->board->seats[i].state);
}

static size_t board_size(const struct pool *pool)
{
	return sizeof(*pool->board) + pool->max * sizeof(pool->board->seats[0]);
}

int pool_open(struct pool *pool)
{
	void *board = mmap(
		NULL, board_size(pool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (board == MAP_FAILED)
		return -1;
	pool->board = board; /* zeroed: every seat is free */
	pool->workers = calloc(pool->max, sizeof(*pool->workers));
	/* One from every worker, who has at most one that he has not taken, and the one accepted
	 * last. */
	pool->held = calloc(pool->max + 1, sizeof(*pool->held));
	pool->held_count = 0;
	pool->poke_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return pool->workers && pool->held && pool->poke_fd >= 0 ? 0 : -1;
}

void pool_close(struct pool *pool)
{
	while (pool->held_count > 0)
		close(pool->held[--pool->held_count]);
	close(pool->poke_fd);
	free(pool->held);
	free(pool->workers);
	munmap(pool->board, board_size(pool));
}

/* In the child: what the manager closes has to be closed here too, or nobody would see its end. */
static void forget_others(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->held_count; i++)
		close(pool->held[i]);
	for (unsigned i = 0; i < pool->max; i++) {
		const struct pool_worker *worker = &pool->workers[i];

		if (worker->pid && worker->channel >= 0)
			close(worker->channel);
		if (worker->pid && worker->other_end >= 0)
			close(worker->other_end);
	}
}

int pool_start(struct pool *pool)
{
	int channel[2];
	unsigned i = 0;
	pid_t pid;

	while (i < pool->max && pool->workers[i].pid)
		i++;
	if (i == pool->max) {
		errno = EAGAIN;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
		return -1;
	atomic_store(&pool->board->seats[i].state, POOL_IDLE);
	pid = fork();
	if (pid == 0) {
		close(channel[0]);
		forget_others(pool);
		pool_work(pool, &pool->board->seats[i], channel[1]);
	}
	if (pid < 0 || !pool->pass) {
		close(channel[1]);
		channel[1] = -1;
	}
	if (pid < 0) {
		atomic_store(&pool->board->seats[i].state, POOL_FREE);
		close(channel[0]);
		return -1;
	}
	pool->workers[i] = (struct pool_worker){pid, channel[0], channel[1], monotonic_ms()};
	return 0;
}

static void let_go(struct pool_worker *worker)
{
	if (worker->channel >= 0)
		close(worker->channel);
	worker->channel = -1;
}

/* Holds what a worker who has died had been passed but did not take. True if there was anything. */
static bool take_back(struct pool *pool, struct pool_worker *worker)
{
	unsigned before = pool->held_count;

	while (worker->other_end >= 0) {
		int connection = io_wait(worker->other_end, POLLIN, 0) > 0
					 ? fdpass_receive(worker->other_end)
					 : -1;

		if (connection >= 0) {
			pool->held[pool->held_count++] = connection;
			continue;
		}
		close(worker->other_end);
		worker->other_end = -1;
	}
	return pool->held_count > before;
}

/* Frees the seat. True if its worker has died at once. */
static bool bury(struct pool *pool, unsigned i)
{
	struct pool_worker *worker = &pool->workers[i];
	enum pool_state state = state_of(pool, i);
	bool unused = take_back(pool, worker) || state == POOL_IDLE;
	bool at_once =
		state == POOL_FAILED ||
		(unused && worker->channel >= 0 && monotonic_ms() - worker->born_ms < AT_ONCE_MS);

	/* One who has become a program does not say when he has served. */
	if (state == POOL_BUSY)
		atomic_store(&pool->board->seats[i].changed_ms, monotonic_ms());
	let_go(worker);
	worker->pid = 0;
	atomic_store(&pool->board->seats[i].state, POOL_FREE);
	return at_once;
}

unsigned pool_reap(struct pool *pool)
{
	unsigned at_once = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (unsigned i = 0; i < pool->max; i++)
			if (pool->workers[i].pid == pid)
				at_once += bury(pool, i);
	return at_once;
}

static bool is_idle(const struct pool *pool, unsigned i)
{
	return pool->workers[i].pid && pool->workers[i].channel >= 0 &&
	       state_of(pool, i) == POOL_IDLE;
}

unsigned pool_idle(const struct pool *pool)
{
	unsigned idle = 0;

	for (unsigned i = 0; i < pool->max; i++)
		idle += is_idle(pool, i);
	return idle;
}

unsigned pool_busy(const struct pool *pool)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < pool->max; i++)
		busy += state_of(pool, i) == POOL_BUSY;
	return busy;
}

unsigned pool_size(const struct pool *pool)
{
	unsigned size = 0;

	for (unsigned i = 0; i < pool->max; i++)
		size += pool->workers[i].pid != 0;
	return size;
}

uint64_t pool_changed_ms(const struct pool *pool)
{
	uint64_t last_ms = 0;

	for (unsigned i = 0; i < pool->max; i++)
		last_ms = MAX(last_ms, atomic_load(&pool->board->seats[i].changed_ms));
	return last_ms;
}

void pool_dismiss(struct pool *pool, unsigned count)
{
	for (unsigned i = pool->max; i-- > 0 && count > 0;)
		if (is_idle(pool, i) || (count == UINT_MAX && pool->workers[i].pid)) {
			let_go(&pool->workers[i]);
			count -= count != UINT_MAX;
		}
}

/* Passes what is held to those that are idle. */
static void hand_over(struct pool *pool)
{
	for (unsigned i = 0; i < pool->max && pool->held_count > 0; i++) {
		int connection = pool->held[pool->held_count - 1];

		if (!is_idle(pool, i))
			continue;
		atomic_store(&pool->board->seats[i].state, POOL_BUSY);
		if (fdpass_send(pool->workers[i].channel, connection) == 0) {
			close(connection);
			pool->held_count--;
		}
	}
}

int pool_pass(struct pool *pool)
{
	hand_over(pool);
	while (pool->held_count == 0 && pool_idle(pool) > 0) {
		int connection = accept4(pool->listener, NULL, NULL, SOCK_CLOEXEC);

		if (connection < 0)
			return errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
					       errno == ENOMEM
				       ? -1
				       : 0;
		pool->held[pool->held_count++] = connection;
		hand_over(pool);
	}
	return 0;
}

int pool_serve_held(struct pool *pool)
{
	while (pool->held_count > 0) {
		if (pool_start(pool) < 0)
			return -1;
		hand_over(pool);
		pool_dismiss(pool, UINT_MAX);
	}
	return 0;
}

void pool_kill(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->max; i++)
		if (pool->workers[i].pid)
			kill(pool->workers[i].pid, SIGKILL);
}

/* relay: see relay.h. */
#include "common/relay.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sockopt.h"
#include "common/way.h"

struct pair;

/* One of the two sockets. */
struct end {
	struct pair *pair;
	int fd;
	uint32_t interest; /* what is watched; 0: nothing, not even that it was reset */
};

struct pair {
	struct end ends[2];
	struct way ways[2]; /* from ends[0], from ends[1] */
	bool gone;          /* freed when the events of this turn are over */
	LIST_ENTRY(pair) in_relay;
};

static LIST_HEAD(pairs, pair) pairs = LIST_HEAD_INITIALIZER(pairs);
static struct pairs gone = LIST_HEAD_INITIALIZER(gone);
static int epoll_fd;
static unsigned count;

void relay_init(int fd)
{
	struct rlimit limit;

	epoll_fd = fd;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

unsigned relay_count(void)
{
	return count;
}

static void pair_close(struct pair *pair, bool reset)
{
	struct linger none = {.l_onoff = 1};

	for (int i = 0; i < 2; i++) {
		if (reset) /* so that nobody takes half of an answer for the whole */
			sockopt_set(pair->ends[i].fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		close(pair->ends[i].fd);
		way_close(&pair->ways[i]);
	}
	LIST_REMOVE(pair, in_relay);
	pair->gone = true;
	LIST_INSERT_HEAD(&gone, pair, in_relay);
	count--;
}

/* An end is read when its way has nothing to write, and written when the other's way has. */
static int watch(struct pair *pair, int i)
{
	struct end *end = &pair->ends[i];
	struct way *from = &pair->ways[i], *to = &pair->ways[!i];
	uint32_t interest = (!from->over && !from->full ? EPOLLIN : 0) | (to->full ? EPOLLOUT : 0);
	struct epoll_event event = {.events = interest, .data.ptr = end};
	int how = !interest ? EPOLL_CTL_DEL : end->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (interest == end->interest)
		return 0;
	end->interest = interest;
	return epoll_ctl(epoll_fd, how, end->fd, &event);
}

static bool is_over(const struct pair *pair)
{
	return pair->ways[0].over && pair->ways[1].over;
}

static void go_on(struct pair *pair)
{
	if (is_over(pair))
		pair_close(pair, false);
	else if (watch(pair, 0) < 0 || watch(pair, 1) < 0)
		pair_close(pair, true);
}

int relay_add(int one, int other, const void *head, size_t len)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	int error = errno;

	if (!pair) {
		close(one);
		close(other);
		errno = error;
		return -1;
	}
	pair->ends[0] = (struct end){pair, one, 0};
	pair->ends[1] = (struct end){pair, other, 0};
	way_open(&pair->ways[0], one, other);
	way_open(&pair->ways[1], other, one);
	LIST_INSERT_HEAD(&pairs, pair, in_relay);
	count++;
	if (len && way_put(&pair->ways[0], head, len) < 0) {
		error = errno;
		pair_close(pair, true);
		errno = error;
		return -1;
	}
	go_on(pair);
	return 0;
}

void relay_ready(void *pointer, uint32_t events)
{
	struct end *end = pointer;
	struct pair *pair = end->pair;
	int i = end != pair->ends, moved = 0;
	struct way *from = &pair->ways[i], *to = &pair->ways[!i];

	if (pair->gone)
		return;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !from->over && !from->full)
		moved = way_move(from);
	if (moved >= 0 && events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && to->full)
		moved = way_move(to);
	if (moved < 0)
		pair_close(pair, true);
	else
		go_on(pair);
}

void relay_turn(void)
{
	struct pair *pair;

	while ((pair = LIST_FIRST(&gone))) {
		LIST_REMOVE(pair, in_relay);
		free(pair);
	}
}

void relay_reset_all(void)
{
	struct pair *pair;

	while ((pair = LIST_FIRST(&pairs)))
		pair_close(pair, true);
}

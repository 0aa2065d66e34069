/* name_helper: see name_helper.h. */
#include "run/reload/name_helper.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "base/slice.h"
#include "run/process/helper.h"
#include "run/reload/known_names.h"

#define LIMIT_S     600 /* of the helper: longer than a reading */
#define HURRIED_MS  100 /* for all answers of a reading */
#define GROUPS_MOST 65536

static void answer_ready(struct watch *watch, uint32_t events);
static void time_is_over(struct timer *timer);

static struct {
	bool may_wait;      /* names_may_wait(), of this reading */
	bool silent;        /* no answer came in time, or there is no helper */
	bool alone;         /* there is none, and nobody is served yet: we ask ourselves */
	bool late;          /* the limit for one answer is over */
	bool hurried;       /* others wait for the whole reading */
	uint64_t until_us;  /* outside of slices: for the answer */
	struct watch link;  /* to the helper; .fd -1: none runs; owned */
	struct timer limit; /* for one answer */
} names = {.link = {.fd = -1, .ready = answer_ready}, .limit = {.fired = time_is_over}};

/* --- in the helper --- */

static bool read_whole(int fd, void *bytes, size_t size)
{
	size_t got = 0;
	ssize_t len;

	while (got < size && (len = read(fd, (char *)bytes + got, size - got)) > 0)
		got += (size_t)len;
	return got == size;
}

static bool write_whole(int fd, const void *bytes, size_t size)
{
	size_t put = 0;
	ssize_t len;

	while (put < size && (len = write(fd, (const char *)bytes + put, size - put)) > 0)
		put += (size_t)len;
	return put == size;
}

static void answer_all(const void *arg, int link)
{
	struct name_question question;
	struct name_answer answer;

	(void)arg;
	while (read_whole(link, &question, sizeof(question))) {
		names_ask(&question, &answer);
		if (!write_whole(link, &answer, sizeof(answer)) ||
			!write_whole(
				link, answer.groups, answer.group_count * sizeof(*answer.groups)))
			return;
		free(answer.groups);
	}
}

/* --- in the daemon --- */

static void answer_ready(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	slice_wake();
}

static void time_is_over(struct timer *timer)
{
	(void)timer;
	names.late = true;
	slice_wake();
}

/* False when it is of no use to wait any longer. */
static bool await(void)
{
	struct pollfd link = {.fd = names.link.fd, .events = POLLIN};
	uint64_t now_us = loop_clock_us();

	if (!slice_is_inside())
		return now_us < names.until_us &&
		       (poll(&link, 1, (int)((names.until_us - now_us) / 1000) + 1) >= 0 ||
			       errno == EINTR);
	if (!names.late && !slice_is_hurried())
		slice_sleep();
	return !names.late && !slice_is_hurried();
}

/* Sleeps until all bytes are there. The helper writes them; it is a copy of ours, so they are as
 * they should be. */
static bool receive(void *bytes, size_t size)
{
	size_t got = 0;
	ssize_t len;

	while (got < size) {
		len = recv(names.link.fd, (char *)bytes + got, size - got, MSG_DONTWAIT);
		if (len > 0) {
			got += (size_t)len;
			continue;
		}
		if (len == 0 || (errno != EAGAIN && errno != EINTR) || !await())
			return false;
	}
	return true;
}

static bool receive_answer(struct name_answer *answer)
{
	gid_t *groups = NULL;

	if (!receive(answer, sizeof(*answer)))
		return false;
	answer->groups = NULL;
	if (!answer->group_count)
		return true;
	if (answer->group_count <= GROUPS_MOST)
		groups = calloc(answer->group_count, sizeof(*groups));
	if (groups && receive(groups, answer->group_count * sizeof(*groups))) {
		answer->groups = groups;
		return true;
	}
	free(groups);
	return false;
}

static int start(void)
{
	names.link.fd = helper_run(
		&(struct helper_job){.work = answer_all, .limit_s = LIMIT_S, .want_pipe = true});
	if (names.link.fd < 0)
		return -1;
	return slice_is_inside() ? loop_watch(&names.link, EPOLLIN | EPOLLET) : 0;
}

static void stop(void)
{
	loop_untimer(&names.limit);
	loop_unwatch(&names.link);
	fd_close(&names.link.fd);
}

static bool ask_helper(const struct name_question *question, struct name_answer *answer)
{
	bool inside = slice_is_inside(), answered;

	names.late = false;
	if (inside)
		loop_timer(&names.limit, NAME_HELPER_MS);
	else if (!names.hurried)
		names.until_us = loop_clock_us() + NAME_HELPER_MS * 1000;
	answered = send(names.link.fd, question, sizeof(*question), MSG_DONTWAIT | MSG_NOSIGNAL) ==
			   sizeof(*question) &&
		   receive_answer(answer);
	loop_untimer(&names.limit);
	return answered;
}

void name_helper_begin(bool hurried)
{
	names.may_wait = names_may_wait();
	names.silent = names.alone = false;
	names.hurried = hurried;
	names.until_us = loop_clock_us() + HURRIED_MS * 1000;
	known_names_begin();
}

bool name_helper_end(bool whole)
{
	stop();
	known_names_end(whole && !names.silent);
	return !names.silent;
}

/* True if a helper runs, or could be started. */
static bool has_helper(void)
{
	return names.link.fd >= 0 || start() == 0;
}

/* Only what may keep somebody waiting is worth keeping. */
static bool ask(const struct name_question *question, struct name_answer *answer)
{
	if (names.hurried && known_names_find(question, answer))
		return true;
	if (!names.silent && has_helper() && ask_helper(question, answer))
		return true;
	stop();
	names.silent = true;
	*answer = (struct name_answer){0};
	return false;
}

bool name_helper_ask(const struct name_question *question, struct name_answer *answer)
{
	if (names.may_wait && !names.alone && !names.silent)
		names.alone = !slice_is_inside() && !names.hurried && !has_helper();
	if (!names.may_wait || names.alone)
		return names_ask(question, answer);
	if (!ask(question, answer))
		return false;
	known_names_note(question, answer);
	return answer->found;
}

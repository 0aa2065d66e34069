/* stderr_pool: see stderr_pool.h. */
#include "run/program/stderr_pool.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/monotonic.h"

#define WORKERS     4  /* at most, besides those that are away */
#define IDLE        2  /* that wait for something to do; more end */
#define AWAY_MS     20 /* in one pipe: it is away */
#define AGAIN_MS    100
#define TELL_MS     1000
#define STACK_BYTES 131072

/* Where it is: nowhere, in the queue of groups, or with a worker. */
enum place { AT_REST, IN_QUEUE, AT_WORK };

struct stderr_group {
	uint64_t number;
	unsigned jobs; /* whose group it is */
	TAILQ_HEAD(, stderr_job) queue;
	struct stderr_window window;
	enum place place;
	struct stderr_job *in; /* what its worker may have to wait in */
	uint64_t since_ms;
	bool is_away, is_told;
	TAILQ_ENTRY(stderr_group) in_all, in_place;
};

TAILQ_HEAD(groups, stderr_group);

static struct {
	pthread_mutex_t lock;
	pthread_cond_t woken; /* for workers */
	const struct stderr_pool_calls *calls;
	unsigned workers, idle, away;
	bool are_told; /* there are some that are away, which has been told */
	struct groups all, queue, at_work;
} pool = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.woken = PTHREAD_COND_INITIALIZER,
	.all = TAILQ_HEAD_INITIALIZER(pool.all),
	.queue = TAILQ_HEAD_INITIALIZER(pool.queue),
	.at_work = TAILQ_HEAD_INITIALIZER(pool.at_work),
};

void stderr_pool_lock(void)
{
	pthread_mutex_lock(&pool.lock);
}

void stderr_pool_unlock(void)
{
	pthread_mutex_unlock(&pool.lock);
}

/* --- groups --- */

int stderr_pool_join(struct stderr_job *job, uint64_t number)
{
	struct stderr_group *group;

	TAILQ_FOREACH (group, &pool.all, in_all)
		if (group->number == number)
			break;
	if (!group) {
		group = calloc(1, sizeof(*group));
		if (!group)
			return -1;
		group->number = number;
		TAILQ_INIT(&group->queue);
		TAILQ_INSERT_HEAD(&pool.all, group, in_all);
	}
	group->jobs++;
	job->group = group;
	return 0;
}

static void free_unused(struct stderr_group *group)
{
	if (group->jobs || group->place != AT_REST)
		return;
	TAILQ_REMOVE(&pool.all, group, in_all);
	free(group);
}

void stderr_pool_part(struct stderr_job *job)
{
	if (job->queued)
		TAILQ_REMOVE(&job->group->queue, job, in_queue);
	job->group->jobs--;
	free_unused(job->group);
}

struct stderr_window *stderr_pool_window(const struct stderr_job *job)
{
	return &job->group->window;
}

/* After all others, so that each gets its turn. */
static void enqueue(struct stderr_group *group)
{
	group->place = IN_QUEUE;
	TAILQ_INSERT_TAIL(&pool.queue, group, in_place);
}

void stderr_pool_do(struct stderr_job *job)
{
	struct stderr_group *group = job->group;

	if (job->queued)
		return;
	job->queued = true;
	TAILQ_INSERT_TAIL(&group->queue, job, in_queue);
	if (group->place == AT_REST)
		enqueue(group);
}

/* --- by workers --- */

void stderr_pool_enter(struct stderr_job *job)
{
	job->group->in = job;
	job->group->since_ms = monotonic_ms();
	stderr_pool_unlock();
}

void stderr_pool_leave(struct stderr_job *job)
{
	stderr_pool_lock();
	job->group->in = NULL;
	pool.away -= job->group->is_away;
	job->group->is_away = job->group->is_told = false;
}

bool stderr_pool_is_done(void)
{
	const struct stderr_group *group;

	TAILQ_FOREACH (group, &pool.at_work, in_place)
		if (!group->is_away)
			return false;
	return TAILQ_EMPTY(&pool.queue);
}

static void serve(struct stderr_group *group)
{
	struct stderr_job *job = TAILQ_FIRST(&group->queue);

	TAILQ_REMOVE(&pool.queue, group, in_place);
	if (job) {
		group->place = AT_WORK;
		TAILQ_INSERT_TAIL(&pool.at_work, group, in_place);
		TAILQ_REMOVE(&group->queue, job, in_queue);
		job->queued = false;
		pool.calls->act(job);
		TAILQ_REMOVE(&pool.at_work, group, in_place);
	}
	group->place = AT_REST;
	if (!TAILQ_EMPTY(&group->queue))
		enqueue(group);
	else
		free_unused(group);
	if (stderr_pool_is_done())
		pool.calls->done();
}

static void *work(void *arg)
{
	stderr_pool_lock();
	for (;;) {
		if (!TAILQ_EMPTY(&pool.queue)) {
			serve(TAILQ_FIRST(&pool.queue));
			continue;
		}
		if (pool.idle == IDLE)
			break;
		pool.idle++;
		pthread_cond_wait(&pool.woken, &pool.lock);
		pool.idle--;
	}
	pool.workers--;
	stderr_pool_unlock();
	return arg;
}

/* --- by the first thread --- */

/* Filters of system calls that do not know clone3(2) may refuse it in a way that libc does not take
 * for "there is none": of several filters the last one says with which error. */
static int clone_the_old_way(void)
{
#ifdef SYS_clone3
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#else
	return -1;
#endif
}

/* Returns 0, or what pthread_create(3) does. */
static int start_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err = pthread_attr_init(&attr);

	if (err)
		return err;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = pthread_create(&thread, &attr, work, NULL);
	pthread_attr_destroy(&attr);
	return err;
}

static int start_worker(void)
{
	int err = start_thread();

	if (err == EPERM && !pool.workers && clone_the_old_way() == 0)
		err = start_thread();
	errno = err;
	if (err)
		return -1;
	pool.workers++;
	return 0;
}

int stderr_pool_start(const struct stderr_pool_calls *calls)
{
	stderr_pool_lock();
	pool.calls = calls;
	return start_worker();
}

bool stderr_pool_any_away(void)
{
	return pool.away;
}

static void find_away(void)
{
	struct stderr_group *group;
	uint64_t now_ms = monotonic_ms();

	TAILQ_FOREACH (group, &pool.at_work, in_place)
		if (group->in && !group->is_away && now_ms - group->since_ms >= AWAY_MS) {
			group->is_away = true;
			pool.away++;
		}
}

/* What is to be told of them, one thing: the lock may be let go meanwhile. False if there is none.
 */
static bool tell(void)
{
	struct stderr_group *group;
	uint64_t now_ms = monotonic_ms();
	bool any = pool.away;

	if (any != pool.are_told) {
		pool.are_told = any;
		if (any)
			pool.calls->away();
		return true;
	}
	TAILQ_FOREACH (group, &pool.at_work, in_place)
		if (group->is_away && !group->is_told && now_ms - group->since_ms >= TELL_MS)
			break;
	if (!group)
		return false;
	group->is_told = true;
	pool.calls->told(group->in);
	return true;
}

int stderr_pool_tend(void)
{
	const struct stderr_group *group;
	unsigned queued = 0;

	find_away();
	while (tell())
		;
	TAILQ_FOREACH (group, &pool.queue, in_place)
		if (++queued > WORKERS)
			break;
	/* Of two signals that come together glibc before 2.41 may lose one: it is told again. */
	for (unsigned i = 0; i < queued && i < pool.idle; i++)
		pthread_cond_signal(&pool.woken);
	while (queued > pool.idle && pool.workers - pool.away < WORKERS && start_worker() == 0)
		queued--; /* it will be its */
	if (!TAILQ_EMPTY(&pool.queue) || pool.away < pool.workers - pool.idle)
		return AWAY_MS;
	return pool.away ? AGAIN_MS : -1;
}

/* Calls on sockets that programs have had: whatever becomes of the helper that makes them, nobody
 * waits for long, nothing is taken for an answer that is none, and the socket is asked again. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/loop.h"
#include "config/service.h"
#include "run/process/child.h"
#include "run/service/suspect_socket.h"

#define ANSWER 4711
#define LINK   3 /* in a helper */

/* What a helper does instead of an answer. */
enum deed { ANSWERS, DAWDLES, DIES, SAYS_LITTLE, SLEEPS };

/* Shared with helpers. */
static volatile enum deed *deed;

static bool no_fork, no_sendmsg;
static unsigned pauses, resumes;

pid_t fork(void)
{
	if (no_fork) {
		errno = EAGAIN;
		return -1;
	}
	return _Fork();
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	if (no_sendmsg) {
		errno = ENOBUFS;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, msg, flags);
}

/* --- the service, as far as it is needed --- */

void service_state_hold(struct service_state *state, enum hold reason)
{
	state->holds |= reason;
}

void service_state_release(struct service_state *state, enum hold reason)
{
	state->holds &= ~(unsigned)reason;
}

struct service_state *service_state_ref(struct service_state *state)
{
	state->refs++;
	return state;
}

void service_state_unref(struct service_state *state)
{
	state->refs--;
}

bool service_state_pause(struct service_state *state)
{
	state->holds |= HOLD_FDS;
	return ++pauses == 1;
}

void service_state_resume(struct service_state *state)
{
	(void)state;
	resumes++;
}

bool service_state_shows(const struct service_state *state, int level)
{
	(void)state;
	(void)level;
	return false;
}

bool service_state_may_log(struct service_state *state, enum log_subject subject, uint32_t *omitted)
{
	(void)state;
	(void)subject;
	(void)omitted;
	return false;
}

/* --- --- */

static const struct service service = {.name = "test"};
static struct service_state states[4];
static struct listener listeners_[4];

static void work(const void *arg, int fd, void *result)
{
	(void)arg;
	assert_true(fd >= 0);
	while (*deed == SLEEPS)
		usleep(1000);
	if (*deed == DAWDLES)
		usleep(3000);
	if (*deed == DIES)
		raise(SIGKILL);
	if (*deed == SAYS_LITTLE)
		_exit(write(LINK, "", 1) != 1);
	*(int *)result = ANSWER;
}

/* Returns 0, or errno. */
static int asked(struct listener *listener)
{
	const char none = 0;
	const struct suspect_work call = {work, &none, sizeof(none), sizeof(int)};
	int result = 0;

	if (suspect_call(listener, &call, &result) < 0)
		return errno;
	assert_int_equal(result, ANSWER);
	return 0;
}

static void signalled(const struct signalfd_siginfo *info)
{
	(void)info;
	child_reap();
}

static sigset_t set;

static int setup(void **state)
{
	(void)state;
	deed = mmap(NULL, sizeof(*deed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (unsigned i = 0; i < COUNT(states); i++) {
		states[i] = (struct service_state){.service = &service};
		listeners_[i] = (struct listener){
			.watch.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
			.state = &states[i],
			.was_lent = true,
		};
	}
	return deed == MAP_FAILED;
}

static int reset(void **state)
{
	(void)state;
	*deed = ANSWERS;
	no_fork = no_sendmsg = false;
	pauses = resumes = 0;
	for (unsigned i = 0; i < COUNT(states); i++)
		states[i].holds = 0;
	return 0;
}

static void look(struct timer *timer);

static struct {
	bool (*is_over)(void);
	unsigned looks;
	struct timer timer;
} run = {.timer = {.fired = look}};

static void look(struct timer *timer)
{
	if (run.is_over() || ++run.looks > 1000)
		loop_stop();
	else
		loop_timer(timer, 10);
}

/* Turns the loop until it is, 10 s at most. */
static void run_until(bool (*is_over)(void))
{
	run.is_over = is_over;
	run.looks = 0;
	assert_int_equal(loop_open(&set, signalled), 0);
	loop_timer(&run.timer, 0);
	loop_run();
	assert_true(is_over());
}

static bool at_once(void)
{
	return true;
}

static bool nobody_is_locked(void)
{
	for (unsigned i = 0; i < COUNT(states); i++)
		if (states[i].locked)
			return false;
	return true;
}

static bool nothing_is_left(void)
{
	return !child_count() && nobody_is_locked();
}

/* Until the helper that stays after an answer has gone. */
static void wait_for_end(void)
{
	run_until(nothing_is_left);
}

static void test_answer(void **state)
{
	(void)state;
	assert_int_equal(asked(&listeners_[0]), 0);
	assert_int_equal(asked(&listeners_[1]), 0);
	assert_int_equal(child_count(), 1); /* the same helper */
	assert_int_equal(resumes, 2);
	assert_int_equal(pauses, 0);
	wait_for_end();
}

static void test_no_descriptors(void **state)
{
	struct rlimit limit, none;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	none = (struct rlimit){3, limit.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(asked(&listeners_[0]), EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(states[0].holds, HOLD_FDS);
	assert_int_equal(pauses, 1);
	assert_int_equal(asked(&listeners_[0]), 0);
	wait_for_end();
}

static void test_no_processes(void **state)
{
	(void)state;
	no_fork = true;
	assert_int_equal(asked(&listeners_[0]), EAGAIN);
	assert_int_equal(states[0].holds, HOLD_FDS);
	no_fork = false;
	assert_int_equal(asked(&listeners_[0]), 0);
	wait_for_end();
}

static void test_no_message(void **state)
{
	(void)state;
	no_sendmsg = true;
	assert_int_equal(asked(&listeners_[0]), ENOBUFS);
	assert_int_equal(states[0].holds, HOLD_FDS);
	no_sendmsg = false;
	assert_int_equal(asked(&listeners_[0]), 0);
	wait_for_end();
}

static void test_no_answer(void **state)
{
	static const enum deed deeds[] = {DIES, SAYS_LITTLE};

	(void)state;
	for (unsigned i = 0; i < COUNT(deeds); i++) {
		*deed = deeds[i];
		assert_int_equal(asked(&listeners_[0]), ECHILD);
		assert_int_equal(states[0].holds, HOLD_FDS);
		*deed = ANSWERS;
		assert_int_equal(asked(&listeners_[0]), 0);
	}
	wait_for_end();
}

static bool is_killed(const struct child *child, const void *arg)
{
	(void)arg;
	kill(child->pid, SIGKILL);
	return false;
}

static void test_killed_idle(void **state)
{
	(void)state;
	assert_int_equal(asked(&listeners_[0]), 0);
	child_find(is_killed, NULL);
	assert_int_equal(asked(&listeners_[0]), 0);
	assert_int_equal(pauses, 0);
	wait_for_end();
}

static void test_locked(void **state)
{
	(void)state;
	*deed = SLEEPS;
	assert_int_equal(asked(&listeners_[0]), ETIMEDOUT);
	assert_int_equal(states[0].holds, HOLD_LOCKED);
	assert_true(states[0].locked);
	assert_int_equal(states[0].refs, 1);
	for (int i = 0; i < 100; i++) /* without another helper */
		assert_int_equal(asked(&listeners_[0]), ETIMEDOUT);
	assert_int_equal(child_count(), 1);
	run_until(at_once);
	*deed = ANSWERS;
	assert_int_equal(asked(&listeners_[1]), 0); /* of another service */
	run_until(nobody_is_locked);
	assert_int_equal(states[0].holds, 0);
	assert_int_equal(states[0].refs, 0);
	assert_int_equal(pauses, 0);
	assert_int_equal(asked(&listeners_[0]), 0);
	wait_for_end();
}

static void test_many_locked(void **state)
{
	(void)state;
	run_until(at_once); /* another turn */
	*deed = SLEEPS;
	for (int i = 0; i < 3; i++)
		assert_int_equal(asked(&listeners_[i]), ETIMEDOUT);
	assert_int_equal(asked(&listeners_[3]), EBUSY);
	assert_int_equal(child_count(), 3);
	assert_int_equal(states[3].holds, 0);
	run_until(at_once);
	assert_int_equal(asked(&listeners_[3]), ETIMEDOUT);
	*deed = ANSWERS;
	wait_for_end();
	assert_int_equal(asked(&listeners_[3]), 0);
	wait_for_end();
}

/* Answers that come soon enough, but too often late. */
static void test_many_slow(void **state)
{
	int asks = 0, err = 0;

	(void)state;
	run_until(at_once);
	*deed = DAWDLES;
	while (!err && asks++ < 200)
		err = asked(&listeners_[0]);
	assert_true(err == EBUSY || err == ETIMEDOUT);
	*deed = ANSWERS;
	run_until(nobody_is_locked);
	assert_int_equal(asked(&listeners_[0]), 0);
	wait_for_end();
}

static void test_never_lent(void **state)
{
	(void)state;
	listeners_[0].was_lent = false;
	no_fork = true;
	assert_int_equal(asked(&listeners_[0]), 0);
	listeners_[0].was_lent = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_answer, reset),
		cmocka_unit_test_setup(test_no_descriptors, reset),
		cmocka_unit_test_setup(test_no_processes, reset),
		cmocka_unit_test_setup(test_no_message, reset),
		cmocka_unit_test_setup(test_no_answer, reset),
		cmocka_unit_test_setup(test_killed_idle, reset),
		cmocka_unit_test_setup(test_locked, reset),
		cmocka_unit_test_setup(test_many_locked, reset),
		cmocka_unit_test_setup(test_many_slow, reset),
		cmocka_unit_test_setup(test_never_lent, reset),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

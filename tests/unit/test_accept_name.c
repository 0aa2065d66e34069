/* How long it is kept that the host of a client has no name: not for long where nobody was asked.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/loop.h"
#include "run/accept/client_name.h"
#include "run/process/helper.h"

#define SECOND 1000
#define ANSWER "host.example"

static struct {
	bool has_memory; /* for a helper, else there is none */
	int end;         /* its end of the pair */
	unsigned found;  /* calls of client_name_found() */
	uint64_t now_ms;
	struct watch *watch;
	struct child *child;
	struct sockaddr_len addr;
} world = {.addr = {.len = sizeof(struct sockaddr_in), .addr.in.sin_family = AF_INET}};

/* --- what it calls --- */

int helper_start(struct child *child, void (*work)(const void *arg, int out), const void *arg,
	bool want_pipe, unsigned limit_s)
{
	int ends[2];

	(void)work;
	(void)arg;
	(void)limit_s;
	assert_true(want_pipe);
	errno = EAGAIN;
	if (!world.has_memory || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return -1;
	world.end = ends[1];
	world.child = child;
	return ends[0];
}

int loop_watch(struct watch *watch, uint32_t events)
{
	(void)events;
	world.watch = watch;
	return 0;
}

void loop_unwatch(struct watch *watch)
{
	(void)watch;
	world.watch = NULL;
}

uint64_t loop_now_ms(void)
{
	return world.now_ms;
}

static void found(const struct sockaddr_len *addr)
{
	assert_non_null(client_name_known(addr));
	world.found++;
}

/* --- */

static int setup(void **state)
{
	(void)state;
	client_name_forget();
	client_name_found = found;
	world.has_memory = true;
	world.found = 0;
	world.addr.addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return 0;
}

static void ask(void)
{
	assert_null(client_name_known(&world.addr));
	assert_int_equal(client_name_ask(&world.addr), 0);
}

/* The helper writes that, and ends, or its pipe breaks. */
static void answer(const char *name, bool breaks)
{
	int fd = world.watch->fd, broken = open("/", O_RDONLY | O_CLOEXEC);

	assert_int_equal(write(world.end, name, strlen(name)), strlen(name));
	if (*name)
		world.watch->ready(world.watch, 0);
	assert_int_equal(world.found, 0);
	if (breaks) /* what cannot be read */
		assert_int_equal(dup2(broken, fd), fd);
	close(broken);
	close(world.end);
	world.watch->ready(world.watch, 0);
	world.child->ended(world.child, 0, NULL);
}

static void assert_kept_ms(const char *name, uint64_t ms)
{
	assert_int_equal(world.found, 1);
	world.now_ms += ms - 1;
	assert_string_equal(client_name_known(&world.addr), name);
	world.now_ms++;
	assert_null(client_name_known(&world.addr));
}

static void a_name_is_kept_for_five_minutes(void **state)
{
	(void)state;
	ask();
	answer(ANSWER, false);
	assert_kept_ms(ANSWER, 300 * SECOND);
}

static void that_there_is_none_is_kept_for_half_a_minute(void **state)
{
	(void)state;
	ask();
	answer("", false);
	assert_kept_ms("", 30 * SECOND);
}

static void without_a_helper_it_is_asked_again_after_a_second(void **state)
{
	(void)state;
	world.has_memory = false;
	ask();
	assert_kept_ms("", SECOND);
	world.has_memory = true;
	world.found = 0;
	ask();
	answer(ANSWER, false);
	assert_kept_ms(ANSWER, 300 * SECOND);
}

static void a_part_of_a_name_is_none(void **state)
{
	(void)state;
	ask();
	answer(ANSWER, true);
	assert_kept_ms("", SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_name_is_kept_for_five_minutes, setup),
		cmocka_unit_test_setup(that_there_is_none_is_kept_for_half_a_minute, setup),
		cmocka_unit_test_setup(without_a_helper_it_is_asked_again_after_a_second, setup),
		cmocka_unit_test_setup(a_part_of_a_name_is_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

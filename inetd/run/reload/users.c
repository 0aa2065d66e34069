/* users: see users.h. */
#include "run/reload/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "run/process/helper.h"
#include "run/service/service_state.h"

#define LIMIT_S        60
#define LOOK_MS        60000
#define SOON_MS        200 /* after a change of a file, which may be one of several */
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS  60000

static void look(struct timer *timer);
static void answer_ready(struct watch *watch, uint32_t events);
static void files_changed(struct watch *watch, uint32_t events);

static struct {
	void (*changed)(void);
	const struct config *config; /* borrowed */
	struct backoff retry;        /* while something is not known */
	struct timer look;           /* while all is known */
	struct watch answer;         /* of the helper; .fd -1: none runs; owned */
	struct watch files;          /* inotify; -1: there is none; owned */
	bool files_asked;            /* whether it could be had or not */
	bool reloading;              /* by ourselves */
} users = {
	.retry.timer.fired = look,
	.look.fired = look,
	.answer = {.fd = -1, .ready = answer_ready},
	.files = {.fd = -1, .ready = files_changed},
};

/* What the helper says of one service; number 0: of what was not known. */
struct finding {
	uint32_t number; /* of the state */
	enum { USER_GONE = 1, USER_OTHER, USER_KNOWN } what;
};

/* --- in the helper process, which has a copy of all that the daemon knows --- */

static void say(int out, uint32_t number, int what)
{
	const struct finding finding = {.number = number, .what = what};

	if (write(out, &finding, sizeof(finding)) < 0)
		_exit(1);
}

static bool any_is_known(const struct config *config)
{
	for (const struct unknown_name *one = config->unknown; one; one = one->next)
		if (one->group ? getgrnam(one->name) != NULL : getpwnam(one->name) != NULL)
			return true;
	return false;
}

/* 0, USER_GONE or USER_OTHER. A name service that cannot tell says nothing. */
static int look_at(const struct identity *identity)
{
	struct passwd entry, *found = NULL;
	char buf[16384], *end;
	int err = getpwnam_r(identity->user, &entry, buf, sizeof(buf), &found);

	if (err && err != ENOENT)
		return 0;
	if (found)
		return found->pw_uid == identity->uid ? 0 : USER_OTHER;
	/* A number needs no entry. */
	return strtoul(identity->user, &end, 10) == identity->uid && !*end ? 0 : USER_GONE;
}

static void ask(const void *arg, int out)
{
	const struct service_state *state;
	const struct identity *last = NULL;
	int what = 0;

	TAILQ_FOREACH (state, &service_states, in_states) {
		const struct identity *identity = &state->service->policy->identity;

		if (state->service->builtin != BUILTIN_NONE || identity->as_caller)
			continue;
		if (!last || last->uid != identity->uid || strcmp(last->user, identity->user) != 0)
			what = look_at(identity);
		last = identity;
		if (what)
			say(out, state->number, what);
	}
	if (any_is_known(arg))
		say(out, 0, USER_KNOWN);
	say(out, 0, 0);
}

/* --- in the daemon --- */

static void look_later(void)
{
	if (users.config && users.config->unknown)
		backoff_start(&users.retry, RETRY_FIRST_MS, RETRY_MOST_MS);
	else
		loop_timer(&users.look, LOOK_MS);
}

static void hold_gone(const struct finding *findings, size_t count)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states) {
		bool gone = false;

		for (size_t i = 0; i < count && !gone; i++)
			gone = findings[i].what == USER_GONE && findings[i].number == state->number;
		if (gone == !!(state->holds & HOLD_USER))
			continue;
		log_event(LOG_WARNING, LOG_FIELDS({"service", state->service->name, false}),
			gone ? "%s: user '%s' is not known any more: the service waits for it"
			     : "%s: user '%s' is known again",
			state->service->name, state->service->policy->identity.user);
		if (gone)
			service_state_hold(state, HOLD_USER);
		else
			service_state_release(state, HOLD_USER);
	}
}

static void take_findings(const struct finding *findings, size_t count)
{
	bool reload = false;

	hold_gone(findings, count);
	for (size_t i = 0; i < count; i++)
		reload |= findings[i].what == USER_OTHER || findings[i].what == USER_KNOWN;
	look_later();
	if (!reload)
		return;
	log_notice("a user or group is known now, or has another number: reading the configuration "
		   "again");
	users.reloading = true;
	users.changed();
	users.reloading = false;
}

static struct {
	char *bytes; /* owned */
	size_t used, room;
} received;

/* Makes room for more of the answer. */
static bool has_room(void)
{
	size_t room = received.room ? received.room * 2 : 1024;
	char *bytes;

	if (received.used < received.room)
		return true;
	bytes = realloc(received.bytes, room);
	if (!bytes)
		return false;
	received.bytes = bytes;
	received.room = room;
	return true;
}

static void answer_ready(struct watch *watch, uint32_t events)
{
	const struct finding *findings;
	ssize_t len = -1;
	size_t count;

	(void)events;
	if (has_room())
		len = read(
			watch->fd, received.bytes + received.used, received.room - received.used);
	if (len > 0)
		received.used += (size_t)len;
	if (len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	loop_unwatch(watch);
	fd_close(&watch->fd);
	findings = (const void *)received.bytes;
	count = received.used / sizeof(*findings);
	received.used = 0;
	/* An answer without its end says nothing about those that are missing. */
	if (count && !findings[count - 1].what)
		take_findings(findings, count - 1);
	else
		look_later();
}

static void look(struct timer *timer)
{
	(void)timer;
	if (users.answer.fd >= 0 || !users.config)
		return;
	users.answer.fd = helper_run(&(struct helper_job){
		.work = ask, .arg = users.config, .limit_s = LIMIT_S, .want_pipe = true});
	if (users.answer.fd >= 0 && loop_watch(&users.answer, EPOLLIN) < 0)
		fd_close(&users.answer.fd);
	if (users.answer.fd < 0)
		look_later();
}

/* passwd(5) and group(5) are replaced as a whole, or written in place. */
static void files_changed(struct watch *watch, uint32_t events)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool changed = false;
	ssize_t len;

	(void)events;
	while ((len = read(watch->fd, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + len;) {
			const struct inotify_event *event = (const void *)at;

			changed |= event->len && (!strcmp(event->name, "passwd") ||
							 !strcmp(event->name, "group"));
			at += sizeof(*event) + event->len;
		}
	if (changed)
		loop_timer(&users.look, SOON_MS);
}

/* After the sockets, which matter more where descriptors or watches run out. */
static void watch_files(void)
{
	users.files_asked = true;
	users.files.fd = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (users.files.fd < 0 ||
		inotify_add_watch(users.files.fd, "/etc", IN_MOVED_TO | IN_CLOSE_WRITE) < 0 ||
		loop_watch(&users.files, EPOLLIN) < 0) {
		log_debug("no news of /etc/passwd: users are looked at each minute");
		loop_unwatch(&users.files);
		fd_close(&users.files.fd);
	}
}

void users_open(void (*changed)(void))
{
	users.changed = changed;
}

void users_watch(const struct config *config)
{
	users.config = config;
	if (!users.reloading)
		backoff_reset(&users.retry);
	loop_untimer(&users.look);
	if (!config || geteuid() != 0) /* everything runs as who we are */
		return;
	if (!users.files_asked)
		watch_files();
	look_later();
}

void users_close(void)
{
	users.config = NULL;
	backoff_reset(&users.retry);
	loop_untimer(&users.look);
	loop_unwatch(&users.answer);
	loop_unwatch(&users.files);
	fd_close(&users.answer.fd);
	fd_close(&users.files.fd);
	free(received.bytes);
	received.bytes = NULL;
}

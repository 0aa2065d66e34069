/* spare_files: see spare_files.h. Directories are watched, as a file that is replaced is another
 * file of the same name. */
#include "run/program/spare_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "base/log.h"
#include "base/program_file.h"
#include "run/process/helper.h"

#define LIMIT_S   10
#define SOON_MS   100 /* after a change, which may be one of several */
#define WATCHED   (IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB)
#define SUM_PRIME 1099511628211u     /* as in FNV */
#define LIBRARIES "/etc/ld.so.cache" /* written when libraries were installed (ldconfig(8)) */
#define WHY_BYTES 128

/* What the helper says: of a service its files, one by one, then what it is. */
struct finding {
	enum { FOUND_FILE = 1, FOUND_SERVICE, FOUND_ALL } what;
	uint32_t number; /* of the state; 0: all of them */
	int watch;       /* of the directory */
	uint64_t files;  /* of a service: which they are, and when they were changed last */
	char text[NAME_MAX + 1];
};

static void start(struct timer *timer);
static void is_late(struct timer *timer);
static void answer_ready(struct watch *watch, uint32_t events);
static void files_changed(struct watch *watch, uint32_t events);

static struct {
	void (*known)(struct service_state *state, const char *why);
	void (*changed)(struct service_state *state);
	struct watch answer; /* of the helper; .fd -1: none runs; owned */
	struct watch files;  /* inotify; -1: none; owned */
	struct finding
		*list; /* what the helper has found: files that are watched, and services; owned */
	size_t count, room;
	struct finding *before; /* that of the look before; owned */
	size_t before_count;
	struct finding next; /* while it comes */
	size_t next_bytes;
	bool has_watch;     /* the helper has sent its descriptor */
	struct timer timer; /* to look, or to look again */
	struct timer limit; /* of the helper: where it waits no signal may reach it */
	bool again;         /* things have changed while a helper looks */
} looked = {
	.answer = {.fd = -1, .ready = answer_ready},
	.files = {.fd = -1, .ready = files_changed},
	.timer = {.fired = start},
	.limit = {.fired = is_late},
};

/* --- in the helper process, which has a copy of all that the daemon knows --- */

static void say(int out, const struct finding *finding)
{
	if (write(out, finding, sizeof(*finding)) < 0)
		_exit(1);
}

static void watch_file(int out, int files, uint32_t number, const char *path)
{
	struct finding finding = {.what = FOUND_FILE, .number = number};
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX];

	if (!slash)
		return;
	snprintf(directory, sizeof(directory), "%.*s/", (int)(slash - path), path);
	strlcpy(finding.text, slash + 1, sizeof(finding.text));
	finding.watch = inotify_add_watch(files, directory, WATCHED);
	if (finding.watch >= 0)
		say(out, &finding);
}

static uint64_t add(uint64_t sum, uint64_t fact)
{
	return (sum ^ fact) * SUM_PRIME;
}

/* The sum of the files so far and one more: another one for another file, or a changed one. */
static uint64_t add_file(uint64_t sum, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return add(sum, 0);
	sum = add(add(sum, st.st_dev), st.st_ino);
	return add(add(sum, (uint64_t)st.st_ctim.tv_sec), (uint64_t)st.st_ctim.tv_nsec);
}

/* False where nothing is said yet, with `own_only`: others have a hand in a file. */
static bool look_at(int out, int files, const struct service_state *state, bool own_only)
{
	static struct program_files found LARGE;
	const struct policy *policy = state->service->policy;
	const char *root = policy->cage && policy->cage->chroot ? policy->cage->chroot : "";
	struct finding finding = {.what = FOUND_SERVICE, .number = state->number, .watch = -1};
	const char *why;

	why = program_file_look(root, policy->wrapper ? policy->wrapper[0] : state->service->server,
		own_only, &found);
	if (found.left)
		return false;
	strlcpy(finding.text, why ? why : "", sizeof(finding.text));
	finding.files = add_file(1, LIBRARIES);
	for (unsigned i = 0; i < found.count; i++) {
		watch_file(out, files, state->number, found.paths[i]);
		finding.files = add_file(finding.files, found.paths[i]);
	}
	say(out, &finding);
	return true;
}

/* Those of others last: a file system that does not answer ends the look. */
static void look(const void *arg, int out)
{
	struct service_state *state;
	int files = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	(void)arg;
	if (files < 0 || fd_send(out, "", 1, files) < 0)
		_exit(1);
	watch_file(out, files, 0, LIBRARIES);
	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->spares && look_at(out, files, state, true))
			state->spares = NULL; /* in this copy */
	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->spares)
			look_at(out, files, state, false);
	say(out, &(const struct finding){.what = FOUND_ALL});
}

/* --- in the daemon --- */

static struct service_state *find_state(uint32_t number)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->number == number)
			return state;
	return NULL;
}

static void keep_file(const struct finding *finding)
{
	size_t room = looked.room ? looked.room * 2 : 16;
	struct finding *list;

	if (looked.count == looked.room) {
		list = reallocarray(looked.list, room, sizeof(*list));
		if (!list)
			return;
		looked.list = list;
		looked.room = room;
	}
	looked.list[looked.count++] = *finding;
}

static void stop_helper(void)
{
	loop_untimer(&looked.limit);
	loop_unwatch(&looked.answer);
	fd_close(&looked.answer.fd);
	if (looked.again)
		loop_timer(&looked.timer, SOON_MS);
	looked.again = false;
}

/* What was said of a service; NULL: nothing. */
static const struct finding *find_service(const struct finding *list, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].what == FOUND_SERVICE && list[i].number == number)
			return &list[i];
	return NULL;
}

/* Nothing more is watched, and nobody knows what was changed meanwhile of the services about which
 * nothing was said: a reload mends both. */
static void no_answer(void)
{
	struct service_state *state;
	bool any = false;

	TAILQ_FOREACH (state, &service_states, in_states) {
		if (!state->spares || (looked.has_watch && find_service(looked.list, looked.count,
								   state->number)))
			continue;
		any = true;
		looked.changed(state);
		looked.known(state, NULL);
	}
	stop_helper();
	if (any)
		log_warnx("spares: changes of their programs are not seen before the next reload");
}

static void is_late(struct timer *timer)
{
	(void)timer;
	no_answer();
}

/* Some file systems send no event of a change: the sum of the files shows it. */
static void take_service(const struct finding *finding)
{
	struct service_state *state = find_state(finding->number);
	const struct finding *before =
		find_service(looked.before, looked.before_count, finding->number);

	if (!state || !state->spares || looked.again)
		return;
	if (!before || before->files != finding->files)
		looked.changed(state);
	keep_file(finding);
	looked.known(state, *finding->text ? finding->text : NULL);
}

static void take_finding(const struct finding *finding)
{
	switch (finding->what) {
	case FOUND_FILE:
		keep_file(finding);
		break;
	case FOUND_SERVICE:
		take_service(finding);
		break;
	case FOUND_ALL:
		stop_helper();
		break;
	}
}

/* The first byte brings the descriptor with which the helper watches. What the old one has seen by
 * then is not lost. */
static bool take_watch(void)
{
	char byte;
	int fd = -1;

	if (fd_recv(looked.answer.fd, &byte, 1, &fd) != 1 || fd < 0)
		return false;
	if (looked.files.fd >= 0)
		files_changed(&looked.files, EPOLLIN);
	loop_unwatch(&looked.files);
	fd_close(&looked.files.fd);
	free(looked.before);
	looked.before = looked.list;
	looked.before_count = looked.count;
	looked.list = NULL;
	looked.count = looked.room = 0;
	looked.files.fd = fd_raise(fd);
	return loop_watch(&looked.files, EPOLLIN) == 0;
}

static void answer_ready(struct watch *watch, uint32_t events)
{
	ssize_t len;

	(void)events;
	if (!looked.has_watch) {
		looked.has_watch = take_watch();
		if (!looked.has_watch)
			no_answer();
		return;
	}
	len = read(watch->fd, (char *)&looked.next + looked.next_bytes,
		sizeof(looked.next) - looked.next_bytes);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		no_answer();
		return;
	}
	looked.next_bytes += (size_t)len;
	if (looked.next_bytes < sizeof(looked.next))
		return;
	looked.next_bytes = 0;
	take_finding(&looked.next);
}

static void tell_changed(uint32_t number)
{
	struct service_state *state;

	TAILQ_FOREACH (state, &service_states, in_states)
		if (state->spares && (!number || state->number == number))
			looked.changed(state);
}

static bool is_about(const struct inotify_event *event, const struct finding *file)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	return event->wd == file->watch && (!event->len || !strcmp(event->name, file->text));
}

static bool take_event(const struct inotify_event *event)
{
	bool found = false;

	for (size_t i = 0; i < looked.count; i++)
		if (is_about(event, &looked.list[i])) {
			found = true;
			tell_changed(looked.list[i].number);
		}
	return found;
}

static void files_changed(struct watch *watch, uint32_t events)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool found = false;
	ssize_t len;

	(void)events;
	while ((len = read(watch->fd, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + len;) {
			const struct inotify_event *event = (const void *)at;

			found |= take_event(event);
			at += sizeof(*event) + event->len;
		}
	if (found)
		spare_files_look();
}

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	(void)status;
	(void)usage;
	free(child);
}

static void start(struct timer *timer)
{
	struct child *child;

	(void)timer;
	if (looked.answer.fd >= 0) {
		looked.again = true;
		return;
	}
	looked.has_watch = false;
	looked.next_bytes = 0;
	child = calloc(1, sizeof(*child));
	if (child) {
		child->ended = helper_ended;
		looked.answer.fd = helper_start(child, look, NULL, true, LIMIT_S);
	}
	if (looked.answer.fd < 0)
		free(child);
	if (looked.answer.fd < 0 || loop_watch(&looked.answer, EPOLLIN) < 0)
		no_answer();
	else
		loop_timer(&looked.limit, LIMIT_S * 1000);
}

void spare_files_init(void (*known)(struct service_state *state, const char *why),
	void (*changed)(struct service_state *state))
{
	looked.known = known;
	looked.changed = changed;
}

void spare_files_look(void)
{
	if (looked.answer.fd >= 0)
		looked.again = true;
	else
		loop_timer(&looked.timer, looked.count ? SOON_MS : 0);
}

void spare_files_close(void)
{
	loop_untimer(&looked.timer);
	looked.again = false;
	stop_helper();
	loop_unwatch(&looked.files);
	fd_close(&looked.files.fd);
	free(looked.list);
	free(looked.before);
	looked.list = looked.before = NULL;
	looked.count = looked.room = looked.before_count = 0;
}

/* wrapcheck: see wrapcheck.h. */
#include "run/accept/wrapcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/param.h>
#include <sys/wait.h>

#include "base/container_of.h"
#include "base/fdutil.h"
#include "base/log.h"
#include "base/wrap.h"
#include "run/accept/accept.h"
#include "run/accept/deny_all.h"
#include "run/process/child.h"
#include "run/process/worker_uid.h"
#include "run/service/kept.h"
#include "run/worker/worker_serve.h"

#define MOST_AT_ONCE 256
#define LIMIT_MS     30000
#define WHAT         "a connection that waits for tcp wrappers"

struct wrapcheck {
	struct child child;
	struct service_state *state; /* counted */
	struct admit_ticket ticket;
	enum builtin builtin; /* that is asked about */
	struct conn conn;     /* its fd is owned */
	struct share_who who;
	struct share_hold kept, helper;
	struct spawn_error error; /* why the helper did not start; written by the child */
	struct timer limit;
	TAILQ_ENTRY(wrapcheck) in_waiting;
};

static const char *helper; /* NULL: nothing is checked */
static int null_fd = -1;
static struct identity nobody;
static bool have_nobody; /* as whom it runs, looked for at the first check */
static struct share helpers = {.most = MOST_AT_ONCE};
static TAILQ_HEAD(waiting, wrapcheck) waiting = TAILQ_HEAD_INITIALIZER(waiting);

void wrapcheck_init(const char *path)
{
	helper = path;
	null_fd = fd_raise(open("/dev/null", O_RDWR | O_CLOEXEC));
}

static void wrapcheck_free(struct wrapcheck *check)
{
	loop_untimer(&check->limit);
	share_release(&check->helper);
	share_release(&check->kept);
	fd_close(&check->conn.fd);
	service_state_unref(check->state);
	free(check);
}

/* Refuses the connection. The tokens of the rates stay used. ADMIT_DENIED: hosts.allow and
 * hosts.deny do not allow it. */
static void refuse(struct wrapcheck *check, const char *why, enum verdict verdict)
{
	struct service_state *state = check->state;
	const char *name = state->service->name;
	char peer[SOCKADDR_TEXT], more[LOG_LIMIT_TEXT];
	const struct arrival arrival = accept_arrival(state, &check->conn);
	uint32_t omitted;

	admit_release(&state->admit, &check->ticket);
	if (verdict == ADMIT_DENIED) {
		admit_denied(&state->admit, &arrival);
		deny_all_refused(state);
	} else {
		admit_refused(&state->admit, verdict == ADMIT_OK ? ADMIT_DENIED : verdict);
	}
	service_state_slot_free(state);
	if ((state->service->policy->events & EVENT_REFUSE) &&
		service_state_shows(state, LOG_NOTICE) &&
		service_state_may_log(state, LOG_REFUSED, &omitted))
		log_event_to(service_state_log_file(state), LOG_NOTICE,
			LOG_FIELDS({"service", name, false},
				{"peer", sockaddr_text(&check->conn.peer, peer, sizeof(peer)),
					false},
				{"reason", "tcp wrappers", false}),
			"%s: refused: %s%s", name, why,
			log_limit_text(omitted, more, sizeof(more)));
	wrapcheck_free(check);
}

static void accepted(struct wrapcheck *check)
{
	struct service_state *state = check->state;

	/* A reload may have made another built-in of the service, which was not asked about. */
	if (state->service->builtin != check->builtin ||
		fd_set_nonblock(check->conn.fd, true) < 0) {
		refuse(check, "the service was changed meanwhile", ADMIT_OK);
		return;
	}
	if (state->holds & HOLD_DISABLED) {
		refuse(check, "the service was disabled meanwhile", ADMIT_OK);
		return;
	}
	share_release(&check->kept); /* what tcpmux keeps is counted there */
	worker_serve(state, &check->conn, &check->ticket);
	wrapcheck_free(check);
}

static void kill_helper(pid_t pid)
{
	if (kill(-pid, SIGKILL) < 0) /* not yet a group of its own */
		kill(pid, SIGKILL);
}

static void too_late(struct timer *timer)
{
	kill_helper(container_of(timer, struct wrapcheck, limit)->child.pid);
}

static void start(struct wrapcheck *check);

/* Who waited longest is next. */
static void start_waiting(void)
{
	struct wrapcheck *check;

	while ((check = TAILQ_FIRST(&waiting)) &&
		share_take(&helpers, &check->helper, &check->who)) {
		TAILQ_REMOVE(&waiting, check, in_waiting);
		start(check);
	}
}

/* How a check has ended whose helper has run. */
static void decide(struct wrapcheck *check, int status)
{
	if (check->error.step)
		refuse(check, "the helper for tcp wrappers cannot be started", ADMIT_OK);
	else if (check->conn.fd < 0)
		refuse(check, "it has given way to others", ADMIT_SHARE);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == WRAP_ALLOWED)
		accepted(check);
	else
		refuse(check, "hosts.allow or hosts.deny does not allow it", ADMIT_DENIED);
}

static void helper_ended(struct child *child, int status, const struct rusage *usage)
{
	struct wrapcheck *check = container_of(child, struct wrapcheck, child);

	(void)usage;
	share_release(&check->helper);
	check->child.pid = 0;
	decide(check, status);
	start_waiting();
}

/* Others get its descriptor now, and its helper when that has been killed. */
static void give_way(struct wrapcheck *check)
{
	kept_log(check->state, WHAT, false);
	if (!check->child.pid) {
		TAILQ_REMOVE(&waiting, check, in_waiting);
		refuse(check, "it has given way to others", ADMIT_SHARE);
		return;
	}
	kill_helper(check->child.pid);
	spawn_settle(); /* the helper may share our descriptors still */
	fd_close(&check->conn.fd);
}

static void give_kept(struct share_hold *hold)
{
	give_way(container_of(hold, struct wrapcheck, kept));
}

static void give_helper(struct share_hold *hold)
{
	give_way(container_of(hold, struct wrapcheck, helper));
}

/* It runs with a user and group id that nothing else uses, and so without rights. */
static const struct identity *helper_identity(void)
{
	if (!have_nobody) {
		struct worker_uid ids = worker_uid_choose(service_state_uses_id);

		nobody.uid = ids.uid;
		nobody.gid = ids.gid;
		have_nobody = true;
	}
	return nobody.uid ? &nobody : NULL;
}

/* Adds NAME=address to what is in the room, for a helper that is not to ask the socket. */
static char *write_end(struct spawn_room *room, const char *name, const struct sockaddr_len *addr)
{
	struct sockaddr_len plain = *addr;
	char host[SOCKADDR_TEXT], *text = room->bytes + room->bytes_used;

	sockaddr_unmap(&plain);
	room->bytes_used += 1 + (unsigned)snprintf(text, SPAWN_ENV_BYTES - room->bytes_used,
					"%s=%s", name, sockaddr_host(&plain, host, sizeof(host)));
	return text;
}

/* What the helper finds. Returns false without memory. */
static bool write_environment(struct spawn_room *room, const struct conn *conn)
{
	static char path[] = "PATH=" SERVICE_PATH;
	enum { VARIABLES = 3 };
	char **envp = reallocarray(room->envp, MAX(room->env_room, VARIABLES + 1U), sizeof(*envp));

	if (!envp)
		return false;
	room->envp = envp;
	room->env_room = MAX(room->env_room, VARIABLES + 1U);
	envp[0] = path;
	envp[1] = write_end(room, "TCPREMOTEIP", &conn->peer);
	envp[2] = write_end(room, "TCPLOCALIP", &conn->local);
	envp[VARIABLES] = NULL;
	return true;
}

static pid_t spawn(struct wrapcheck *check)
{
	const struct identity *identity = helper_identity();
	struct spawn_room *room = spawn_room();
	const char *const words[] = {
		"inetd-wrap", check->conn.named ? "-pc" : "-c", builtin_name(check->builtin), NULL};

	if (room)
		room->argv = calloc(1, sizeof(words));
	if (!room || !room->argv || !write_environment(room, &check->conn)) {
		check->error = (struct spawn_error){.step = "memory", .err = errno};
		return -1;
	}
	memcpy(room->argv, words, sizeof(words));
	room->plan = (struct spawn_plan){.path = helper,
		.argv = room->argv,
		.envp = room->envp,
		.identity = identity,
		.fds = {check->conn.fd, null_fd, null_fd, -1},
		.close_fd = -1,
		.close_errors = -1,
		.directory = "/"};
	return spawn_run(room, &check->error);
}

static void start(struct wrapcheck *check)
{
	check->child.ended = helper_ended;
	check->child.pid = spawn(check);
	if (check->child.pid < 0) {
		refuse(check, "the helper for tcp wrappers cannot be started", ADMIT_OK);
		return;
	}
	child_add(&check->child);
	check->limit.fired = too_late;
	loop_timer(&check->limit, LIMIT_MS);
}

/* Without a descriptor that may be kept, or memory: NULL. */
static struct wrapcheck *wrapcheck_new(struct service_state *state, const struct conn *conn)
{
	struct wrapcheck *check = calloc(1, sizeof(*check));

	if (!check)
		return NULL;
	check->who = kept_who(state, &conn->peer, conn->peer_uid);
	check->kept.give_way = give_kept;
	check->helper.give_way = give_helper;
	/* Blocking for a command of hosts.allow that talks to the client (twist). */
	if (fd_set_nonblock(conn->fd, false) == 0 && kept_take(&check->kept, &check->who))
		return check;
	free(check);
	return NULL;
}

void wrapcheck_serve(struct service_state *state, struct conn *conn, struct admit_ticket *ticket)
{
	struct wrapcheck *check;

	if (!helper || !sockaddr_is_inet(&conn->local.addr.sa)) {
		worker_serve(state, conn, ticket);
		return;
	}
	check = wrapcheck_new(state, conn);
	if (!check) {
		fd_close(&conn->fd);
		admit_undo(&state->admit, ticket);
		admit_refused(&state->admit, ADMIT_SHARE);
		kept_log(state, WHAT, true);
		service_state_slot_free(state);
		return;
	}
	check->state = service_state_ref(state);
	check->ticket = *ticket;
	check->builtin = state->service->builtin;
	*ticket = (struct admit_ticket){0};
	check->conn = *conn;
	check->conn.fd = fd_raise(conn->fd);
	conn->fd = -1;
	if (share_take(&helpers, &check->helper, &check->who))
		start(check);
	else
		TAILQ_INSERT_TAIL(&waiting, check, in_waiting);
}

struct visit {
	void (*each)(const struct service_state *state, const struct conn *conn, pid_t helper,
		void *arg);
	void *arg;
};

static bool visit_running(const struct child *child, const void *arg)
{
	const struct wrapcheck *check = container_of(child, struct wrapcheck, child);
	const struct visit *visit = arg;

	if (child->ended == helper_ended)
		visit->each(check->state, &check->conn, child->pid, visit->arg);
	return false;
}

void wrapcheck_each(void (*each)(const struct service_state *state, const struct conn *conn,
			    pid_t helper_pid, void *arg),
	void *arg)
{
	const struct wrapcheck *check;

	child_find(visit_running, &(struct visit){each, arg});
	TAILQ_FOREACH (check, &waiting, in_waiting)
		each(check->state, &check->conn, 0, arg);
}

static bool end_running(const struct child *child, const void *arg)
{
	(void)arg;
	if (child->ended == helper_ended)
		kill_helper(child->pid);
	return false;
}

void wrapcheck_close(void)
{
	child_find(end_running, NULL);
}

void wrapcheck_opened(const struct listener *listener)
{
	const struct service *service = listener->state->service;

	if (!helper || service->builtin == BUILTIN_NONE || service->socktype != SOCK_DGRAM)
		return;
	log_event(LOG_WARNING, LOG_FIELDS({"service", service->name, false}),
		"%s: -W does not cover datagrams of built-ins: use only_from", service->name);
}

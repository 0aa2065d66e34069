/* socket_path: see socket_path.h. Each order is a value, so that it can be carried out here or in a
 * helper. */
#include "run/service/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/path.h"
#include "run/process/helper.h"
#include "run/service/socket_extras.h"

#define PERMISSIONS 07777

/* What is to be done, and what has come of it. */
struct order {
	void (*run)(struct order *order, int fd);
	const struct service *service;
	const struct endpoint *endpoint;
	struct socket_made made;
	int err; /* errno; 0 = done */
};

static unsigned replaced;

const char *socket_path_of(const struct endpoint *endpoint)
{
	const char *path = sockaddr_kept_path(&endpoint->addr);

	return path && *path ? path : NULL;
}

/* --- at once, or in a helper --- */

static void fail(struct order *order, const char *step, int err)
{
	order->made.step = step;
	order->err = err;
}

static void unlink_at(const struct path_place *place, dev_t dev, ino_t ino)
{
	struct stat st;

	if (!fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) &&
		S_ISSOCK(st.st_mode) && st.st_dev == dev && st.st_ino == ino)
		unlinkat(place->dir_fd, place->name, 0);
}

/* The address by which the place is reached: its path, where nobody else can lead that elsewhere;
 * else its name alone, from the directory itself, which this process, a helper, goes to. Returns 0
 * or errno. */
static int enter(const struct path_place *place, struct sockaddr_len *addr)
{
	struct sockaddr_un *un = &addr->addr.un;

	if (place->own)
		return 0;
	strlcpy(un->sun_path, place->name, sizeof(un->sun_path));
	addr->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(place->name) + 1);
	return fchdir(place->dir_fd) < 0 ? errno : 0;
}

/* What stands at a place: 0 nothing (any more), or an errno. */
static int clear_place(
	struct order *order, const struct path_place *place, const struct sockaddr_len *addr)
{
	struct stat st;
	int probe, err;

	if (fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return EEXIST;
	probe = socket(AF_UNIX, order->endpoint->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return errno;
	err = connect(probe, &addr->addr.sa, addr->len) < 0 ? errno : 0;
	close(probe);
	if (err == ENOENT)
		return 0;
	if (err != ECONNREFUSED)
		return EADDRINUSE; /* answered, or wants another type, or may not be asked */
	unlink_at(place, st.st_dev, st.st_ino);
	order->made.replaced = true;
	return 0;
}

/* Owner and mode of what is open as fd (O_PATH). Where it may have had others before, those that
 * are not set are ours. Returns the step that failed, with errno, or NULL. */
static const char *set_owner(int fd, const struct socket_options *options, bool fresh)
{
	uid_t owner = options->owner;
	gid_t group = options->group;
	char proc[64];

	if (!fresh) {
		owner = owner == (uid_t)-1 ? geteuid() : owner;
		group = group == (gid_t)-1 ? getegid() : group;
	}
	if ((owner != (uid_t)-1 || group != (gid_t)-1) &&
		fchownat(fd, "", owner, group, AT_EMPTY_PATH) < 0)
		return "chown";
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return chmod(proc, options->mode) < 0 ? "chmod" : NULL;
}

/* The socket of made->dev and ->ino; for ino 0 the one that was bound a moment ago, which nobody
 * else can have made like this: it is ours, and without any permission. */
static bool is_it(const struct stat *st, const struct socket_made *made)
{
	if (!S_ISSOCK(st->st_mode))
		return false;
	if (made->ino)
		return st->st_dev == made->dev && st->st_ino == made->ino;
	return st->st_uid == geteuid() && !(st->st_mode & PERMISSIONS);
}

static void apply_at(struct order *order, const struct path_place *place)
{
	bool fresh = !order->made.ino;
	int fd = openat(place->dir_fd, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	const char *step = NULL;
	struct stat st = {0};

	if (fd < 0 || fstat(fd, &st) < 0) {
		fail(order, "open", errno);
	} else if (!is_it(&st, &order->made)) {
		fail(order, "open", ESTALE);
	} else {
		order->made.dev = st.st_dev;
		order->made.ino = st.st_ino;
		step = set_owner(fd, &order->service->policy->socket, fresh);
		if (step)
			fail(order, step, errno);
	}
	fd_close(&fd);
}

static void run_apply(struct order *order, int socket_fd)
{
	struct path_place place;
	int err = -path_find(socket_path_of(order->endpoint), &place);

	(void)socket_fd;
	if (err) {
		fail(order, "open", err);
		return;
	}
	apply_at(order, &place);
	fd_close(&place.dir_fd);
}

/* A path of which another process of ours may have the socket is taken from it in one stroke, with
 * a socket that listens already: nobody finds the path without one. It is bound beside it before.
 * In a directory that is ours alone, as whoever has a socket there is somebody we trust. */
static bool takes_path(const struct order *order, const struct path_place *place)
{
	const struct socket_extras *extras = order->service->policy->extras;
	struct stat st;

	return extras && extras->reuse_port && place->own &&
	       !fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISSOCK(st.st_mode);
}

/* The file takes its mode from the socket: 0 until owner and mode are set, so that it is never open
 * to anybody too early. */
static void bind_to(struct order *order, int fd, const struct path_place *place,
	const struct sockaddr_len *addr)
{
	if (fchmod(fd, 0) < 0 || bind(fd, &addr->addr.sa, addr->len) < 0) {
		fail(order, "bind", errno);
		return;
	}
	apply_at(order, place);
	if (order->err)
		unlink_at(place, order->made.dev, order->made.ino);
}

/* The name beside it is as long as a path may be, whatever the other one's length. */
static void take_path(struct order *order, int fd, const struct path_place *place)
{
	const char *path = socket_path_of(order->endpoint);
	struct sockaddr_len addr = *order->endpoint->addr.local;
	struct sockaddr_un *un = &addr.addr.un;
	char name[32];
	struct path_place beside = {.dir_fd = place->dir_fd, .name = name, .own = place->own};
	int len;

	snprintf(name, sizeof(name), ".inetd-%d", (int)getpid());
	len = snprintf(un->sun_path, sizeof(un->sun_path), "%.*s%s", (int)(place->name - path),
		path, name);
	if (len >= (int)sizeof(un->sun_path)) {
		fail(order, "bind", ENAMETOOLONG);
		return;
	}
	addr.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len + 1);
	(void)unlinkat(place->dir_fd, name, 0); /* of one like us that was killed just then */
	bind_to(order, fd, &beside, &addr);
	if (order->err)
		return;
	if (order->endpoint->socktype != SOCK_DGRAM &&
		listen(fd, order->service->policy->socket.backlog) < 0)
		fail(order, "listen", errno);
	else if (renameat(place->dir_fd, name, place->dir_fd, place->name) < 0)
		fail(order, "rename", errno);
	if (order->err)
		unlink_at(&beside, order->made.dev, order->made.ino);
}

/* Everything is done from the directory that was found, wherever it is moved meanwhile. */
static void bind_at(struct order *order, int fd, const struct path_place *place)
{
	struct sockaddr_len addr = *order->endpoint->addr.local;
	int err;

	if (takes_path(order, place)) {
		take_path(order, fd, place);
		return;
	}
	err = enter(place, &addr);
	if (!err)
		err = clear_place(order, place, &addr);
	if (err)
		fail(order, "bind", err);
	else
		bind_to(order, fd, place, &addr);
}

static void run_bind(struct order *order, int fd)
{
	const struct endpoint *endpoint = order->endpoint;
	struct path_place place;
	int err;

	if (socket_extras_directory(order->service, endpoint, &order->made.step) < 0) {
		order->err = errno;
		return;
	}
	err = -path_find(socket_path_of(endpoint), &place);
	if (err) {
		fail(order, "bind", err);
		return;
	}
	bind_at(order, fd, &place);
	fd_close(&place.dir_fd);
}

static void run_unlink(struct order *order, int fd)
{
	struct path_place place;

	(void)fd;
	if (path_find(socket_path_of(order->endpoint), &place) < 0)
		return;
	unlink_at(&place, order->made.dev, order->made.ino);
	fd_close(&place.dir_fd);
}

/* --- here --- */

static void run_in_helper(const void *arg, int fd, void *result)
{
	struct order order = *(const struct order *)arg;

	order.run(&order, fd);
	memcpy(result, &order, sizeof(order));
}

static int carry_out(struct order *order, int fd)
{
	const struct order given = *order;

	if (path_is_own(socket_path_of(order->endpoint)))
		order->run(order, fd);
	else if (helper_call(run_in_helper, &given, fd, order, sizeof(*order)) < 0)
		fail(order, "helper", errno);
	errno = order->err;
	return order->err ? -1 : 0;
}

int socket_path_bind(int fd, const struct service *service, const struct endpoint *endpoint,
	struct socket_made *made)
{
	struct order order = {.run = run_bind, .service = service, .endpoint = endpoint};
	const struct socket_extras *extras = service->policy->extras;
	int result = carry_out(&order, fd);

	replaced += order.made.replaced && (!extras || extras->unlink_on_exit);
	made->step = order.made.step;
	made->dev = order.made.dev;
	made->ino = order.made.ino;
	made->replaced = order.made.replaced;
	return result;
}

unsigned socket_path_replaced(void)
{
	return replaced;
}

int socket_path_apply(const struct service *service, const struct endpoint *endpoint,
	const struct socket_made *made, const char **step)
{
	struct order order = {.run = run_apply, .service = service, .endpoint = endpoint};
	int result;

	order.made.dev = made->dev;
	order.made.ino = made->ino;
	result = carry_out(&order, -1);
	*step = order.made.step;
	return result;
}

void socket_path_unlink(const struct endpoint *endpoint, dev_t dev, ino_t ino)
{
	struct order order = {
		.run = run_unlink, .endpoint = endpoint, .made = {.dev = dev, .ino = ino}};
	int saved = errno;

	if (socket_path_of(endpoint) && ino)
		carry_out(&order, -1);
	errno = saved;
}

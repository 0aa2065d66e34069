/* child_stderr: see child_stderr.h. */
#include "run/program/child_stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/log.h"

static int null_fd = -1;

void child_stderr_open(void)
{
	null_fd = fd_raise(open("/dev/null", O_WRONLY | O_CLOEXEC));
	if (null_fd < 0)
		log_warn("cannot open /dev/null, programs with stderr = null do not start now");
}

void child_stderr_close(void)
{
	fd_close(&null_fd);
}

/* Says what has no better place now. */
static void log_unopened(struct service_state *state, const char *what)
{
	const char *name = state->service->name;
	uint32_t omitted;
	int err = errno;

	if (service_state_shows(state, LOG_WARNING) &&
		service_state_may_log(state, LOG_UNOPENED, &omitted))
		log_event(LOG_WARNING, LOG_FIELDS({"service", name, false}),
			"%s: stderr goes to /dev/null: cannot open %s: %s", name, what,
			strerror(err));
}

int child_stderr_for(struct service_state *state, const struct conn *conn, struct errors *errors)
{
	const struct output *output = &state->service->policy->context.errors;

	*errors = (struct errors){.fd = -1};
	switch (output->to) {
	case OUTPUT_SOCKET:
		return 0;
	case OUTPUT_FILE:
		errors->path = output->path;
		break;
	case OUTPUT_LOG:
		errors->log = stderr_log_new(state, conn, &errors->fd);
		if (!errors->log)
			log_unopened(state, "a pipe");
		break;
	case OUTPUT_NULL:
		break;
	}
	errors->own = errors->fd >= 0;
	if (errors->own)
		return 0;
	if (null_fd < 0)
		child_stderr_open();
	errors->fd = null_fd;
	errno = ENODEV;
	return null_fd < 0 ? -1 : 0;
}

int child_stderr_share(struct errors *errors)
{
	if (!errors->log || stderr_log_share(errors->log, errors->fd) == 0)
		return 0;
	fd_close(&errors->fd);
	return -1;
}

void child_stderr_shared(struct errors *errors)
{
	if (errors->own)
		fd_close(&errors->fd);
	if (errors->log)
		stderr_log_shared(errors->log);
}

void child_stderr_unopened(struct service_state *state, int err)
{
	errno = err;
	log_unopened(state, state->service->policy->context.errors.path);
}

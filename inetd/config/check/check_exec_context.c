/* check_exec_context: what the program of one service finds besides its connection, what its
 * clients are told, and what is logged of it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/text/list.h"

/* The text of a file, at most MESSAGE_MAX bytes; NULL if it is empty or after a diagnostic. */
static char *message_file(struct check *check, enum key_id id, const char *path)
{
	const char *name = key_table[id].name;
	char text[MESSAGE_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (len < 0)
		CHECK_ERROR(check, id, "%s: cannot read %s: %s", name, path, strerror(errno));
	else if ((size_t)len > MESSAGE_MAX)
		CHECK_ERROR(check, id, "%s: %s has more than %d bytes", name, path, MESSAGE_MAX);
	else if (memchr(text, 0, (size_t)len))
		CHECK_ERROR(check, id, "%s: %s holds a NUL byte", name, path);
	else if (len) { /* an empty one says nothing */
		fd_close(&fd);
		return load_memory(
			check->load, arena_strndup(&check->load->config->arena, text, (size_t)len));
	}
	fd_close(&fd);
	return NULL;
}

static const char *message(struct check *check, enum key_id id, const char *value)
{
	if (!check->draft->set[id])
		return NULL;
	if (*value == '/')
		return message_file(check, id, value);
	return load_memory(check->load, list_unescape(value, &check->load->config->arena));
}

static void check_stderr(struct check *check)
{
	struct exec_context *out = &check->service->context;
	const char *value = check->draft->stderr_to;

	if (!check->draft->set[KEY_STDERR] || !strcmp(value, "socket"))
		return;
	if (*value == '/') {
		out->stderr_to = STDERR_FILE;
		out->stderr_path =
			load_memory(check->load, arena_strdup(&check->load->config->arena, value));
	} else {
		out->stderr_to = strcmp(value, "log") ? STDERR_NULL : STDERR_LOG;
	}
}

void check_exec_context(struct check *check)
{
	const struct draft *draft = check->draft;
	struct service *service = check->service;
	struct exec_context *out = &service->context;
	struct load *load = check->load;

	if (draft->set[KEY_ENV])
		out->env = load_memory(load, list_words(draft->env, &load->config->arena, NULL));
	if (draft->set[KEY_PASSENV])
		out->passenv = load_memory(load, list_names(draft->passenv, &load->config->arena));
	out->keep_env = draft->set[KEY_CLEAN_ENV] ? !draft->clean_env : load->options->keep_env;
	out->activation = (enum activation)draft->activation;
	check_stderr(check);
	service->messages = (struct messages){
		.banner = message(check, KEY_BANNER, draft->banner),
		.banner_fail = message(check, KEY_BANNER_FAIL, draft->banner_fail),
		.busy = message(check, KEY_BUSY_MESSAGE, draft->busy_message),
	};
	service->events = draft->set[KEY_LOG] ? draft->log : load->options->events;
	service->log_level = draft->set[KEY_LOG_LEVEL] ? draft->log_level : LOG_INFO;
}

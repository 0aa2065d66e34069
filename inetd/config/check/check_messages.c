/* check_messages: texts for clients that are in files, read once with the configuration. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/path.h"
#include "config/check/check.h"
#include "config/keys/key.h"

/* The text of a file, at most MESSAGE_MAX bytes; NULL if it is empty or after a diagnostic. */
static char *message_file(struct check *check, enum key_id id, const char *path)
{
	const char *name = key_table[id].name;
	char text[MESSAGE_MAX + 1];
	ssize_t len;
	int fd;

	if (!path_is_own(path)) {
		CHECK_ERROR(check, id,
			"%s: %s is in a directory that others can change, who could keep the "
			"daemon waiting for it",
			name, path);
		return NULL;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (len < 0)
		CHECK_ERROR(check, id, "%s: cannot read %s: %s", name, path, strerror(errno));
	else if ((size_t)len > MESSAGE_MAX)
		CHECK_ERROR(check, id, "%s: %s has more than %d bytes", name, path, MESSAGE_MAX);
	else if (memchr(text, 0, (size_t)len))
		CHECK_ERROR(check, id, "%s: %s holds a NUL byte", name, path);
	else if (len) { /* an empty file is no message */
		fd_close(&fd);
		return load_memory(
			check->load, arena_strndup(&check->load->config->arena, text, (size_t)len));
	}
	fd_close(&fd);
	return NULL;
}

void check_messages(struct check *check)
{
	const struct messages *none = &check->load->blank->policy.messages;

	if (!memcmp(&check->policy->messages, none, sizeof(*none)))
		return;
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++) {
		struct message *message = NULL;

		if (key->type == &type_message)
			message = (struct message *)(uintptr_t)key_of_service(key, check->service);
		if (message && message->path)
			message->text = message_file(check, key_id_of(key), message->path);
		if (message)
			message->path = NULL;
	}
}

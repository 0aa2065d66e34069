/* check_runs: whether the program of one entry can be executed by its user, and its wrapper, as far
 * as the reading may look. What keeps it from being started is warned of, and remembered for who
 * asks how the service is. */
#include <limits.h>

#include "config/check/check.h"
#include "config/check/executable.h"
#include "config/keys/key.h"

static void note(struct check *check, const char *path, int err, bool wrapper)
{
	struct load *load = check->load;
	struct unusable *found =
		load_memory(load, arena_alloc(&load->config->arena, sizeof(*found)));

	if (!found)
		return;
	*found = (struct unusable){.path = load_text(load, path),
		.err = err,
		.wrapper = wrapper,
		.elsewhere = check->draft->cage.chroot != NULL};
	if (found->path)
		check->service->unusable = found;
}

/* A file that somebody can execute. Returns the errno that its user would get. */
static int look(struct check *check, enum key_id key, const char *path)
{
	const struct identity *identity = &check->policy->identity;
	char directory[PATH_MAX];
	int err;

	if (lookup_program_is_for_all(&check->load->lookup, path))
		return 0;
	err = executable_look(identity, path, directory);
	if (err && *directory)
		CHECK_WARNING(check, key,
			"%s cannot start %s: that user may not enter the directory %s",
			identity->user, path, directory);
	else if (err)
		CHECK_WARNING(check, key, "%s may not execute %s", identity->user, path);
	return err;
}

static int look_at_wrapper(struct check *check, const char *path)
{
	int err = *path == '/' ? lookup_program(&check->load->lookup, path) : 0;

	if (err)
		CHECK_WARNING(
			check, KEY_WRAPPER, "wrapper: %s cannot be run: %s", path, strerror(err));
	return err || *path != '/' ? err : look(check, KEY_WRAPPER, path);
}

void check_runs(struct check *check)
{
	const struct service *service = check->service;
	const char *wrapper = check->policy->wrapper ? check->policy->wrapper[0] : NULL;
	const char *root = check->draft->cage.chroot;
	char below[PATH_MAX];

	if (!service->server || check->draft->disable || !check->policy->identity.user)
		return;
	if (wrapper && !root)
		check->wrapper_err = look_at_wrapper(check, wrapper);
	if (!root && !check->server_err)
		check->server_err = look(check, KEY_SERVER, service->server);
	if (root)
		snprintf(below, sizeof(below), "%s%s", root, service->server);
	if (check->wrapper_err)
		note(check, wrapper, check->wrapper_err, true);
	else if (check->server_err)
		note(check, root ? below : service->server, check->server_err, false);
}

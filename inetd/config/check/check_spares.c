/* check_spares: whether the program of a service can be executed before its connection comes (the
 * key spare). One that cannot is started when its connection is there, as ever. */
#include "base/program_file.h"
#include "config/check/check.h"
#include "config/keys/key.h"

static bool sets_preload(const struct policy *policy)
{
	for (char *const *env = policy->context.env; env && *env; env++)
		if (!strncmp(*env, "LD_PRELOAD=", 11))
			return true;
	return false;
}

/* Why the program cannot wait for its connection, or NULL. */
static const char *look(const struct check *check, const char *path)
{
	const struct policy *policy = check->policy;
	const char *root = policy->cage && policy->cage->chroot ? policy->cage->chroot : "";
	struct program_files files;

	if (policy->extras && policy->extras->linger_ms)
		return "has a connection with linger, which is set in the program's own process";
	if (policy->spares.ready)
		return NULL;
	if (sets_preload(policy))
		return "has an LD_PRELOAD of its own in env";
	if (check->load->options->own_paths && *root)
		return NULL; /* a helper looks there */
	return program_file_look(root, path, check->load->options->own_paths, &files);
}

void check_spares(struct check *check)
{
	struct policy *policy = check->policy;
	const char *path = policy->wrapper ? policy->wrapper[0] : check->service->server, *why;

	if (!policy->spares.count || !path)
		return;
	why = look(check, path);
	if (!why)
		return;
	CHECK_WARNING(check, KEY_SPARE,
		"spare: the program %s: each is started when its connection comes", why);
	policy->spares.count = 0;
}

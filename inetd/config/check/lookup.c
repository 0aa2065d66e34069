/* lookup: see lookup.h. */
#include "config/check/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "config/check/executable.h"

void lookup_init(struct lookup *lookup, struct arena *keep, struct arena *scratch)
{
	*lookup = (struct lookup){
		.keep = keep, .scratch = scratch, .ask = names_ask, .root = !geteuid()};
	map_init(&lookup->ports, scratch);
	map_init(&lookup->persons, scratch);
	map_init(&lookup->programs, scratch);
}

/* The place for one name of one protocol; ports are kept + 1, so that NULL is "not asked yet"
 * and -1 is "no such name". */
static void **port_slot(struct lookup *lookup, const char *name, const char *protocol)
{
	char key[128];
	int len = snprintf(key, sizeof(key), "%s/%s", protocol, name);

	if (len < 0 || (size_t)len >= sizeof(key))
		return NULL;
	return map_slot(&lookup->ports, key, (size_t)len);
}

static void port_note(struct lookup *lookup, const char *name, const struct servent *entry)
{
	void **slot = port_slot(lookup, name, entry->s_proto);

	if (slot && !*slot)
		*slot = (void *)(intptr_t)(ntohs((uint16_t)entry->s_port) + 1);
}

/* Asking for one name reads the file from its start, so all are taken at the first question. */
static void services_read(struct lookup *lookup)
{
	struct servent *entry;

	lookup->services_read = true;
	setservent(1);
	while ((entry = getservent())) {
		port_note(lookup, entry->s_name, entry);
		for (char **alias = entry->s_aliases; *alias; alias++)
			port_note(lookup, *alias, entry);
	}
	endservent();
}

int lookup_port(struct lookup *lookup, const char *name, const char *protocol)
{
	struct name_question question = {.kind = NAME_PORT};
	struct name_answer answer;
	void **slot;

	if (strlcpy(question.name, name, sizeof(question.name)) > 100 ||
		strlcpy(question.protocol, protocol, sizeof(question.protocol)) >=
			sizeof(question.protocol))
		return -1;
	if (!lookup->services_read && lookup->ask == names_ask)
		services_read(lookup);
	slot = port_slot(lookup, name, protocol);
	if (!slot)
		return -2;
	if (!*slot) /* a source that cannot be listed may know it */
		*slot = (void *)(lookup->ask(&question, &answer) ? (intptr_t)answer.id + 1 : -1);
	return (intptr_t)*slot < 0 ? -1 : (int)((intptr_t)*slot - 1);
}

bool lookup_rpc(const struct lookup *lookup, const char *name, uint32_t *number)
{
	struct name_question question = {.kind = NAME_RPC};
	struct name_answer answer;

	if (strlcpy(question.name, name, sizeof(question.name)) >= sizeof(question.name) ||
		!lookup->ask(&question, &answer))
		return false;
	*number = answer.id;
	return true;
}

bool lookup_may_see(const struct lookup *lookup, const char *path)
{
	return !lookup->own_paths || path_is_own(path);
}

/* What is kept of a program: the errno, and these. */
enum { PROGRAM_KNOWN = 1, PROGRAM_FOR_ALL = 2, PROGRAM_ERRNO_BITS = 2 };

static int look_at_program(const struct lookup *lookup, const char *path)
{
	static const struct identity anybody = {.uid = (uid_t)-1, .gid = (gid_t)-1};
	char directory[PATH_MAX];
	int err;

	if (!lookup_may_see(lookup, path))
		return PROGRAM_KNOWN | PROGRAM_FOR_ALL;
	err = executable_look(NULL, path, directory);
	if (err)
		return err << PROGRAM_ERRNO_BITS | PROGRAM_KNOWN;
	return executable_look(&anybody, path, directory) ? PROGRAM_KNOWN
							  : PROGRAM_KNOWN | PROGRAM_FOR_ALL;
}

static int known_program(struct lookup *lookup, const char *path)
{
	void **slot = map_slot(&lookup->programs, path, strlen(path));

	if (!slot)
		return PROGRAM_KNOWN | PROGRAM_FOR_ALL;
	if (!*slot)
		*slot = (void *)(intptr_t)look_at_program(lookup, path);
	return (int)(intptr_t)*slot;
}

int lookup_program(struct lookup *lookup, const char *path)
{
	return known_program(lookup, path) >> PROGRAM_ERRNO_BITS;
}

bool lookup_program_is_for_all(struct lookup *lookup, const char *path)
{
	return known_program(lookup, path) & PROGRAM_FOR_ALL;
}

int lookup_program_below(struct lookup *lookup, const char *root, const char *path)
{
	char whole[PATH_MAX], *slash;
	size_t root_len = strlen(root);
	struct stat st;

	if (snprintf(whole, sizeof(whole), "%s%s", root, path) >= (int)sizeof(whole) ||
		!lookup_may_see(lookup, whole))
		return 0;
	for (slash = strchr(whole + root_len + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		*slash = 0;
		err = lstat(whole, &st) < 0 ? errno : 0;
		*slash = '/';
		if (err || S_ISLNK(st.st_mode))
			return err;
	}
	if (lstat(whole, &st) == 0 && S_ISLNK(st.st_mode))
		return 0;
	return lookup_program(lookup, whole);
}

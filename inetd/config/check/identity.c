/* identity: the part of lookup.h that knows users and groups. A user field is resolved once in a
 * load, with home, shell and supplementary groups, so that nothing is looked up between accept
 * and exec. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "config/check/lookup.h"
#include "config/text/number.h"

#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

bool lookup_uid(const char *name, uid_t *uid)
{
	const struct passwd *entry = getpwnam(name);
	int64_t number;

	if (!entry && number_parse(name, 0, UINT32_MAX - 1, &number) != NUMBER_OK)
		return false;
	*uid = entry ? entry->pw_uid : (uid_t)number;
	return true;
}

bool lookup_gid(const char *name, gid_t *gid)
{
	const struct group *entry = getgrnam(name);
	int64_t number;

	if (!entry && number_parse(name, 0, UINT32_MAX - 1, &number) != NUMBER_OK)
		return false;
	*gid = entry ? entry->gr_gid : (gid_t)number;
	return true;
}

static int copy_passwd(struct lookup *lookup, struct identity *identity, const struct passwd *entry,
	const char *word)
{
	const char *home = entry && *entry->pw_dir ? entry->pw_dir : "/";
	const char *shell = entry && *entry->pw_shell ? entry->pw_shell : "/bin/sh";

	identity->user = arena_strdup(lookup->keep, entry ? entry->pw_name : word);
	identity->home = arena_strdup(lookup->keep, home);
	identity->shell = arena_strdup(lookup->keep, shell);
	return identity->user && identity->home && identity->shell ? 0 : -1;
}

/* Supplementary groups of the user, the primary one among them, as initgroups(3) sets them. */
static int copy_groups(struct lookup *lookup, struct identity *identity)
{
	gid_t few[32], *many = few;
	int count = 32, result;

	result = getgrouplist(identity->user, identity->gid, many, &count);
	if (result < 0 && count > 0 && count <= GROUPS_MAX) {
		many = calloc((size_t)count, sizeof(*many));
		result = many ? getgrouplist(identity->user, identity->gid, many, &count) : -1;
	}
	if (result >= 0) {
		gid_t *copy = arena_calloc(lookup->keep, (size_t)count, sizeof(*copy));

		if (copy)
			memcpy(copy, many, (size_t)count * sizeof(*copy));
		identity->groups = copy;
		identity->ngroups = copy ? (size_t)count : 0;
		result = copy ? 0 : -1;
	}
	if (many != few)
		free(many);
	return result;
}

static void identity_fail(struct person *person, enum lookup_result result, const char *bad)
{
	person->result = result;
	person->bad = bad;
}

/* The daemon cannot become anybody: notes whether that was wished for, and takes the caller. */
static int identity_as_caller(struct lookup *lookup, struct person *person, bool has_group)
{
	struct identity *identity = &person->identity;
	const struct passwd *entry;

	person->other = identity->uid != geteuid() || (has_group && identity->gid != getegid());
	identity->as_caller = true;
	identity->uid = geteuid();
	identity->gid = getegid();
	entry = getpwuid(identity->uid);
	return copy_passwd(lookup, identity, entry, "unknown");
}

/* Fills in the identity of a user and a group (NULL: the user's own) given as single words. */
static int identity_fill(
	struct lookup *lookup, struct person *person, const char *user, const char *group)
{
	struct identity *identity = &person->identity;
	const struct passwd *entry;

	if (!lookup_uid(user, &identity->uid)) {
		identity_fail(person, LOOKUP_USER, user);
		return 0;
	}
	if (group && !lookup_gid(group, &identity->gid)) {
		identity_fail(person, LOOKUP_GROUP, group);
		return 0;
	}
	entry = getpwnam(user);
	if (!entry)
		entry = getpwuid(identity->uid);
	if (!group && !entry) {
		identity_fail(person, LOOKUP_NO_GROUP, user);
		return 0;
	}
	if (!group)
		identity->gid = entry->pw_gid;
	if (!lookup->root)
		return identity_as_caller(lookup, person, group != NULL);
	if (copy_passwd(lookup, identity, entry, user) < 0)
		return -1;
	return copy_groups(lookup, identity);
}

/* Divides `word` in place at its last `mark`. Returns what follows it, or NULL. */
static char *divide(char *word, char mark)
{
	char *at = strrchr(word, mark);

	if (at)
		*at++ = 0;
	return at;
}

/* The whole word as a user first; else at the last ':'; else at the last '.', if that makes a user
 * and a group. */
static int identity_resolve(
	struct lookup *lookup, struct person *person, char *word, const char *own_group)
{
	char *group;
	uid_t uid;
	gid_t gid;

	group = strchr(word, '/');
	if (group) {
		*group = 0;
		person->login_class = group + 1;
	}
	if (lookup_uid(word, &uid))
		return identity_fill(lookup, person, word, own_group);
	group = divide(word, ':');
	if (group)
		return identity_fill(lookup, person, word, own_group ? own_group : group);
	group = divide(word, '.');
	if (group && lookup_uid(word, &uid) && lookup_gid(group, &gid))
		return identity_fill(lookup, person, word, own_group ? own_group : group);
	if (group)
		group[-1] = '.';
	identity_fail(person, LOOKUP_USER, word);
	return 0;
}

/* The slot of a user field and a group; their texts, NULs included, are the key. */
static void **identity_slot(struct lookup *lookup, const char *user, const char *group)
{
	char key[256];
	size_t user_len = strlen(user) + 1, group_len = group ? strlen(group) + 1 : 0;

	if (user_len + group_len > sizeof(key)) /* no system has such names: not worth keeping */
		return arena_alloc(lookup->scratch, sizeof(void *));
	memcpy(key, user, user_len);
	if (group)
		memcpy(key + user_len, group, group_len);
	return map_slot(&lookup->persons, key, user_len + group_len);
}

const struct person *lookup_person(struct lookup *lookup, const char *user, const char *group)
{
	void **slot = identity_slot(lookup, user, group);
	struct person *person;
	char *word;

	if (!slot || *slot)
		return slot ? *slot : NULL;
	word = arena_strdup(lookup->scratch, user);
	person = arena_alloc(lookup->scratch, sizeof(*person));
	if (!word || !person || identity_resolve(lookup, person, word, group) < 0)
		return NULL;
	*slot = person;
	return person;
}

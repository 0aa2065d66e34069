/* identity: the part of lookup.h that knows users and groups. A user field is resolved once in a
 * load, with home, shell and supplementary groups, so that nothing is looked up between accept
 * and exec. */
#include <errno.h>
#include <unistd.h>

#include "config/check/lookup.h"
#include "config/text/number.h"

static bool ask(const struct lookup *lookup, enum name_kind kind, const char *name, uint32_t id,
	struct name_answer *answer)
{
	struct name_question question = {.kind = kind, .id = id};

	answer->found = false;
	return strlcpy(question.name, name, sizeof(question.name)) < sizeof(question.name) &&
	       lookup->ask(&question, answer);
}

static bool find_id(
	const struct lookup *lookup, enum name_kind kind, const char *name, uint32_t *id)
{
	struct name_answer answer;
	int64_t number = 0;

	if (!ask(lookup, kind, name, 0, &answer) &&
		number_parse(name, 0, UINT32_MAX - 1, &number) != NUMBER_OK)
		return false;
	*id = answer.found ? answer.id : (uint32_t)number;
	return true;
}

bool lookup_uid(const struct lookup *lookup, const char *name, uid_t *uid)
{
	return find_id(lookup, NAME_USER, name, uid);
}

bool lookup_gid(const struct lookup *lookup, const char *name, gid_t *gid)
{
	return find_id(lookup, NAME_GROUP, name, gid);
}

bool lookup_is_user(const struct lookup *lookup, const char *name)
{
	struct name_answer answer;

	return ask(lookup, NAME_USER, name, 0, &answer);
}

/* `entry` where it was found; else the word stands for the name. */
static int copy_passwd(struct lookup *lookup, struct identity *identity,
	const struct name_answer *entry, const char *word)
{
	const char *home = entry->found && *entry->home ? entry->home : "/";
	const char *shell = entry->found && *entry->shell ? entry->shell : "/bin/sh";

	identity->user = arena_strdup(lookup->keep, entry->found ? entry->name : word);
	identity->home = arena_strdup(lookup->keep, home);
	identity->shell = arena_strdup(lookup->keep, shell);
	return identity->user && identity->home && identity->shell ? 0 : -1;
}

static void identity_fail(struct person *person, enum lookup_result result, const char *bad)
{
	person->result = result;
	person->bad = bad;
}

/* Supplementary groups of the user, the primary one among them, as initgroups(3) sets them. */
static int copy_groups(struct lookup *lookup, struct person *person, const char *user)
{
	struct identity *identity = &person->identity;
	struct name_answer answer;
	gid_t *copy;

	errno = 0;
	if (!ask(lookup, NAME_GROUPS, identity->user, identity->gid, &answer)) {
		identity_fail(person, LOOKUP_USER, user);
		return errno == ENOMEM ? -1 : 0;
	}
	copy = arena_calloc(lookup->keep, answer.group_count, sizeof(*copy));
	if (copy)
		memcpy(copy, answer.groups, answer.group_count * sizeof(*copy));
	free(answer.groups);
	identity->groups = copy;
	identity->ngroups = copy ? answer.group_count : 0;
	return copy ? 0 : -1;
}

/* The daemon cannot become anybody: notes whether that was wished for, and takes the caller. */
static int identity_as_caller(struct lookup *lookup, struct person *person, bool has_group)
{
	struct identity *identity = &person->identity;
	struct name_answer entry;

	person->other = identity->uid != geteuid() || (has_group && identity->gid != getegid());
	identity->as_caller = true;
	identity->uid = geteuid();
	identity->gid = getegid();
	ask(lookup, NAME_UID, "", identity->uid, &entry);
	return copy_passwd(lookup, identity, &entry, "unknown");
}

/* Fills in the identity of a user and a group (NULL: the user's own) given as single words. */
static int identity_fill(
	struct lookup *lookup, struct person *person, const char *user, const char *group)
{
	struct identity *identity = &person->identity;
	struct name_answer entry;

	if (!lookup_uid(lookup, user, &identity->uid)) {
		identity_fail(person, LOOKUP_USER, user);
		return 0;
	}
	if (group && !lookup_gid(lookup, group, &identity->gid)) {
		identity_fail(person, LOOKUP_GROUP, group);
		return 0;
	}
	if (!ask(lookup, NAME_USER, user, 0, &entry))
		ask(lookup, NAME_UID, "", identity->uid, &entry);
	if (!group && !entry.found) {
		identity_fail(person, LOOKUP_NO_GROUP, user);
		return 0;
	}
	if (!group)
		identity->gid = entry.gid;
	if (!lookup->root)
		return identity_as_caller(lookup, person, group != NULL);
	if (copy_passwd(lookup, identity, &entry, user) < 0)
		return -1;
	return copy_groups(lookup, person, user);
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
	if (lookup_uid(lookup, word, &uid))
		return identity_fill(lookup, person, word, own_group);
	group = divide(word, ':');
	if (group)
		return identity_fill(lookup, person, word, own_group ? own_group : group);
	group = divide(word, '.');
	if (group && lookup_uid(lookup, word, &uid) && lookup_gid(lookup, group, &gid))
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

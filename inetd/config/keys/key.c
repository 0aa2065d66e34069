/* key: see key.h. */
#include "config/keys/key.h"

#include <errno.h>

enum key_id key_id_of(const struct key *key)
{
	return (enum key_id)(key - key_table);
}

const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct key *key = &key_table[i];

		if (!strcmp(key->name, name) || (key->alias && !strcmp(key->alias, name)))
			return key;
	}
	return NULL;
}

const char *key_name(const struct draft *draft, enum key_id id)
{
	return draft->written && draft->written[id] ? draft->written[id] : key_table[id].name;
}

void *key_value(const struct draft *draft, enum key_id id)
{
	return (char *)(uintptr_t)draft + key_table[id].at;
}

/* The offset of a plain key within a part of struct draft that begins at `start`; -1: elsewhere. */
static ptrdiff_t offset_in(const struct key *key, size_t start, size_t bytes)
{
	return key->at >= start && key->at < start + bytes ? (ptrdiff_t)(key->at - start) : -1;
}

const void *key_of_service(const struct key *key, const struct service *service)
{
	ptrdiff_t at = offset_in(key, offsetof(struct draft, service), sizeof(*service));
	const struct policy *policy = service->policy;

	if (at >= 0)
		return (const char *)service + at;
	at = offset_in(key, offsetof(struct draft, policy), sizeof(*policy));
	if (at >= 0)
		return (const char *)policy + at;
	at = offset_in(key, offsetof(struct draft, cage), sizeof(struct cage));
	if (at >= 0)
		return (const char *)(policy->cage ? policy->cage : &cage_none) + at;
	at = offset_in(key, offsetof(struct draft, extras), sizeof(struct socket_extras));
	if (at >= 0)
		return (const char *)(policy->extras ? policy->extras : &socket_extras_none) + at;
	return NULL;
}

const void *key_of_daemon(const struct key *key, const struct daemon_settings *daemon)
{
	ptrdiff_t at = offset_in(key, offsetof(struct draft, daemon), sizeof(*daemon));

	return at < 0 ? NULL : (const char *)daemon + at;
}

bool key_equal(const struct key *key, const void *a, const void *b)
{
	return key->type->equal ? key->type->equal(a, b) : !memcmp(a, b, key->type->bytes);
}

void key_copy(struct draft *to, const struct draft *from, enum key_id id)
{
	memcpy(key_value(to, id), key_value(from, id), key_table[id].type->bytes);
	to->set[id] = true;
	draft_set_where(to, id, draft_where(from, id));
}

/* The arena that holds what a value points to. */
static struct arena *arena_of(const struct draft *draft, const struct key *key)
{
	const size_t end = offsetof(struct draft, extras) + sizeof(draft->extras);
	bool plain = offset_in(key, offsetof(struct draft, service),
			     end - offsetof(struct draft, service)) >= 0;

	return plain ? draft->keep : draft->arena;
}

int key_join(
	struct draft *to, const struct draft *first, const struct draft *second, enum key_id id)
{
	const struct key *key = &key_table[id];

	draft_set_where(to, id, draft_where(second, id));
	return key->type->join(
		key_value(to, id), key_value(first, id), key_value(second, id), arena_of(to, key));
}

/* A value that is as much as none, so that an entry can undo what [defaults] sets. */
static bool is_unset(const struct setting *set)
{
	return set->value && set->key->flags & KEY_MAY_BE_UNSET &&
	       !strcasecmp(set->value, set->key->unset);
}

static int parse_value(const struct setting *set)
{
	if (!is_unset(set))
		return set->key->type->parse(set);
	memset(set->out, 0, set->key->type->bytes);
	return 0;
}

bool key_is_preset(const struct key *key, const void *value)
{
	uint32_t preset = 0;
	struct setting set = {.key = key, .value = key->preset, .out = &preset};

	return parse_value(&set) == 0 && key_equal(key, &preset, value);
}

/* A second value. The same in another file changes nothing, so that what show prints of [inetd] can
 * be pasted into a file of its own. */
static int set_again(const struct setting *set, const struct draft *draft)
{
	struct where first = draft_where(draft, key_id_of(set->key));
	union {
		char bytes[64];
		max_align_t align;
	} second = {{0}};
	struct setting again = *set;

	again.out = second.bytes;
	if (first.file == set->where.file) {
		TYPE_FAIL(set, "%s: set twice, first on line %u", set->name, first.line);
		return -1;
	}
	if (parse_value(&again) < 0)
		return -1;
	if (key_equal(set->key, set->out, second.bytes))
		return 0;
	TYPE_FAIL(set, "%s: set to something else before, at %s:%u", set->name, first.file,
		first.line);
	return -1;
}

static int set_value(struct draft *draft, struct setting *set)
{
	enum key_id id = key_id_of(set->key);

	set->name = key_name(draft, id);
	set->arena = arena_of(draft, set->key);
	set->out = key_value(draft, id);
	if (draft->set[id] ? set_again(set, draft) : parse_value(set)) {
		draft->failed = draft->bad[id] = true;
		if (!draft->set[id])
			draft_set_where(draft, id, set->where);
		return -1;
	}
	if (!draft->set[id])
		draft_set_where(draft, id, set->where);
	draft->set[id] = true;
	return 0;
}

int key_set(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag)
{
	struct setting set = {.key = key, .value = value, .where = where, .diag = diag};

	return set_value(draft, &set);
}

int key_set_words(struct draft *draft, const struct key *key, char *const *words,
	struct where where, struct diag *diag)
{
	struct setting set = {.key = key,
		.value = words[0] ? words[0] : "",
		.words = words,
		.where = where,
		.diag = diag};

	return set_value(draft, &set);
}

int key_add(struct draft *draft, const struct key *key, const char *value, struct where where,
	struct diag *diag)
{
	enum key_id id = key_id_of(key);
	struct setting set = {
		.key = key, .name = key->name, .value = value, .where = where, .diag = diag};
	union {
		char bytes[64];
		max_align_t align;
	} more = {{0}};

	if (!key->type->join) {
		TYPE_FAIL(&set, "%s: is no list that += could add to", key->name);
		draft->failed = draft->bad[id] = true;
		return -1;
	}
	if (!draft->set[id]) {
		draft->added[id] = !key_set(draft, key, value, where, diag);
		return draft->added[id] ? 0 : -1;
	}
	set.arena = arena_of(draft, key);
	set.out = more.bytes;
	if (key->type->parse(&set) < 0 ||
		(key->type->join(
			 key_value(draft, id), key_value(draft, id), more.bytes, set.arena) < 0 &&
			type_no_memory(&set) < 0)) {
		draft->failed = draft->bad[id] = true;
		return -1;
	}
	return 0;
}

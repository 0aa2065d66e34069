/* service_equal: when two services, or two endpoints, are the same (see conf.h). What keys set is
 * compared by the key table; here is only what the check makes of keys. */
#include <string.h>

#include "config/conf.h"
#include "config/keys/key.h"

#define ORDER(a, b)                                                                                \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	int order = sockaddr_kept_compare(&a->addr, &b->addr);

	if (order)
		return order;
	ORDER(a->socktype, b->socktype);
	ORDER(a->protocol, b->protocol);
	ORDER(a->dual, b->dual);
	ORDER(a->ordinal, b->ordinal);
	return 0;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool words_equal(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++)
		if (strcmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

static bool identity_equal(const struct identity *a, const struct identity *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->as_caller == b->as_caller &&
	       a->ngroups == b->ngroups && text_equal(a->user, b->user) &&
	       text_equal(a->home, b->home) && text_equal(a->shell, b->shell) &&
	       (!a->ngroups || !memcmp(a->groups, b->groups, a->ngroups * sizeof(*a->groups)));
}

/* True if both have the same values of the plain keys that a draft has from `at` on. */
static bool keys_equal(const struct service *a, const struct service *b, size_t at, size_t bytes)
{
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++)
		if (key->at >= at && key->at < at + bytes &&
			!key_equal(key, key_of_service(key, a), key_of_service(key, b)))
			return false;
	return true;
}

#define KEYS_EQUAL(a, b, part)                                                                     \
	keys_equal(a, b, offsetof(struct draft, part), sizeof(((struct draft *)NULL)->part))

bool cage_equal(const struct cage *a, const struct cage *b)
{
	const struct policy one = {.cage = a}, other = {.cage = b};

	return a == b || KEYS_EQUAL(&(struct service){.policy = &one},
				 &(struct service){.policy = &other}, cage);
}

bool socket_extras_equal(const struct socket_extras *a, const struct socket_extras *b)
{
	const struct policy one = {.extras = a}, other = {.extras = b};

	return a == b || KEYS_EQUAL(&(struct service){.policy = &one},
				 &(struct service){.policy = &other}, extras);
}

bool service_access_equal(const struct service *a, const struct service *b)
{
	return KEYS_EQUAL(a, b, policy.access);
}

bool service_policy_equal(const struct service *a, const struct service *b)
{
	const struct policy *one = a->policy, *other = b->policy;

	return one == other ||
	       (KEYS_EQUAL(a, b, policy) &&
		       words_equal(one->context.file_env, other->context.file_env) &&
		       identity_equal(&one->identity, &other->identity) &&
		       cage_equal(one->cage, other->cage) &&
		       socket_extras_equal(one->extras, other->extras) &&
		       one->limits.instances_default == other->limits.instances_default &&
		       one->limits.per_source_default == other->limits.per_source_default &&
		       one->socket.owner == other->socket.owner &&
		       one->socket.group == other->socket.group);
}

static bool endpoints_equal(const struct service *a, const struct service *b)
{
	if (a->endpoint_count != b->endpoint_count || a->name_count != b->name_count)
		return false;
	for (size_t i = 0; i < a->endpoint_count; i++)
		if (endpoint_compare(&a->endpoints[i], &b->endpoints[i]) != 0)
			return false;
	for (size_t i = 0; i < a->name_count; i++)
		if (!text_equal(a->names[i].host, b->names[i].host) ||
			a->names[i].families != b->names[i].families ||
			a->names[i].port != b->names[i].port)
			return false;
	return true;
}

/* A name may have got another number in rpc(5). */
static bool programs_equal(const struct rpc_program *a, const struct rpc_program *b)
{
	return a && b ? a->number == b->number && a->low == b->low && a->high == b->high : a == b;
}

/* The keys whose values are in a service itself, ended by NULL. */
static const struct key *const *own_keys(void)
{
	static const struct key *keys[KEY_COUNT + 1];
	size_t count = 0;

	if (keys[0])
		return keys;
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++)
		if (key->at - offsetof(struct draft, service) < sizeof(struct service))
			keys[count++] = key;
	return keys;
}

static bool own_keys_equal(const struct service *a, const struct service *b)
{
	for (const struct key *const *key = own_keys(); *key; key++)
		if (!key_equal(*key, key_of_service(*key, a), key_of_service(*key, b)))
			return false;
	return true;
}

bool service_equal_but_policy(const struct service *a, const struct service *b)
{
	return own_keys_equal(a, b) && text_equal(a->name, b->name) &&
	       text_equal(a->label, b->label) && text_equal(a->bind, b->bind) &&
	       text_equal(a->protocol, b->protocol) && a->mux == b->mux && a->mux_go == b->mux_go &&
	       text_equal(a->mux_name, b->mux_name) && a->families == b->families &&
	       endpoints_equal(a, b) && programs_equal(a->program, b->program) &&
	       text_equal(a->server, b->server) && words_equal(a->argv, b->argv);
}

bool service_equal(const struct service *a, const struct service *b)
{
	return service_equal_but_policy(a, b) && service_policy_equal(a, b);
}

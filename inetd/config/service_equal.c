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
	int order = sockaddr_compare(&a->addr, &b->addr);

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

/* True if both have the same values of plain keys, of all or of those in one part of the struct. */
static bool keys_equal(const struct service *a, const struct service *b, size_t from, size_t to)
{
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++) {
		const char *one = key_of_service(key, a), *other = key_of_service(key, b);
		const char *start = (const char *)a;

		if (one && one >= start + from && one < start + to && !key_equal(key, one, other))
			return false;
	}
	return true;
}

/* True if both have the same values of plain keys that are kept outside of the struct. */
static bool optional_equal(const struct service *a, const struct service *b)
{
	for (const struct key *key = key_table; key < key_table + KEY_COUNT; key++) {
		const char *value = key_of_service(key, a);
		bool outside = value && (value < (const char *)a || value >= (const char *)(a + 1));

		if (outside && !key_equal(key, value, key_of_service(key, b)))
			return false;
	}
	return true;
}

bool cage_equal(const struct cage *a, const struct cage *b)
{
	return a == b || optional_equal(&(struct service){.cage = a}, &(struct service){.cage = b});
}

bool socket_extras_equal(const struct socket_extras *a, const struct socket_extras *b)
{
	return a == b ||
	       optional_equal(&(struct service){.extras = a}, &(struct service){.extras = b});
}

bool service_access_equal(const struct service *a, const struct service *b)
{
	size_t at = offsetof(struct service, access);

	return keys_equal(a, b, at, at + sizeof(a->access));
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

bool service_equal(const struct service *a, const struct service *b)
{
	return keys_equal(a, b, 0, sizeof(*a)) && text_equal(a->name, b->name) &&
	       text_equal(a->label, b->label) && text_equal(a->bind, b->bind) &&
	       text_equal(a->protocol, b->protocol) && a->mux == b->mux && a->mux_go == b->mux_go &&
	       text_equal(a->mux_name, b->mux_name) && a->families == b->families &&
	       endpoints_equal(a, b) && text_equal(a->server, b->server) &&
	       words_equal(a->argv, b->argv) && identity_equal(&a->identity, &b->identity) &&
	       cage_equal(a->cage, b->cage) && socket_extras_equal(a->extras, b->extras) &&
	       a->limits.instances_default == b->limits.instances_default &&
	       a->limits.per_source_default == b->limits.per_source_default &&
	       a->socket.owner == b->socket.owner && a->socket.group == b->socket.group;
}

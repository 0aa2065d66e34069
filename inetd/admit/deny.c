/* deny: see deny.h. */
#include "admit/deny.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>

#include "base/patience.h"

void deny_free(struct deny *deny)
{
	free(deny->entries);
	*deny = (struct deny){0};
}

static struct deny_entry *set_of(const struct deny *deny, const struct client_key *key)
{
	return deny->entries + client_key_hash(key, deny->seed) % DENY_SETS * DENY_WAYS;
}

static bool is_over(const struct deny_entry *entry, const struct deny_rule *rule, uint64_t now_ms)
{
	return now_ms > entry->since_ms && now_ms - entry->since_ms >= rule->ms;
}

static struct deny_entry *find(struct deny_entry *set, const struct client_key *key)
{
	for (int i = 0; i < DENY_WAYS; i++)
		if (set[i].refusals && client_key_equal(&set[i].key, key))
			return &set[i];
	return NULL;
}

bool deny_holds(const struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint64_t now_ms)
{
	const struct deny_entry *entry;

	if (!rule->ms || !deny->entries)
		return false;
	entry = find(set_of(deny, key), key);
	return entry && entry->refusals >= rule->after && !is_over(entry, rule, now_ms);
}

/* True if `a` is the one to forget rather than `b`. */
static bool is_lesser(const struct deny_entry *a, const struct deny_entry *b,
	const struct deny_rule *rule, uint64_t now_ms)
{
	uint32_t left_a = is_over(a, rule, now_ms) ? 0 : a->refusals;
	uint32_t left_b = is_over(b, rule, now_ms) ? 0 : b->refusals;

	return left_a != left_b ? left_a < left_b : a->since_ms < b->since_ms;
}

static struct deny_entry *make_room(
	struct deny_entry *set, const struct deny_rule *rule, uint64_t now_ms)
{
	struct deny_entry *victim = set;

	for (int i = 1; i < DENY_WAYS; i++)
		if (is_lesser(&set[i], victim, rule, now_ms))
			victim = &set[i];
	return victim;
}

/* The place of a source in its set, made empty where it has none. NULL without memory. */
static struct deny_entry *place_of(struct deny *deny, const struct deny_rule *rule,
	const struct client_key *key, uint64_t now_ms)
{
	struct deny_entry *set, *entry;

	if (!deny->entries) {
		deny->entries = patience_calloc(DENY_SETS * DENY_WAYS, sizeof(*deny->entries));
		if (!deny->entries)
			return NULL;
		arc4random_buf(deny->seed, sizeof(deny->seed));
	}
	set = set_of(deny, key);
	entry = find(set, key);
	if (!entry || is_over(entry, rule, now_ms)) {
		entry = entry ? entry : make_room(set, rule, now_ms);
		*entry = (struct deny_entry){.since_ms = now_ms, .key = *key};
	}
	return entry;
}

void deny_count(struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint64_t now_ms)
{
	struct deny_entry *entry = rule->ms ? place_of(deny, rule, key, now_ms) : NULL;

	if (entry && entry->refusals < rule->after && ++entry->refusals == rule->after)
		entry->since_ms = now_ms;
}

void deny_restore(struct deny *deny, const struct deny_rule *rule, const struct client_key *key,
	uint32_t refusals, uint64_t since_ms)
{
	struct deny_entry *entry = rule->ms ? place_of(deny, rule, key, since_ms) : NULL;

	if (!entry)
		return;
	entry->refusals = MIN(refusals, rule->after);
	entry->since_ms = since_ms;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return !rest || !((a[whole] ^ b[whole]) >> (8 - rest));
}

unsigned deny_forget(
	struct deny *deny, const struct network *network, unsigned prefix4, unsigned prefix6)
{
	uint8_t family = network->vsock ? AF_VSOCK : network->v4 ? AF_INET : AF_INET6, address[16];
	bool is_short = network->v4 || network->vsock;
	unsigned bits = network->vsock ? 32 : MIN(network->bits, network->v4 ? prefix4 : prefix6);
	unsigned count = 0;

	memcpy(address, network->addr, sizeof(address));
	for (size_t i = 0; deny->entries && i < (size_t)DENY_SETS * DENY_WAYS; i++) {
		struct deny_entry *entry = &deny->entries[i];

		if (!entry->refusals || entry->key.bytes[0] != family ||
			!same_bits(entry->key.bytes + 1, address + (is_short ? 12 : 0), bits))
			continue;
		*entry = (struct deny_entry){0};
		count++;
	}
	return count;
}

/* map: see map.h. Chains, as many as a power of two, doubled when there are more entries. Keys come
 * from files that only root writes, so colliding ones are not chosen by others. */
#include "config/text/map.h"

#include <stdbool.h>

#include "base/hash.h"

#define CHAINS_FIRST 64

struct map_node {
	struct map_node *next;
	void *value;
	const void *key;
	uint32_t hash; /* a part of it */
	uint32_t len;
};

void map_init(struct map *map, struct arena *arena)
{
	*map = (struct map){.arena = arena};
}

static struct map_node *node_find(const struct map *map, const void *key, size_t len, uint32_t hash)
{
	struct map_node *node;

	if (!map->chain_count)
		return NULL;
	for (node = map->chains[hash & (map->chain_count - 1)]; node; node = node->next)
		if (node->hash == hash && node->len == len && !memcmp(node->key, key, len))
			return node;
	return NULL;
}

void *map_get(const struct map *map, const void *key, size_t len)
{
	struct map_node *node = node_find(map, key, len, (uint32_t)hash_of(key, len));

	return node ? node->value : NULL;
}

static void node_link(struct map *map, struct map_node *node)
{
	struct map_node **chain = &map->chains[node->hash & (map->chain_count - 1)];

	node->next = *chain;
	*chain = node;
}

static int map_grow(struct map *map, size_t count)
{
	struct map old = *map;
	struct map_node **chains = arena_calloc(map->arena, count, sizeof(*chains)), *next;

	if (!chains)
		return -1;
	map->chains = chains;
	map->chain_count = count;
	for (size_t i = 0; i < old.chain_count; i++)
		for (struct map_node *node = old.chains[i]; node; node = next) {
			next = node->next;
			node_link(map, node);
		}
	return 0;
}

void map_expect(struct map *map, size_t count)
{
	size_t chains = CHAINS_FIRST;

	while (chains < count)
		chains *= 2;
	if (chains > map->chain_count)
		map_grow(map, chains); /* without memory it grows later, or not */
}

/* The key is that of the caller, or a copy. */
static void **slot_of(struct map *map, const void *key, size_t len, bool copies)
{
	uint32_t hash = (uint32_t)hash_of(key, len);
	struct map_node *node = node_find(map, key, len, hash);

	if (node)
		return &node->value;
	if (map->count >= map->chain_count &&
		map_grow(map, map->chain_count ? map->chain_count * 2 : CHAINS_FIRST) < 0)
		return NULL;
	node = arena_alloc(map->arena, sizeof(*node) + (copies ? len : 0));
	if (!node)
		return NULL;
	node->key = copies ? memcpy(node + 1, key, len) : key;
	node->len = (uint32_t)len;
	node->hash = hash;
	node_link(map, node);
	map->count++;
	return &node->value;
}

void **map_slot(struct map *map, const void *key, size_t len)
{
	return slot_of(map, key, len, true);
}

void **map_slot_borrow(struct map *map, const void *key, size_t len)
{
	return slot_of(map, key, len, false);
}

/* map: see map.h. Chains, as many as a power of two, doubled when there are more entries. Keys come
 * from files that only root writes, so colliding ones are not chosen by others. */
#include "config/text/map.h"

#include <sys/param.h>

#define CHAINS_FIRST 64

struct map_node {
	struct map_node *next;
	void *value;
	uint64_t hash;
	size_t len;
	unsigned char key[];
};

/* FNV-1a (Fowler, Noll, Vo), of eight bytes at a time. */
static uint64_t hash_of(const unsigned char *key, size_t len)
{
	uint64_t hash = 14695981039346656037u, piece;

	for (size_t part; len; key += part, len -= part) {
		part = MIN(len, sizeof(piece));
		piece = 0;
		memcpy(&piece, key, part);
		hash = (hash ^ piece) * 1099511628211u;
		hash ^= hash >> 32;
	}
	return hash;
}

void map_init(struct map *map, struct arena *arena)
{
	*map = (struct map){.arena = arena};
}

static struct map_node *node_find(const struct map *map, const void *key, size_t len, uint64_t hash)
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
	struct map_node *node = node_find(map, key, len, hash_of(key, len));

	return node ? node->value : NULL;
}

static void node_link(struct map *map, struct map_node *node)
{
	struct map_node **chain = &map->chains[node->hash & (map->chain_count - 1)];

	node->next = *chain;
	*chain = node;
}

static int map_grow(struct map *map)
{
	struct map old = *map;
	size_t count = old.chain_count ? old.chain_count * 2 : CHAINS_FIRST;
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

void **map_slot(struct map *map, const void *key, size_t len)
{
	uint64_t hash = hash_of(key, len);
	struct map_node *node = node_find(map, key, len, hash);

	if (node)
		return &node->value;
	if (map->count >= map->chain_count && map_grow(map) < 0)
		return NULL;
	node = arena_alloc(map->arena, sizeof(*node) + len);
	if (!node)
		return NULL;
	memcpy(node->key, key, len);
	node->len = len;
	node->hash = hash;
	node_link(map, node);
	map->count++;
	return &node->value;
}

/* map: see map.h. A red-black tree of tree(3bsd). */
#include "config/map.h"

struct map_node {
	RB_ENTRY(map_node) link;
	void *value;
	size_t len;
	const unsigned char *key;
};

static int node_compare(const struct map_node *a, const struct map_node *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->key, b->key, a->len);
}

/* RB_GENERATE_STATIC() of libbsd 0.11 relies on a macro that the C library does not have. */
RB_GENERATE_INTERNAL(map_tree, map_node, link, node_compare, __attribute__((unused)) static)

void map_init(struct map *map, struct arena *arena)
{
	RB_INIT(&map->tree);
	map->arena = arena;
}

static struct map_node *node_find(const struct map *map, const void *key, size_t len)
{
	struct map_node wanted = {.len = len, .key = key};
	struct map_tree tree = map->tree;

	return RB_FIND(map_tree, &tree, &wanted);
}

void *map_get(const struct map *map, const void *key, size_t len)
{
	struct map_node *node = node_find(map, key, len);

	return node ? node->value : NULL;
}

void **map_slot(struct map *map, const void *key, size_t len)
{
	struct map_node *node = node_find(map, key, len);
	unsigned char *copy;

	if (node)
		return &node->value;
	node = arena_alloc(map->arena, sizeof(*node));
	copy = arena_alloc(map->arena, len + 1);
	if (!node || !copy)
		return NULL;
	memcpy(copy, key, len);
	node->key = copy;
	node->len = len;
	RB_INSERT(map_tree, &map->tree, node);
	return &node->value;
}

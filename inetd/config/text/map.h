/* map: byte strings to pointers, by hash, in an arena; for the look-up caches and the search for
 * duplicates of one load. Nothing is ever taken out. */
#ifndef CONFIG_MAP_H
#define CONFIG_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct map_node;

struct map {
	struct map_node **chains; /* NULL until the first entry */
	size_t chain_count, count;
	struct arena *arena; /* borrowed; holds nodes, keys and chains */
};

void map_init(struct map *map, struct arena *arena);

/* The value of a key of `len` bytes; NULL where there is none. */
void *map_get(const struct map *map, const void *key, size_t len);

/* Prepares it for that many keys: it need not grow, which takes memory anew. */
void map_expect(struct map *map, size_t count);

/* The place for the value of a key, made with NULL if it is new; with a copy of the key, or, where
 * it stays as long as the map, with that itself. NULL with errno ENOMEM. */
void **map_slot(struct map *map, const void *key, size_t len);
void **map_slot_borrow(struct map *map, const void *key, size_t len);

#endif

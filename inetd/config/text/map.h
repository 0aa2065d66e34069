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

/* The place for the value of a key, made with a copy of the key and NULL if it is new. NULL with
 * errno ENOMEM. */
void **map_slot(struct map *map, const void *key, size_t len);

#endif

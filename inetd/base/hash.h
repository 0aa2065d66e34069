/* hash: a number for some bytes, for tables that others cannot choose the keys of. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>
#include <string.h>
#include <sys/param.h>

/* FNV-1a (Fowler, Noll, Vo), of eight bytes at a time. */
static inline uint64_t hash_of(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t hash = 14695981039346656037u, piece;

	for (size_t part; len; at += part, len -= part) {
		part = MIN(len, sizeof(piece));
		piece = 0;
		memcpy(&piece, at, part);
		hash = (hash ^ piece) * 1099511628211u;
		hash ^= hash >> 32;
	}
	return hash;
}

#endif

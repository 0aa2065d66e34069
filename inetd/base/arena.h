/* arena: memory that is freed whole. Owns its blocks; hands out zeroed, aligned pieces. A
 * configuration generation lives in one arena, so that dropping it cannot forget a string. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;
struct arena_recent;

struct arena {
	struct arena_block *blocks;  /* newest first; owned */
	size_t used_bytes;           /* handed out, for statistics */
	struct arena_recent *recent; /* owned; NULL before the first arena_share() */
};

/* Makes an arena empty. No memory is taken yet. */
void arena_init(struct arena *arena);

/* Frees every piece at once; the arena is empty again. */
void arena_free(struct arena *arena);

/* Frees some of the pieces, which is some of the time that all of them take: to be called until it
 * returns false, which it does when the arena is empty. */
bool arena_free_some(struct arena *arena);

/* Takes every piece back, for an arena that is filled anew again and again: a block stays. */
void arena_clear(struct arena *arena);

/* A zeroed piece of `size` bytes, aligned for numbers of 64 bits and pointers. Owned by the arena.
 * Returns NULL with errno ENOMEM. */
void *arena_alloc(struct arena *arena, size_t size);

/* A zeroed array of `count` elements of `size` bytes. NULL with errno ENOMEM, also on overflow. */
void *arena_calloc(struct arena *arena, size_t count, size_t size);

/* A copy of a string, or of its first `len` bytes followed by a NUL; texts stand side by side. NULL
 * with errno ENOMEM. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);

/* A copy of a value, aligned as arena_alloc() does it, or of a text; or what an equal one was given
 * lately. NULL with errno ENOMEM. */
const void *arena_share(struct arena *arena, const void *value, size_t bytes);
const char *arena_share_text(struct arena *arena, const char *text);

/* Nothing more will be shared: frees what that took. */
void arena_share_end(struct arena *arena);

/* printf into the arena. NULL with errno ENOMEM. */
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

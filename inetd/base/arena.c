/* arena: see arena.h. Blocks of 4 KiB first, then of 16, of 256 in a large one; a larger piece gets
 * a block of its own. */
#include "base/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/patience.h"

#define FIRST_BYTES 4096
#define BLOCK_BYTES 16384
#define LARGE_BYTES (256 << 10)
#define ALIGNMENT   sizeof(uint64_t) /* nobody keeps what needs more */
#define SETS        64               /* of values that were shared lately, by their hash */
#define SET_PLACES  4

struct arena_block {
	struct arena_block *next;
	size_t size, used; /* bytes in data */
	_Alignas(max_align_t) unsigned char data[];
};

struct shared {
	const void *piece;
	size_t bytes;
};

struct arena_recent {
	struct shared sets[SETS][SET_PLACES]; /* the newest first */
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

bool arena_free_some(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	if (block) {
		arena->blocks = block->next;
		free(block);
	}
	if (arena->blocks)
		return true;
	arena_share_end(arena);
	arena_init(arena);
	return false;
}

void arena_free(struct arena *arena)
{
	while (arena_free_some(arena))
		;
}

void arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	if (!block || block->size > BLOCK_BYTES) {
		arena_free(arena);
		return;
	}
	arena->blocks = block->next;
	arena_free(arena);
	memset(block->data, 0, block->used);
	block->used = 0;
	block->next = NULL;
	arena->blocks = block;
}

static struct arena_block *block_add(struct arena *arena, size_t need)
{
	size_t usual = !arena->blocks                    ? FIRST_BYTES
		       : arena->used_bytes < LARGE_BYTES ? BLOCK_BYTES
							 : LARGE_BYTES;
	size_t size = need > usual ? need : usual;
	struct arena_block *block = patience_calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->size = size;
	if (size > usual && arena->blocks) { /* keep filling the newest small block */
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

/* A piece that begins at a multiple of `align` bytes. */
static void *piece_of(struct arena *arena, size_t size, size_t align)
{
	struct arena_block *block = arena->blocks;
	size_t at = block ? (block->used + align - 1) / align * align : 0;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	if (!block || at > block->size || block->size - at < size) {
		block = block_add(arena, size);
		at = 0;
	}
	if (!block)
		return NULL;
	arena->used_bytes += at + size - block->used;
	block->used = at + size;
	return block->data + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return piece_of(arena, size, ALIGNMENT);
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return arena_alloc(arena, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = piece_of(arena, len + 1, 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

static bool is_same(const struct shared *shared, const void *value, size_t bytes, size_t align)
{
	return shared->piece && shared->bytes == bytes && (uintptr_t)shared->piece % align == 0 &&
	       !memcmp(shared->piece, value, bytes);
}

static const void *share(struct arena *arena, const void *value, size_t bytes, size_t align)
{
	struct shared *set, shared;
	size_t place = 0;
	void *copy;

	if (!arena->recent && !(arena->recent = patience_calloc(1, sizeof(*arena->recent))))
		return NULL;
	set = arena->recent->sets[hash_of(value, bytes) % SETS];
	while (place < SET_PLACES - 1 && !is_same(&set[place], value, bytes, align))
		place++;
	shared = set[place];
	if (!is_same(&shared, value, bytes, align)) {
		copy = piece_of(arena, bytes, align);
		if (!copy)
			return NULL;
		memcpy(copy, value, bytes);
		shared = (struct shared){copy, bytes};
	}
	memmove(set + 1, set, place * sizeof(*set));
	set[0] = shared;
	return shared.piece;
}

const void *arena_share(struct arena *arena, const void *value, size_t bytes)
{
	return share(arena, value, bytes, ALIGNMENT);
}

const char *arena_share_text(struct arena *arena, const char *text)
{
	return share(arena, text, strlen(text) + 1, 1);
}

void arena_share_end(struct arena *arena)
{
	free(arena->recent);
	arena->recent = NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	struct arena_block *block = arena->blocks;
	size_t room = block ? block->size - block->used : 0;
	char *text = room ? (char *)block->data + block->used : NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, room, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	if ((size_t)len < room) {
		block->used += (size_t)len + 1;
		arena->used_bytes += (size_t)len + 1;
		return text;
	}
	if (room)
		memset(text, 0, room); /* as all is that was not given out */
	text = piece_of(arena, (size_t)len + 1, 1);
	if (!text)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

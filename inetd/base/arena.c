/* arena: see arena.h. Blocks of 4 KiB first, then of 16, of 256 in a large one; a larger piece gets
 * a block of its own. */
#include "base/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include "base/patience.h"

#define FIRST_BYTES 4096
#define BLOCK_BYTES 16384
#define LARGE_BYTES (256 << 10)
#define ALIGNMENT   sizeof(uint64_t) /* nobody keeps what needs more */

struct arena_block {
	struct arena_block *next;
	size_t size, used; /* bytes in data */
	_Alignas(max_align_t) unsigned char data[];
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
	arena_init(arena);
	return false;
}

void arena_free(struct arena *arena)
{
	while (arena_free_some(arena))
		;
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

/* heap: what the C library keeps of freed memory. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Gives freed memory back to the kernel (malloc_trim(3)). Only glibc has to be asked for it. */
static inline void heap_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/* Large pieces go back at once when they are freed: glibc keeps them as soon as there was one, and
 * looking for them in a large heap takes long (mallopt(3), M_MMAP_THRESHOLD). */
static inline void heap_keep_nothing_large(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
}

/* All threads have one heap: glibc makes one for each of them (mallopt(3), M_ARENA_MAX). */
static inline void heap_keep_one(void)
{
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);
#endif
}

#endif
